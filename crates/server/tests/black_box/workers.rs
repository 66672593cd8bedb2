//! Workers of their own, on one queue.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use futures::future::join_all;
use tokio::time::{interval, timeout};

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::{Server, start_worker},
    sound,
};

on_both_profiles!(two_workers_share_a_queue_and_do_each_job_once, a_worker_that_is_killed_loses_nothing,);

const JOBS: u32 = 20;

/// A queue of jobs, one of each account.
struct Queue {
    server: Server,
    uploads: Vec<(Account, String)>,
}

impl Queue {
    async fn fill(profile: Profile, lease_seconds: &str) -> Self {
        let variables = [("LECTERN_WORKER", "off"), ("LECTERN_LEASE_SECONDS", lease_seconds)];
        let server = Server::start_on(profile, &variables).await;
        let mut uploads = Vec::new();
        for job in 0..JOBS {
            let account = Account::register(&server, &format!("user{job}")).await;
            let path = account.upload(&server, sound::noise(11, job), "audio/wav").await;
            uploads.push((account, path));
        }
        Self { server, uploads }
    }

    /// A recogniser that says who heard what, and takes a moment.
    fn recogniser(&self, worker: &str) -> String {
        let folder = self.server.data_dir();
        let script = folder.join("recognise.sh");
        let text = "sleep 0.1\nhash=$(md5sum < \"$2\")\necho \"$1 $hash\" >> \"$3\"\necho heard by \"$1\"\n";
        fs::write(&script, text).unwrap();
        format!("sh {} {worker} {{wav}} {}", script.display(), self.heard_file().display())
    }

    fn heard_file(&self) -> PathBuf {
        self.server.data_dir().join("heard")
    }

    /// Who heard what so far.
    fn heard(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.heard_file()).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(w, h)| (w.to_owned(), h.to_owned()))
            .collect()
    }

    /// Waits until the workers have heard that many recordings.
    async fn until_heard(&self, count: usize) {
        let mut ticks = interval(Duration::from_millis(20));
        let heard = async {
            while self.heard().len() < count {
                ticks.tick().await;
            }
        };
        assert!(timeout(Duration::from_secs(30), heard).await.is_ok(), "{}", self.logs());
    }

    /// What the server and its workers say.
    fn logs(&self) -> String {
        format!("the server:\n{}\nits workers:\n{}", self.server.log(), self.server.workers_log())
    }

    /// Waits until every job is done, and checks that each is complete.
    async fn assert_all_completed(&self) {
        let ends =
            join_all(self.uploads.iter().map(|(account, path)| account.watch(&self.server, path))).await;
        for end in ends {
            assert_eq!(end.as_deref(), Some("completed"), "{}", self.logs());
        }
        for (account, path) in &self.uploads {
            let chunks = account.chunks(&self.server, path).await;
            assert!(matches!(chunks.as_slice(), [(0, text)] if text.starts_with("heard by")), "{chunks:?}");
        }
    }
}

async fn two_workers_share_a_queue_and_do_each_job_once(profile: Profile) {
    // So long that no job changes hands because a machine is slow.
    let queue = Queue::fill(profile, "60").await;
    let _anna = start_worker(&queue.server, &queue.recogniser("anna"));
    let _berta = start_worker(&queue.server, &queue.recogniser("berta"));
    queue.assert_all_completed().await;

    let heard = queue.heard();
    let recordings: BTreeSet<_> = heard.iter().map(|(_, recording)| recording).collect();
    assert_eq!((heard.len(), recordings.len()), (20, 20), "each recording once: {heard:?}\n{}", queue.logs());
    let workers: BTreeSet<_> = heard.iter().map(|(worker, _)| worker.as_str()).collect();
    assert_eq!(workers, BTreeSet::from(["anna", "berta"]), "both had work");
}

async fn a_worker_that_is_killed_loses_nothing(profile: Profile) {
    let queue = Queue::fill(profile, "2").await;
    let mut anna = start_worker(&queue.server, &queue.recogniser("anna"));
    queue.until_heard(3).await;
    anna.kill().await.unwrap();
    let _berta = start_worker(&queue.server, &queue.recogniser("berta"));
    queue.assert_all_completed().await;
    let recordings: BTreeSet<_> = queue.heard().into_iter().map(|(_, recording)| recording).collect();
    assert_eq!(recordings.len(), 20);
}
