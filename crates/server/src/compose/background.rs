//! What a server does when nobody asks.

use std::{sync::Arc, time::Duration};

use lectern_application::{
    jobs::{RelayJobs, ShelveRecordings},
    mail::DeliverMail,
    maintenance::{MeasureWorkload, OnDuty, Purge, Purged, Retention},
    ports::{Duty, JobAnnouncer, Mailer},
    worker::Worker,
};
use lectern_domain::{
    mail::MailRules,
    transcription::{AnnouncementRules, WorkerName},
};
use lectern_security_adapter::KeyRing;
use lectern_speech_adapter::Host;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

use super::{Adapters, Recognition, recognition, use_cases::jobs};
use crate::{
    config::{Settings, WorkerPlace},
    data_dir::DataDir,
    failure::Failure,
    shutdown::within_grace,
};

/// What the worker in the server's process is called.
const EMBEDDED_NAME: &str = "embedded";
/// A server that has just started has better things to do than to clean up.
const FIRST_PURGE: Duration = Duration::from_mins(1);
const PURGE_INTERVAL: Duration = Duration::from_hours(1);
/// How long a key that was added or revoked may go unnoticed.
const KEYS_INTERVAL: Duration = Duration::from_secs(2);

/// The worker in this process, if there is to be one. Without a recogniser there is none: jobs stay queued until a
/// worker with one comes, and the log says so.
///
/// Its recordings are in the data folder, so that those of a server that was killed are found and removed.
pub(crate) fn embedded_worker(
    of: &Adapters,
    settings: &Settings,
    data: &DataDir,
) -> Result<Option<Worker>, Failure> {
    let host = Host { scratch: data.empty_scratch()?, ..Host::current() };
    if settings.worker == WorkerPlace::Off {
        return Ok(None);
    }
    match recognition(&settings.recognizer, host)? {
        Recognition::Here(recognizer) => {
            let name = WorkerName::parse(EMBEDDED_NAME)
                .map_err(|error| Failure::operation("can't name the worker").because(error))?;
            let source = Arc::new(jobs(of, settings));
            Ok(Some(Worker { name, source, decoder: of.sound.clone(), recognizer }))
        }
        Recognition::Elsewhere { why } => {
            tracing::warn!(
                "RECORDINGS WILL NOT BE TRANSCRIBED by this server, they wait for a worker: {why}"
            );
            Ok(None)
        }
    }
}

/// Waits until all tasks have ended, after `shutdown` only for so long. One that panics ends the server, as it would be
/// missed in silence: whoever watches over the process starts it anew.
pub(crate) async fn supervise(mut tasks: JoinSet<()>, shutdown: &CancellationToken) -> Result<(), Failure> {
    let mut outcome = Ok(());
    let ends = async {
        while let Some(ended) = tasks.join_next().await {
            if let Err(panicked) = ended {
                tracing::error!(%panicked, "a task in the background broke down; stopping the server");
                outcome = Err(Failure::operation("a task in the background broke down").because(panicked));
                shutdown.cancel();
            }
        }
    };
    if within_grace(ends, shutdown).await.is_none() {
        tracing::warn!(
            "a task in the background did not stop in time; its job or mail goes to another when the lease expires"
        );
    }
    outcome
}

/// Removes what was kept long enough, every hour, on one replica at a time, until `shutdown`. A failure is logged and tried
/// again the next hour.
pub(crate) async fn purge_regularly(of: &Adapters, retention: Retention, shutdown: CancellationToken) {
    let purge = purge(of, retention);
    on_duty(of, Duty::Purge).run(shutdown, |stop| purge_hourly(purge.clone(), stop)).await;
}

async fn purge_hourly(purge: Purge, stop: CancellationToken) {
    let mut hours = interval_at(Instant::now() + FIRST_PURGE, PURGE_INTERVAL);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = hours.tick() => {}
        }
        // What was removed before stays removed, so it can stop at any point.
        let purged = tokio::select! {
            () = stop.cancelled() => return,
            purged = purge.execute() => purged,
        };
        match purged {
            Ok(purged) if purged == Purged::default() => tracing::debug!("there was nothing to purge"),
            Ok(Purged { audio, sessions, audit, log, keys, challenges, unreferenced_audio }) => {
                tracing::info!(
                    audio,
                    sessions,
                    audit,
                    log,
                    keys,
                    challenges,
                    unreferenced_audio,
                    "purged what was kept long enough"
                );
            }
            Err(error) => {
                let failure = Failure::operation("can't purge").because(error);
                tracing::warn!("{failure}");
            }
        }
    }
}

pub(super) fn on_duty(of: &Adapters, duty: Duty) -> OnDuty {
    OnDuty { duties: of.duties.clone(), duty, replica: of.replica }
}

/// Looks every few seconds whether the keys that sign tokens were replaced, until `shutdown`.
pub(crate) async fn watch_keys(keys: Arc<KeyRing>, shutdown: CancellationToken) {
    let mut looks = interval_at(Instant::now() + KEYS_INTERVAL, KEYS_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = looks.tick() => {}
        }
        let keys = keys.clone();
        // A folder may be slow, and a look changes nothing half.
        tokio::select! {
            () = shutdown.cancelled() => return,
            looked = spawn_blocking(move || keys.reload()) => {
                if let Err(error) = looked {
                    tracing::error!(%error, "can't look for new keys");
                }
            }
        }
    }
}

/// Announces jobs to workers that wait for messages, and shows them the recordings if these are on this machine, on one
/// replica at a time, until `shutdown`.
pub(crate) async fn announce_jobs(
    of: &Adapters,
    announcer: Arc<dyn JobAnnouncer>,
    shutdown: CancellationToken,
) {
    let shelve = of.shelf.clone().map(|shelf| ShelveRecordings::new(of.queries.clone(), shelf));
    let relay = RelayJobs {
        transactions: of.transactions.clone(),
        queries: of.queries.clone(),
        announcer,
        shelve: shelve.clone(),
        events: of.events.clone(),
        clock: of.clock.clone(),
        rules: AnnouncementRules::default(),
    };
    on_duty(of, Duty::AnnounceJobs)
        .run(shutdown, |stop| {
            let (relay, shelve) = (relay.clone(), shelve.clone());
            async move {
                let shelving = async {
                    if let Some(shelve) = shelve {
                        shelve.run(stop.clone()).await;
                    }
                };
                tokio::join!(relay.run(stop.clone()), shelving);
            }
        })
        .await;
}

/// Takes recordings off the shelf that were shown when jobs were still announced.
pub(crate) async fn clear_shelf(of: &Adapters) {
    if let Some(shelf) = &of.shelf
        && let Err(error) = shelf.show(&[]).await
    {
        let failure = Failure::operation("can't take recordings off the shelf of workers").because(error);
        tracing::warn!("{failure}");
    }
}

/// What sends the outbox's mails.
pub(crate) fn deliver_mail(of: &Adapters, mailer: Arc<dyn Mailer>) -> DeliverMail {
    DeliverMail {
        transactions: of.transactions.clone(),
        mailer,
        events: of.events.clone(),
        clock: of.clock.clone(),
        rules: MailRules::default(),
    }
}

/// What measures how much there is to do.
pub(crate) fn measure_workload(of: &Adapters) -> MeasureWorkload {
    MeasureWorkload { queries: of.queries.clone(), clock: of.clock.clone() }
}

fn purge(of: &Adapters, retention: Retention) -> Purge {
    Purge {
        transactions: of.transactions.clone(),
        queries: of.queries.clone(),
        audio: of.audio.clone(),
        log: of.log.clone(),
        clock: of.clock.clone(),
        retention,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_stops_the_others_and_is_a_failure() {
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let stopped = shutdown.clone();
        tasks.spawn(async move { stopped.cancelled().await });
        tasks.spawn(async { panic!("out of luck") });
        let failure = supervise(tasks, &shutdown).await.unwrap_err().to_string();
        assert!(failure.contains("out of luck"), "{failure}");
    }

    #[tokio::test]
    async fn tasks_that_end_when_they_are_told_to_are_no_failure() {
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let stopped = shutdown.clone();
        tasks.spawn(async move { stopped.cancelled().await });
        shutdown.cancel();
        assert!(supervise(tasks, &shutdown).await.is_ok());
    }
}
