//! Accounts with rotating sessions in a program of one's own: `cargo run -p lectern-security-adapter --example own_sessions`.
//!
//! The rules come from `lectern-domain`, hashes and signed tokens from this crate. What is the program's own is the table
//! of its users and the table of its sessions; here they are maps behind a lock, as a database would be too long to read.
//! What a database has to do is in [`Sessions::swap`]: one statement, `UPDATE … WHERE id = $1 AND generation = $2`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{
    collections::HashMap,
    error::Error,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lectern_application::ports::{
    Claims, Clock, HashError, Ids, PasswordHasher, RefreshClaims, TokenSigner, Verified,
};
use lectern_domain::{
    account::{Password, PasswordContext, PasswordHash, PasswordPolicy, UserId, Username},
    session::{Device, Generation, Presentation, RefreshRules, Session, SessionId, UserAgent},
    surface::Surface,
    time::Timestamp,
};
use lectern_security_adapter::{
    BcryptHasher, BcryptSettings, JwtAlgorithm, KeyRing, KeyRingSettings, SystemClock, UuidV7Ids,
};

type Failure = Box<dyn Error + Send + Sync>;

/// Who issues the tokens. Those of another issuer are refused.
const ISSUER: &str = "https://shop.example.org";

/// The program's table of sessions.
#[derive(Default)]
struct Sessions(Mutex<HashMap<SessionId, Session>>);

impl Sessions {
    fn insert(&self, session: Session) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(session.id(), session);
    }

    fn get(&self, id: SessionId) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Compare-and-swap: stores `next` if the stored session is still at the generation that it was read at. `false` if
    /// another request was faster.
    fn swap(&self, next: Session, read_at: Generation) -> bool {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sessions.get_mut(&next.id()) {
            Some(stored) if stored.generation() == read_at => {
                *stored = next;
                true
            }
            _ => false,
        }
    }
}

/// The program.
struct Shop {
    users: Mutex<HashMap<String, (UserId, PasswordHash)>>,
    sessions: Sessions,
    hasher: BcryptHasher,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    rules: RefreshRules,
}

/// What presenting a refresh token comes to.
#[derive(Debug, PartialEq, Eq)]
enum Refreshed {
    /// The next token.
    Token(String),
    /// It was used before: somebody has a copy. The session is over, on all sides.
    Stolen,
    /// Sign in again.
    Refused,
}

impl Shop {
    /// Keys are made in `folder` if there are none.
    fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let rules = RefreshRules::default();
        let keys = KeyRingSettings { algorithm: JwtAlgorithm::EdDsa, token_lifetime: rules.lifetime };
        // A cost of 12 or more in earnest: each step doubles the work of whoever guesses.
        let hashing = BcryptSettings { cost: 4, workers: NonZeroUsize::MIN, queue: 100 };
        Ok(Self {
            users: Mutex::default(),
            sessions: Sessions::default(),
            hasher: BcryptHasher::new(hashing)?,
            keys: KeyRing::open(folder, keys, Arc::clone(&clock))?,
            clock,
            rules,
        })
    }

    async fn sign_up(&self, name: &str, password: &str) -> Result<UserId, Failure> {
        let username = Username::parse(name)?;
        let password = Password::new(password.to_owned())?;
        let context = PasswordContext { username: Some(&username), email: None };
        PasswordPolicy::V1.check(&password, context)?;
        let (id, hash) = (UserId(UuidV7Ids.next()), self.hasher.hash(password).await?);
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.insert(username.key().to_owned(), (id, hash));
        Ok(id)
    }

    /// A refresh token, or `None` for a wrong name or password, which take the same time.
    async fn sign_in(&self, name: &str, password: &str, agent: &str) -> Result<Option<String>, Failure> {
        let password = Password::new(password.to_owned())?;
        let Some(user) = self.verified(name, password).await? else { return Ok(None) };
        let device = Device { user_agent: UserAgent::from_header(agent), ip: None };
        let id = SessionId(UuidV7Ids.next());
        let session = Session::open(id, user, Surface::V1, device, self.clock.now(), self.rules);
        let token = self.token(&session)?;
        self.sessions.insert(session);
        Ok(Some(token))
    }

    async fn verified(&self, name: &str, password: Password) -> Result<Option<UserId>, HashError> {
        let key = Username::parse(name).map(|name| name.key().to_owned()).unwrap_or_default();
        let found = self.users.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let Some((id, hash)) = found else {
            self.hasher.verify_nothing(password).await?;
            return Ok(None);
        };
        let verified = self.hasher.verify(password, hash).await?;
        Ok((verified != Verified::Mismatch).then_some(id))
    }

    fn refresh(&self, token: &str) -> Result<Refreshed, Failure> {
        let Ok(Claims::Refresh(claims)) = self.keys.verify(token) else { return Ok(Refreshed::Refused) };
        let now = self.clock.now();
        if claims.issuer != ISSUER || now >= claims.expires_at {
            return Ok(Refreshed::Refused);
        }
        loop {
            let Some(session) = self.sessions.get(claims.session) else { return Ok(Refreshed::Refused) };
            let read_at = session.generation();
            match session.present(claims.generation, now, self.rules) {
                Presentation::Rotated(next) => {
                    let token = self.token(&next)?;
                    if self.sessions.swap(next, read_at) {
                        return Ok(Refreshed::Token(token));
                    }
                }
                Presentation::Repeated(same) => return Ok(Refreshed::Token(self.token(&same)?)),
                Presentation::Reused(ended) => {
                    if self.sessions.swap(ended, read_at) {
                        return Ok(Refreshed::Stolen);
                    }
                }
                Presentation::Ended(_) | Presentation::Expired | Presentation::Unknown => {
                    return Ok(Refreshed::Refused);
                }
            }
            // Another request of the same session was faster: ask the rules again.
        }
    }

    /// The token of a session's current generation: the same session always has the same one.
    fn token(&self, session: &Session) -> Result<String, Failure> {
        let parts = session.parts();
        Ok(self.keys.sign_refresh(&RefreshClaims {
            issuer: ISSUER.to_owned(),
            session: parts.id,
            generation: parts.generation,
            issued_at: parts.rotated_at,
            expires_at: parts.expires_at,
        })?)
    }
}

/// The system's clock, set forward: so that nobody has to wait.
#[derive(Default)]
struct HastyClock(Mutex<Duration>);

impl HastyClock {
    fn skip(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

impl Clock for HastyClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(HastyClock::default());
    let shop = Shop::open(folder.path(), clock.clone())?;

    println!("too common: {}", refusal(shop.sign_up("ada", "password1").await));
    shop.sign_up("ada", "a long enough password").await?;
    println!("signed in: {}", shop.sign_in("ada", "not the password", "Firefox").await?.is_some());
    let Some(first) = shop.sign_in("Ada", "a long enough password", "Firefox").await? else {
        return Err("the right password was refused".into());
    };

    let next = shop.refresh(&first)?;
    println!("a lost answer is repeated: {}", shop.refresh(&first)? == next);
    clock.skip(Duration::from_mins(1));
    println!("a minute later: {:?}", shop.refresh(&first)?);
    let Refreshed::Token(next) = next else { return Err("there was no next token".into()) };
    println!("and for the owner: {:?}", shop.refresh(&next)?);
    Ok(())
}

fn refusal<T>(result: Result<T, Failure>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "a long enough password";

    async fn shop(folder: &Path) -> (Arc<Shop>, Arc<HastyClock>) {
        let clock = Arc::new(HastyClock::default());
        let shop = Shop::open(folder, clock.clone()).unwrap();
        shop.sign_up("ada", PASSWORD).await.unwrap();
        (Arc::new(shop), clock)
    }

    #[test]
    fn the_example_runs() {
        main().unwrap();
    }

    #[tokio::test]
    async fn a_token_that_was_copied_ends_the_session_for_both() {
        let folder = tempfile::tempdir().unwrap();
        let (shop, clock) = shop(folder.path()).await;
        let first = shop.sign_in("ada", PASSWORD, "Firefox").await.unwrap().unwrap();
        let Refreshed::Token(next) = shop.refresh(&first).unwrap() else { panic!("no token") };
        clock.skip(Duration::from_mins(1));
        assert_eq!(shop.refresh(&first).unwrap(), Refreshed::Stolen);
        assert_eq!(shop.refresh(&next).unwrap(), Refreshed::Refused);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hundred_refreshes_at_once_have_one_successor() {
        let folder = tempfile::tempdir().unwrap();
        let (shop, _) = shop(folder.path()).await;
        let first = shop.sign_in("ada", PASSWORD, "Firefox").await.unwrap().unwrap();
        let threads = (0..100).map(|_| {
            let (shop, first) = (Arc::clone(&shop), first.clone());
            std::thread::spawn(move || shop.refresh(&first).unwrap())
        });
        let threads: Vec<_> = threads.collect();
        let mut answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        answers.dedup();
        assert!(matches!(answers.as_slice(), [Refreshed::Token(_)]), "{answers:?}");
    }
}
