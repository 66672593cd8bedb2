//! Accounts and their sessions.

use async_trait::async_trait;
use lectern_application::ports::{Constraint, SaveOutcome, SessionStore, StoreError, UserStore};
use lectern_domain::{
    access::RoleName,
    account::{Login, NewUser, Standing, User, UserId, UserNumber},
    session::{Device, Generation, Session, SessionId, SessionParts},
    time::Timestamp,
};

use super::MemoryUnitOfWork;
use crate::memory::tables::{Tables, no_such_row};

#[async_trait]
impl UserStore for MemoryUnitOfWork {
    async fn insert_user(&mut self, user: NewUser) -> Result<User, StoreError> {
        self.call(|tables| {
            if tables.users.contains_key(&user.id) {
                return Err(StoreError::Conflict { constraint: Constraint::UserId });
            }
            tables.last_user_number += 1;
            let number = UserNumber(tables.last_user_number);
            let user = user.numbered(number).map_err(|error| StoreError::Backend { source: error.into() })?;
            tables.put_user(user.clone())?;
            Ok(user)
        })
    }

    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(|tables| tables.users.get(&id).cloned())
    }

    async fn user_by_login(&mut self, login: &Login) -> Result<Option<User>, StoreError> {
        self.read(|tables| tables.user_by_login(login).cloned())
    }

    async fn save_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.call(|tables| {
            if !tables.users.contains_key(&user.id()) {
                return Err(no_such_row("users"));
            }
            tables.put_user(user.clone())
        })
    }

    async fn count_active_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.read(|tables| {
            let active = |user: &&User| user.parts().role == *role && user.standing() == Standing::Active;
            u32::try_from(tables.users.values().filter(active).count()).unwrap_or(u32::MAX)
        })
    }
}

#[async_trait]
impl SessionStore for MemoryUnitOfWork {
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        self.call(|tables| {
            Tables::check_new(&tables.sessions, &session.id(), "sessions.id")?;
            Tables::check_reference(&tables.users, &session.parts().user, "sessions.user_id")?;
            tables.sessions.insert(session.id(), session.clone());
            Ok(())
        })
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.read(|tables| tables.sessions.get(&id).cloned())
    }

    async fn save_session(
        &mut self,
        session: &Session,
        expected: Generation,
    ) -> Result<SaveOutcome, StoreError> {
        self.call(|tables| {
            let stored = tables.sessions.get_mut(&session.id());
            let Some(stored) = stored.filter(|stored| stored.generation() == expected) else {
                return Ok(SaveOutcome::Stale);
            };
            let parts = stored.parts();
            *stored = Session::from_parts(SessionParts {
                user: parts.user,
                device: Device { user_agent: parts.device.user_agent.clone(), ..session.parts().device },
                ..session.parts().clone()
            });
            Ok(SaveOutcome::Saved)
        })
    }

    async fn live_sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.read(|tables| tables.live_sessions(user, now))
    }

    async fn purge_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.purge(limit, |tables, limit| {
            let over = |session: &Session| {
                let parts = session.parts();
                parts.expires_at < before || parts.ended.is_some_and(|(at, _)| at < before)
            };
            let sessions = tables.sessions.iter();
            let due: Vec<SessionId> =
                sessions.filter(|(_, session)| over(session)).map(|(id, _)| *id).take(limit).collect();
            for id in &due {
                tables.sessions.remove(id);
            }
            due.len()
        })
    }
}
