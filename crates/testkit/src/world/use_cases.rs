//! The use cases, each wired to the world's ports and rules.

use std::sync::Arc;

use lectern_application::{
    accounts::{
        BlockAccount, ChangeByAdminToken, ConfirmEmailVerification, CreateAccount, DeleteAccount,
        DeleteOwnAccount, DeleteOwnAccountBySession, EndSessionsOf, EnsureAdmin, FindAccount, ListAccounts,
        ListAllAccounts, ReadAccount, ReadOwnAccount, ReadOwnAdministrator, ReadOwnProfile, RenameOwnAccount,
        RequestEmailVerification, ResolveNumber, RestoreAccount, SetPassword, SetPermissions, SetRole,
        UnblockAccount, UpdateAccount,
    },
    audit::ListAuditEvents,
    auth::{
        Authenticate, ChangePassword, ChangePasswordByLogin, ConfirmReset, EnterBySecret, ForgotPassword,
        Introspect, LogIn, LogOut, Refresh, Register, ResetPassword, TokenIssuer,
    },
    balance::{AdjustBalance, AdjustOwnBalance, ListOwnLedger, ReadOwnBalance},
    jobs::{
        CompleteJob, FailJob, HeartbeatJob, LeaseJob, OpenJobAudio, ReadStatus, RelayJobs, ReleaseJob,
        ReportStatus, ShelveRecordings, StoreChunk,
    },
    logs::ListLogs,
    mail::DeliverMail,
    maintenance::{CheckReadiness, Examine, MeasureWorkload, Purge},
    ports::{AudioStore, LogSink, Part, Queries, Transactions},
    roles::{CreateRole, DeleteRole, EnsureBuiltInRoles, ListRoles, UpdateRole},
    session_cache::{CachedQueries, CachedTransactions},
    sessions::{FindSurface, ListOwnSessions, RevokeOtherSessions, RevokeOwnSession},
    transcriptions::{
        CancelTranscription, DeleteTranscription, ExportTranscript, ImportTranscript, ListTranscriptions,
        ListenToRecording, ReadChunks, ReadTranscription, RenameTranscription, RetryTranscription,
        StageRecording, SubmitRecording, WatchTranscription,
    },
    worker::{EmbeddedJobs, Worker},
};
use lectern_domain::transcription::WorkerName;

use super::World;

/// A getter for each use case whose fields are the world's ports and rules, found by the name of the field; for rules
/// it is said which.
macro_rules! getters {
    ($($(#[$doc:meta])* $getter:ident: $use_case:ident { $($field:ident $(= $source:ident)?),* })*) => {
        impl World {
            $(
                $(#[$doc])*
                pub fn $getter(&self) -> $use_case {
                    $use_case { $($field: getters!(@ self $field $($source)?),)* }
                }
            )*
        }
    };
    (@ $world:ident transactions) => { $world.transactions() };
    (@ $world:ident queries) => { $world.queries() };
    (@ $world:ident audio) => { $world.audio_store() };
    (@ $world:ident shelve) => { Some($world.shelve_recordings()) };
    (@ $world:ident log) => { $world.log() };
    (@ $world:ident tokens) => { $world.tokens() };
    (@ $world:ident log_in) => { $world.log_in() };
    (@ $world:ident authenticate) => { $world.authenticate() };
    (@ $world:ident read_own_account) => { $world.read_own_account() };
    (@ $world:ident parts) => { $world.parts() };
    (@ $world:ident registration) => { $world.registration };
    (@ $world:ident retention) => { $world.retention };
    (@ $world:ident rules $source:ident) => { $world.$source };
    (@ $world:ident $port:ident) => { $world.$port.clone() };
}

getters! {
    /// Finding an account by what it is called.
    find_account: FindAccount { queries }
    /// Setting somebody's password.
    set_password: SetPassword { transactions, queries, hasher, clock, ids }
    /// What holders of the admin token change.
    change_by_admin_token: ChangeByAdminToken { transactions, queries, hasher, clock, ids }
    /// Making sure of the built-in roles.
    ensure_built_in_roles: EnsureBuiltInRoles { transactions, clock, ids }
    /// Looking whether what is stored is sound.
    examine: Examine { queries, clock }
    /// Signing up.
    register: Register { transactions, queries, hasher, clock, ids, registration }
    /// Signing in.
    log_in: LogIn {
        transactions, queries, hasher, throttle, failures, tokens, clock, ids, rules = session_rules
    }
    /// Signing in through a front end that holds the shared secret.
    enter_by_secret: EnterBySecret { log_in, random }
    /// Reading an access token.
    introspect: Introspect { authenticate }
    /// Signing out.
    log_out: LogOut { transactions, clock, ids }
    /// Changing one's password.
    change_password: ChangePassword { transactions, queries, hasher, throttle, clock, ids }
    /// Changing one's password without being signed in.
    change_password_by_login: ChangePasswordByLogin { transactions, queries, hasher, throttle, clock, ids }
    /// Asking for a way back in without the password.
    forgot_password: ForgotPassword { transactions, events, random, clock, ids, rules = challenge_rules }
    /// Showing the code from the mail.
    confirm_reset: ConfirmReset { transactions, clock }
    /// Replacing a forgotten password.
    reset_password: ResetPassword { transactions, hasher, throttle, clock, ids }
    /// Asking for a code to one's own address.
    request_email_verification: RequestEmailVerification {
        transactions, events, random, clock, ids, rules = challenge_rules
    }
    /// Showing that an address is the account's.
    confirm_email_verification: ConfirmEmailVerification { transactions, clock, ids }
    /// Sending what the outbox holds.
    deliver_mail: DeliverMail { transactions, mailer, events, clock, rules = mail_rules }
    /// Finding out which surface a token is of.
    find_surface: FindSurface { queries, signer }
    /// Where one is signed in.
    list_own_sessions: ListOwnSessions { queries, clock }
    /// Signing out on another device.
    revoke_own_session: RevokeOwnSession { transactions, clock, ids }
    /// Signing out everywhere else.
    revoke_other_sessions: RevokeOtherSessions { transactions, clock, ids }
    /// The first administrator.
    ensure_admin: EnsureAdmin { transactions, queries, hasher, clock, ids }
    /// Reading one's own account.
    read_own_account: ReadOwnAccount { queries }
    /// Reading one's own account once both names are known.
    read_own_profile: ReadOwnProfile { read_own_account }
    /// Reading one's own account if it may do everything.
    read_own_administrator: ReadOwnAdministrator { read_own_account }
    /// Changing one's own names.
    rename_own_account: RenameOwnAccount { transactions, clock }
    /// Deleting one's own account.
    delete_own_account: DeleteOwnAccount { transactions, queries, hasher, throttle, clock, ids }
    /// Deleting one's own account without the password.
    delete_own_account_by_session: DeleteOwnAccountBySession { transactions, clock, ids }
    /// Reading the audit log.
    list_audit_events: ListAuditEvents { queries }
    /// Reading the server's log.
    list_logs: ListLogs { queries }
    /// Changing somebody's balance.
    adjust_balance: AdjustBalance { transactions, clock, ids }
    /// Changing one's own balance.
    adjust_own_balance: AdjustOwnBalance { transactions, clock, ids }
    /// Reading one's own balance.
    read_own_balance: ReadOwnBalance { queries }
    /// Listing the entries of one's own ledger.
    list_own_ledger: ListOwnLedger { queries }
    /// Listing accounts.
    list_accounts: ListAccounts { queries }
    /// Listing accounts all at once.
    list_all_accounts: ListAllAccounts { queries }
    /// Finding out which account has a number.
    resolve_number: ResolveNumber { queries }
    /// Reading one.
    read_account: ReadAccount { queries }
    /// Making an account for somebody else.
    create_account: CreateAccount { transactions, queries, hasher, clock, ids }
    /// Changing somebody else's profile.
    update_account: UpdateAccount { transactions, clock, ids }
    /// Blocking an account.
    block_account: BlockAccount { transactions, clock, ids }
    /// Unblocking it.
    unblock_account: UnblockAccount { transactions, clock, ids }
    /// Deleting somebody else's account.
    delete_account: DeleteAccount { transactions, clock, ids }
    /// Restoring it.
    restore_account: RestoreAccount { transactions, clock, ids }
    /// Giving an account another role.
    set_role: SetRole { transactions, clock, ids }
    /// Giving it permissions of its own.
    set_permissions: SetPermissions { transactions, clock, ids }
    /// Signing somebody else out.
    end_sessions_of: EndSessionsOf { transactions, clock, ids }
    /// Listing roles.
    list_roles: ListRoles { queries }
    /// Making one.
    create_role: CreateRole { transactions, queries, clock, ids }
    /// Changing what it allows.
    update_role: UpdateRole { transactions, clock, ids }
    /// Deleting it.
    delete_role: DeleteRole { transactions, clock, ids }
    /// The second half of an upload.
    submit: SubmitRecording { transactions, queries, audio, probe, events, clock, ids, rules = upload_rules }
    /// Listing transcriptions.
    list: ListTranscriptions { queries }
    /// Reading one.
    read: ReadTranscription { queries }
    /// Reading its chunks.
    read_chunks: ReadChunks { queries }
    /// Exporting its text.
    export: ExportTranscript { transactions, queries, renderer, clock, ids }
    /// Listening to its recording.
    listen: ListenToRecording { queries, audio }
    /// Calling it off.
    cancel: CancelTranscription { transactions, queries, events, clock, ids }
    /// Deleting it.
    delete: DeleteTranscription { transactions, audio, events, clock, ids }
    /// Renaming it.
    rename: RenameTranscription { transactions, queries, events, clock }
    /// Trying it again.
    retry: RetryTranscription { transactions, queries, events, clock }
    /// Watching it.
    watch: WatchTranscription { queries, events, clock }
    /// Taking a job.
    lease_job: LeaseJob { transactions, events, clock, ids, rules = lease_rules }
    /// A worker's sign of life.
    heartbeat_job: HeartbeatJob { transactions, clock, rules = lease_rules }
    /// The recording of a job.
    open_job_audio: OpenJobAudio { transactions, audio, clock }
    /// Storing what was recognised.
    store_chunk: StoreChunk { transactions, events, clock, rules = lease_rules }
    /// A worker's error.
    fail_job: FailJob { transactions, events, clock, rules = lease_rules }
    /// The end of a job.
    complete_job: CompleteJob { transactions, events, clock }
    /// Giving a job back.
    release_job: ReleaseJob { transactions, events, clock }
    /// Announcing jobs.
    relay_jobs: RelayJobs {
        transactions, queries, announcer, shelve, events, clock, rules = announcement_rules
    }
    /// How far a transcription is, by its number.
    read_status: ReadStatus { queries }
    /// What a worker reports that names the transcription.
    report_status: ReportStatus { transactions, queries, events, clock, rules = report_rules }
    /// Removing what is not needed any more.
    purge: Purge { transactions, queries, audio, log, clock, retention }
    /// Whether the service can serve.
    readiness: CheckReadiness { queries, audio, parts, clock, known_reach }
    /// Measuring how much there is to do.
    measure_workload: MeasureWorkload { queries, clock }
}

impl World {
    fn log(&self) -> Arc<dyn LogSink> {
        Arc::new(self.database.clone())
    }

    /// What the service can do without.
    fn parts(&self) -> Vec<Arc<dyn Part>> {
        vec![self.spare_part.clone()]
    }

    /// The database behind the cache, for units of work.
    pub fn transactions(&self) -> Arc<dyn Transactions> {
        let transactions = Arc::new(self.database.clone());
        Arc::new(CachedTransactions { transactions, cache: self.session_cache.clone() })
    }

    /// The database behind the cache, for reads.
    pub fn queries(&self) -> Arc<dyn Queries> {
        let queries = Arc::new(self.database.clone());
        Arc::new(CachedQueries { queries, cache: self.session_cache.clone() })
    }

    /// The audio store.
    pub fn audio_store(&self) -> Arc<dyn AudioStore> {
        Arc::new(self.audio.clone())
    }

    /// Taking in a recording with its transcript.
    pub fn import_transcript(&self) -> ImportTranscript {
        ImportTranscript {
            transactions: self.transactions(),
            audio: self.audio_store(),
            probe: self.probe.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            chunk_size: self.upload_rules.chunk_size,
        }
    }

    /// Making tokens.
    pub fn tokens(&self) -> TokenIssuer {
        TokenIssuer { signer: self.signer.clone(), ids: self.ids.clone(), issuer: Self::ISSUER.to_owned() }
    }

    /// Getting the next pair of tokens.
    pub fn refresh(&self) -> Refresh {
        Refresh {
            transactions: self.transactions(),
            tokens: self.tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            grace: self.session_rules.grace,
        }
    }

    /// The check that every request passes.
    pub fn authenticate(&self) -> Authenticate {
        Authenticate {
            transactions: self.transactions(),
            queries: self.queries(),
            signer: self.signer.clone(),
            clock: self.clock.clone(),
            issuer: Self::ISSUER.to_owned(),
        }
    }

    /// The first half of an upload.
    pub fn stage(&self) -> StageRecording {
        StageRecording {
            queries: self.queries(),
            audio: self.audio_store(),
            max_bytes: self.max_upload_bytes,
        }
    }

    /// The jobs of this world, for a worker in this process.
    pub fn jobs(&self) -> EmbeddedJobs {
        EmbeddedJobs {
            lease: self.lease_job(),
            heartbeat: self.heartbeat_job(),
            open_audio: self.open_job_audio(),
            store_chunk: self.store_chunk(),
            complete: self.complete_job(),
            fail: self.fail_job(),
            release: self.release_job(),
        }
    }

    /// Showing recordings to workers.
    pub fn shelve_recordings(&self) -> ShelveRecordings {
        ShelveRecordings::new(self.queries(), self.shelf.clone())
    }

    /// A worker of that name.
    pub fn worker(&self, name: &str) -> Worker {
        Worker {
            name: WorkerName::parse(name).unwrap(),
            source: Arc::new(self.jobs()),
            decoder: self.decoder.clone(),
            recognizer: self.recognizer.clone(),
        }
    }
}
