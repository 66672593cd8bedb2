//! The whole application on the ports of [`memory`](crate::memory) and [`fakes`](crate::fakes).
//!
//! A test makes a [`World`], brings it into the state it is about with the steps of [`steps`], gets the use case it is
//! about from one of the getters of [`use_cases`], and looks at the ports, which are all public:
//!
//! ```
//! use lectern_testkit::world::World;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let world = World::new();
//! let ada = world.register_user("ada").await;
//! let lecture = world.upload(&ada, 90).await;
//! world.cancel().execute(&ada, lecture.transcription.id()).await.unwrap();
//! assert_eq!(world.database.audit_log().len(), 4);
//! # }
//! ```
//!
//! Rules can be others: `World { registration: Registration::Closed, ..World::new() }`.

mod backups;
pub mod steps;
pub mod use_cases;

use std::sync::Arc;

use lectern_application::{
    auth::SessionRules,
    in_process::{
        LocalEventBus, LocalFailureLimiter, LocalLoginThrottle, LocalRateLimiter, LocalSessionCache,
    },
    maintenance::{KnownReach, Retention},
    ports::{Quotas, RateLimiter},
    transcriptions::UploadRules,
};
use lectern_domain::{
    account::Registration,
    challenge::ChallengeRules,
    mail::MailRules,
    transcription::{AnnouncementRules, LeaseRules},
};

use crate::{
    clock::FakeClock,
    fakes::{
        CollectingAnnouncer, CollectingMailer, CountingRandom, FakeDecoder, FakeProbe, MemoryShelf,
        PlainHasher, PlainSigner, ScriptedRecognizer, SparePart, TextRenderer,
    },
    ids::SequentialIds,
    memory::{MemoryAudioStore, MemoryBackups, MemoryDatabase, MemoryDumps},
};

/// All ports and all rules of the application. Clones share the ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct World {
    /// What is behind [`transactions`](World::transactions) and [`queries`](World::queries). Whatever is written past
    /// them is seen of sessions with a delay, as in production.
    pub database: MemoryDatabase,
    pub session_cache: Arc<LocalSessionCache>,
    pub audio: MemoryAudioStore,
    pub dumps: MemoryDumps,
    pub backups: MemoryBackups,
    pub events: Arc<LocalEventBus>,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<SequentialIds>,
    pub probe: Arc<FakeProbe>,
    pub decoder: Arc<FakeDecoder>,
    pub recognizer: Arc<ScriptedRecognizer>,
    pub hasher: Arc<PlainHasher>,
    pub throttle: Arc<LocalLoginThrottle>,
    pub failures: Arc<LocalFailureLimiter>,
    /// `None`, so that no test runs into a limit unless it is about limits.
    pub rate_limiter: Option<Arc<dyn RateLimiter>>,
    pub signer: Arc<PlainSigner>,
    pub renderer: Arc<TextRenderer>,
    pub random: Arc<CountingRandom>,
    pub mailer: Arc<CollectingMailer>,
    pub announcer: Arc<CollectingAnnouncer>,
    pub shelf: Arc<MemoryShelf>,
    pub spare_part: Arc<SparePart>,
    pub known_reach: Arc<KnownReach>,
    pub registration: Registration,
    pub session_rules: SessionRules,
    pub lease_rules: LeaseRules,
    /// For workers that report by the transcription.
    pub report_rules: LeaseRules,
    pub upload_rules: UploadRules,
    pub retention: Retention,
    pub challenge_rules: ChallengeRules,
    pub mail_rules: MailRules,
    pub announcement_rules: AnnouncementRules,
    /// The most bytes that a recording may have.
    pub max_upload_bytes: u64,
}

impl World {
    /// The issuer of all tokens.
    pub const ISSUER: &str = "https://lectern.example.org";

    /// An empty world under the default rules, at [`START`](crate::clock::START).
    pub fn new() -> Self {
        let clock = Arc::new(FakeClock::default());
        let database = MemoryDatabase::default();
        Self {
            dumps: MemoryDumps::of(database.clone()),
            backups: MemoryBackups::default(),
            database,
            session_cache: Arc::new(LocalSessionCache::new(clock.clone())),
            audio: MemoryAudioStore::new(clock.clone()),
            events: Arc::default(),
            throttle: Arc::new(LocalLoginThrottle::new(clock.clone())),
            failures: Arc::new(LocalFailureLimiter::new(clock.clone())),
            rate_limiter: None,
            clock,
            ids: Arc::default(),
            probe: Arc::default(),
            decoder: Arc::default(),
            recognizer: Arc::default(),
            hasher: Arc::default(),
            signer: Arc::default(),
            renderer: Arc::default(),
            random: Arc::default(),
            mailer: Arc::default(),
            announcer: Arc::default(),
            shelf: Arc::default(),
            spare_part: Arc::default(),
            known_reach: Arc::default(),
            registration: Registration::Open,
            session_rules: SessionRules::default(),
            lease_rules: LeaseRules::default(),
            report_rules: LeaseRules { duration: LeaseRules::BETWEEN_REPORTS, ..LeaseRules::default() },
            upload_rules: UploadRules::default(),
            retention: Retention::default(),
            challenge_rules: ChallengeRules::default(),
            mail_rules: MailRules::default(),
            announcement_rules: AnnouncementRules::default(),
            max_upload_bytes: 1024 * 1024,
        }
    }

    /// A world in which networks have these quotas.
    pub fn with_limits(quotas: Quotas) -> Self {
        let world = Self::new();
        let limiter = LocalRateLimiter::new(world.clock.clone(), quotas);
        Self { rate_limiter: Some(Arc::new(limiter)), ..world }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
