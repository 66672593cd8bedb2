//! Making an account for somebody else.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionDenied, PermissionSet, RoleName, RolePermissions, TooManyPermissions},
    account::{NewUser, PasswordHash, UserId},
    audit::AuditKind,
    idempotency::{Created, KeyOwner, KeyUse, Operation},
    time::Timestamp,
};

use crate::{
    Actor, IdempotencyError,
    auth::{
        RegisterError, RegisterInput,
        register::{MadeBefore, fingerprint},
    },
    error::use_case_error,
    idempotency::{Claim, Idempotent},
    ports::{AccountView, Clock, HashError, Ids, PasswordHasher, Queries, StoreError, Transactions},
    retry::again_if_contended,
};

/// Makes an account for somebody else, under the rules of signing up, however registration is set. Needs
/// `users.create`; to give it another role than `user`, `users.grant` and all that the role allows; and to give it
/// permissions of its own, `users.grant` and all of them.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CreateAccount {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
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
    /// What it may do besides what its role allows.
    pub permissions: PermissionSet,
    /// Whether it may upload and change things.
    pub can_interact: bool,
}

impl CreateAccountInput {
    /// Whether it gives rights beyond those that everybody gets.
    fn grants(&self) -> bool {
        self.role.is_some() || self.permissions != PermissionSet::default()
    }
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
    /// It would hold more permissions than tokens can carry.
    #[error("the permissions of an account {0}")]
    TooMany(#[from] TooManyPermissions),
    /// Nobody could have signed up so either.
    #[error(transparent)]
    Account(#[from] RegisterError),
}

use_case_error!(CreateAccountError {
    Revoked => Unauthenticated, "session_revoked";
    UnknownRole => Invalid, "validation_failed", "role";
    TooMany => Invalid, "validation_failed", "permissions";
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

impl From<IdempotencyError> for CreateAccountError {
    fn from(error: IdempotencyError) -> Self {
        Self::Account(error.into())
    }
}

impl CreateAccount {
    /// Makes it, or answers the one that the same request made before. Only a caller's key counts: a command that is
    /// given twice is two commands.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        input: CreateAccountInput,
    ) -> Result<AccountView, CreateAccountError> {
        let by = by.into();
        by.require(&Permission::USERS_CREATE)?;
        if input.grants() {
            by.require(&Permission::USERS_GRANT)?;
        }
        input.account.check()?;
        input.permissions.clone().grantable()?;
        let key = input.account.idempotency_key.clone();
        let owner = by.account().map(KeyOwner::Account);
        let used = key.zip(owner).map(|(key, owner)| KeyUse { owner, operation: Operation::CreateUser, key });
        let fingerprint = fingerprint(&input.account)
            .text(input.role.as_ref().map(RoleName::as_str))
            .part(Some(&[u8::from(input.can_interact)]));
        let permissions = input.permissions.iter().map(Permission::as_str);
        let fingerprint = permissions.fold(fingerprint, |all, name| all.text(Some(name)));
        let asked = Idempotent::new(used, fingerprint.finish());
        let password = input.account.password.clone();
        let make = self.make(by, input, &asked);
        asked
            .answer(&*self.queries, make, async |created| {
                let earlier = MadeBefore {
                    transactions: &*self.transactions,
                    queries: &*self.queries,
                    hasher: &*self.hasher,
                    asked: &asked,
                };
                Ok(earlier.read_back(created, password).await?)
            })
            .await
    }

    /// Makes it; `None` if the key is taken.
    async fn make(
        &self,
        by: Actor<'_>,
        input: CreateAccountInput,
        asked: &Idempotent,
    ) -> Result<Option<AccountView>, CreateAccountError> {
        let id = UserId(self.ids.next());
        let hash = self.hasher.hash(input.account.password.clone()).await?;
        again_if_contended(|| self.insert(by, id, input.clone(), hash.clone(), asked)).await
    }

    async fn insert(
        &self,
        by: Actor<'_>,
        id: UserId,
        input: CreateAccountInput,
        password_hash: PasswordHash,
        asked: &Idempotent,
    ) -> Result<Option<AccountView>, CreateAccountError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        if asked.claim(&mut *work, Created::Account(id), now).await? == Claim::Taken {
            return Ok(None);
        }
        let authority = by.authority(&mut *work, now).await?.ok_or(CreateAccountError::Revoked)?;
        authority.require(&Permission::USERS_CREATE)?;
        let name = input.role.clone().unwrap_or(RoleName::USER);
        let role = work.role(&name).await?.ok_or(CreateAccountError::UnknownRole)?;
        let permissions = input.permissions.clone();
        if input.grants() {
            authority.require(&Permission::USERS_GRANT)?;
            authority.may_grant(&RolePermissions::Only(permissions.clone()))?;
        }
        if input.role.is_some() {
            authority.may_grant(&role.permissions)?;
        }
        let mut user = work.insert_user(new_user(id, input, name, password_hash, now)).await?;
        work.record(&by.event(&*self.ids, now, AuditKind::AccountCreated, user.id())).await?;
        if permissions != PermissionSet::default() {
            user = user.with_permissions(permissions.clone(), now);
            work.save_user(&user).await?;
            let kind =
                AuditKind::PermissionsChanged { granted: permissions, withdrawn: PermissionSet::default() };
            work.record(&by.event(&*self.ids, now, kind, id)).await?;
        }
        work.commit().await?;
        Ok(Some(AccountView { user, role }))
    }
}

fn new_user(
    id: UserId,
    input: CreateAccountInput,
    role: RoleName,
    password_hash: PasswordHash,
    created_at: Timestamp,
) -> NewUser {
    let CreateAccountInput { account, can_interact, .. } = input;
    let RegisterInput { username, email, first_name, last_name, .. } = account;
    NewUser { id, username, email, first_name, last_name, password_hash, role, can_interact, created_at }
}
