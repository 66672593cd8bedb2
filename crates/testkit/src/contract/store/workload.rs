//! How much there is to do.

use std::time::Duration;

use lectern_application::ports::Workload;
use lectern_domain::{
    challenge::Code,
    mail::{Mail, MailContent, MailId},
    time::Timestamp,
    transcription::{Job, LeaseId, LeaseRules, State, Transcription, WorkerName},
};

use super::{StoreFixture, in_state};
use crate::build::{at, fresh_id};

const MICROSECOND: Duration = Duration::from_micros(1);

async fn workload(fixture: &StoreFixture, now: Timestamp) -> Workload {
    fixture.queries.workload(now).await.unwrap()
}

/// A transcription whose job has waited since then.
async fn queued_since(fixture: &StoreFixture, since: Timestamp) -> Transcription {
    let transcription = fixture.queued().await;
    fixture.put_job(&Job::enqueue(transcription.id(), since)).await;
    transcription
}

/// Nothing to do is no error.
pub async fn nothing_to_do_is_no_workload(fixture: &StoreFixture) {
    assert_eq!(workload(fixture, at(1)).await, Workload::default());
}

/// A job waits, is leased, or rests: each at one moment is one of them, to the microsecond.
pub async fn jobs_are_counted_by_who_may_have_them(fixture: &StoreFixture) {
    let rules = LeaseRules::default();
    queued_since(fixture, at(3)).await;
    queued_since(fixture, at(2)).await;
    let leased = queued_since(fixture, at(1)).await;
    let worker = WorkerName::parse("host-1").unwrap();
    let job = Job::enqueue(leased.id(), at(1)).lease(LeaseId(fresh_id()), worker, at(10), rules).unwrap();
    fixture.put_job(&job).await;
    let resting = queued_since(fixture, at(0)).await;
    fixture.put_job(&Job::enqueue(resting.id(), at(0)).rest(1, at(10), rules)).await;

    let counts = async |now| {
        let load = workload(fixture, now).await;
        (load.waiting, load.leased, load.resting, load.waiting_since)
    };
    let (rested, expired) = (at(10).plus(rules.error_delay), at(10).plus(rules.duration));
    assert_eq!(counts(at(10)).await, (2, 1, 1, Some(at(2))));
    assert_eq!(counts(rested.minus(MICROSECOND)).await, (2, 1, 1, Some(at(2))));
    assert_eq!(counts(rested).await, (3, 1, 0, Some(at(0))));
    assert_eq!(counts(expired.minus(MICROSECOND)).await, (3, 1, 0, Some(at(0))));
    assert_eq!(counts(expired).await, (4, 0, 0, Some(at(0))));
}

/// Each active transcription counts in its state.
pub async fn active_transcriptions_are_counted_by_state(fixture: &StoreFixture) {
    for state in [
        State::Queued,
        State::Queued,
        State::Queued,
        State::InProgress,
        State::InProgress,
        State::ProcessingError,
    ] {
        let transcription = queued_since(fixture, at(0)).await;
        fixture.save_transcription(&in_state(&transcription, state)).await;
    }
    let load = workload(fixture, at(1)).await;
    assert_eq!((load.queued, load.in_progress, load.processing_error), (3, 2, 1));
}

/// The job of a transcription that was called off while a worker had it is nothing to do.
pub async fn what_is_finished_is_no_workload(fixture: &StoreFixture) {
    let transcription = queued_since(fixture, at(0)).await;
    fixture.save_transcription(&in_state(&transcription, State::Cancelled { at: at(1) })).await;
    assert_eq!(workload(fixture, at(10)).await, Workload::default());
}

/// Mails count until they are removed, whether they are due or not.
pub async fn mails_in_the_outbox_are_counted(fixture: &StoreFixture) {
    let mails = [at(0), at(300)].map(|not_before| {
        let content = MailContent::PasswordReset { code: Code::parse("012345").unwrap() };
        Mail::new(MailId(fresh_id()), None, content, not_before, at(600))
    });
    let mut work = fixture.unit().await;
    for mail in &mails {
        work.put_mail(mail).await.unwrap();
    }
    work.commit().await.unwrap();
    assert_eq!(workload(fixture, at(1)).await, Workload { mails: 2, ..Workload::default() });
}
