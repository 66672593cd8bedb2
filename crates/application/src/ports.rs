//! What the application needs from the world, in the application's words.
//!
//! Ports are object-safe and held as `Arc<dyn Port>`. The documentation of each says what an implementation **MUST**
//! do; each MUST is a function of the contract suites in `lectern-testkit`, which every adapter runs.

mod account_snapshot;
mod announcements;
mod audio;
mod audit_log;
mod backups;
mod challenges;
mod document;
mod dumps;
mod duties;
mod events;
mod gauges;
mod jobs;
mod limits;
mod logs;
mod mail;
mod queries;
mod reach;
mod schema;
mod security;
mod session_cache;
mod shelf;
mod speech;
mod store;
mod system;
mod workload;

#[cfg(feature = "mocks")]
pub use {
    audio::{MockAudioDecoder, MockAudioProbe, MockAudioStore},
    document::MockTranscriptRenderer,
    security::{MockPasswordHasher, MockTokenSigner},
    speech::MockRecognizer,
};

pub use account_snapshot::AccountSnapshot;
pub use announcements::{Announcement, AnnouncerError, JobAnnouncer, LastAnnounced, WaitingJob};
pub use audio::{
    AudioDecoder, AudioProbe, AudioReadError, AudioStore, AudioStoreError, AudioStream, ByteRange,
    ByteStream, LocalFile, Probed, StagedAudio, StagingFile,
};
pub use audit_log::{AuditEntry, AuditFilter};
pub use backups::{BackupDraft, Backups, BackupsError, Manifest, StoredBackup, UnpackedBackup};
pub use challenges::ChallengeStore;
pub use document::{Document, ExportFormat, RenderError, Transcript, TranscriptRenderer};
pub use dumps::{Census, DatabaseKind, DumpError, Dumped, Dumps, RecordingDigest, ScratchDatabase};
pub use duties::{Claim, Duties, Duty, ReplicaId};
pub use events::{EventBus, Watch};
pub use gauges::{Exposition, Gauges};
pub use jobs::{JobSource, JobSourceError, LeasedJob, Pulse};
pub use limits::{FailureLimiter, LimitClass, LoginThrottle, Quotas, RateLimiter};
pub use logs::{LogFilter, LogSink};
pub use mail::{Letter, MailStore, Mailer, MailerError};
pub use queries::{
    AccountFilter, AccountSort, AccountView, Changes, LedgerMismatch, Page, PageRequest, Queries,
    SearchedNames, SessionView, SortOrder, StandingFilter, TranscriptionFilter, TranscriptionView,
};
pub use reach::{Part, Reach};
pub use schema::{MigrationError, MigrationState, MigrationStatus, Schema};
pub use security::{
    AccessClaims, Claims, HashError, PasswordHasher, RefreshClaims, SignError, TokenRejected, TokenSigner,
    Verified,
};
pub use session_cache::{LoadTicket, Lookup, MAX_AGE, SessionCache, Touched, is_fresh};
pub use shelf::{ShelvedRecording, WorkerShelf};
pub use speech::{Recognizer, RecognizerError, Speech, Utterance};
pub use store::{
    AuditStore, Constraint, IdempotencyStore, JobStore, LedgerStore, RoleStore, SaveOutcome, SessionStore,
    StoreError, Transactions, TranscriptionStore, UnitOfWork, UserStore,
};
pub use system::{Clock, Ids, NoRandomBytes, Random};
pub use workload::Workload;

/// The error beneath an error, for the log only.
pub type Source = Box<dyn std::error::Error + Send + Sync>;
