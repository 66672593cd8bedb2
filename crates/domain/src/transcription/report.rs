//! Workers that name a transcription in their calls, and no lease: the *status protocol*.
//!
//! Such a worker hears of a job by a message, and reports in which state it is. What it reports takes the job, and each
//! further report keeps it, under a lease whose id is the transcription's own ([`LeaseId::of_reports`]). So who
//! reports can be told from who leases, and neither gets into the other's way; but not from another who reports, as
//! nothing in their calls differs. A report that comes late is therefore accepted unless the job is another's, or what
//! it says is against the table of states.

use std::time::Duration;

use super::{
    ChunkNumbers, IllegalTransition, Job, LeaseId, LeaseRefused, LeaseRules, StateName, Transcription,
    TranscriptionId, TransitionError, WorkerName,
};
use crate::time::Timestamp;

impl LeaseId {
    /// The id of the lease under which whoever reports by the transcription holds its job. Other leases have ids made
    /// anew, so none has this.
    pub const fn of_reports(transcription: TranscriptionId) -> Self {
        Self(transcription.0)
    }
}

impl LeaseRules {
    /// How long a job stays with who reported last. Between two reports lies all the work on a chunk, and there are no
    /// heartbeats.
    pub const BETWEEN_REPORTS: Duration = Duration::from_mins(15);
}

impl Job {
    /// Somebody reports by the transcription: they keep the job, or take it if nobody has it. They need not wait until it has
    /// rested: a message that was given back comes again at once.
    pub fn report(self, now: Timestamp, rules: LeaseRules) -> Result<Self, LeaseRefused> {
        let id = LeaseId::of_reports(self.parts().transcription);
        if self.held(id, now).is_ok() {
            return self.extend(id, now, rules).map_err(|_| LeaseRefused::NotAvailable);
        }
        self.rested(now).lease(id, WorkerName::of_reports(), now, rules)
    }

    /// Whether somebody works on it who named their lease, and reports none.
    pub fn is_leased_by_name(&self, now: Timestamp) -> bool {
        let reports = LeaseId::of_reports(self.parts().transcription);
        self.live_lease(now).is_some_and(|lease| lease.id != reports)
    }

    /// Whether what a worker reports about the transcription can be about work on an earlier time in the queue: it was
    /// queued again, and nobody has begun since.
    ///
    /// A worker that saw its job called off has one more thing to say, and the owner may be faster. That must not end what
    /// they queued again.
    pub fn is_queued_anew(&self, transcription: &Transcription) -> bool {
        transcription.state() == StateName::Queued
            && self.parts().enqueued_at > transcription.parts().created_at
    }
}

impl Transcription {
    /// A worker reports the state that it takes the transcription to be in. Which one that leads to is decided here:
    /// the third `processing_error` is a `processing_fail`, and both `completed` and `completed_partially` say
    /// that the worker is done. `queued` and `processing_fail` are not for workers to say.
    pub fn report(
        self,
        state: StateName,
        stored: &ChunkNumbers,
        at: Timestamp,
    ) -> Result<Self, TransitionError> {
        match state {
            StateName::InProgress => self.start(at),
            StateName::ProcessingError => self.fail(at),
            StateName::Completed | StateName::CompletedPartially => self.finish(stored, at),
            StateName::Cancelled => self.acknowledge_cancel(stored, at),
            StateName::Queued | StateName::ProcessingFail => {
                Err(IllegalTransition { from: self.state(), to: state }.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        account::UserId,
        transcription::{
            AudioKey, ChunkNumber, ChunkPlan, NewTranscription, Recording, Sha256, TranscriptionNumber,
        },
    };

    const ID: TranscriptionId = TranscriptionId(Uuid::from_u128(7));
    const RULES: LeaseRules = LeaseRules {
        duration: Duration::from_mins(15),
        error_delay: Duration::from_secs(5),
        max_attempts: 2,
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn job() -> Job {
        Job::enqueue(ID, at(0))
    }

    fn transcription() -> Transcription {
        let recording = Recording {
            key: AudioKey(Uuid::nil()),
            media_type: "audio/mpeg".to_owned(),
            bytes: 1,
            sha256: Sha256([0; 32]),
        };
        let plan = ChunkPlan::new(Duration::from_secs(90), Duration::from_mins(1)).unwrap();
        let (owner, created_at) = (UserId(Uuid::nil()), at(0));
        NewTranscription { id: ID, owner, title: None, language: None, recording, plan, created_at }
            .numbered(TranscriptionNumber(1))
    }

    #[test]
    fn a_report_takes_the_job_and_the_next_keeps_it() {
        let job = job().report(at(1), RULES).unwrap().report(at(800), RULES).unwrap();
        assert!(job.held(LeaseId::of_reports(ID), at(1699)).is_ok());
        assert!(job.is_available(at(1700)));
    }

    #[test]
    fn keeping_a_job_costs_no_attempt() {
        let job = (1..50).fold(job(), |job, n| job.report(at(n), RULES).unwrap());
        assert_eq!(job.parts().attempts, 1);
    }

    #[test]
    fn a_job_that_somebody_leased_is_not_taken_by_a_report() {
        let leased =
            job().lease(LeaseId(Uuid::from_u128(1)), WorkerName::of_reports(), at(0), RULES).unwrap();
        assert!(leased.is_leased_by_name(at(899)) && !leased.is_leased_by_name(at(900)));
        assert_eq!(leased.clone().report(at(899), RULES), Err(LeaseRefused::NotAvailable));
        assert!(leased.report(at(900), RULES).is_ok(), "its lease is over");
    }

    #[test]
    fn nobody_leases_a_job_that_somebody_reports_on() {
        let reported = job().report(at(0), RULES).unwrap();
        assert!(!reported.is_leased_by_name(at(1)));
        let leased = reported.lease(LeaseId(Uuid::from_u128(1)), WorkerName::of_reports(), at(899), RULES);
        assert_eq!(leased, Err(LeaseRefused::NotAvailable));
    }

    #[test]
    fn a_report_does_not_wait_until_the_job_has_rested() {
        let resting = job().report(at(0), RULES).unwrap().rest(1, at(10), RULES);
        assert!(!resting.is_available(at(11)));
        assert!(resting.report(at(11), RULES).unwrap().held(LeaseId::of_reports(ID), at(11)).is_ok());
    }

    #[test]
    fn workers_that_die_without_progress_exhaust_a_job_here_too() {
        let lost = (0..2).fold(job(), |job, n| job.report(at(n * 900), RULES).unwrap());
        assert_eq!(lost.report(at(1800), RULES), Err(LeaseRefused::Exhausted(2)));
    }

    #[test]
    fn a_job_is_queued_anew_from_a_retry_until_somebody_begins() {
        let queued = transcription();
        assert!(!job().is_queued_anew(&queued), "for the first time");
        let again = queued.cancel(at(1)).unwrap().retry(at(2)).unwrap();
        let job = Job::enqueue(ID, at(2));
        assert!(job.is_queued_anew(&again));
        assert!(!job.is_queued_anew(&again.start(at(3)).unwrap()));
    }

    #[test]
    fn a_reported_state_leads_where_the_table_says() {
        let both = ChunkNumbers::from_iter([ChunkNumber(0), ChunkNumber(1)]);
        let one = ChunkNumbers::from_iter([ChunkNumber(0)]);
        let none = ChunkNumbers::default();
        for (reported, stored, reached) in [
            (StateName::InProgress, &none, StateName::InProgress),
            (StateName::ProcessingError, &one, StateName::ProcessingError),
            (StateName::Completed, &both, StateName::Completed),
            (StateName::Completed, &one, StateName::CompletedPartially),
            (StateName::CompletedPartially, &one, StateName::CompletedPartially),
            (StateName::CompletedPartially, &both, StateName::Completed),
            (StateName::Cancelled, &one, StateName::CompletedPartially),
            (StateName::Cancelled, &none, StateName::Cancelled),
        ] {
            let begun = transcription().start(at(1)).unwrap();
            assert_eq!(begun.report(reported, stored, at(2)).unwrap().state(), reached, "{reported}");
        }
    }

    #[test]
    fn the_third_reported_error_is_a_failure() {
        let none = ChunkNumbers::default();
        let failed = (1..=3).fold(transcription(), |transcription, n| {
            transcription.report(StateName::ProcessingError, &none, at(n)).unwrap()
        });
        assert_eq!((failed.state(), failed.parts().error_count), (StateName::ProcessingFail, 3));
    }

    #[test]
    fn states_that_are_not_for_workers_to_say_are_refused() {
        for state in [StateName::Queued, StateName::ProcessingFail] {
            let refused = transcription().report(state, &ChunkNumbers::default(), at(1)).unwrap_err();
            assert_eq!(refused.to_string(), format!("a transcription that is queued can't become {state}"));
        }
    }
}
