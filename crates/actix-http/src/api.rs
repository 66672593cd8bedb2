//! What the composition root hands in: the use cases, and the settings of the transport.

use std::sync::Arc;

use lectern_application::{
    accounts::{
        ConfirmEmailVerification, DeleteOwnAccount, ReadOwnAccount, RenameOwnAccount,
        RequestEmailVerification,
    },
    auth::{
        Authenticate, ChangePassword, ConfirmReset, ForgotPassword, LogIn, LogOut, Refresh, Register,
        ResetPassword,
    },
    jobs::{CompleteJob, FailJob, HeartbeatJob, LeaseJob, OpenJobAudio, ReleaseJob, StoreChunk},
    maintenance::CheckReadiness,
    ports::TokenSigner,
    sessions::{ListOwnSessions, RevokeOtherSessions, RevokeOwnSession},
    transcriptions::{
        CancelTranscription, DeleteTranscription, ExportTranscript, ListTranscriptions, ListenToRecording,
        ReadChunks, ReadTranscription, RenameTranscription, RetryTranscription, StageRecording,
        SubmitRecording, WatchTranscription,
    },
};
use secrecy::SecretString;

/// Every use case that a route calls.
#[expect(missing_docs, reason = "fields are the use cases, described at their types")]
pub struct Api {
    pub authenticate: Authenticate,
    pub register: Register,
    pub log_in: LogIn,
    pub refresh: Refresh,
    pub log_out: LogOut,
    pub change_password: ChangePassword,
    pub forgot_password: ForgotPassword,
    pub confirm_reset: ConfirmReset,
    pub reset_password: ResetPassword,
    pub request_email_verification: RequestEmailVerification,
    pub confirm_email_verification: ConfirmEmailVerification,
    pub list_own_sessions: ListOwnSessions,
    pub revoke_own_session: RevokeOwnSession,
    pub revoke_other_sessions: RevokeOtherSessions,
    pub read_own_account: ReadOwnAccount,
    pub rename_own_account: RenameOwnAccount,
    pub delete_own_account: DeleteOwnAccount,
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
    pub check_readiness: CheckReadiness,
    pub signer: Arc<dyn TokenSigner>,
}

/// How the transport behaves.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// What workers present as `Authorization: Bearer`.
    pub worker_token: SecretString,
    /// Who may read the documentation pages, by HTTP Basic.
    pub docs_user: String,
    /// With which password.
    pub docs_password: SecretString,
    /// Whether cookies are marked `Secure`: when the public URL is https.
    pub secure_cookies: bool,
    /// Threads that serve requests.
    pub threads: usize,
}
