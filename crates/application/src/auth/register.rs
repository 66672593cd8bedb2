//! Making an account for oneself.

use std::sync::Arc;

use lectern_domain::{
    access::RoleName,
    account::{
        EmailAddress, FirstName, LastName, NewUser, Password, PasswordContext, PasswordPolicy,
        PasswordViolation, Registration, UserId, Username,
    },
    audit::{AuditKind, Origin},
};

use super::with_role;
use crate::{
    caller::audit_event,
    error::use_case_error,
    ports::{AccountView, Clock, Constraint, HashError, Ids, PasswordHasher, StoreError, Transactions},
};

/// Makes an account for whoever asks.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct Register {
    pub transactions: Arc<dyn Transactions>,
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
    /// What the API surface asks of passwords.
    pub policy: PasswordPolicy,
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
    ..Hash, Store
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
    /// Makes the account with the role `user`.
    pub async fn execute(&self, input: RegisterInput, origin: &Origin) -> Result<AccountView, RegisterError> {
        let can_interact = match self.registration {
            Registration::Open => true,
            Registration::Approve => false,
            Registration::Closed => return Err(RegisterError::Closed),
        };
        input.check()?;
        let password_hash = self.hasher.hash(input.password).await?;

        let now = self.clock.now();
        let new = NewUser {
            id: UserId(self.ids.next()),
            username: input.username,
            email: input.email,
            first_name: input.first_name,
            last_name: input.last_name,
            password_hash,
            role: RoleName::USER,
            can_interact,
            created_at: now,
        };
        insert_account(&*self.transactions, &*self.ids, new, origin).await
    }
}

/// Adds an account that its holder, or the server itself, asked for, and writes it into the audit log.
pub(crate) async fn insert_account(
    transactions: &dyn Transactions,
    ids: &dyn Ids,
    new: NewUser,
    origin: &Origin,
) -> Result<AccountView, RegisterError> {
    let at = new.created_at;
    let mut work = transactions.begin().await?;
    let user = work.insert_user(new).await?;
    let account = with_role(&mut *work, user).await?;
    let id = Some(account.user.id());
    work.record(&audit_event(ids, at, AuditKind::SignedUp, id, id, origin)).await?;
    work.commit().await?;
    Ok(account)
}
