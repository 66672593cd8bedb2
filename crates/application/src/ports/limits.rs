//! How fast passwords may be guessed, and how often a network may ask.
//!
//! None of these ports can fail: an implementation whose store is out of reach goes on counting by itself. Each method is one
//! round trip to a store.

use async_trait::async_trait;
use lectern_domain::throttling::{
    AccountKey, FailureCount, FailureQuota, Guess, GuessOutcome, Network, Quota, TooSoon, Verdict,
};

/// Slows down whoever guesses passwords, by the rules of [`Tries`](lectern_domain::throttling::Tries).
#[async_trait]
pub trait LoginThrottle: Send + Sync {
    /// Lets a try in and counts it, or says how long to wait, if so many failures are `free` where it is made. To be asked
    /// before any work is done for the try.
    ///
    /// Of tries that come at once, no more MUST be let in than if they had come one after the other. What is let in
    /// depends on the tries of the same network at the same account alone: others MUST NOT be affected.
    async fn admit(&self, guess: Guess, free: FailureCount) -> Result<(), TooSoon>;

    /// What a try that was let in came to. A try of which that is never told MUST count as a failure after
    /// [`Tries::PATIENCE`](lectern_domain::throttling::Tries::PATIENCE).
    async fn settle(&self, guess: Guess, outcome: GuessOutcome);

    /// Forgets all failures at these accounts, of every network, and nothing else. For those who have shown in another
    /// way that the account is theirs; [`AccountKey::all_of`] names what to forgive.
    async fn forgive(&self, accounts: &[AccountKey]);
}

/// Bounds the failures to sign in of a network, whoever it tries to be, by the rules of
/// [`CountedTries`](lectern_domain::throttling::CountedTries).
#[async_trait]
pub trait FailureLimiter: Send + Sync {
    /// Lets a try in and counts it, or says how long to wait. To be asked before any work is done for the try.
    ///
    /// Of tries that come at once, no more MUST be let in than if they had come one after the other. Other networks MUST
    /// NOT be affected.
    async fn admit(&self, network: Network, quota: FailureQuota) -> Result<(), TooSoon>;

    /// What a try that was let in came to. A try of which that is never told MUST count as a failure.
    async fn settle(&self, network: Network, quota: FailureQuota, outcome: GuessOutcome);
}

/// What is limited. Each class has a quota of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitClass {
    /// Signing in.
    LogIn,
    /// Making an account.
    Register,
    /// Exchanging refresh tokens.
    Refresh,
    /// What sends mails and takes codes from them: password reset, and showing that an e-mail address is one's own.
    Recovery,
    /// Uploading recordings.
    Upload,
    /// Signing in through iccem.
    IccemToken,
    /// Exchanging refresh tokens through iccem.
    IccemRefresh,
}

impl LimitClass {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::LogIn,
        Self::Register,
        Self::Refresh,
        Self::Recovery,
        Self::Upload,
        Self::IccemToken,
        Self::IccemRefresh,
    ];

    /// Its name, for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogIn => "log_in",
            Self::Register => "register",
            Self::Refresh => "refresh",
            Self::Recovery => "recovery",
            Self::Upload => "upload",
            Self::IccemToken => "iccem_token",
            Self::IccemRefresh => "iccem_refresh",
        }
    }
}

/// The quota of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are named like the classes")]
pub struct Quotas {
    pub log_in: Quota,
    pub register: Quota,
    pub refresh: Quota,
    pub recovery: Quota,
    pub upload: Quota,
    pub iccem_token: Quota,
    pub iccem_refresh: Quota,
}

/// Generous, as a whole office may sit behind one address: they are there for scripts that run wild, not for people. Those
/// of iccem are what its clients have always been allowed.
impl Default for Quotas {
    fn default() -> Self {
        Self {
            log_in: Quota::per_minute(300),
            register: Quota::per_minute(300),
            refresh: Quota::per_minute(1200),
            recovery: Quota::per_minute(120),
            upload: Quota::per_minute(120),
            iccem_token: Quota::per_minute(5),
            iccem_refresh: Quota::per_minute(5),
        }
    }
}

impl Quotas {
    /// The quota of a class.
    pub const fn of(&self, class: LimitClass) -> Quota {
        match class {
            LimitClass::LogIn => self.log_in,
            LimitClass::Register => self.register,
            LimitClass::Refresh => self.refresh,
            LimitClass::Recovery => self.recovery,
            LimitClass::Upload => self.upload,
            LimitClass::IccemToken => self.iccem_token,
            LimitClass::IccemRefresh => self.iccem_refresh,
        }
    }
}

/// Limits how often a network may ask for something, by the rules of [`Quota`].
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts a request, and says whether it is let in.
    ///
    /// Of requests that come at once, no more MUST be let in than if they had come one after the other. A refused
    /// request MUST NOT be counted. Other classes and other networks MUST NOT be affected.
    async fn take(&self, class: LimitClass, network: Network) -> Verdict;
}
