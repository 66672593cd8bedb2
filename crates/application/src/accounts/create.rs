//! Making an account for somebody else.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionDenied, RoleName},
    account::{NewUser, PasswordHash, UserId},
    audit::AuditKind,
    time::Timestamp,
};

use super::acting;
use crate::{
    Caller,
    auth::{RegisterError, RegisterInput},
    error::use_case_error,
    ports::{AccountView, Clock, HashError, Ids, PasswordHasher, StoreError, Transactions},
};

/// Makes an account for somebody else, under the rules of signing up, however registration is set. Needs
/// `users.create`, and to give it another role than `user`, `users.grant` and all that the role allows.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CreateAccount {
    pub transactions: Arc<dyn Transactions>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// The account to be.
#[derive(Debug, Clone)]
pub struct CreateAccountInput {
    /// Names and password.
    pub account: RegisterInput,
    /// Its role; `user` if none is named.
    pub role: Option<RoleName>,
    /// Whether it may upload and change things.
    pub can_interact: bool,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The caller was signed out since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// There is no role of that name.
    #[error("there is no such role")]
    UnknownRole,
    /// Nobody could have signed up so either.
    #[error(transparent)]
    Account(#[from] RegisterError),
}

use_case_error!(CreateAccountError {
    Revoked => Unauthenticated, "session_revoked";
    UnknownRole => Invalid, "validation_failed", "role";
    ..Denied, Account
});

impl From<StoreError> for CreateAccountError {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

impl From<HashError> for CreateAccountError {
    fn from(error: HashError) -> Self {
        Self::Account(error.into())
    }
}

impl CreateAccount {
    /// Makes it.
    pub async fn execute(
        &self,
        caller: &Caller,
        input: CreateAccountInput,
    ) -> Result<AccountView, CreateAccountError> {
        caller.principal.require(&Permission::USERS_CREATE)?;
        if input.role.is_some() {
            caller.principal.require(&Permission::USERS_GRANT)?;
        }
        input.account.check()?;
        let password_hash = self.hasher.hash(input.account.password.clone()).await?;

        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let principal = acting(&mut *work, caller, now).await?.ok_or(CreateAccountError::Revoked)?;
        principal.require(&Permission::USERS_CREATE)?;
        let name = input.role.clone().unwrap_or(RoleName::USER);
        let role = work.role(&name).await?.ok_or(CreateAccountError::UnknownRole)?;
        if input.role.is_some() {
            principal.require(&Permission::USERS_GRANT)?;
            principal.may_grant(&role.permissions)?;
        }
        let user = work.insert_user(self.new_user(input, name, password_hash, now)).await?;
        work.record(&caller.event(&*self.ids, now, AuditKind::AccountCreated, user.id())).await?;
        work.commit().await?;
        Ok(AccountView { user, role })
    }

    fn new_user(
        &self,
        input: CreateAccountInput,
        role: RoleName,
        password_hash: PasswordHash,
        created_at: Timestamp,
    ) -> NewUser {
        let CreateAccountInput { account, can_interact, .. } = input;
        let RegisterInput { username, email, first_name, last_name, .. } = account;
        let id = UserId(self.ids.next());
        NewUser { id, username, email, first_name, last_name, password_hash, role, can_interact, created_at }
    }
}
