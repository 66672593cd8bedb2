//! Which chunks a recording has.

use std::{collections::BTreeSet, ops::Range, time::Duration};

/// A chunk's number, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkNumber(pub u32);

/// Numbers of chunks, ascending, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChunkNumbers(BTreeSet<ChunkNumber>);

impl ChunkNumbers {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `number` is among them.
    pub fn contains(&self, number: ChunkNumber) -> bool {
        self.0.contains(&number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds one.
    pub fn insert(&mut self, number: ChunkNumber) {
        self.0.insert(number);
    }
}

impl FromIterator<ChunkNumber> for ChunkNumbers {
    fn from_iter<I: IntoIterator<Item = ChunkNumber>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

/// A recording's duration, cut into chunks of one size (the last may be shorter).
///
/// Chunk *k* covers [*k*·size, min((*k*+1)·size, duration)). Numbers from 0 to floor(duration/size) are *valid*:
/// workers may store them. Those that cover any time at all are *planned*; the two differ by one when the size
/// divides the duration, where the last valid chunk is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkPlan {
    duration: Duration,
    size: Duration,
    last: u32,
}

/// Why there can't be such a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A recording without any duration.
    #[error("a recording must have a duration")]
    NoDuration,
    /// Chunks of less than a second.
    #[error("chunks must be at least one second long")]
    SizeTooSmall,
    /// More chunks than can be numbered.
    #[error("a recording can't have that many chunks")]
    TooManyChunks,
}

impl ChunkPlan {
    /// Plans the chunks of a recording.
    pub fn new(duration: Duration, size: Duration) -> Result<Self, PlanError> {
        if duration.is_zero() {
            return Err(PlanError::NoDuration);
        }
        if size < Duration::from_secs(1) {
            return Err(PlanError::SizeTooSmall);
        }
        let last =
            u32::try_from(duration.as_nanos() / size.as_nanos()).map_err(|_| PlanError::TooManyChunks)?;
        Ok(Self { duration, size, last })
    }

    /// The recording's duration.
    pub const fn duration(self) -> Duration {
        self.duration
    }

    /// The size of all chunks but the last.
    pub const fn size(self) -> Duration {
        self.size
    }

    /// The highest valid number: floor(duration/size).
    pub const fn last(self) -> ChunkNumber {
        ChunkNumber(self.last)
    }

    /// Whether a worker may store a chunk of this number.
    pub const fn is_valid(self, number: ChunkNumber) -> bool {
        number.0 <= self.last
    }

    /// The time that a chunk covers, empty beyond the recording's end.
    pub fn range(self, number: ChunkNumber) -> Range<Duration> {
        let border = |k: u32| self.size.saturating_mul(k).min(self.duration);
        border(number.0)..border(number.0.saturating_add(1))
    }

    /// The numbers of the chunks that cover any time: the ones to be transcribed.
    pub fn planned(self) -> impl DoubleEndedIterator<Item = ChunkNumber> {
        (0..self.planned_count()).map(ChunkNumber)
    }

    /// How many chunks are planned.
    pub fn planned_count(self) -> u32 {
        let last_is_empty = self.range(self.last()).is_empty();
        if last_is_empty { self.last } else { self.last.saturating_add(1) }
    }

    /// How many of the planned chunks are stored.
    pub fn done_count(self, stored: &ChunkNumbers) -> u32 {
        let done = self.planned().filter(|number| stored.contains(*number)).count();
        u32::try_from(done).unwrap_or(u32::MAX)
    }

    /// Whether every planned chunk is stored.
    pub fn is_complete(self, stored: &ChunkNumbers) -> bool {
        self.missing(stored).next().is_none()
    }

    /// The planned chunks that are not stored, in order.
    pub fn missing(self, stored: &ChunkNumbers) -> impl Iterator<Item = ChunkNumber> {
        self.planned().filter(|number| !stored.contains(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(duration: u64, size: u64) -> ChunkPlan {
        ChunkPlan::new(Duration::from_secs(duration), Duration::from_secs(size)).unwrap()
    }

    #[test]
    fn the_last_chunk_is_as_long_as_what_is_left() {
        let plan = plan(150, 60);
        assert_eq!(plan.range(ChunkNumber(2)), Duration::from_mins(2)..Duration::from_secs(150));
        assert_eq!((plan.last(), plan.planned_count()), (ChunkNumber(2), 3));
    }

    #[test]
    fn an_even_division_leaves_a_valid_chunk_that_nobody_waits_for() {
        let plan = plan(120, 60);
        assert_eq!((plan.last(), plan.planned_count()), (ChunkNumber(2), 2));
        assert!(plan.is_valid(ChunkNumber(2)) && !plan.is_valid(ChunkNumber(3)));
        assert!(plan.is_complete(&ChunkNumbers::from_iter([ChunkNumber(0), ChunkNumber(1)])));
    }

    #[test]
    fn work_resumes_at_the_first_gap() {
        let stored = ChunkNumbers::from_iter([ChunkNumber(0), ChunkNumber(2)]);
        assert_eq!(plan(230, 60).missing(&stored).collect::<Vec<_>>(), [ChunkNumber(1), ChunkNumber(3)]);
    }

    #[test]
    fn impossible_plans_are_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(ChunkPlan::new(Duration::ZERO, second), Err(PlanError::NoDuration));
        assert_eq!(ChunkPlan::new(second, Duration::from_millis(999)), Err(PlanError::SizeTooSmall));
        assert_eq!(ChunkPlan::new(Duration::MAX, second), Err(PlanError::TooManyChunks));
    }
}
