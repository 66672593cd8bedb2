//! Making an account for oneself.

use std::sync::Arc;

use lectern_domain::{
    account::{
        EmailAddress, FirstName, LastName, NewUser, Password, PasswordContext, PasswordPolicy,
        PasswordViolation, Registration, Standing, UserId, Username,
    },
    audit::{AuditKind, Origin},
    idempotency::{Created, IdempotencyKey, KeyOwner, KeyReused, KeyUse, Operation},
    surface::Surface,
};

use super::with_role;
use crate::{
    IdempotencyError,
    caller::audit_event,
    error::use_case_error,
    idempotency::{Claim, Fingerprint, Idempotent},
    metrics::catalogue::REGISTRATIONS,
    ports::{
        AccountView, Clock, Constraint, HashError, Ids, PasswordHasher, Queries, StoreError, Transactions,
        UnitOfWork, Verified,
    },
};

/// Makes an account for whoever asks.
///
/// Nobody is signed in here, so idempotency keys are everybody's. Whoever guesses one gets nothing for it: with other
/// names the key is refused, and with the same names the password is checked against the account's own hash. The first
/// wrong one ends the key, but for requests that are being checked at that moment, so that it is no way to guess
/// passwords.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct Register {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub registration: Registration,
}

/// What somebody registers with.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct RegisterInput {
    pub username: Option<Username>,
    pub email: Option<EmailAddress>,
    pub password: Password,
    pub first_name: Option<FirstName>,
    pub last_name: Option<LastName>,
    /// The API surface it is asked for through.
    pub surface: Surface,
    /// What that asks of passwords here.
    pub policy: PasswordPolicy,
    /// Under which the request may be sent again.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RegisterInput {
    /// Passes if there is a name, and the policy accepts the password.
    pub(crate) fn check(&self) -> Result<(), RegisterError> {
        if self.username.is_none() && self.email.is_none() {
            return Err(RegisterError::Nameless);
        }
        let names = PasswordContext { username: self.username.as_ref(), email: self.email.as_ref() };
        self.policy.check(&self.password, names).map_err(RegisterError::Password)
    }
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Only those with `users.create` make accounts here.
    #[error("registration is closed; ask an administrator for an account")]
    Closed,
    /// Neither a user name nor an e-mail address.
    #[error("a user name or an e-mail address is needed")]
    Nameless,
    /// The policy refused the password.
    #[error("the password {0}")]
    Password(PasswordViolation),
    /// Somebody has that user name.
    #[error("this user name is taken")]
    UsernameTaken,
    /// Somebody has that e-mail address.
    #[error("an account with this e-mail address exists already")]
    EmailTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The key was used for another account, or for one that is gone.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

use_case_error!(RegisterError {
    Closed => Forbidden, "registration_closed";
    Nameless => Invalid, "validation_failed", "username";
    Password => Invalid, "validation_failed", "password";
    UsernameTaken => Conflict, "username_taken", "username";
    EmailTaken => Conflict, "email_taken", "email";
    ..Hash, Idempotency, Store
});

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint: Constraint::Username } => Self::UsernameTaken,
            StoreError::Conflict { constraint: Constraint::Email } => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

impl Register {
    /// Makes the account as its surface has it, or answers the one that the same request made before.
    pub async fn execute(&self, input: RegisterInput, origin: &Origin) -> Result<AccountView, RegisterError> {
        let registered = self.register(input, origin).await;
        REGISTRATIONS.count_outcome(&registered);
        registered
    }

    async fn register(&self, input: RegisterInput, origin: &Origin) -> Result<AccountView, RegisterError> {
        let can_interact = match self.registration {
            Registration::Open => input.surface.lets_new_accounts_interact(),
            Registration::Approve => false,
            Registration::Closed => return Err(RegisterError::Closed),
        };
        input.check()?;
        let key = input.idempotency_key.clone();
        let used = key.map(|key| KeyUse { owner: KeyOwner::Anybody, operation: Operation::Register, key });
        let asked = Idempotent::new(used, fingerprint(&input).finish());
        let password = input.password.clone();
        let make = self.make(input, can_interact, origin, &asked);
        asked
            .answer(&*self.queries, make, async |created| {
                MadeBefore {
                    transactions: &*self.transactions,
                    queries: &*self.queries,
                    hasher: &*self.hasher,
                    asked: &asked,
                }
                .read_back(created, password)
                .await
            })
            .await
    }

    /// Makes it; `None` if the key is taken.
    async fn make(
        &self,
        input: RegisterInput,
        can_interact: bool,
        origin: &Origin,
        asked: &Idempotent,
    ) -> Result<Option<AccountView>, RegisterError> {
        let password_hash = self.hasher.hash(input.password).await?;
        let now = self.clock.now();
        let new = NewUser {
            id: UserId(self.ids.next()),
            username: input.username,
            email: input.email,
            first_name: input.first_name,
            last_name: input.last_name,
            password_hash,
            role: input.surface.role_of_new_accounts(),
            can_interact,
            created_at: now,
        };
        let mut work = self.transactions.begin().await?;
        if asked.claim(&mut *work, Created::Account(new.id), now).await? == Claim::Taken {
            return Ok(None);
        }
        let account = insert_into(&mut *work, &*self.ids, new, origin).await?;
        work.commit().await?;
        Ok(Some(account))
    }
}

/// An account that the same request made before.
pub(crate) struct MadeBefore<'a> {
    pub(crate) transactions: &'a dyn Transactions,
    pub(crate) queries: &'a dyn Queries,
    pub(crate) hasher: &'a dyn PasswordHasher,
    pub(crate) asked: &'a Idempotent,
}

impl MadeBefore<'_> {
    /// It, for whoever knows its password.
    pub(crate) async fn read_back(
        &self,
        created: Created,
        password: Password,
    ) -> Result<AccountView, RegisterError> {
        let Created::Account(id) = created else { return Err(IdempotencyError::Gone.into()) };
        let account = self.queries.account(id).await?.ok_or(IdempotencyError::Gone)?;
        let hash = account.user.parts().password_hash.clone();
        if self.hasher.verify(password, hash).await? == Verified::Mismatch {
            self.asked.forget(self.transactions).await?;
            return Err(IdempotencyError::from(KeyReused).into());
        }
        match account.user.standing() {
            Standing::Active | Standing::Blocked { .. } => Ok(account),
            Standing::Deleted { .. } => Err(IdempotencyError::Gone.into()),
        }
    }
}

/// What the input is hashed by, without the password.
pub(crate) fn fingerprint(input: &RegisterInput) -> Fingerprint {
    Fingerprint::default()
        .text(input.username.as_ref().map(Username::as_str))
        .text(input.email.as_ref().map(EmailAddress::as_str))
        .text(input.first_name.as_ref().map(FirstName::as_str))
        .text(input.last_name.as_ref().map(LastName::as_str))
}

/// Adds an account that its holder, or the server itself, asked for, and writes it into the audit log.
pub(crate) async fn insert_account(
    transactions: &dyn Transactions,
    ids: &dyn Ids,
    new: NewUser,
    origin: &Origin,
) -> Result<AccountView, RegisterError> {
    let mut work = transactions.begin().await?;
    let account = insert_into(&mut *work, ids, new, origin).await?;
    work.commit().await?;
    Ok(account)
}

async fn insert_into(
    work: &mut dyn UnitOfWork,
    ids: &dyn Ids,
    new: NewUser,
    origin: &Origin,
) -> Result<AccountView, RegisterError> {
    let at = new.created_at;
    let user = work.insert_user(new).await?;
    let account = with_role(work, user).await?;
    let id = Some(account.user.id());
    work.record(&audit_event(ids, at, AuditKind::SignedUp, id, id, origin)).await?;
    Ok(account)
}
