//! The use cases that requests call.

use std::sync::Arc;

use lectern_actix_http::Api;
use lectern_application::{
    accounts::{
        AdminOutcome, BlockAccount, ChangeByAdminToken, ConfirmEmailVerification, CreateAccount,
        DeleteAccount, DeleteOwnAccount, DeleteOwnAccountBySession, EndSessionsOf, EnsureAdmin, ListAccounts,
        ListAllAccounts, ReadAccount, ReadOwnAccount, ReadOwnAdministrator, ReadOwnProfile, RenameOwnAccount,
        RequestEmailVerification, ResolveNumber, RestoreAccount, SetPermissions, SetRole, UnblockAccount,
        UpdateAccount,
    },
    audit::ListAuditEvents,
    auth::{
        Authenticate, ChangePassword, ChangePasswordByLogin, ConfirmReset, EnterBySecret, ForgotPassword,
        Introspect, LogIn, LogOut, Refresh, Register, ResetPassword, TokenIssuer,
    },
    balance::{AdjustBalance, AdjustOwnBalance, ListOwnLedger, ReadOwnBalance},
    jobs::{
        CompleteJob, FailJob, HeartbeatJob, LeaseJob, OpenJobAudio, ReadStatus, ReleaseJob, ReportStatus,
        StoreChunk,
    },
    logs::ListLogs,
    maintenance::CheckReadiness,
    ports::Exposition,
    roles::{CreateRole, DeleteRole, ListRoles, UpdateRole},
    sessions::{FindSurface, ListOwnSessions, RevokeOtherSessions, RevokeOwnSession},
    transcriptions::{
        CancelTranscription, DeleteTranscription, ExportTranscript, ListTranscriptions, ListenToRecording,
        ReadChunks, ReadTranscription, RenameTranscription, RetryTranscription, StageRecording,
        SubmitRecording, WatchTranscription,
    },
    worker::EmbeddedJobs,
};
use lectern_domain::challenge::ChallengeRules;
use lectern_media_adapter::TranscriptFiles;
use lectern_web_console::Console;

use super::Adapters;
use crate::{config::Settings, failure::Failure};

/// A use case out of ports of the same names as its fields, and other fields.
macro_rules! of_ports {
    ($adapters:ident, $use_case:ident { $($port:ident),* $(; $($field:ident: $value:expr),+)? }) => {
        $use_case { $($port: $adapters.$port.clone(),)* $($($field: $value,)+)? }
    };
}

pub(super) use of_ports;

/// All of them. `issuer` is the server's public URL.
#[expect(clippy::too_many_lines, reason = "a line or two for each use case there is")]
pub(crate) fn api(of: &Adapters, settings: &Settings, issuer: &str, metrics: Arc<dyn Exposition>) -> Api {
    let tokens = of_ports!(of, TokenIssuer {
        signer, ids; issuer: issuer.to_owned()
    });
    let EmbeddedJobs { lease, heartbeat, open_audio, store_chunk, complete, fail, release } =
        jobs(of, settings);
    let authenticate =
        of_ports!(of, Authenticate { transactions, queries, signer, clock; issuer: issuer.to_owned() });
    let log_in = of_ports!(of, LogIn {
        transactions, queries, hasher, throttle, failures, clock, ids;
        tokens: tokens.clone(), rules: settings.sessions
    });
    let read_own_account = of_ports!(of, ReadOwnAccount { queries });
    Api {
        enter_by_secret: of_ports!(of, EnterBySecret { random; log_in: log_in.clone() }),
        introspect: Introspect { authenticate: authenticate.clone() },
        authenticate,
        register: of_ports!(of, Register {
            transactions, queries, hasher, clock, ids; registration: settings.registration
        }),
        log_in,
        refresh: of_ports!(of, Refresh {
            transactions, clock, ids; tokens: tokens, grace: settings.sessions.grace
        }),
        log_out: of_ports!(of, LogOut { transactions, clock, ids }),
        change_password: of_ports!(
            of,
            ChangePassword { transactions, queries, hasher, throttle, clock, ids }
        ),
        change_password_by_login: of_ports!(
            of,
            ChangePasswordByLogin { transactions, queries, hasher, throttle, clock, ids }
        ),
        forgot_password: of_ports!(of, ForgotPassword {
            transactions, events, random, clock, ids; rules: ChallengeRules::default()
        }),
        confirm_reset: of_ports!(of, ConfirmReset { transactions, clock }),
        reset_password: of_ports!(of, ResetPassword { transactions, hasher, throttle, clock, ids }),
        request_email_verification: of_ports!(of, RequestEmailVerification {
            transactions, events, random, clock, ids; rules: ChallengeRules::default()
        }),
        confirm_email_verification: of_ports!(of, ConfirmEmailVerification { transactions, clock, ids }),
        find_surface: of_ports!(of, FindSurface { queries, signer }),
        list_own_sessions: of_ports!(of, ListOwnSessions { queries, clock }),
        revoke_own_session: of_ports!(of, RevokeOwnSession { transactions, clock, ids }),
        revoke_other_sessions: of_ports!(of, RevokeOtherSessions { transactions, clock, ids }),
        read_own_account: read_own_account.clone(),
        read_own_profile: ReadOwnProfile { read_own_account: read_own_account.clone() },
        read_own_administrator: ReadOwnAdministrator { read_own_account },
        rename_own_account: of_ports!(of, RenameOwnAccount { transactions, clock }),
        list_audit_events: of_ports!(of, ListAuditEvents { queries }),
        list_logs: of_ports!(of, ListLogs { queries }),
        delete_own_account: of_ports!(
            of,
            DeleteOwnAccount { transactions, queries, hasher, throttle, clock, ids }
        ),
        delete_own_account_by_session: of_ports!(of, DeleteOwnAccountBySession { transactions, clock, ids }),
        adjust_balance: of_ports!(of, AdjustBalance { transactions, clock, ids }),
        adjust_own_balance: of_ports!(of, AdjustOwnBalance { transactions, clock, ids }),
        read_own_balance: of_ports!(of, ReadOwnBalance { queries }),
        list_own_ledger: of_ports!(of, ListOwnLedger { queries }),
        list_accounts: of_ports!(of, ListAccounts { queries }),
        list_all_accounts: of_ports!(of, ListAllAccounts { queries }),
        resolve_number: of_ports!(of, ResolveNumber { queries }),
        read_account: of_ports!(of, ReadAccount { queries }),
        create_account: of_ports!(of, CreateAccount { transactions, queries, hasher, clock, ids }),
        update_account: of_ports!(of, UpdateAccount { transactions, clock, ids }),
        block_account: of_ports!(of, BlockAccount { transactions, clock, ids }),
        change_by_admin_token: of_ports!(
            of,
            ChangeByAdminToken { transactions, queries, hasher, clock, ids }
        ),
        unblock_account: of_ports!(of, UnblockAccount { transactions, clock, ids }),
        delete_account: of_ports!(of, DeleteAccount { transactions, clock, ids }),
        restore_account: of_ports!(of, RestoreAccount { transactions, clock, ids }),
        set_role: of_ports!(of, SetRole { transactions, clock, ids }),
        set_permissions: of_ports!(of, SetPermissions { transactions, clock, ids }),
        end_sessions_of: of_ports!(of, EndSessionsOf { transactions, clock, ids }),
        list_roles: of_ports!(of, ListRoles { queries }),
        create_role: of_ports!(of, CreateRole { transactions, queries, clock, ids }),
        update_role: of_ports!(of, UpdateRole { transactions, clock, ids }),
        delete_role: of_ports!(of, DeleteRole { transactions, clock, ids }),
        stage_recording: of_ports!(of, StageRecording { queries, audio; max_bytes: settings.max_upload_bytes }),
        submit_recording: of_ports!(of, SubmitRecording {
            transactions, queries, audio, events, clock, ids; probe: of.sound.clone(), rules: settings.uploads
        }),
        list_transcriptions: of_ports!(of, ListTranscriptions { queries }),
        read_transcription: of_ports!(of, ReadTranscription { queries }),
        read_chunks: of_ports!(of, ReadChunks { queries }),
        listen_to_recording: of_ports!(of, ListenToRecording { queries, audio }),
        export_transcript: of_ports!(of, ExportTranscript {
            transactions, queries, clock, ids; renderer: Arc::new(TranscriptFiles)
        }),
        watch_transcription: of_ports!(of, WatchTranscription { queries, events, clock }),
        cancel_transcription: of_ports!(
            of,
            CancelTranscription { transactions, queries, events, clock, ids }
        ),
        retry_transcription: of_ports!(of, RetryTranscription { transactions, queries, events, clock }),
        rename_transcription: of_ports!(of, RenameTranscription { transactions, queries, events, clock }),
        delete_transcription: of_ports!(of, DeleteTranscription { transactions, audio, events, clock, ids }),
        lease_job: lease,
        heartbeat_job: heartbeat,
        open_job_audio: open_audio,
        store_chunk,
        complete_job: complete,
        fail_job: fail,
        release_job: release,
        read_status: of_ports!(of, ReadStatus { queries }),
        report_status: of_ports!(of, ReportStatus {
            transactions, queries, events, clock; rules: settings.reports
        }),
        check_readiness: of_ports!(of, CheckReadiness { queries, audio, parts, clock, known_reach }),
        signer: of.signer.clone(),
        metrics,
        rate_limiter: of.rate_limiter.clone(),
    }
}

/// Those of them that pages call.
pub(crate) fn console(api: &Api) -> Console {
    Console {
        authenticate: api.authenticate.clone(),
        read_own_account: api.read_own_account.clone(),
        list_transcriptions: api.list_transcriptions.clone(),
        read_chunks: api.read_chunks.clone(),
        list_own_sessions: api.list_own_sessions.clone(),
    }
}

/// What workers may do, whether they ask over HTTP or in this process.
pub(super) fn jobs(of: &Adapters, settings: &Settings) -> EmbeddedJobs {
    let rules = settings.leases;
    EmbeddedJobs {
        lease: of_ports!(of, LeaseJob { transactions, events, clock, ids; rules: rules }),
        heartbeat: of_ports!(of, HeartbeatJob { transactions, clock; rules: rules }),
        open_audio: of_ports!(of, OpenJobAudio { transactions, audio, clock }),
        store_chunk: of_ports!(of, StoreChunk { transactions, events, clock; rules: rules }),
        complete: of_ports!(of, CompleteJob { transactions, events, clock }),
        fail: of_ports!(of, FailJob { transactions, events, clock; rules: rules }),
        release: of_ports!(of, ReleaseJob { transactions, events, clock }),
    }
}

/// Makes the administrator that the settings name, if they name one.
pub(crate) async fn ensure_admin(of: &Adapters, settings: &Settings) -> Result<(), Failure> {
    let Some(input) = settings.admin.clone() else { return Ok(()) };
    let ensure = of_ports!(of, EnsureAdmin { transactions, queries, hasher, clock, ids });
    match ensure.execute(input).await {
        Ok(AdminOutcome::Created) => tracing::info!("made the administrator's account"),
        Ok(AdminOutcome::Existed) => tracing::debug!("the administrator's account is there already"),
        Err(error) => return Err(Failure::operation("can't make the administrator's account").because(error)),
    }
    Ok(())
}
