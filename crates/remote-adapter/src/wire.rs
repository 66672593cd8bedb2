//! The JSON of the worker routes (API v1), and its way into domain types. Times are seconds.

use std::time::Duration;

use lectern_application::ports::LeasedJob;
use lectern_domain::transcription::{
    Chunk, ChunkNumber, ChunkPlan, Language, LanguageError, LeaseId, PlanError, Segment, TranscriptionId,
    WorkerName,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Asks for a job.
#[derive(Serialize)]
pub(crate) struct LeaseRequest<'a> {
    worker: &'a str,
}

impl<'a> From<&'a WorkerName> for LeaseRequest<'a> {
    fn from(worker: &'a WorkerName) -> Self {
        Self { worker: worker.as_str() }
    }
}

/// A job.
#[derive(Deserialize)]
pub(crate) struct LeaseAnswer {
    id: Uuid,
    transcription_id: Uuid,
    lease_seconds: f64,
    duration_seconds: f64,
    chunk_seconds: f64,
    language: Option<String>,
    missing: Vec<u32>,
}

/// The server described a job that can't be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImpossibleJob {
    #[error("a time is out of range")]
    Time,
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("chunk {0} is not in the plan")]
    Chunk(u32),
    #[error("the language {0}")]
    Language(#[from] LanguageError),
}

impl TryFrom<LeaseAnswer> for LeasedJob {
    type Error = ImpossibleJob;

    fn try_from(answer: LeaseAnswer) -> Result<Self, ImpossibleJob> {
        let plan = ChunkPlan::new(time(answer.duration_seconds)?, time(answer.chunk_seconds)?)?;
        if let Some(&unknown) = answer.missing.iter().find(|&&number| !plan.is_valid(ChunkNumber(number))) {
            return Err(ImpossibleJob::Chunk(unknown));
        }
        Ok(Self {
            lease: LeaseId(answer.id),
            lease_duration: time(answer.lease_seconds)?,
            transcription: TranscriptionId(answer.transcription_id),
            plan,
            missing: answer.missing.into_iter().map(ChunkNumber).collect(),
            language: answer.language.as_deref().map(Language::parse).transpose()?,
        })
    }
}

/// A time as the server meant it: its times are whole microseconds, which the decimals in JSON only approach.
fn time(seconds: f64) -> Result<Duration, ImpossibleJob> {
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| ImpossibleJob::Time)?;
    let micros = time.saturating_add(Duration::from_nanos(500)).as_micros();
    u64::try_from(micros).map(Duration::from_micros).map_err(|_| ImpossibleJob::Time)
}

/// What a sign of life is answered with.
#[derive(Deserialize)]
pub(crate) struct HeartbeatAnswer {
    pub(crate) cancelled: bool,
}

/// A chunk to be stored.
#[derive(Serialize)]
pub(crate) struct ChunkRequest<'a> {
    number: u32,
    text: &'a str,
    segments: Vec<SegmentRequest<'a>>,
}

#[derive(Serialize)]
struct SegmentRequest<'a> {
    start_seconds: f64,
    end_seconds: f64,
    text: &'a str,
}

impl<'a> From<&'a Chunk> for ChunkRequest<'a> {
    fn from(chunk: &'a Chunk) -> Self {
        Self {
            number: chunk.number().0,
            text: chunk.text(),
            segments: chunk.segments().iter().map(SegmentRequest::from).collect(),
        }
    }
}

impl<'a> From<&'a Segment> for SegmentRequest<'a> {
    fn from(segment: &'a Segment) -> Self {
        Self {
            start_seconds: segment.start().as_secs_f64(),
            end_seconds: segment.end().as_secs_f64(),
            text: segment.text(),
        }
    }
}

/// Says why the work failed.
#[derive(Serialize)]
pub(crate) struct FailRequest<'a> {
    pub(crate) reason: &'a str,
}

/// What a failure says for itself (RFC 9457).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: &str) -> Result<LeasedJob, ImpossibleJob> {
        serde_json::from_str::<LeaseAnswer>(json).unwrap().try_into()
    }

    fn json(duration: f64, missing: &str) -> String {
        format!(
            r#"{{"id":"01900000-0000-7000-8000-000000000001",
                "transcription_id":"01900000-0000-7000-8000-000000000002","lease_seconds":30.0,
                "duration_seconds":{duration},"chunk_seconds":60.0,"language":null,"missing":{missing}}}"#
        )
    }

    #[test]
    fn times_survive_the_way_through_json_to_the_microsecond() {
        for micros in [1_u64, 999_999, 150_250_001, 7_199_999_999, 7_200_000_000] {
            let duration = Duration::from_micros(micros);
            let job = answer(&json(duration.as_secs_f64(), "[0]")).unwrap();
            assert_eq!(job.plan.duration(), duration);
        }
    }

    #[test]
    fn jobs_that_cannot_be_are_refused() {
        assert!(matches!(answer(&json(-1.0, "[]")), Err(ImpossibleJob::Time)));
        assert!(matches!(answer(&json(0.0, "[]")), Err(ImpossibleJob::Plan(PlanError::NoDuration))));
        assert!(matches!(answer(&json(150.25, "[0,3]")), Err(ImpossibleJob::Chunk(3))));
    }
}
