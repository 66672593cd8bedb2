//! The first administrator, from the configuration.

use std::sync::Arc;

use lectern_domain::{
    access::RoleName,
    account::{EmailAddress, Login, NewUser, Password, PasswordContext, PasswordPolicy, UserId, Username},
    audit::Origin,
};

use crate::{
    auth::{RegisterError, register::insert_account},
    ports::{Clock, Ids, PasswordHasher, Queries, Transactions},
};

/// Makes the administrator that the configuration names, unless an account of that name exists.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct EnsureAdmin {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// The administrator to be.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct EnsureAdminInput {
    pub username: Option<Username>,
    pub email: Option<EmailAddress>,
    pub password: Password,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminOutcome {
    /// The account was made.
    Created,
    /// There was one of that name. It was left as it is, its password too.
    Existed,
}

impl EnsureAdmin {
    /// Makes the account. The configuration's password must pass the policy of API v1.
    pub async fn execute(&self, input: EnsureAdminInput) -> Result<AdminOutcome, RegisterError> {
        let logins = [input.username.clone().map(Login::Username), input.email.clone().map(Login::Email)];
        for login in logins.iter().flatten() {
            if self.queries.account_by_login(login).await?.is_some() {
                return Ok(AdminOutcome::Existed);
            }
        }
        if logins.iter().all(Option::is_none) {
            return Err(RegisterError::Nameless);
        }
        let names = PasswordContext { username: input.username.as_ref(), email: input.email.as_ref() };
        PasswordPolicy::V1.check(&input.password, names).map_err(RegisterError::Password)?;
        let password_hash = self.hasher.hash(input.password).await?;
        let new = NewUser {
            id: UserId(self.ids.next()),
            username: input.username,
            email: input.email,
            first_name: None,
            last_name: None,
            password_hash,
            role: RoleName::ADMIN,
            can_interact: true,
            created_at: self.clock.now(),
        };
        match insert_account(&*self.transactions, &*self.ids, new, &Origin::default()).await {
            Ok(_) => Ok(AdminOutcome::Created),
            // Another replica that starts at the same time was quicker.
            Err(RegisterError::UsernameTaken | RegisterError::EmailTaken) => Ok(AdminOutcome::Existed),
            Err(error) => Err(error),
        }
    }
}
