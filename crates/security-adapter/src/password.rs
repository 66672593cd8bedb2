//! Password hashes, off the event loop and only so many at a time. New ones are bcrypt's; those of other systems are
//! read.
//!
//! What a hash looks like and which one to make is in `scheme`; here is who computes it and when. To add another kind
//! of hash, teach `scheme::Stored` to parse and check it.
//!
//! Hashes are computed on threads of their own, which yield to all others: who signs in waits for a quarter of a second
//! anyway, who is signed in already should not notice.
//!
//! Invariant: whatever is in the database, hashes take no more memory than one by argon2 may ask for, and a few KiB for
//! each worker.

mod argon2_hash;
mod bcrypt_hash;
mod scheme;
mod threads;

use std::{num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use lectern_application::{
    metrics::catalogue::HASHES,
    ports::{Gauges, HashError, PasswordHasher, Verified},
};
use lectern_domain::account::{Password, PasswordHash};
use tokio::sync::Semaphore;
use tracing::Span;

use bcrypt_hash::{BcryptHash, Cost};
use scheme::Stored;
use threads::Threads;

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BcryptSettings {
    /// The binary logarithm of bcrypt's rounds, 4 to 16: each step doubles the work. 12 takes about a quarter of a
    /// second.
    pub cost: u32,
    /// How many hashes are computed at the same time: no more than there are processors.
    pub workers: NonZeroUsize,
    /// How many may wait for a worker; whoever comes then is turned away at once.
    pub queue: usize,
}

/// The settings are out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BcryptSettingsError {
    /// The cost is.
    #[error("the cost of bcrypt must be from {} to {}", Cost::MIN, Cost::MAX)]
    Cost,
    /// Workers and queue together are more than can be counted.
    #[error("there must be at most {} workers and waiting passwords together", Semaphore::MAX_PERMITS)]
    Queue,
    /// The operating system gave no threads.
    #[error("there are no threads to hash passwords with")]
    Threads,
}

/// Hashes passwords with bcrypt; those that bcrypt can't take whole are hashed with SHA-256 first. Also checks them
/// against hashes of other systems: bcrypt, `bcrypt_sha256` of passlib, argon2.
#[derive(Debug)]
pub struct BcryptHasher {
    cost: Cost,
    /// How many permits of `admission` there are.
    room: usize,
    /// One permit for each password that is being hashed or waits for it.
    admission: Arc<Semaphore>,
    /// One permit for each password that is being hashed.
    workers: Arc<Semaphore>,
    /// The permit of the one hash that needs much memory.
    memory: Arc<Semaphore>,
    threads: Threads,
}

/// What computing a hash takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    /// A processor.
    Light,
    /// A processor and much memory.
    Heavy,
}

impl BcryptHasher {
    /// A hasher with its own workers and queue.
    pub fn new(settings: BcryptSettings) -> Result<Self, BcryptSettingsError> {
        let workers = settings.workers.get();
        let admitted = workers
            .checked_add(settings.queue)
            .filter(|&permits| permits <= Semaphore::MAX_PERMITS)
            .ok_or(BcryptSettingsError::Queue)?;
        Ok(Self {
            cost: Cost::new(settings.cost).ok_or(BcryptSettingsError::Cost)?,
            room: admitted,
            admission: Arc::new(Semaphore::new(admitted)),
            workers: Arc::new(Semaphore::new(workers)),
            memory: Arc::new(Semaphore::new(1)),
            threads: Threads::new(settings.workers).map_err(|_| BcryptSettingsError::Threads)?,
        })
    }

    /// Computes on a thread of ours when a worker is free. The permits go with the computation, which can't be
    /// stopped: a caller that gives up doesn't make room for more than there are workers.
    async fn compute<T, F>(&self, load: Load, work: F) -> Result<T, HashError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, HashError> + Send + 'static,
    {
        let admitted = Arc::clone(&self.admission).try_acquire_owned().map_err(|_| HashError::Busy)?;
        // Before the worker, which has better things to do than to wait for memory.
        let memory = match load {
            Load::Heavy => Some(Arc::clone(&self.memory).acquire_owned().await.map_err(|_| HashError::Busy)?),
            Load::Light => None,
        };
        let worker = Arc::clone(&self.workers).acquire_owned().await.map_err(|_| HashError::Busy)?;
        let span = Span::current();
        let computed = self.threads.run(move || {
            let _permits = (admitted, memory, worker);
            span.in_scope(work)
        });
        match computed.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(result) => result,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The threads are gone: the program ends.
            Err(Err(_cancelled)) => Err(HashError::Busy),
        }
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        let cost = self.cost;
        self.compute(Load::Light, move || bcrypt_hash::hash(&password, cost)).await
    }

    async fn verify(&self, password: Password, hash: PasswordHash) -> Result<Verified, HashError> {
        let stored = Stored::parse(&hash).map_err(|source| HashError::Invalid { source: source.into() })?;
        let cost = self.cost;
        let load = match stored {
            Stored::Bcrypt(_) => Load::Light,
            Stored::Argon2(_) => Load::Heavy,
        };
        self.compute(load, move || stored.check(&password, cost)).await
    }

    async fn verify_nothing(&self, password: Password) -> Result<(), HashError> {
        let cost = self.cost;
        self.compute(Load::Light, move || BcryptHash::decoy(cost).check(&password, cost)).await.map(|_| ())
    }
}

impl Gauges for BcryptHasher {
    fn measure(&self) {
        HASHES.set_count([], self.room.saturating_sub(self.admission.available_permits()));
    }
}

#[cfg(test)]
mod tests;
