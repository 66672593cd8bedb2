//! Bodies of the routes under `/v1/worker`.

use std::time::Duration;

use lectern_application::ports::LeasedJob;
use lectern_domain::transcription::{Chunk, ChunkNumber, Segment, WorkerName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    problem::{Fields, Problem},
    v1::time::seconds,
};

/// Who asks for a job.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaseBody {
    /// What the worker calls itself, at most 100 characters.
    #[schema(example = "gpu-1")]
    worker: String,
}

impl TryFrom<LeaseBody> for WorkerName {
    type Error = Problem;

    fn try_from(body: LeaseBody) -> Result<Self, Problem> {
        Self::parse(&body.worker).map_err(|error| Problem::field("/worker", error.to_string()))
    }
}

/// A leased job.
#[derive(Serialize, ToSchema)]
pub(super) struct JobBody {
    /// The lease, which names the job in all calls.
    id: Uuid,
    /// What there is to do.
    transcription_id: Uuid,
    /// How long the lease lasts without a heartbeat.
    lease_seconds: f64,
    /// How long the recording is.
    duration_seconds: f64,
    /// How long a chunk is.
    chunk_seconds: f64,
    /// The language spoken, if the owner said.
    language: Option<String>,
    /// The chunks that are missing.
    missing: Vec<u32>,
}

impl From<LeasedJob> for JobBody {
    fn from(job: LeasedJob) -> Self {
        Self {
            id: job.lease.0,
            transcription_id: job.transcription.0,
            lease_seconds: seconds(job.lease_duration),
            duration_seconds: seconds(job.plan.duration()),
            chunk_seconds: seconds(job.plan.size()),
            language: job.language.map(|tag| tag.as_str().to_owned()),
            missing: job.missing.into_iter().map(|number| number.0).collect(),
        }
    }
}

/// What a heartbeat answers.
#[derive(Serialize, ToSchema)]
pub(super) struct PulseBody {
    /// Whether the owner called it off: stop, and release the job.
    pub(super) cancelled: bool,
}

/// A recognised chunk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewChunkBody {
    /// Its number, from 0.
    number: u32,
    /// What was said.
    text: String,
    /// When what was said, in order, from the recording's beginning.
    #[serde(default)]
    segments: Vec<NewSegmentBody>,
}

/// A stretch of speech.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSegmentBody {
    /// When it starts.
    #[schema(minimum = 0)]
    start_seconds: f64,
    /// When it ends.
    #[schema(minimum = 0)]
    end_seconds: f64,
    /// What was said.
    text: String,
}

impl TryFrom<NewChunkBody> for Chunk {
    type Error = Problem;

    fn try_from(body: NewChunkBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let mut segments = Vec::with_capacity(body.segments.len());
        for (index, segment) in body.segments.iter().enumerate() {
            let times = (
                Duration::try_from_secs_f64(segment.start_seconds),
                Duration::try_from_secs_f64(segment.end_seconds),
            );
            match times {
                (Ok(start), Ok(end)) => match Segment::new(start, end, &segment.text) {
                    Ok(segment) => segments.push(segment),
                    Err(error) => fields.add(&format!("/segments/{index}"), &error),
                },
                _ => fields.add(&format!("/segments/{index}"), &"times must be seconds, not negative"),
            }
        }
        fields.finish()?;
        Self::new(ChunkNumber(body.number), &body.text, segments)
            .map_err(|error| Problem::field("/segments", error.to_string()))
    }
}

/// Why a job failed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FailBody {
    /// For operators: it goes to the log.
    reason: String,
}

impl FailBody {
    /// The reason, cut to what a log line can bear.
    pub(super) fn reason(&self) -> String {
        self.reason.chars().filter(|c| !c.is_control()).take(2000).collect()
    }
}
