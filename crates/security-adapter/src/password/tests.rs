//! How many passwords are hashed at once, and on what. There is one thread, which tests keep busy as long as they need
//! hashing to stand still.

use std::{pin::pin, sync::mpsc, task::Poll};

use futures::poll;
use tokio::task::JoinHandle;

use super::*;

/// The thread of a hasher, which does nothing until it is released.
struct BusyThread {
    release: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl BusyThread {
    fn of(hasher: &BcryptHasher) -> Self {
        let (release, released) = mpsc::channel::<()>();
        let thread = hasher.threads.run(move || released.recv().unwrap());
        Self { release, thread }
    }

    async fn release(self) {
        self.release.send(()).unwrap();
        self.thread.await.unwrap();
    }
}

fn hasher(queue: usize) -> BcryptHasher {
    BcryptHasher::new(BcryptSettings { cost: 4, workers: NonZeroUsize::MIN, queue }).unwrap()
}

#[tokio::test]
async fn who_finds_the_queue_full_is_turned_away_at_once() {
    let hasher = hasher(1);
    let thread = BusyThread::of(&hasher);
    let mut working = pin!(hasher.hash(password()));
    let mut waiting = pin!(hasher.hash(password()));
    assert!(poll!(&mut working).is_pending());
    assert!(poll!(&mut waiting).is_pending());
    let turned_away = poll!(pin!(hasher.verify_nothing(password())));
    assert!(matches!(turned_away, Poll::Ready(Err(HashError::Busy))));
    thread.release().await;
    assert!(working.await.is_ok());
    assert!(waiting.await.is_ok());
}

#[tokio::test]
async fn who_gives_up_waiting_makes_room() {
    let hasher = hasher(1);
    let thread = BusyThread::of(&hasher);
    let mut working = pin!(hasher.hash(password()));
    assert!(poll!(&mut working).is_pending());
    {
        let mut waiting = pin!(hasher.hash(password()));
        assert!(poll!(&mut waiting).is_pending());
    }
    let mut next = pin!(hasher.hash(password()));
    assert!(poll!(&mut next).is_pending(), "there is room to wait");
    thread.release().await;
    assert!(working.await.is_ok());
    assert!(next.await.is_ok());
}

#[tokio::test]
async fn who_gives_up_while_hashing_makes_room_only_when_the_thread_is_free() {
    let hasher = hasher(0);
    let thread = BusyThread::of(&hasher);
    {
        let mut working = pin!(hasher.hash(password()));
        assert!(poll!(&mut working).is_pending());
    }
    let turned_away = poll!(pin!(hasher.hash(password())));
    assert!(matches!(turned_away, Poll::Ready(Err(HashError::Busy))));
    thread.release().await;
    // The abandoned hash was queued before this, on the only thread.
    hasher.threads.run(|| ()).await.unwrap();
    assert!(hasher.hash(password()).await.is_ok());
}

fn password() -> Password {
    Password::new("correct horse".to_owned()).unwrap()
}

/// A cost that bcrypt itself refuses shows that it was asked, and for that cost.
#[tokio::test]
async fn verifying_nothing_is_work_for_bcrypt_at_the_cost_of_new_hashes() {
    let one = || Arc::new(Semaphore::new(1));
    for (cost, is_bearable) in [(Cost(Cost::MIN), true), (Cost(32), false)] {
        let threads = Threads::new(NonZeroUsize::MIN).unwrap();
        let hasher = BcryptHasher { cost, room: 1, admission: one(), workers: one(), memory: one(), threads };
        assert_eq!(hasher.verify_nothing(password()).await.is_ok(), is_bearable);
    }
}

/// Made by argon2-cffi 25.1.0.
const ARGON2: &str = "$argon2id$v=19$m=64,t=3,p=4$c2FsdHNhbHQ$RvF5sqxUN0wL0BlBzCmCBA";

#[tokio::test]
async fn one_hash_at_a_time_has_much_memory_and_the_next_keeps_no_worker_waiting() {
    let settings = BcryptSettings { cost: Cost::MIN, workers: NonZeroUsize::MIN, queue: 1 };
    let hasher = BcryptHasher::new(settings).unwrap();
    let first = Arc::clone(&hasher.memory).acquire_owned().await.unwrap();
    let mut second = pin!(hasher.verify(password(), PasswordHash::new(ARGON2.to_owned())));
    assert!(poll!(&mut second).is_pending());
    assert!(hasher.hash(password()).await.is_ok(), "the only worker is free");
    assert!(poll!(&mut second).is_pending());
    drop(first);
    assert_eq!(second.await.unwrap(), Verified::MatchOutdated);
}
