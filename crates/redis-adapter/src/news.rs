//! News among replicas.
//!
//! What is published here is hinted at within the process at once, and put into a queue, from which a task of its own tells
//! the other replicas. The queue is short: who publishes never waits, and when it is full, or Redis is out of reach, the
//! others are told with the next hint that any may have been lost.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use lectern_application::{
    in_process::LocalEventBus,
    ports::{EventBus, Watch},
};
use lectern_domain::transcription::TranscriptionId;
use redis::Pipeline;
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use crate::{keys::Keys, link::Link};

/// So many hints may wait to be told to others.
const QUEUE: usize = 1024;
/// So many are told in one round trip.
const BATCH: usize = 256;

/// What there is news of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hint {
    Transcription(TranscriptionId),
    Jobs,
    Mails,
    /// Hints were lost, nobody knows which.
    Any,
}

impl Hint {
    /// `<replica> <what>`, which is short, and easy to follow with `redis-cli subscribe`.
    fn message(self, replica: Uuid) -> String {
        match self {
            Self::Transcription(id) => format!("{replica} {}", id.0),
            Self::Jobs => format!("{replica} jobs"),
            Self::Mails => format!("{replica} mails"),
            Self::Any => format!("{replica} any"),
        }
    }

    /// Who says what. A message that can't be read may be about anything.
    fn read(message: &[u8]) -> (Option<Uuid>, Self) {
        let mut words = str::from_utf8(message).unwrap_or_default().split(' ');
        let replica = words.next().and_then(|word| word.parse().ok());
        let hint = match words.next() {
            Some("jobs") => Self::Jobs,
            Some("mails") => Self::Mails,
            Some(word) => word.parse().map_or(Self::Any, |id| Self::Transcription(TranscriptionId(id))),
            None => Self::Any,
        };
        (replica, hint)
    }

    fn spread(self, local: &LocalEventBus) {
        match self {
            Self::Transcription(id) => local.publish(id),
            Self::Jobs => local.announce_job(),
            Self::Mails => local.announce_mail(),
            Self::Any => local.wake_all(),
        }
    }
}

/// An [`EventBus`] of all replicas. Without Redis, it is of one process.
pub struct RedisEventBus {
    local: Arc<LocalEventBus>,
    queue: mpsc::Sender<Hint>,
    is_lossy: Arc<AtomicBool>,
}

/// Tells others what the bus of this process is told.
pub(crate) struct Teller {
    queue: Mutex<mpsc::Receiver<Hint>>,
    /// Whether others were not told something.
    is_lossy: Arc<AtomicBool>,
    link: Arc<Link>,
    channel: String,
    replica: Uuid,
}

impl RedisEventBus {
    pub(crate) fn new(
        link: Arc<Link>,
        keys: &Keys,
        replica: Uuid,
        local: Arc<LocalEventBus>,
    ) -> (Self, Teller) {
        let (queue, told) = mpsc::channel(QUEUE);
        let is_lossy = Arc::new(AtomicBool::new(false));
        let channel = keys.news();
        let teller =
            Teller { queue: Mutex::new(told), is_lossy: Arc::clone(&is_lossy), link, channel, replica };
        (Self { local, queue, is_lossy }, teller)
    }

    fn hint(&self, hint: Hint) {
        hint.spread(&self.local);
        if self.queue.try_send(hint).is_err() {
            self.is_lossy.store(true, Ordering::Release);
        }
    }
}

impl EventBus for RedisEventBus {
    fn publish(&self, id: TranscriptionId) {
        self.hint(Hint::Transcription(id));
    }

    fn announce_job(&self) {
        self.hint(Hint::Jobs);
    }

    fn announce_mail(&self) {
        self.hint(Hint::Mails);
    }

    fn watch(&self, id: TranscriptionId) -> Box<dyn Watch> {
        self.local.watch(id)
    }

    fn watch_jobs(&self) -> Box<dyn Watch> {
        self.local.watch_jobs()
    }

    fn watch_mails(&self) -> Box<dyn Watch> {
        self.local.watch_mails()
    }
}

impl Teller {
    /// Tells others until the bus is dropped. Hints that come together are told together, each once.
    pub(crate) async fn tell(&self) {
        let mut queue = self.queue.lock().await;
        let mut batch = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut batch, BATCH).await > 0 {
            let was_lossy = self.is_lossy.swap(false, Ordering::AcqRel);
            let hints: BTreeSet<_> =
                if was_lossy { BTreeSet::from([Hint::Any]) } else { batch.drain(..).collect() };
            batch.clear();
            let mut commands = Pipeline::with_capacity(hints.len());
            for hint in hints {
                commands.publish(&self.channel, hint.message(self.replica)).ignore();
            }
            if self.link.carry_out(&commands).await.is_none() {
                self.is_lossy.store(true, Ordering::Release);
            }
        }
    }
}

/// Hints at what another replica tells. `replica` is this one, whose own news have been hinted at already.
pub(crate) fn follow(message: &[u8], replica: Uuid, local: &LocalEventBus) {
    let (by, hint) = Hint::read(message);
    if by != Some(replica) {
        hint.spread(local);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_read_as_it_was_written() {
        let replica = Uuid::from_u128(1);
        let transcription = Hint::Transcription(TranscriptionId(Uuid::from_u128(2)));
        for hint in [transcription, Hint::Jobs, Hint::Mails, Hint::Any] {
            assert_eq!(Hint::read(hint.message(replica).as_bytes()), (Some(replica), hint));
        }
    }

    #[test]
    fn what_cannot_be_read_may_be_about_anything() {
        for message in [&b""[..], b"\xff", b"hello world", b"00000000-0000-0000-0000-000000000001 coffee"] {
            assert_eq!(Hint::read(message).1, Hint::Any, "{message:?}");
        }
    }
}
