//! The port.

use std::path::PathBuf;

use async_trait::async_trait;
use lectern_application::ports::{JobSource, JobSourceError, LeasedJob, LocalFile, Pulse, Watch};
use lectern_domain::transcription::{Chunk, LeaseId, WorkerName};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;

use crate::{
    connection::{Connection, Patience, RemoteJobsError, not_lectern, read_json, send, send_json},
    recording, schedule,
    wire::{ChunkRequest, FailRequest, HeartbeatAnswer, LeaseAnswer, LeaseRequest},
};

/// The jobs of a server far away.
#[derive(Debug)]
pub struct RemoteJobs {
    server: Connection,
    folder: PathBuf,
}

impl RemoteJobs {
    /// The jobs of the server at `server`, such as `https://lectern.example.org`. Nothing is sent yet. Recordings are
    /// downloaded into `folder`, one at a time, and removed when the job is over.
    pub fn new(server: &str, token: &SecretString, folder: PathBuf) -> Result<Self, RemoteJobsError> {
        Ok(Self { server: Connection::new(server, token)?, folder })
    }
}

#[async_trait]
impl JobSource for RemoteJobs {
    async fn lease(&self, worker: &WorkerName) -> Result<Option<LeasedJob>, JobSourceError> {
        let request = self.server.call(Method::POST, "lease", Patience::Call)?;
        let response = send_json(request, &LeaseRequest::from(worker)).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let answer: LeaseAnswer = read_json(response).await?;
        answer.try_into().map(Some).map_err(|impossible| not_lectern(&impossible))
    }

    fn openings(&self) -> Box<dyn Watch> {
        schedule::openings()
    }

    fn beats(&self, job: &LeasedJob) -> Box<dyn Watch> {
        schedule::beats(job)
    }

    async fn heartbeat(&self, lease: LeaseId) -> Result<Pulse, JobSourceError> {
        let response = send(self.server.post(lease, "heartbeat")?).await?;
        let answer: HeartbeatAnswer = read_json(response).await?;
        Ok(if answer.cancelled { Pulse::Cancelled } else { Pulse::Continue })
    }

    async fn audio(&self, job: &LeasedJob) -> Result<LocalFile, JobSourceError> {
        let route = format!("{}/audio", job.lease.0);
        let request = self.server.call(Method::GET, &route, Patience::Download)?;
        recording::save(send(request).await?, &self.folder).await
    }

    async fn store_chunk(&self, lease: LeaseId, chunk: Chunk) -> Result<(), JobSourceError> {
        send_json(self.server.post(lease, "chunks")?, &ChunkRequest::from(&chunk)).await.map(drop)
    }

    async fn complete(&self, lease: LeaseId) -> Result<(), JobSourceError> {
        send(self.server.post(lease, "complete")?).await.map(drop)
    }

    async fn fail(&self, lease: LeaseId, detail: &str) -> Result<(), JobSourceError> {
        send_json(self.server.post(lease, "fail")?, &FailRequest { reason: detail }).await.map(drop)
    }

    async fn release(&self, lease: LeaseId) -> Result<(), JobSourceError> {
        send(self.server.post(lease, "release")?).await.map(drop)
    }
}
