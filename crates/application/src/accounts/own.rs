//! One's own account inside a unit of work, for changes that the session alone is enough for.
//!
//! What the request was let in with is only where it begins: meanwhile somebody may have blocked the account, ended the
//! session, or made its holder an administrator.

use lectern_domain::{
    access::Principal,
    account::{Standing, User},
    surface::Surface,
    time::Timestamp,
};

use crate::{
    Caller,
    auth::with_role,
    ports::{AccountSnapshot, AccountView, StoreError, UnitOfWork},
};

/// A caller as they are inside the unit.
pub(crate) struct Own {
    /// Their account.
    pub(crate) user: User,
    /// What they may do now.
    pub(crate) principal: Principal,
    /// What their session was opened through.
    pub(crate) surface: Surface,
}

impl Own {
    /// Nobody else changes the account from here to the end of the unit. `None` if the session was ended, or the account
    /// can't be used any more.
    pub(crate) async fn of(
        work: &mut dyn UnitOfWork,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(user) = work.user(caller.principal.user).await? else { return Ok(None) };
        let session = work.session(caller.principal.session).await?.filter(|session| session.is_live(now));
        match session {
            Some(session) if user.standing() == Standing::Active => {
                let AccountView { user, role } = with_role(work, user).await?;
                let account = AccountSnapshot::from(AccountView { user: user.clone(), role });
                let surface = session.parts().opened_by;
                Ok(Some(Self { user, principal: account.principal(session.id()), surface }))
            }
            _ => Ok(None),
        }
    }
}
