//! Watches processes and files without sleeping.

use std::{os::fd::OwnedFd, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use tokio::time::{interval, timeout};

/// A process that ran when this was made.
pub(crate) struct Process(OwnedFd);

impl Process {
    pub(crate) fn of(id: i32) -> Self {
        Self(pidfd_open(Pid::from_raw(id).unwrap(), PidfdFlags::empty()).unwrap())
    }

    /// Whether it ends within a second, from now.
    pub(crate) fn ends_within_a_second(&self) -> bool {
        let second = Timespec { tv_sec: 1, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&second)).unwrap() == 1
    }
}

/// Looks a hundred times a second, for at most half a minute, until `look` sees something.
pub(crate) async fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let mut ticks = interval(Duration::from_millis(10));
    let seen = async {
        loop {
            ticks.tick().await;
            if let Some(seen) = look() {
                return seen;
            }
        }
    };
    timeout(Duration::from_secs(30), seen).await.expect("nothing was seen in half a minute")
}

/// The recogniser's process with `argument` in its command line, once it is what it is going to be.
pub(crate) fn process_with(argument: &str) -> Option<Process> {
    std::fs::read_dir("/proc").unwrap().find_map(|entry| {
        let entry = entry.unwrap();
        let id = entry.file_name().to_str()?.parse().ok()?;
        let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        (command.contains(argument) && !command.contains("--pdeathsig")).then(|| Process::of(id))
    })
}
