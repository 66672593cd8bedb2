//! Signing in.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    account::{Login, Password, Standing, User},
    audit::{AuditKind, Origin},
    session::{Device, EndReason, RefreshRules, Session, SessionId},
    surface::{SameDevice, Surface},
    throttling::{AccountKey, Guess, GuessOutcome, Network, TooSoon},
    time::Timestamp,
};
use secrecy::SecretString;

use super::{
    IssuedTokens, TokenIssuer,
    guesses::{record_failure, verify},
    with_role,
};
use crate::{
    caller::audit_event,
    error::use_case_error,
    metrics::catalogue::LOGINS,
    ports::{
        Clock, FailureLimiter, HashError, Ids, LoginThrottle, PasswordHasher, Queries, SaveOutcome,
        SignError, StoreError, Transactions, UnitOfWork, Verified,
    },
    sessions::end_session,
};

/// How sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// How long the parent of the current generation is accepted again.
    pub grace: Duration,
    /// How many live ones an account may have; one more ends the least recently used.
    pub max_live: usize,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { grace: RefreshRules::default().grace, max_live: 50 }
    }
}

/// Opens a session for somebody who knows an account's password.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct LogIn {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub throttle: Arc<dyn LoginThrottle>,
    pub failures: Arc<dyn FailureLimiter>,
    pub tokens: TokenIssuer,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub rules: SessionRules,
}

/// What somebody signs in with.
#[derive(Debug, Clone)]
pub struct LoginInput {
    /// A user name or an e-mail address, as typed.
    pub login: String,
    /// The password, as typed. No policy is applied: a wrong password is wrong, however it looks.
    pub password: SecretString,
    /// The API surface it came through, whose terms the session has.
    pub surface: Surface,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// No such account, or another password. It is not said which.
    #[error("the login or the password is wrong")]
    InvalidCredentials,
    /// The password was right, but the account is blocked.
    #[error("this account is blocked")]
    Blocked,
    /// The password was right, but the account is deleted, and no other one has its name. It looks like
    /// [`LoginError::InvalidCredentials`] unless a surface has an answer of its own for it.
    #[error("the login or the password is wrong")]
    Deleted,
    /// There were too many failures from there, at this login or at all, so nothing was checked.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// No tokens could be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(LoginError {
    InvalidCredentials => Unauthenticated, "invalid_credentials";
    Blocked => Forbidden, "account_blocked";
    Deleted => Unauthenticated, "invalid_credentials";
    ..TooSoon, Hash, Sign, Store
});

/// What became of a try to sign in.
enum Entry {
    /// A session is open.
    Done(IssuedTokens),
    /// The account has another password hash than the one that was checked.
    HashChanged(Box<User>),
}

impl LogIn {
    /// Checks the password and opens a session, unless there were too many failures.
    pub async fn execute(&self, input: LoginInput, origin: &Origin) -> Result<IssuedTokens, LoginError> {
        let entered = self.admit_and_check(input, origin).await;
        LOGINS.count_outcome(&entered);
        entered
    }

    async fn admit_and_check(&self, input: LoginInput, origin: &Origin) -> Result<IssuedTokens, LoginError> {
        let (surface, account) = (input.surface, AccountKey::of_login(&input.login));
        let guess = Guess { network: Network::of(origin.ip), account };
        self.admit(guess, surface).await?;
        let entered = self.check(input, origin).await;
        let outcome = match &entered {
            Ok(_) => GuessOutcome::Right,
            Err(LoginError::InvalidCredentials | LoginError::Blocked | LoginError::Deleted) => {
                GuessOutcome::Wrong
            }
            Err(
                LoginError::TooSoon(_) | LoginError::Hash(_) | LoginError::Sign(_) | LoginError::Store(_),
            ) => GuessOutcome::Unknown,
        };
        self.throttle.settle(guess, outcome).await;
        if let Some(quota) = surface.failure_quota() {
            self.failures.settle(guess.network, quota, outcome).await;
        }
        entered
    }

    /// Lets a try in that neither the network nor the login has had too many failures for.
    async fn admit(&self, guess: Guess, surface: Surface) -> Result<(), TooSoon> {
        // First what may take longer, so that this is what is told.
        let quota = surface.failure_quota();
        if let Some(quota) = quota {
            self.failures.admit(guess.network, quota).await?;
        }
        let admitted = self.throttle.admit(guess, surface.free_failures()).await;
        if let (Err(_), Some(quota)) = (&admitted, quota) {
            self.failures.settle(guess.network, quota, GuessOutcome::Unknown).await;
        }
        admitted
    }

    /// The same for everybody who is let in: an unknown account costs the same work as a wrong password, and so does one
    /// whose hash can't be read, which is told from neither. A deleted account is one like others until its password was
    /// right.
    async fn check(&self, input: LoginInput, origin: &Origin) -> Result<IssuedTokens, LoginError> {
        // A password too long for any policy is no account's; an empty one stands in for it, to cost the same.
        let password = Password::new(input.password.clone());
        let login = Login::parse(&input.login).filter(|_| password.is_ok());
        let password = password.unwrap_or_else(|_| Password::empty());
        let account = match login {
            Some(login) => self.queries.last_account_by_login(&login).await?,
            None => None,
        };
        let Some(account) = account else {
            self.hasher.verify_nothing(password).await?;
            return self.refuse(None, origin).await;
        };
        let user = account.user;
        match self.enter(&input, &password, &user, origin).await? {
            Entry::Done(tokens) => Ok(tokens),
            // Somebody changed the hash meanwhile, perhaps only to make it stronger: ask the new one, once.
            Entry::HashChanged(user) => match self.enter(&input, &password, &user, origin).await? {
                Entry::Done(tokens) => Ok(tokens),
                Entry::HashChanged(_) => self.refuse(Some(&user), origin).await,
            },
        }
    }

    /// Checks the password against the account's hash, and opens a session if the account is still so.
    async fn enter(
        &self,
        input: &LoginInput,
        password: &Password,
        user: &User,
        origin: &Origin,
    ) -> Result<Entry, LoginError> {
        let known = user.parts().password_hash.clone();
        let upgraded = match verify(&*self.hasher, password, user).await? {
            Verified::Mismatch => return self.refuse(Some(user), origin).await.map(Entry::Done),
            Verified::Match => None,
            // There is always a next login to do it at.
            Verified::MatchOutdated => self.hasher.hash(password.clone()).await.ok(),
        };
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let Some(user) = work.user(user.id()).await? else {
            drop(work);
            return self.refuse(None, origin).await.map(Entry::Done);
        };
        let refused = match user.standing() {
            Standing::Active if user.parts().password_hash != known => {
                return Ok(Entry::HashChanged(Box::new(user)));
            }
            Standing::Active => None,
            Standing::Blocked { .. } => Some(LoginError::Blocked),
            Standing::Deleted { .. } => Some(LoginError::Deleted),
        };
        if let Some(refused) = refused {
            let event = audit_event(&*self.ids, now, AuditKind::LoginFailed, None, Some(user.id()), origin);
            work.record(&event).await?;
            work.commit().await?;
            return Err(refused);
        }
        let user = match upgraded {
            Some(hash) => user.with_upgraded_hash(hash),
            None => user,
        };
        let user = user.seen(now);
        work.save_user(&user).await?;
        let tokens = self.let_in(&mut *work, user, input.surface, origin, now).await?;
        work.commit().await?;
        Ok(Entry::Done(tokens))
    }

    /// Opens a session for somebody who may have one.
    pub(super) async fn let_in(
        &self,
        work: &mut dyn UnitOfWork,
        user: User,
        surface: Surface,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<IssuedTokens, LoginError> {
        let session = self.open(work, &user, surface, origin, now).await?;
        let id = Some(user.id());
        let kind = AuditKind::LoggedIn(session.id());
        work.record(&audit_event(&*self.ids, now, kind, id, id, origin)).await?;
        let account = with_role(work, user).await?;
        Ok(self.tokens.issue(&session, &account, now)?)
    }

    /// Opens a session, or lets the one go on that the device has.
    async fn open(
        &self,
        work: &mut dyn UnitOfWork,
        user: &User,
        surface: Surface,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Session, StoreError> {
        let device = Device { user_agent: origin.user_agent.clone(), ip: origin.ip };
        let rules = surface.refresh_rules(self.rules.grace);
        // Those of an account that many share say nothing of this one, and are not counted: who comes would end another's.
        let live =
            if user.id().is_shared() { Vec::new() } else { work.live_sessions(user.id(), now).await? };
        if surface.same_device() == SameDevice::Resumes {
            let is_here = |session: &&Session| {
                let parts = session.parts();
                parts.opened_by == surface && parts.device.user_agent == device.user_agent
            };
            if let Some(session) = live.iter().find(is_here).cloned() {
                let generation = session.generation();
                let session = session.resume(device.clone(), now, rules);
                if work.save_session(&session, generation).await? == SaveOutcome::Saved {
                    return Ok(session);
                }
            }
        }
        self.make_room(work, live, user, origin, now).await?;
        let id = SessionId(self.ids.next());
        let session = Session::open(id, user.id(), surface, device, now, rules);
        work.insert_session(&session).await?;
        Ok(session)
    }

    /// Ends the least recently used of the live sessions until one more fits.
    async fn make_room(
        &self,
        work: &mut dyn UnitOfWork,
        live: Vec<Session>,
        user: &User,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let surplus = (live.len() + 1).saturating_sub(self.rules.max_live);
        for session in live.into_iter().take(surplus) {
            let session = end_session(work, session, EndReason::Displaced, now).await?;
            let kind = AuditKind::SessionDisplaced(session.id());
            let id = Some(user.id());
            work.record(&audit_event(&*self.ids, now, kind, id, id, origin)).await?;
        }
        Ok(())
    }

    async fn refuse(&self, user: Option<&User>, origin: &Origin) -> Result<IssuedTokens, LoginError> {
        let subject = user.map(User::id);
        record_failure(&*self.transactions, &*self.clock, &*self.ids, subject, origin).await?;
        Err(LoginError::InvalidCredentials)
    }
}
