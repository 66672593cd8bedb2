//! What the use cases around challenges have in common.

use lectern_domain::{
    account::{EmailAddress, User},
    challenge::{AddressDigest, Attempt, Challenge, ChallengeRules, ChallengeToken, Code, Purpose},
    mail::{Mail, MailContent, MailId},
    throttling::Network,
    time::Timestamp,
};
use secrecy::{ExposeSecret, SecretString};

use crate::ports::{Ids, NoRandomBytes, Random, StoreError, UnitOfWork};

/// A new token and its code.
pub(crate) struct Draw {
    pub(crate) token: ChallengeToken,
    code: Code,
}

impl Draw {
    pub(crate) fn new(random: &dyn Random) -> Result<Self, NoRandomBytes> {
        let (mut token, mut code) = ([0; 32], [0; 8]);
        random.fill(&mut token)?;
        random.fill(&mut code)?;
        Ok(Self { token: ChallengeToken::new(token), code: Code::new(code) })
    }
}

/// What somebody wants a challenge for.
pub(crate) struct Wish<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) address: &'a EmailAddress,
    /// The account of that address, if it may have it.
    pub(crate) holder: Option<&'a User>,
    pub(crate) network: Network,
}

/// Whether a challenge was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issue {
    /// It was, and its mail is in the outbox.
    Made,
    /// The address has too many already. Nothing was written: a token without a challenge behaves like one that nobody
    /// holds.
    TooMany,
}

/// Makes a challenge and its mail. Without a holder it does the same work for nobody.
pub(crate) async fn issue(
    work: &mut dyn UnitOfWork,
    ids: &dyn Ids,
    wish: Wish<'_>,
    draw: &Draw,
    now: Timestamp,
    rules: ChallengeRules,
) -> Result<Issue, StoreError> {
    let Wish { purpose, address, holder, network } = wish;
    let live = work.live_challenges(purpose, &AddressDigest::of(address), now).await?;
    if !rules.admit_another(&live, network) {
        return Ok(Issue::TooMany);
    }
    let account = holder.map(User::id);
    let Draw { token, code } = draw;
    let challenge = Challenge::new(purpose, account, address, network, token, code, now, rules);
    work.insert_challenge(&challenge).await?;
    let code = code.clone();
    let content = match purpose {
        Purpose::PasswordReset => MailContent::PasswordReset { code },
        Purpose::EmailVerification => MailContent::EmailVerification { code },
    };
    let recipient = holder.and_then(|user| user.parts().email.clone());
    let mail = Mail::new(MailId(ids.next()), recipient, content, now, challenge.parts().expires_at);
    work.put_mail(&mail).await?;
    Ok(Issue::Made)
}

/// The token in a text, and the challenge that it belongs to, locked until the unit ends.
pub(crate) async fn challenge_of(
    work: &mut dyn UnitOfWork,
    purpose: Purpose,
    token: &SecretString,
) -> Result<Option<(ChallengeToken, Challenge)>, StoreError> {
    let Some(token) = ChallengeToken::parse(token.expose_secret()) else { return Ok(None) };
    let challenge = work.challenge(token.challenge()).await?;
    let challenge = challenge.filter(|challenge| challenge.parts().purpose == purpose);
    Ok(challenge.map(|challenge| (token, challenge)))
}

/// What presenting a code came to.
pub(crate) enum Presented {
    /// It is the right one of this challenge.
    Right(Challenge),
    /// It is a wrong one, and counts.
    Wrong,
    /// No code helps.
    Refused,
}

/// Presents a code, and saves what comes of it. Whatever that is, the unit is to be committed, or a wrong code would not
/// count.
pub(crate) async fn present(
    work: &mut dyn UnitOfWork,
    purpose: Purpose,
    token: &SecretString,
    code: &Code,
    now: Timestamp,
) -> Result<Presented, StoreError> {
    let Some((token, challenge)) = challenge_of(work, purpose, token).await? else {
        return Ok(Presented::Refused);
    };
    match challenge.attempt(&token, code, now) {
        Attempt::Right(challenge) => {
            work.save_challenge(&challenge).await?;
            Ok(Presented::Right(challenge))
        }
        Attempt::Wrong(challenge) => {
            work.save_challenge(&challenge).await?;
            Ok(Presented::Wrong)
        }
        Attempt::Refused => Ok(Presented::Refused),
    }
}
