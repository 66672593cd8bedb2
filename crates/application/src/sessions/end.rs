//! Ending sessions inside a unit of work.

use lectern_domain::{
    account::UserId,
    session::{EndReason, Session, SessionId},
    time::Timestamp,
};

use crate::ports::{SaveOutcome, StoreError, UnitOfWork};

/// Ends a session, whatever generation it has reached meanwhile.
pub(crate) async fn end_session(
    work: &mut dyn UnitOfWork,
    mut session: Session,
    reason: EndReason,
    at: Timestamp,
) -> Result<Session, StoreError> {
    loop {
        let generation = session.generation();
        let ended = session.end(reason, at);
        if work.save_session(&ended, generation).await? == SaveOutcome::Saved {
            return Ok(ended);
        }
        // A refresh was faster: end what it made of the session.
        match work.session(ended.id()).await? {
            Some(newer) => session = newer,
            None => return Ok(ended),
        }
    }
}

/// Ends all live sessions of an account but `except`, and answers their ids.
pub(crate) async fn end_all(
    work: &mut dyn UnitOfWork,
    user: UserId,
    except: Option<SessionId>,
    reason: EndReason,
    at: Timestamp,
) -> Result<Vec<SessionId>, StoreError> {
    let mut ended = Vec::new();
    for session in work.live_sessions(user, at).await? {
        if Some(session.id()) != except {
            ended.push(end_session(work, session, reason, at).await?.id());
        }
    }
    Ok(ended)
}
