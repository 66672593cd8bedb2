//! A map that never has more than so many entries, however many somebody provokes.

use std::{collections::HashMap, hash::Hash};

use lectern_domain::time::Timestamp;

/// Something that is not worth remembering from some moment on.
pub(super) trait Forgettable {
    /// From when on.
    fn forgotten_at(&self) -> Timestamp;
}

/// Entries that may be forgotten at some time. What is too old stays until the room is needed.
///
/// When the map is full, whatever is due is forgotten; if that is not enough, what would be forgotten next goes before
/// its time, until a quarter of the map is free. So the work of making room is spread over many insertions.
pub(super) struct Forgetful<K, V> {
    entries: HashMap<K, V>,
    capacity: usize,
}

impl<K: Eq + Hash, V: Forgettable> Forgetful<K, V> {
    /// An empty one for at most `capacity` entries.
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), capacity: capacity.max(1) }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V, now: Timestamp) {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            self.make_room(now);
        }
        self.entries.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.entries.remove(key);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.entries.retain(|key, _| keep(key));
    }

    fn make_room(&mut self, now: Timestamp) {
        self.entries.retain(|_, value| value.forgotten_at() > now);
        let room = (self.capacity / 4).max(1);
        let mut surplus = (self.entries.len() + room).saturating_sub(self.capacity);
        if surplus == 0 {
            return;
        }
        tracing::warn!(surplus, "too many networks to remember; forgetting some before their time");
        let mut times: Vec<_> = self.entries.values().map(Forgettable::forgotten_at).collect();
        let (_, last_to_go, _) = times.select_nth_unstable(surplus - 1);
        let last_to_go = *last_to_go;
        self.entries.retain(|_, value| {
            let goes = surplus > 0 && value.forgotten_at() <= last_to_go;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Forgettable for i64 {
        fn forgotten_at(&self) -> Timestamp {
            Timestamp::from_micros(*self)
        }
    }

    fn filled(capacity: usize, times: impl IntoIterator<Item = i64>) -> Forgetful<usize, i64> {
        let mut map = Forgetful::new(capacity);
        for (key, time) in times.into_iter().enumerate() {
            map.insert(key, time, Timestamp::from_micros(0));
        }
        map
    }

    #[test]
    fn there_are_never_more_entries_than_there_is_room_for() {
        for capacity in [0, 1, 2, 3, 10] {
            for times in [vec![5; 100], (0..100).collect(), (0..100).rev().collect()] {
                let map = filled(capacity, times);
                assert!((1..=capacity.max(1)).contains(&map.entries.len()), "{capacity}");
            }
        }
    }

    #[test]
    fn what_is_due_goes_first() {
        let mut map = filled(4, [10, 20, 30, 40]);
        map.insert(4, 50, Timestamp::from_micros(20));
        let mut left: Vec<_> = map.entries.values().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [30, 40, 50]);
    }

    #[test]
    fn if_nothing_is_due_what_would_be_next_goes() {
        let mut map = filled(4, [40, 10, 30, 20]);
        map.insert(4, 5, Timestamp::from_micros(0));
        assert_eq!((map.get(&1), map.get(&3), map.get(&4)), (None, Some(&20), Some(&5)));
    }

    #[test]
    fn an_entry_that_is_there_is_replaced_without_making_room() {
        let mut map = filled(2, [10, 20]);
        map.insert(1, 30, Timestamp::from_micros(0));
        assert_eq!((map.get(&0), map.get(&1)), (Some(&10), Some(&30)));
    }
}
