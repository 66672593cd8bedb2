//! The threads that compute hashes.

use std::{io, num::NonZeroUsize};

use rustix::{process::setpriority_process, thread::gettid};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

/// How much less than others they get where there is not enough for all (`setpriority(2)`: the nice value of a thread). At 10
/// a tenth of a processor that another thread wants whole: little for the requests beside it, but signing in goes on.
const NICENESS: i32 = 10;

/// Threads that yield to all others of the program. They start when they are needed and end with this.
#[derive(Debug)]
pub(super) struct Threads {
    handle: Handle,
    /// What is dropped in its own way.
    runtime: Option<Runtime>,
}

impl Threads {
    /// So many at most.
    pub(super) fn new(count: NonZeroUsize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(count.get())
            .thread_name("lectern-hash")
            .on_thread_start(yield_to_others)
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Does it on one of them. It can't be stopped, whoever gives up waiting.
    pub(super) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        self.handle.spawn_blocking(work)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // What is being computed ends by itself; a runtime's own drop would wait for it.
            runtime.shutdown_background();
        }
    }
}

/// Not being allowed to does no harm.
fn yield_to_others() {
    if let Err(error) = setpriority_process(Some(gettid()), NICENESS) {
        tracing::debug!(%error, "can't lower the priority of a thread that hashes passwords");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn they_yield_to_others_and_others_stay_as_they_are() {
        let here = getpriority_process(Some(gettid())).unwrap();
        let threads = Threads::new(NonZeroUsize::MIN).unwrap();
        let there = threads.run(|| getpriority_process(Some(gettid())).unwrap()).await.unwrap();
        assert_eq!(there, NICENESS.max(here));
        assert_eq!(getpriority_process(Some(gettid())).unwrap(), here);
    }
}
