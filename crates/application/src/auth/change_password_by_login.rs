//! Changing one's password without being signed in.

use std::sync::Arc;

use lectern_domain::{
    account::{Login, Password, PasswordContext, PasswordPolicy, PasswordViolation, Standing, User},
    audit::{AuditKind, Origin},
    challenge::Purpose,
    session::EndReason,
    throttling::{AccountKey, FailureCount, Guess, GuessOutcome, Network, TooSoon},
};
use secrecy::SecretString;

use super::guesses::{record_failure, verify};
use crate::{
    caller::audit_event,
    error::use_case_error,
    ports::{
        Clock, HashError, Ids, LoginThrottle, PasswordHasher, Queries, StoreError, Transactions, Verified,
    },
    sessions::end_all,
};

/// Gives an account another password, for whoever knows its login and the old one. All of its sessions end.
///
/// That is as good a way to guess passwords as signing in, so it is throttled together with that, and a failure tells
/// strangers nothing: unknown, blocked, deleted and shared accounts are answered like a wrong password.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ChangePasswordByLogin {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub throttle: Arc<dyn LoginThrottle>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Whose password, from which to which.
#[derive(Debug, Clone)]
pub struct ChangePasswordByLoginInput {
    /// A user name or an e-mail address, as typed.
    pub login: String,
    /// The old password, as typed.
    pub old: SecretString,
    /// The new one.
    pub new: Password,
    /// What the API surface asks of passwords.
    pub policy: PasswordPolicy,
}

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordByLoginError {
    /// No such account that can be used, or another password. It is not said which.
    #[error("the login or the old password is wrong")]
    WrongPassword,
    /// The policy refused the new one.
    #[error("the password {0}")]
    Weak(PasswordViolation),
    /// There were too many failures from there at this login, so nothing was checked.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ChangePasswordByLoginError {
    WrongPassword => Unauthenticated, "wrong_password";
    Weak => Invalid, "validation_failed", "new_password";
    ..TooSoon, Hash, Store
});

impl ChangePasswordByLogin {
    /// Changes it. Whether the policy accepts the new password depends on what was typed alone, and is said before anything
    /// is looked up.
    pub async fn execute(
        &self,
        input: ChangePasswordByLoginInput,
        origin: &Origin,
    ) -> Result<(), ChangePasswordByLoginError> {
        let login = Login::parse(&input.login);
        let names = match &login {
            Some(Login::Username(name)) => PasswordContext { username: Some(name), email: None },
            Some(Login::Email(address)) => PasswordContext { username: None, email: Some(address) },
            None => PasswordContext::default(),
        };
        input.policy.check(&input.new, names).map_err(ChangePasswordByLoginError::Weak)?;
        let account = AccountKey::of_login(&input.login);
        let guess = Guess { network: Network::of(origin.ip), account };
        self.throttle.admit(guess, FailureCount::FREE).await?;
        let changed = self.change(login, input, origin).await;
        let outcome = match &changed {
            Ok(()) => GuessOutcome::Right,
            Err(ChangePasswordByLoginError::WrongPassword) => GuessOutcome::Wrong,
            Err(_) => GuessOutcome::Unknown,
        };
        self.throttle.settle(guess, outcome).await;
        changed
    }

    async fn change(
        &self,
        login: Option<Login>,
        input: ChangePasswordByLoginInput,
        origin: &Origin,
    ) -> Result<(), ChangePasswordByLoginError> {
        // A password too long for any policy is no account's; an empty one stands in for it, to cost the same.
        let old = Password::new(input.old);
        let login = login.filter(|_| old.is_ok());
        let old = old.unwrap_or_else(|_| Password::empty());
        let account = match login {
            Some(login) => self.queries.account_by_login(&login).await?,
            None => None,
        };
        let Some(account) = account else {
            self.hasher.verify_nothing(old).await?;
            return self.refuse(None, origin).await;
        };
        let user = account.user;
        let Some(changed) = self.replace(&old, &input.new, &user, origin).await? else { return Ok(()) };
        // Somebody changed the hash meanwhile, perhaps only to make it stronger: ask the new one, once.
        match self.replace(&old, &input.new, &changed, origin).await? {
            Some(user) => self.refuse(Some(&user), origin).await,
            None => Ok(()),
        }
    }

    /// Replaces the password if `old` is that of the account, and the account is still so. If it has another hash than the
    /// one that was checked, nothing is done, and it is answered.
    async fn replace(
        &self,
        old: &Password,
        new: &Password,
        user: &User,
        origin: &Origin,
    ) -> Result<Option<User>, ChangePasswordByLoginError> {
        let verified = verify(&*self.hasher, old, user).await?;
        let is_theirs = verified != Verified::Mismatch && !user.id().is_shared();
        if !is_theirs || user.standing() != Standing::Active {
            return self.refuse(Some(user), origin).await.map(|()| None);
        }
        let hash = self.hasher.hash(new.clone()).await?;

        let (id, now) = (user.id(), self.clock.now());
        let mut work = self.transactions.begin().await?;
        let current = work.user(id).await?.filter(|current| current.standing() == Standing::Active);
        let Some(current) = current else {
            drop(work);
            return self.refuse(Some(user), origin).await.map(|()| None);
        };
        if current.parts().password_hash != user.parts().password_hash {
            return Ok(Some(current));
        }
        work.save_user(&current.with_password(hash, now)).await?;
        work.remove_challenges(id, Purpose::PasswordReset).await?;
        end_all(&mut *work, id, None, EndReason::Revoked, now).await?;
        let kind = AuditKind::PasswordChanged;
        work.record(&audit_event(&*self.ids, now, kind, Some(id), Some(id), origin)).await?;
        work.commit().await?;
        Ok(None)
    }

    async fn refuse(&self, user: Option<&User>, origin: &Origin) -> Result<(), ChangePasswordByLoginError> {
        let subject = user.map(User::id);
        record_failure(&*self.transactions, &*self.clock, &*self.ids, subject, origin).await?;
        Err(ChangePasswordByLoginError::WrongPassword)
    }
}
