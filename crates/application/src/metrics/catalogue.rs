//! Every metric there is. The sentences are what a scrape says of them.
//!
//! To add one, write it here and count it where it happens; a test demands that nothing here goes unused, and that nothing
//! is counted that isn't here.

use super::{Counter, Definition, Gauge, Histogram, Kind, Label, Values};

/// Seconds that requests and connections take: ten seconds is as long as anything waits here.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// How many seconds of a recording a second of work transcribes.
const FACTORS: &[f64] = &[0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0];

const fn one_of(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values: Values::Closed(values) }
}

const METHOD: Label = one_of("method", &METHODS);
const ROUTE: Label = Label { name: "route", values: Values::Routes };
const STATUS: Label = Label { name: "status", values: Values::Statuses };
const VERSION: Label = Label { name: "version", values: Values::Own };
const PROFILE: Label = one_of("database", &["sqlite", "postgres"]);
const POOL: Label = one_of("pool", &[READERS, WRITER, SHARED]);
const USE: Label = one_of("state", &[IN_USE, IDLE]);
const TIER: Label = one_of("found_in", &[LOCAL, REDIS, DATABASE]);
const CHECKED_BY: Label = one_of("checked_by", &[MEMORY, SIGNATURE]);
const LIMIT: Label =
    one_of("limit", &["log_in", "register", "refresh", "recovery", "upload", "iccem_token", "iccem_refresh"]);
const THROTTLE: Label = one_of("throttle", &[GUESSES, FAILURES]);
const LOGIN: Label =
    one_of("outcome", &["ok", "invalid_credentials", "account_blocked", "too_many_attempts", "error"]);
const REFRESH: Label = one_of(
    "outcome",
    &[ROTATED, REPEATED, "refresh_reused", "session_revoked", "token_expired", "token_invalid", "error"],
);
const REGISTRATION: Label = one_of(
    "outcome",
    &["ok", "registration_closed", "username_taken", "email_taken", "validation_failed", "error"],
);
const MAIL: Label = one_of("outcome", &[SENT, POSTPONED, REFUSED, STALE]);
const ACTIVE: Label = one_of("state", &["queued", "in_progress", "processing_error"]);
const FINISHED: Label =
    one_of("state", &["completed", "completed_partially", "processing_fail", "cancelled"]);
const JOB: Label = one_of("state", &[WAITING, LEASED, RESTING]);
const CHUNK_FAILURE: Label = one_of("cause", &["recording", "recogniser", "time_out", "answer"]);
const PART: Label = one_of("part", &[DATABASE, AUDIO, REDIS, "amqp"]);
const DUTY: Label = one_of("duty", &["purge", "announce_jobs", "backup"]);
const PURGEABLE: Label = one_of(
    "kind",
    &[
        "sessions",
        "audit_events",
        "log_entries",
        "idempotency_keys",
        "challenges",
        "audio",
        "unreferenced_audio",
    ],
);
const BACKUP: Label = one_of("outcome", &[SUCCEEDED, FAILED]);

/// Methods that are told apart. All others are [`OTHER_METHOD`], as anybody may make one up.
pub const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER_METHOD];
/// Any other method.
pub const OTHER_METHOD: &str = "other";
/// Connections of SQLite that read.
pub const READERS: &str = "readers";
/// The connection of SQLite that writes.
pub const WRITER: &str = "writer";
/// Connections to PostgreSQL.
pub const SHARED: &str = "shared";
/// Somebody has it.
pub const IN_USE: &str = "in_use";
/// Nobody has it.
pub const IDLE: &str = "idle";
/// This process remembers it.
pub const LOCAL: &str = "local";
/// Redis.
pub const REDIS: &str = "redis";
/// The database.
pub const DATABASE: &str = "database";
/// The store of recordings.
pub const AUDIO: &str = "audio";
/// It was remembered.
pub const MEMORY: &str = "memory";
/// It was computed.
pub const SIGNATURE: &str = "signature";
pub(crate) const SUCCEEDED: &str = "succeeded";
pub(crate) const FAILED: &str = "failed";
pub(crate) const GUESSES: &str = "guesses";
pub(crate) const FAILURES: &str = "failures";
pub(crate) const ROTATED: &str = "rotated";
pub(crate) const REPEATED: &str = "repeated";
pub(crate) const SENT: &str = "sent";
pub(crate) const POSTPONED: &str = "postponed";
pub(crate) const REFUSED: &str = "refused";
pub(crate) const STALE: &str = "stale";
pub(crate) const WAITING: &str = "waiting";
pub(crate) const LEASED: &str = "leased";
pub(crate) const RESTING: &str = "resting";

macro_rules! catalogue {
    (@kind Counter) => { Kind::Counter };
    (@kind Gauge) => { Kind::Gauge };
    (@kind Histogram $bounds:ident) => { Kind::Histogram($bounds) };
    ($($(#[doc = $help:literal])+
        $constant:ident = $kind:ident$(($bounds:ident))?<$count:literal> $name:literal [$($label:ident),*];)*
    ) => {
        $($(#[doc = $help])+
        pub const $constant: $kind<$count> = {
            let labels: &'static [Label; $count] = &[$($label),*];
            $kind(Definition {
                name: $name,
                kind: catalogue!(@kind $kind $($bounds)?),
                help: concat!($($help),+).trim_ascii(),
                labels,
            })
        };)*

        /// All of them, with the names that they have here.
        pub const ALL: &[(&str, Definition)] = &[$((stringify!($constant), $constant.definition())),*];
    };
}

catalogue! {
    /// Always 1; its labels say which version runs, on which database.
    BUILD = Gauge<2> "lectern_build_info" [VERSION, PROFILE];

    /// Requests that were answered.
    HTTP_REQUESTS = Counter<3> "lectern_http_requests_total" [METHOD, ROUTE, STATUS];
    /// Seconds from a request's head to the head of its answer.
    HTTP_SECONDS = Histogram(SECONDS)<2> "lectern_http_request_duration_seconds" [METHOD, ROUTE];
    /// Requests that are not answered yet.
    HTTP_IN_FLIGHT = Gauge<0> "lectern_http_requests_in_flight" [];
    /// Clients that watch a transcription.
    LISTENERS = Gauge<0> "lectern_event_listeners" [];

    /// Connections to the database that there are.
    CONNECTIONS = Gauge<2> "lectern_database_connections" [POOL, USE];
    /// Connections to the database that there may be at most.
    CONNECTIONS_MAX = Gauge<1> "lectern_database_connections_max" [POOL];
    /// Who waits for a connection to the database.
    CONNECTIONS_AWAITED = Gauge<1> "lectern_database_connections_awaited" [POOL];
    /// Seconds that somebody waited for a connection to the database.
    CONNECTION_WAIT = Histogram(SECONDS)<1> "lectern_database_connection_wait_seconds" [POOL];
    /// Statements that took longer than `LECTERN_SLOW_QUERY_MS`, whether the log shows them or not.
    SLOW_QUERIES = Counter<0> "lectern_slow_queries_total" [];

    /// Sessions that were looked up, by where they were found. Those found in the database were remembered nowhere.
    SESSION_LOOKUPS = Counter<1> "lectern_session_lookups_total" [TIER];
    /// Tokens that were found genuine, by their signature or because that was checked before.
    TOKENS = Counter<1> "lectern_tokens_verified_total" [CHECKED_BY];
    /// Tries to sign in with a password.
    LOGINS = Counter<1> "lectern_logins_total" [LOGIN];
    /// Refresh tokens that were presented. One that was used before (`refresh_reused`) ends its session: somebody has a copy.
    REFRESHES = Counter<1> "lectern_refreshes_total" [REFRESH];
    /// Requests to register; one that was sent again counts again.
    REGISTRATIONS = Counter<1> "lectern_registrations_total" [REGISTRATION];
    /// Requests that were refused because their network had sent too many.
    RATE_LIMITED = Counter<1> "lectern_rate_limited_total" [LIMIT];
    /// Passwords that were not looked at because too many had been wrong: of one network at one login (guesses), or of one
    /// network at all (failures).
    THROTTLED = Counter<1> "lectern_throttled_total" [THROTTLE];
    /// Passwords that wait to be hashed or are being hashed.
    HASHES = Gauge<0> "lectern_password_hashes_pending" [];

    /// Mails that there was an attempt to send, or that were of no use any more (stale).
    MAILS = Counter<1> "lectern_mails_total" [MAIL];
    /// Mails that are not sent yet.
    MAILS_WAITING = Gauge<0> "lectern_mails_waiting" [];

    /// Transcriptions that are not finished.
    TRANSCRIPTIONS = Gauge<1> "lectern_transcriptions_active" [ACTIVE];
    /// Transcriptions that this process finished.
    TRANSCRIPTIONS_FINISHED = Counter<1> "lectern_transcriptions_finished_total" [FINISHED];
    /// Jobs: waiting for a worker, leased to one, or resting after an error.
    JOBS = Gauge<1> "lectern_jobs" [JOB];
    /// Age in seconds of the oldest job that waits for a worker; 0 if none does.
    JOBS_OLDEST = Gauge<0> "lectern_jobs_oldest_waiting_seconds" [];
    /// Jobs that were taken over from a worker that fell silent.
    LEASES_LOST = Counter<0> "lectern_leases_lost_total" [];
    /// Errors of transcriptions, of which the third is the last.
    JOB_ERRORS = Counter<0> "lectern_job_errors_total" [];
    /// Chunks that the worker in this process could not make.
    CHUNK_ERRORS = Counter<1> "lectern_chunk_errors_total" [CHUNK_FAILURE];
    /// Seconds of a recording that the worker in this process transcribed in a second, chunk by chunk. Below 1, it falls
    /// behind.
    REAL_TIME_FACTOR = Histogram(FACTORS)<0> "lectern_transcription_real_time_factor" [];

    /// Whether a part of the service is in reach (1) or not (0).
    PART_UP = Gauge<1> "lectern_part_up" [PART];
    /// Whether this replica does (1) what only one of all should do.
    DUTY_HELD = Gauge<1> "lectern_duty_held" [DUTY];
    /// Lines of the log that found no room on their way to the database.
    LOG_LINES_DROPPED = Counter<0> "lectern_log_lines_dropped_total" [];

    /// What was removed because it had been kept long enough.
    PURGED = Counter<1> "lectern_purged_total" [PURGEABLE];
    /// When the certificate expires that is served, in seconds since 1970-01-01.
    TLS_CERTIFICATE_EXPIRY = Gauge<0> "lectern_tls_certificate_expiry_timestamp_seconds" [];
    /// Backups that were tried.
    BACKUPS = Counter<1> "lectern_backups_total" [BACKUP];
    /// When the last backup that succeeded was made, in seconds since 1970-01-01.
    BACKUP_LAST_SUCCESS = Gauge<0> "lectern_backup_last_success_timestamp_seconds" [];
    /// Bytes of the last backup that succeeded.
    BACKUP_SIZE = Gauge<0> "lectern_backup_size_bytes" [];
}
