//! What the composition root hands in: the use cases, and the settings of the transport.

use std::{path::PathBuf, sync::Arc};

use lectern_application::{
    accounts::{
        BlockAccount, ChangeByAdminToken, ConfirmEmailVerification, CreateAccount, DeleteAccount,
        DeleteOwnAccount, DeleteOwnAccountBySession, EndSessionsOf, ListAccounts, ListAllAccounts,
        ReadAccount, ReadOwnAccount, ReadOwnAdministrator, ReadOwnProfile, RenameOwnAccount,
        RequestEmailVerification, ResolveNumber, RestoreAccount, SetPermissions, SetRole, UnblockAccount,
        UpdateAccount,
    },
    audit::ListAuditEvents,
    auth::{
        Authenticate, ChangePassword, ChangePasswordByLogin, ConfirmReset, EnterBySecret, ForgotPassword,
        Introspect, LogIn, LogOut, Refresh, Register, ResetPassword,
    },
    balance::{AdjustBalance, AdjustOwnBalance, ListOwnLedger, ReadOwnBalance},
    jobs::{
        CompleteJob, FailJob, HeartbeatJob, LeaseJob, OpenJobAudio, ReadStatus, ReleaseJob, ReportStatus,
        StoreChunk,
    },
    logs::ListLogs,
    maintenance::CheckReadiness,
    ports::{Exposition, RateLimiter, TokenSigner},
    roles::{CreateRole, DeleteRole, ListRoles, UpdateRole},
    sessions::{FindSurface, ListOwnSessions, RevokeOtherSessions, RevokeOwnSession},
    transcriptions::{
        CancelTranscription, DeleteTranscription, ExportTranscript, ListTranscriptions, ListenToRecording,
        ReadChunks, ReadTranscription, RenameTranscription, RetryTranscription, StageRecording,
        SubmitRecording, WatchTranscription,
    },
};
use lectern_domain::{access::RoleName, account::PasswordPolicy, surface::Surface};
use secrecy::SecretString;

use crate::{
    connections::ConnectionLimits,
    cors::CrossOrigin,
    extract::{Networks, TrustedProxies},
    tls::ServedCertificate,
};

/// Every use case that a route calls.
#[expect(missing_docs, reason = "fields are the use cases, described at their types")]
pub struct Api {
    pub authenticate: Authenticate,
    pub register: Register,
    pub log_in: LogIn,
    pub refresh: Refresh,
    pub find_surface: FindSurface,
    pub enter_by_secret: EnterBySecret,
    pub introspect: Introspect,
    pub log_out: LogOut,
    pub change_password: ChangePassword,
    pub change_password_by_login: ChangePasswordByLogin,
    pub forgot_password: ForgotPassword,
    pub confirm_reset: ConfirmReset,
    pub reset_password: ResetPassword,
    pub request_email_verification: RequestEmailVerification,
    pub confirm_email_verification: ConfirmEmailVerification,
    pub list_own_sessions: ListOwnSessions,
    pub revoke_own_session: RevokeOwnSession,
    pub revoke_other_sessions: RevokeOtherSessions,
    pub read_own_account: ReadOwnAccount,
    pub read_own_profile: ReadOwnProfile,
    pub read_own_administrator: ReadOwnAdministrator,
    pub rename_own_account: RenameOwnAccount,
    pub delete_own_account: DeleteOwnAccount,
    pub delete_own_account_by_session: DeleteOwnAccountBySession,
    pub list_audit_events: ListAuditEvents,
    pub list_logs: ListLogs,
    pub adjust_balance: AdjustBalance,
    pub adjust_own_balance: AdjustOwnBalance,
    pub read_own_balance: ReadOwnBalance,
    pub list_own_ledger: ListOwnLedger,
    pub list_accounts: ListAccounts,
    pub list_all_accounts: ListAllAccounts,
    pub resolve_number: ResolveNumber,
    pub read_account: ReadAccount,
    pub create_account: CreateAccount,
    pub update_account: UpdateAccount,
    pub block_account: BlockAccount,
    pub change_by_admin_token: ChangeByAdminToken,
    pub unblock_account: UnblockAccount,
    pub delete_account: DeleteAccount,
    pub restore_account: RestoreAccount,
    pub set_role: SetRole,
    pub set_permissions: SetPermissions,
    pub end_sessions_of: EndSessionsOf,
    pub list_roles: ListRoles,
    pub create_role: CreateRole,
    pub update_role: UpdateRole,
    pub delete_role: DeleteRole,
    pub stage_recording: StageRecording,
    pub submit_recording: SubmitRecording,
    pub list_transcriptions: ListTranscriptions,
    pub read_transcription: ReadTranscription,
    pub read_chunks: ReadChunks,
    pub listen_to_recording: ListenToRecording,
    pub export_transcript: ExportTranscript,
    pub watch_transcription: WatchTranscription,
    pub cancel_transcription: CancelTranscription,
    pub retry_transcription: RetryTranscription,
    pub rename_transcription: RenameTranscription,
    pub delete_transcription: DeleteTranscription,
    pub lease_job: LeaseJob,
    pub heartbeat_job: HeartbeatJob,
    pub open_job_audio: OpenJobAudio,
    pub store_chunk: StoreChunk,
    pub complete_job: CompleteJob,
    pub fail_job: FailJob,
    pub release_job: ReleaseJob,
    pub read_status: ReadStatus,
    pub report_status: ReportStatus,
    pub check_readiness: CheckReadiness,
    pub signer: Arc<dyn TokenSigner>,
    /// What was counted and measured.
    pub metrics: Arc<dyn Exposition>,
    /// `None`: requests are not limited, and no answer says anything about limits.
    pub rate_limiter: Option<Arc<dyn RateLimiter>>,
}

/// How the transport behaves.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// What workers present as `Authorization: Bearer`.
    pub worker_token: SecretString,
    /// What whoever collects metrics presents as `Authorization: Bearer`. `None`: everybody may read them.
    pub metrics_token: Option<SecretString>,
    /// Who may read the documentation pages, by HTTP Basic.
    pub docs_user: String,
    /// With which password.
    pub docs_password: SecretString,
    /// Whether cookies are marked `Secure`: when the public URL is https.
    pub secure_cookies: bool,
    /// Threads that serve requests.
    pub threads: usize,
    /// How many connections there may be, and how long clients are waited for.
    pub connections: ConnectionLimits,
    /// The reverse proxies that may say where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Whose pages, besides our own, may call the API.
    pub cross_origin: CrossOrigin,
    /// Where the code's documentation is, if it is built.
    pub code_docs: PathBuf,
    /// The classic dialects that are spoken.
    pub dialects: Vec<Surface>,
    /// What lazy-lecture's administrators present as `secret_admin_token`.
    pub admin_token: SecretString,
    /// What only iccem's clients need.
    pub iccem: IccemSettings,
    /// The networks that katkru's routes for servers are open to.
    pub katkru_allowed: Networks,
    /// What TLS is spoken with. `None`: it is not, but something before the server does.
    pub certificate: Option<Arc<ServedCertificate>>,
}

/// What iccem's clients rely on.
#[derive(Debug, Clone)]
pub struct IccemSettings {
    /// The secret that all of its front ends share; they present its SHA-256.
    pub secret: SecretString,
    /// The roles that may be asked for with it.
    pub grantable_roles: Vec<RoleName>,
    /// What is asked of passwords.
    pub passwords: PasswordPolicy,
}
