//! What is asked of a database over SQL, so that its adapter's tests can look at every statement there is.

use lectern_application::ports::{LogFilter, TranscriptionFilter, UnitOfWork};
use lectern_domain::{
    access::{PermissionSet, Role, RoleName},
    account::{EmailAddress, Login, UserId},
    audit::AuditKind,
    challenge::{Challenge, ChallengeRules, ChallengeToken, Code, Purpose},
    idempotency::{KeyOwner, Operation},
    log::{LogLevel, LogText},
    mail::{Mail, MailContent, MailId},
    session::Generation,
    throttling::Network,
    transcription::{Job, LeaseId},
};
use uuid::Uuid;

use crate::build;

/// Calls every method of a unit of work that reads, changes or removes.
pub async fn use_all_of(work: &mut dyn UnitOfWork) {
    let now = build::at(0);
    let user = work.insert_user(build::user("ada").email("ada@example.org").build()).await.unwrap();
    let session = build::session(user.id()).build();
    work.insert_session(&session).await.unwrap();
    let transcription = work.insert_transcription(build::transcription(user.id()).build()).await.unwrap();
    let id = transcription.id();

    work.user(user.id()).await.unwrap();
    work.user_by_login(&Login::parse("ada").unwrap()).await.unwrap();
    work.user_by_login(&Login::parse("ada@example.org").unwrap()).await.unwrap();
    work.save_user(&user).await.unwrap();
    work.count_active_users(&RoleName::ADMIN).await.unwrap();
    work.role(&RoleName::USER).await.unwrap();
    let janitor = Role::custom(RoleName::parse("janitor").unwrap(), PermissionSet::default()).unwrap();
    work.insert_role(&janitor).await.unwrap();
    work.save_role(&janitor).await.unwrap();
    work.count_users(&janitor.name).await.unwrap();
    work.raise_epochs(&janitor.name).await.unwrap();
    work.delete_role(&janitor.name).await.unwrap();
    work.session(session.id()).await.unwrap();
    work.save_session(&session, Generation::FIRST).await.unwrap();
    work.live_sessions(user.id(), now).await.unwrap();
    work.purge_sessions(now, 10).await.unwrap();
    work.transcription(id).await.unwrap();
    work.active_transcription(user.id()).await.unwrap();
    work.save_transcription(&transcription).await.unwrap();
    work.put_chunk(id, &build::chunk(0, "text").build(), 1).await.unwrap();
    work.chunk_numbers(id).await.unwrap();
    work.count_transcriptions(user.id()).await.unwrap();
    work.oldest_finished(user.id()).await.unwrap();
    work.finished_with_audio(now, 10).await.unwrap();
    work.put_job(&Job::enqueue(id, now)).await.unwrap();
    work.job(id).await.unwrap();
    work.leased_job(LeaseId(Uuid::nil())).await.unwrap();
    work.next_available_job(now).await.unwrap();
    work.remove_job(id).await.unwrap();
    work.delete_transcription(id).await.unwrap();
    let entry = build::ledger_entry(user.id(), 1, 1).key("k").build();
    work.insert_entry(&entry).await.unwrap();
    work.entry_by_key(user.id(), entry.parts().idempotency_key.as_ref().unwrap()).await.unwrap();
    let register = build::key_use(KeyOwner::Anybody, Operation::Register, "k");
    work.insert_key(&build::key_record(register.clone(), now)).await.unwrap();
    work.remove_key(&register).await.unwrap();
    work.purge_keys(now, 10).await.unwrap();
    work.record(&build::audit_event(AuditKind::SignedUp, now)).await.unwrap();
    work.purge_audit(now, 10).await.unwrap();
    let challenge = challenge(user.id());
    work.insert_challenge(&challenge).await.unwrap();
    work.challenge(challenge.parts().id).await.unwrap();
    work.save_challenge(&challenge).await.unwrap();
    work.live_challenges(Purpose::PasswordReset, &challenge.parts().address, now).await.unwrap();
    work.remove_challenges(user.id(), Purpose::PasswordReset).await.unwrap();
    work.purge_challenges(now, 10).await.unwrap();
    let mail = MailContent::PasswordReset { code: Code::new([0; 8]) };
    let mail = Mail::new(MailId(Uuid::nil()), None, mail, now, now);
    work.put_mail(&mail).await.unwrap();
    work.mail(mail.id()).await.unwrap();
    work.next_due_mail(now).await.unwrap();
    work.remove_mail(mail.id()).await.unwrap();
}

/// Every filter of the log that an index is for.
pub fn log_filters() -> [LogFilter; 6] {
    let all = LogFilter::default;
    [
        LogFilter { level: Some(LogLevel::Warn), ..all() },
        LogFilter { level: Some(LogLevel::Error), ..all() },
        LogFilter { since: Some(build::at(1)), until: Some(build::at(2)), ..all() },
        LogFilter { request_id: Some(Uuid::from_u128(1)), ..all() },
        LogFilter { route: Some(LogText::cut("/v1/me")), ..all() },
        LogFilter { status: Some(500), ..all() },
    ]
}

/// All that is somebody's.
pub fn everything_of(owner: UserId) -> TranscriptionFilter {
    TranscriptionFilter { owner, state: None, search: None }
}

fn challenge(account: UserId) -> Challenge {
    let (token, code) = (ChallengeToken::new([0; 32]), Code::new([0; 8]));
    let address = EmailAddress::parse("ada@example.org").unwrap();
    let (purpose, network) = (Purpose::PasswordReset, Network::of(None));
    let (at, rules) = (build::at(0), ChallengeRules::default());
    Challenge::new(purpose, Some(account), &address, network, &token, &code, at, rules)
}
