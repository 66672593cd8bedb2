//! A hasher that doesn't hash.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use lectern_application::ports::{HashError, PasswordHasher, Verified};
use lectern_domain::account::{Password, PasswordHash};

use crate::on_demand::OnDemand;

/// Writes passwords in clear behind the number of the *scheme*, `0:secret`, and counts the work it would have done.
#[derive(Debug, Default)]
pub struct PlainHasher {
    scheme: AtomicUsize,
    busy: AtomicBool,
    hashed: AtomicUsize,
    verified: AtomicUsize,
}

impl PlainHasher {
    /// Begins the next scheme: hashes made before still verify, but as [`Verified::MatchOutdated`].
    pub fn outdate(&self) {
        self.scheme.fetch_add(1, Ordering::SeqCst);
    }

    /// From now on every call answers [`HashError::Busy`].
    pub fn fill_up(&self) {
        self.busy.store(true, Ordering::SeqCst);
    }

    /// Ends [`fill_up`](Self::fill_up).
    pub fn drain(&self) {
        self.busy.store(false, Ordering::SeqCst);
    }

    /// How many hashes were made.
    pub fn hashed(&self) -> usize {
        self.hashed.load(Ordering::SeqCst)
    }

    /// How many verifications were done, those for accounts that don't exist too: an observer of the time that a login
    /// takes sees no more than this number.
    pub fn verified(&self) -> usize {
        self.verified.load(Ordering::SeqCst)
    }

    fn work(&self, counter: &AtomicUsize) -> Result<(), HashError> {
        if self.busy.load(Ordering::SeqCst) {
            return Err(HashError::Busy);
        }
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.work(&self.hashed)?;
        let scheme = self.scheme.load(Ordering::SeqCst);
        Ok(PasswordHash::new(format!("{scheme}:{}", password.expose())))
    }

    async fn verify(&self, password: Password, hash: PasswordHash) -> Result<Verified, HashError> {
        let invalid = || HashError::Invalid { source: Box::new(OnDemand("the hash is malformed")) };
        let (scheme, secret) = hash.as_str().split_once(':').ok_or_else(invalid)?;
        let scheme: usize = scheme.parse().map_err(|_| invalid())?;
        self.work(&self.verified)?;
        Ok(match (secret == password.expose(), scheme == self.scheme.load(Ordering::SeqCst)) {
            (false, _) => Verified::Mismatch,
            (true, false) => Verified::MatchOutdated,
            (true, true) => Verified::Match,
        })
    }

    async fn verify_nothing(&self, _password: Password) -> Result<(), HashError> {
        self.work(&self.verified)
    }
}
