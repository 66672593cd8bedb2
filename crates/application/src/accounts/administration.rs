//! Acting on others' accounts: who may, and what all such changes have in common.
//!
//! What the request was let in with is only where it begins. Inside the unit the caller is looked at again, because
//! meanwhile somebody may have blocked them or taken their rights: of two administrators who demote each other at once,
//! one is too late.

use lectern_domain::{
    access::{Authority, Permission, PermissionDenied, Principal, RoleName, TooManyPermissions},
    account::{AccountError, IsDeleted, PasswordHash, Standing, User, UserId},
    audit::AuditKind,
    challenge::Purpose,
    session::EndReason,
    time::Timestamp,
};

use super::Own;
use crate::{
    Actor, Caller,
    auth::with_role,
    error::use_case_error,
    ports::{AccountView, Constraint, Ids, StoreError, Transactions, UnitOfWork},
    sessions::end_all,
};

/// Why an account is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The caller was signed out since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// Nobody could let anybody in again.
    #[error("this is the last administrator; make another one first")]
    LastAdmin,
    /// Nobody locks themselves out by mistake.
    #[error("this is your own account; delete it under '/v1/me', or ask another administrator")]
    OwnAccount,
    /// It is deleted.
    #[error(transparent)]
    Deleted(IsDeleted),
    /// It would have no name to sign in with.
    #[error(transparent)]
    Nameless(AccountError),
    /// Somebody has that user name.
    #[error("this user name is taken")]
    UsernameTaken,
    /// Somebody has that e-mail address.
    #[error("an account with this e-mail address exists already")]
    EmailTaken,
    /// There is no role of that name.
    #[error("there is no such role")]
    UnknownRole,
    /// It would hold more permissions than tokens can carry.
    #[error("the permissions of an account {0}")]
    TooMany(TooManyPermissions),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

use_case_error!(AdministerError {
    NotFound => NotFound, "account_not_found";
    Revoked => Unauthenticated, "session_revoked";
    LastAdmin => Conflict, "last_admin";
    OwnAccount => Conflict, "own_account";
    Deleted => Conflict, "account_deleted";
    Nameless => Invalid, "validation_failed", "username";
    UsernameTaken => Conflict, "username_taken", "username";
    EmailTaken => Conflict, "email_taken", "email";
    UnknownRole => Invalid, "validation_failed", "role";
    TooMany => Invalid, "validation_failed", "permissions";
    ..Denied, Store
});

impl From<StoreError> for AdministerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint: Constraint::Username } => Self::UsernameTaken,
            StoreError::Conflict { constraint: Constraint::Email } => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// A change of an account under way, by somebody who may make it.
pub(super) struct Administration<'a> {
    by: Actor<'a>,
    pub(super) work: Box<dyn UnitOfWork>,
    /// What whoever makes it may do now.
    pub(super) authority: Authority,
    /// The account as it is.
    pub(super) account: AccountView,
    pub(super) now: Timestamp,
}

impl<'a> Administration<'a> {
    /// Begins a unit in which somebody, who has to hold all of `needed`, acts on the account `id`.
    pub(super) async fn begin(
        transactions: &dyn Transactions,
        by: Actor<'a>,
        needed: &[Permission],
        id: UserId,
        now: Timestamp,
    ) -> Result<Self, AdministerError> {
        needed.iter().try_for_each(|permission| by.require(permission))?;
        let mut work = transactions.begin().await?;
        // In the order of their ids, so that two who act on each other never wait for each other.
        let early = match by.account() {
            Some(own) if id < own => work.user(id).await?,
            Some(_) | None => None,
        };
        let authority = by.authority(&mut *work, now).await?.ok_or(AdministerError::Revoked)?;
        needed.iter().try_for_each(|permission| authority.require(permission))?;
        let user = match early {
            Some(user) => user,
            None => work.user(id).await?.ok_or(AdministerError::NotFound)?,
        };
        let account = with_role(&mut *work, user).await?;
        authority.may_act_on(id, &account.rights())?;
        Ok(Self { by, work, authority, account, now })
    }

    /// Fails where the account could not be done without: the last administrator's, and the caller's own.
    pub(super) async fn check_dispensable(&mut self) -> Result<(), AdministerError> {
        self.check_not_last_admin().await?;
        let is_own = self.authority.account() == Some(self.account.user.id());
        if is_own { Err(AdministerError::OwnAccount) } else { Ok(()) }
    }

    /// Fails for the account of the last administrator.
    pub(super) async fn check_not_last_admin(&mut self) -> Result<(), AdministerError> {
        if is_last_admin(&mut *self.work, &self.account.user).await? {
            return Err(AdministerError::LastAdmin);
        }
        Ok(())
    }

    /// The account, which must not be deleted, with another password: its sessions end, and so do its ways back in.
    pub(super) async fn with_password(&mut self, hash: PasswordHash) -> Result<User, AdministerError> {
        let user = self.account.user.clone();
        if matches!(user.standing(), Standing::Deleted { .. }) {
            return Err(AdministerError::Deleted(IsDeleted));
        }
        end_all(&mut *self.work, user.id(), None, EndReason::Revoked, self.now).await?;
        self.work.remove_challenges(user.id(), Purpose::PasswordReset).await?;
        Ok(user.with_password(hash, self.now))
    }

    /// Saves what became of the account, together with what is to be said of it in the audit log.
    pub(super) async fn finish(
        self,
        ids: &dyn Ids,
        user: User,
        kind: AuditKind,
    ) -> Result<AccountView, AdministerError> {
        self.finish_saying(ids, user, vec![kind]).await
    }

    /// The same where there is more than one thing to say.
    pub(super) async fn finish_saying(
        mut self,
        ids: &dyn Ids,
        user: User,
        kinds: Vec<AuditKind>,
    ) -> Result<AccountView, AdministerError> {
        self.work.save_user(&user).await?;
        let account = with_role(&mut *self.work, user).await?;
        for kind in kinds {
            let event = self.by.event(ids, self.now, kind, account.user.id());
            self.work.record(&event).await?;
        }
        self.work.commit().await?;
        Ok(account)
    }
}

/// The caller as they are inside the unit; `None` if their session was ended, or their account can't be used any more.
pub(crate) async fn acting(
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    now: Timestamp,
) -> Result<Option<Principal>, StoreError> {
    Ok(Own::of(work, caller, now).await?.map(|own| own.principal))
}

/// Whether nobody would be left who may do everything, if this account could not be used any more.
pub(super) async fn is_last_admin(work: &mut dyn UnitOfWork, user: &User) -> Result<bool, StoreError> {
    let is_admin = user.parts().role == RoleName::ADMIN && user.standing() == Standing::Active;
    Ok(is_admin && work.count_active_users(&RoleName::ADMIN).await? <= 1)
}
