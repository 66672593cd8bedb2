//! The port.

use std::path::PathBuf;

use async_trait::async_trait;
use lectern_application::ports::{JobSource, JobSourceError, LeasedJob, LocalFile, Pulse, Watch};
use lectern_domain::transcription::{Chunk, LeaseId, WorkerName};
use reqwest::{Method, StatusCode};
use secrecy::SecretString;

use crate::{
    connection::{Connection, Patience, RemoteJobsError, not_lectern, read_json, send, send_json},
    recording::{self, Downloads},
    schedule,
    wire::{ChunkRequest, FailRequest, HeartbeatAnswer, LeaseAnswer, LeaseRequest},
};

/// The most bytes that a recording may have unless told otherwise, 4 GiB: eight times what a server takes unless told
/// otherwise.
const MAX_RECORDING_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// The jobs of a server far away.
#[derive(Debug)]
pub struct RemoteJobs {
    server: Connection,
    downloads: Downloads,
}

impl RemoteJobs {
    /// The jobs of the server at `server`, such as `https://lectern.example.org`. Nothing is sent yet. Recordings are
    /// downloaded into `folder`, one at a time, and removed when the job is over. What an earlier process that was
    /// killed left there stays: others may be using the folder.
    pub fn new(server: &str, token: &SecretString, folder: PathBuf) -> Result<Self, RemoteJobsError> {
        let downloads = Downloads { folder, limit: MAX_RECORDING_BYTES };
        Ok(Self { server: Connection::new(server, token)?, downloads })
    }

    /// The same with a folder that MUST be this worker's own for as long as it lives, such as by a lock: whatever
    /// earlier workers left there is removed. It is made if it is not there.
    pub fn with_scratch(
        server: &str,
        token: &SecretString,
        scratch: PathBuf,
    ) -> Result<Self, RemoteJobsError> {
        recording::clear(&scratch).map_err(|error| RemoteJobsError::Folder { source: error.into() })?;
        Self::new(server, token, scratch)
    }

    /// Refuses recordings of more than `bytes`. Without this, the limit is 4 GiB.
    pub fn with_download_limit(mut self, bytes: u64) -> Self {
        self.downloads.limit = bytes;
        self
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
        self.downloads.save(send(request).await?).await
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
