//! Something to look at: accounts, devices, balances and transcripts, made by the use cases that requests call too.
//!
//! Each thing is made unless it is there, so that a second run changes nothing, and one that was interrupted is ended
//! by the next.

mod people;

use std::{num::NonZeroI64, time::Duration};

use bytes::Bytes;
use lectern_application::{
    Caller,
    accounts::{CreateAccountInput, FindAccountError},
    auth::{LoginError, LoginInput, RegisterInput},
    balance::AdjustBalanceInput,
    ports::{AccountFilter, AccountView, PageRequest, TranscriptionFilter},
    transcriptions::ImportInput,
};
use lectern_domain::{
    access::{PermissionSet, RoleName},
    account::{AccountSearch, EmailAddress, FirstName, LastName, Password, PasswordPolicy, UserId, Username},
    audit::Origin,
    idempotency::IdempotencyKey,
    ledger::Reason,
    session::UserAgent,
    surface::Surface,
    transcription::{Language, Segment, Title},
};
use secrecy::ExposeSecret as _;

pub(crate) use self::people::{DOMAIN, PASSWORD};
use self::people::{PEOPLE, Person};
use crate::{compose::SeedUseCases, failure::Failure};

/// The recording of all transcripts, and what is said in it.
const RECORDING: &[u8] = include_bytes!("../../../assets/lecture.mp3");
const TEXT: &str = include_str!("../../../assets/lecture.txt");
/// How long it is.
const LENGTH: Duration = Duration::from_millis(59_500);
/// Into pieces of this length its transcript is cut: sentences end near them.
pub(crate) const CHUNK_SIZE: Duration = Duration::from_secs(20);

/// What was added.
#[derive(Debug, Default)]
pub(crate) struct Added {
    /// A line for each thing.
    pub(crate) lines: Vec<String>,
    /// The logins of the accounts among them.
    pub(crate) logins: Vec<String>,
}

/// Whether there are accounts that are not the demonstration's.
pub(crate) async fn has_others(of: &SeedUseCases) -> Result<bool, Failure> {
    let count = async |search: Option<AccountSearch>| {
        let filter = AccountFilter { search, ..AccountFilter::default() };
        let page = of.queries.accounts(&filter, PageRequest::FIRST).await;
        page.map(|page| page.total).map_err(|error| failed("can't look for accounts", error))
    };
    let ours = AccountSearch::parse(DOMAIN).map_err(|error| failed("can't look for accounts", error))?;
    Ok(count(None).await? > count(ours).await?)
}

/// Adds what is missing.
pub(crate) async fn add(of: &SeedUseCases) -> Result<Added, Failure> {
    let mut demo = Demo { of, added: Added::default(), administrator: None };
    let mut accounts = Vec::new();
    for person in &PEOPLE {
        accounts.push((person, demo.account(person).await?.user.id()));
    }
    for (person, id) in &accounts {
        demo.balance(person, *id).await?;
    }
    for (person, id) in &accounts {
        demo.devices(person, *id).await?;
        demo.transcripts(person, *id).await?;
    }
    Ok(demo.added)
}

struct Demo<'a> {
    of: &'a SeedUseCases,
    added: Added,
    /// Once they were needed.
    administrator: Option<Caller>,
}

impl Demo<'_> {
    async fn account(&mut self, person: &Person) -> Result<AccountView, Failure> {
        let (accounts, username) = (&self.of.accounts, person.username);
        match accounts.find.execute(&accounts.operator, username).await {
            Ok(account) => return Ok(account),
            Err(FindAccountError::NotFound) => {}
            Err(error) => return Err(failed("can't look for accounts", error)),
        }
        let wrong = |error: &dyn std::error::Error| Failure::operation(format!("{username}: {error}"));
        let account = RegisterInput {
            username: Some(Username::parse(username).map_err(|error| wrong(&error))?),
            email: Some(EmailAddress::parse(&format!("{username}{DOMAIN}")).map_err(|error| wrong(&error))?),
            password: Password::new(PASSWORD.to_owned()).map_err(|error| wrong(&error))?,
            first_name: Some(FirstName::parse(person.first_name).map_err(|error| wrong(&error))?),
            last_name: Some(LastName::parse(person.last_name).map_err(|error| wrong(&error))?),
            surface: Surface::V1,
            policy: PasswordPolicy::V1,
            idempotency_key: None,
        };
        let role = RoleName::parse(person.role).map_err(|error| wrong(&error))?;
        let input = CreateAccountInput {
            account,
            role: Some(role),
            permissions: PermissionSet::default(),
            can_interact: true,
        };
        let made = accounts.create.execute(&accounts.operator, input).await;
        let made = made.map_err(|error| failed("can't make an account", error))?;
        self.added.lines.push(format!("added the account {username}, role {}", person.role));
        self.added.logins.push(username.to_owned());
        Ok(made)
    }

    /// The entries that are missing, by their keys, which a ledger keeps for good.
    async fn balance(&mut self, person: &Person, id: UserId) -> Result<(), Failure> {
        const WHAT: &str = "can't change a balance";
        let known = self.of.queries.ledger(id, PageRequest::first(PageRequest::MAX_SIZE)).await;
        let known = known.map_err(|error| failed(WHAT, error))?.items;
        for (number, (amount, reason)) in person.entries.iter().enumerate() {
            let key = format!("lectern-demo-{number}");
            let key = IdempotencyKey::parse_bare(&key).map_err(|error| failed(WHAT, error))?;
            if known.iter().any(|entry| entry.parts().idempotency_key.as_ref() == Some(&key)) {
                continue;
            }
            let Some(administrator) = self.administrator().await? else { return Ok(()) };
            let input = AdjustBalanceInput {
                user: id,
                amount: NonZeroI64::new(*amount).ok_or_else(|| Failure::operation(WHAT))?,
                reason: Reason::parse(reason).map_err(|error| failed(WHAT, error))?,
                idempotency_key: Some(key),
            };
            let changed = self.of.adjust_balance.execute(&administrator, input).await;
            changed.map_err(|error| failed(WHAT, error))?;
            self.added
                .lines
                .push(format!("changed the balance of {} by {amount}: {reason}", person.username));
        }
        Ok(())
    }

    /// The administrator, signed in on their first device. `None` if they have another password by now.
    async fn administrator(&mut self) -> Result<Option<Caller>, Failure> {
        let [administrator, ..] = &PEOPLE;
        if self.administrator.is_none()
            && let Some(device) = administrator.devices.first()
        {
            self.administrator = self.sign_in(administrator, device).await?;
        }
        Ok(self.administrator.clone())
    }

    async fn devices(&mut self, person: &Person, id: UserId) -> Result<(), Failure> {
        for device in person.devices {
            let live = self.of.queries.live_sessions(id, self.of.clock.now()).await;
            let live = live.map_err(|error| failed("can't look for sessions", error))?;
            if !live.iter().any(|session| session.parts().device.user_agent.as_str() == device.0) {
                self.sign_in(person, device).await?;
            }
        }
        Ok(())
    }

    /// Signs somebody in on a device. `None` for those who have another password by now, or are blocked: that is their
    /// holder's doing, and stays.
    async fn sign_in(&mut self, person: &Person, device: &(&str, &str)) -> Result<Option<Caller>, Failure> {
        const WHAT: &str = "can't sign somebody in";
        let origin = Origin {
            ip: device.1.parse().ok(),
            user_agent: UserAgent::from_header(device.0),
            request_id: None,
        };
        let input =
            LoginInput { login: person.username.to_owned(), password: PASSWORD.into(), surface: Surface::V1 };
        let tokens = match self.of.log_in.execute(input, &origin).await {
            Ok(tokens) => tokens,
            Err(
                LoginError::InvalidCredentials
                | LoginError::Blocked
                | LoginError::Deleted
                | LoginError::TooSoon(_),
            ) => return Ok(None),
            Err(error) => return Err(failed(WHAT, error)),
        };
        let label = origin.user_agent.label();
        self.added.lines.push(format!("signed {} in on {label}", person.username));
        let principal = self.of.authenticate.execute(tokens.access_token.expose_secret()).await;
        let principal = principal.map_err(|error| failed(WHAT, error))?;
        Ok(Some(Caller { principal, origin }))
    }

    async fn transcripts(&mut self, person: &Person, owner: UserId) -> Result<(), Failure> {
        const WHAT: &str = "can't add a transcript";
        let filter = TranscriptionFilter { owner, state: None, search: None };
        let known = self.of.queries.transcriptions(&filter, PageRequest::first(PageRequest::MAX_SIZE)).await;
        let known = known.map_err(|error| failed(WHAT, error))?.items;
        for title in person.transcripts {
            let title = Title::parse(title).map_err(|error| failed(WHAT, error))?;
            if known.iter().any(|view| view.transcription.parts().title.as_ref() == Some(&title)) {
                continue;
            }
            let mut file = self.of.audio.stage().await.map_err(|error| failed(WHAT, error))?;
            file.write(Bytes::from_static(RECORDING)).await.map_err(|error| failed(WHAT, error))?;
            let staged = file.finish().await.map_err(|error| failed(WHAT, error))?;
            self.added.lines.push(format!("added the transcript '{title}' of {}", person.username));
            let (title, language) = (Some(title), Language::parse("en").ok());
            let input = ImportInput { owner, staged, title, language, segments: segments(TEXT, LENGTH) };
            let imported = self.of.import.execute(&self.of.accounts.operator, input).await;
            imported.map_err(|error| failed(WHAT, error))?;
        }
        Ok(())
    }
}

fn failed(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::operation(what).because(error)
}

/// A segment for each sentence; the longer a sentence, the more of the time is its.
fn segments(text: &str, length: Duration) -> Vec<Segment> {
    let letters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let total = letters(text).max(1);
    let time = |before: u32| length.saturating_mul(before) / total;
    let mut segments = Vec::new();
    let mut before = 0_u32;
    for sentence in text.split_inclusive('.') {
        let after = before.saturating_add(letters(sentence));
        if !sentence.trim().is_empty() {
            segments.extend(Segment::new(
                time(before),
                time(after),
                &sentence.split_whitespace().collect::<Vec<_>>().join(" "),
            ));
        }
        before = after;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_spread_over_the_recording() {
        let segments = segments(TEXT, LENGTH);
        assert!(segments.len() > 10);
        assert!(segments.iter().is_sorted_by_key(Segment::start));
        assert!(segments.iter().all(|segment| segment.end() <= LENGTH && segment.text().ends_with('.')));
        let words = segments.iter().map(Segment::text).collect::<Vec<_>>().join(" ");
        assert_eq!(words, TEXT.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn everybody_has_a_role_of_their_own_and_the_first_is_the_administrator() {
        let roles = PEOPLE.iter().map(|person| person.role).collect::<Vec<_>>();
        assert_eq!(roles, ["admin", "operator", "methodist", "user", "read_only"]);
    }
}
