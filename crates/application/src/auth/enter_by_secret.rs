//! Signing in through a front end that the server trusts.

use std::sync::Arc;

use lectern_domain::{
    access::RoleName,
    account::{
        Login, NewUser, Password, PasswordContext, PasswordHash, PasswordPolicy, PasswordTooLong,
        PasswordViolation, Standing, User, UserId, Username,
    },
    audit::{AuditKind, Origin},
    surface::Surface,
    time::Timestamp,
};
use secrecy::{ExposeSecret, SecretString};

use super::{IssuedTokens, LogIn, LoginError, LoginInput};
use crate::{
    caller::audit_event,
    error::use_case_error,
    ports::{Constraint, HashError, NoRandomBytes, Random, StoreError, UnitOfWork},
    retry::again_if_contended,
};

/// The surface that such front ends are clients of.
const SURFACE: Surface = Surface::Iccem;
/// What guests are called where nobody else is.
const GUEST: &str = "guest";

/// Signs somebody in for a front end that has shown that it holds the secret which it shares with the server: that is for
/// whoever takes the request to check, before anything else.
///
/// - Nobody in particular, as a `user`, is let in as a guest. All guests share the account [`UserId::GUEST`], which the first
///   of them makes; nobody knows its password, and it may not interact. If it is blocked or deleted, there are no guests.
/// - Whoever has an account signs in with its password, and has the role that it has, whatever was asked for.
/// - For a login that nobody has, an account is made with this password and the role asked for, if there is such a role and
///   it is one of those that may be had so. That doesn't depend on who else may register: the secret's holders are trusted.
#[derive(Clone)]
pub struct EnterBySecret {
    /// Signs in those who have an account, and has the ports for all others.
    pub log_in: LogIn,
    /// Makes the password that nobody knows.
    pub random: Arc<dyn Random>,
}

/// Who is to be signed in.
#[derive(Debug, Clone)]
pub struct EnterBySecretInput {
    /// A user name or an e-mail address, as typed. An empty one is none.
    pub login: Option<String>,
    /// The password, as typed. An empty one is none.
    pub password: Option<SecretString>,
    /// The role asked for, as given.
    pub role: String,
    /// The roles that new accounts may have.
    pub grantable: Vec<RoleName>,
    /// What is asked of the passwords of new accounts.
    pub policy: PasswordPolicy,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum EnterBySecretError {
    /// Only guests come without.
    #[error("a login and a password are needed for any role but 'user'")]
    MissingCredentials,
    /// The guests' account is blocked or deleted.
    #[error("guests are not admitted")]
    NoGuests,
    /// No account can have that login.
    #[error("must be a user name or an e-mail address")]
    Login,
    /// There is no such role, or none that may be had so.
    #[error("there is no such role, or new accounts may not have it")]
    RoleRefused,
    /// The policy refused the password of an account to be.
    #[error("the password {0}")]
    Weak(PasswordViolation),
    /// No account has such a password.
    #[error("the password {0}")]
    TooLong(#[from] PasswordTooLong),
    /// The account can't be signed in to.
    #[error(transparent)]
    LogIn(#[from] LoginError),
    /// There is no password that nobody could guess.
    #[error(transparent)]
    Random(#[from] NoRandomBytes),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(EnterBySecretError {
    MissingCredentials => Invalid, "credentials_missing";
    NoGuests => Forbidden, "guests_refused";
    Login => Invalid, "validation_failed", "login";
    RoleRefused => Forbidden, "role_refused";
    Weak => Invalid, "validation_failed", "password";
    TooLong => Invalid, "validation_failed", "password";
    ..LogIn, Random, Hash, Store
});

/// An account to be.
struct Newcomer {
    id: UserId,
    login: Login,
    role: RoleName,
    hash: PasswordHash,
}

impl EnterBySecret {
    /// Signs them in.
    pub async fn execute(
        &self,
        input: EnterBySecretInput,
        origin: &Origin,
    ) -> Result<IssuedTokens, EnterBySecretError> {
        let given = |login: &String| !login.is_empty();
        let typed = |password: &SecretString| !password.expose_secret().is_empty();
        match (input.login.clone().filter(given), input.password.clone().filter(typed)) {
            (Some(login), Some(password)) => self.by_password(login, password, &input, origin).await,
            (None, _) if input.role == RoleName::USER.as_str() => self.as_guest(origin).await,
            (Some(_), None) | (None, _) => Err(EnterBySecretError::MissingCredentials),
        }
    }

    async fn by_password(
        &self,
        typed: String,
        password: SecretString,
        input: &EnterBySecretInput,
        origin: &Origin,
    ) -> Result<IssuedTokens, EnterBySecretError> {
        let login = Login::parse(&typed).ok_or(EnterBySecretError::Login)?;
        if self.log_in.queries.account_by_login(&login).await?.is_none() {
            let newcomer = self.newcomer(login, password.clone(), input).await?;
            match again_if_contended(|| self.sign_up(&newcomer, origin)).await {
                // Another request was faster, so they have an account.
                Err(EnterBySecretError::Store(error)) if is_taken(&error) => {}
                entered => return entered,
            }
        }
        let input = LoginInput { login: typed, password, surface: SURFACE };
        Ok(self.log_in.execute(input, origin).await?)
    }

    /// Who they would be, if there may be such an account. A refusal costs what a wrong password does.
    async fn newcomer(
        &self,
        login: Login,
        password: SecretString,
        input: &EnterBySecretInput,
    ) -> Result<Newcomer, EnterBySecretError> {
        let password = Password::new(password)?;
        let names = match &login {
            Login::Username(username) => PasswordContext { username: Some(username), email: None },
            Login::Email(email) => PasswordContext { username: None, email: Some(email) },
        };
        let role = input.grantable.iter().find(|role| role.as_str() == input.role);
        let refused = match (role, input.policy.check(&password, names)) {
            (None, _) => EnterBySecretError::RoleRefused,
            (Some(_), Err(violation)) => EnterBySecretError::Weak(violation),
            (Some(role), Ok(())) => {
                let hash = self.log_in.hasher.hash(password).await?;
                let id = UserId(self.log_in.ids.next());
                return Ok(Newcomer { id, login, role: role.clone(), hash });
            }
        };
        self.log_in.hasher.verify_nothing(password).await?;
        Err(refused)
    }

    /// Makes the account and signs its holder in, both or neither.
    async fn sign_up(
        &self,
        newcomer: &Newcomer,
        origin: &Origin,
    ) -> Result<IssuedTokens, EnterBySecretError> {
        let Newcomer { id, login, role, hash } = newcomer;
        let now = self.log_in.clock.now();
        let mut work = self.log_in.transactions.begin().await?;
        work.role(role).await?.ok_or(EnterBySecretError::RoleRefused)?;
        let (username, email) = match login.clone() {
            Login::Username(username) => (Some(username), None),
            Login::Email(email) => (None, Some(email)),
        };
        let (role, can_interact) = (role.clone(), SURFACE.lets_new_accounts_interact());
        let new = NewUser { username, email, role, can_interact, ..nameless(*id, hash.clone(), now) };
        let user = self.insert(&mut *work, new, origin).await?;
        let tokens = self.log_in.let_in(&mut *work, user, SURFACE, origin, now).await?;
        work.commit().await?;
        Ok(tokens)
    }

    async fn as_guest(&self, origin: &Origin) -> Result<IssuedTokens, EnterBySecretError> {
        // A clash means that somebody else made the account or took its name, so each round somebody gets on.
        loop {
            if let Some(tokens) = self.let_guest_in(origin).await? {
                return Ok(tokens);
            }
            match self.make_guest(origin).await {
                Err(EnterBySecretError::Store(error)) if is_taken(&error) => {}
                made => made?,
            }
        }
    }

    /// Opens a session of the guests' account; `None` if there has never been one. It is not noted when the account was
    /// last used: that would make all guests wait for each other.
    async fn let_guest_in(&self, origin: &Origin) -> Result<Option<IssuedTokens>, EnterBySecretError> {
        let now = self.log_in.clock.now();
        let mut work = self.log_in.transactions.begin().await?;
        let Some(guest) = work.user(UserId::GUEST).await? else { return Ok(None) };
        match guest.standing() {
            Standing::Active => {}
            Standing::Blocked { .. } | Standing::Deleted { .. } => return Err(EnterBySecretError::NoGuests),
        }
        let tokens = self.log_in.let_in(&mut *work, guest, SURFACE, origin, now).await?;
        work.commit().await?;
        Ok(Some(tokens))
    }

    /// Makes the guests' account, unless it is there by now.
    async fn make_guest(&self, origin: &Origin) -> Result<(), EnterBySecretError> {
        let mut drawn = [0; 36];
        self.random.fill(&mut drawn)?;
        let (secret, suffix) = drawn.split_at(32);
        let hash = self.log_in.hasher.hash(Password::new(hexadecimal(secret))?).await?;
        let now = self.log_in.clock.now();
        let mut work = self.log_in.transactions.begin().await?;
        if work.user(UserId::GUEST).await?.is_some() {
            return Ok(());
        }
        let mut name = Username::parse(GUEST).ok();
        if let Some(wanted) = name.clone()
            && work.user_by_login(&Login::Username(wanted)).await?.is_some()
        {
            name = Username::parse(&format!("{GUEST}-{}", hexadecimal(suffix))).ok();
        }
        let new = NewUser { username: name, ..nameless(UserId::GUEST, hash, now) };
        self.insert(&mut *work, new, origin).await?;
        Ok(work.commit().await?)
    }

    async fn insert(
        &self,
        work: &mut dyn UnitOfWork,
        new: NewUser,
        origin: &Origin,
    ) -> Result<User, StoreError> {
        let at = new.created_at;
        let user = work.insert_user(new).await?;
        let id = Some(user.id());
        work.record(&audit_event(&*self.log_in.ids, at, AuditKind::SignedUp, id, id, origin)).await?;
        Ok(user)
    }
}

/// A `user` who may not interact, without names.
fn nameless(id: UserId, password_hash: PasswordHash, created_at: Timestamp) -> NewUser {
    NewUser {
        id,
        username: None,
        email: None,
        first_name: None,
        last_name: None,
        password_hash,
        role: RoleName::USER,
        can_interact: false,
        created_at,
    }
}

/// Whether another unit inserted the same account, or one of the same name.
fn is_taken(error: &StoreError) -> bool {
    let StoreError::Conflict { constraint } = error else { return false };
    matches!(constraint, Constraint::Username | Constraint::Email | Constraint::UserId)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
