//! How many passwords are hashed at once. The runtime has one blocking thread, which each test keeps busy as long as
//! it needs hashing to stand still.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{num::NonZeroUsize, pin::pin, sync::mpsc, task::Poll};

use futures::poll;
use lectern_application::ports::{HashError, PasswordHasher};
use lectern_domain::account::Password;
use lectern_security_adapter::{BcryptHasher, BcryptSettings};
use tokio::{runtime::Builder, task::JoinHandle};

/// Runs a test whose hashes stand still until the thread is released.
fn run<F: Future<Output = ()>>(test: impl FnOnce(BusyThread) -> F) {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (release, released) = mpsc::channel::<()>();
        let thread = tokio::task::spawn_blocking(move || released.recv().unwrap());
        test(BusyThread { release, thread }).await;
    });
}

struct BusyThread {
    release: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl BusyThread {
    async fn release(self) {
        self.release.send(()).unwrap();
        self.thread.await.unwrap();
    }
}

fn hasher(queue: usize) -> BcryptHasher {
    BcryptHasher::new(BcryptSettings { cost: 4, workers: NonZeroUsize::MIN, queue }).unwrap()
}

fn password() -> Password {
    Password::new("correct horse".to_owned()).unwrap()
}

#[test]
fn who_finds_the_queue_full_is_turned_away_at_once() {
    run(async |thread| {
        let hasher = hasher(1);
        let mut working = pin!(hasher.hash(password()));
        let mut waiting = pin!(hasher.hash(password()));
        assert!(poll!(&mut working).is_pending());
        assert!(poll!(&mut waiting).is_pending());
        let turned_away = poll!(pin!(hasher.verify_nothing(password())));
        assert!(matches!(turned_away, Poll::Ready(Err(HashError::Busy))));
        thread.release().await;
        assert!(working.await.is_ok());
        assert!(waiting.await.is_ok());
    });
}

#[test]
fn who_gives_up_waiting_makes_room() {
    run(async |thread| {
        let hasher = hasher(1);
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
    });
}

#[test]
fn who_gives_up_while_hashing_makes_room_only_when_the_thread_is_free() {
    run(async |thread| {
        let hasher = hasher(0);
        {
            let mut working = pin!(hasher.hash(password()));
            assert!(poll!(&mut working).is_pending());
        }
        let turned_away = poll!(pin!(hasher.hash(password())));
        assert!(matches!(turned_away, Poll::Ready(Err(HashError::Busy))));
        thread.release().await;
        // The abandoned hash was queued before this, on the only thread.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert!(hasher.hash(password()).await.is_ok());
    });
}
