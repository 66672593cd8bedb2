//! Mails on their way out.
//!
//! A mail is kept in the same transaction as what it tells about, and sent afterwards. Whoever sends it *takes* it first:
//! nobody else gets it for a while, longer than sending may last. Then it is removed, or postponed a little longer each
//! time, until it is of no use any more. Who takes a mail and is never heard of again leaves it to the next, so it may be
//! sent twice, under the same id; but it is never lost.

use std::{fmt, time::Duration};

use uuid::Uuid;

use crate::{account::EmailAddress, challenge::Code, time::Timestamp};

/// A mail's id, the same however often it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailId(pub Uuid);

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailContent {
    /// Somebody asked for a way back in without their password.
    PasswordReset {
        /// The challenge's code.
        code: Code,
    },
    /// Somebody says that this address is theirs.
    EmailVerification {
        /// The challenge's code.
        code: Code,
    },
}

impl MailContent {
    /// What it is about, without any secret.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PasswordReset { .. } => "password_reset",
            Self::EmailVerification { .. } => "email_verification",
        }
    }
}

/// How mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRules {
    /// The longest that sending one may last.
    pub patience: Duration,
    /// For how long a mail that was taken is nobody else's. Longer than `patience`.
    pub lease: Duration,
    /// The pause after the first failure; each further one doubles it.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for MailRules {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(30),
            lease: Duration::from_mins(1),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(5),
        }
    }
}

/// Everything a mail consists of, for stores.
#[derive(Clone, PartialEq, Eq)]
pub struct MailParts {
    /// Its id.
    pub id: MailId,
    /// Who gets it. `None`: nobody. Such a mail is kept, taken and removed like any other, so that neither the time of a
    /// request nor what follows it tells whether an address has an account.
    pub recipient: Option<EmailAddress>,
    /// What it says.
    pub content: MailContent,
    /// How often it was taken.
    pub attempts: u32,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Not to be taken before.
    pub not_before: Timestamp,
    /// Not to be sent afterwards.
    pub useful_until: Timestamp,
}

/// Opaque in all that is secret or personal.
impl fmt::Debug for MailParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, content, attempts, not_before, useful_until, .. } = self;
        f.debug_struct("MailParts")
            .field("id", id)
            .field("content", &content.name())
            .field("attempts", attempts)
            .field("not_before", not_before)
            .field("useful_until", useful_until)
            .finish_non_exhaustive()
    }
}

/// A mail that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail(MailParts);

impl Mail {
    /// A new mail, due at once.
    pub fn new(
        id: MailId,
        recipient: Option<EmailAddress>,
        content: MailContent,
        at: Timestamp,
        useful_until: Timestamp,
    ) -> Self {
        Self(MailParts { id, recipient, content, attempts: 0, created_at: at, not_before: at, useful_until })
    }

    /// The mail that a store kept.
    pub fn from_parts(parts: MailParts) -> Self {
        Self(parts)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &MailParts {
        &self.0
    }

    /// Its id.
    pub fn id(&self) -> MailId {
        self.0.id
    }

    /// Whether somebody may take it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.0.not_before <= now
    }

    /// Whether there is no use in sending it any more.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.0.useful_until <= now
    }

    /// Takes it: it is nobody else's for the length of a lease.
    pub fn take(self, now: Timestamp, rules: MailRules) -> Self {
        let attempts = self.0.attempts.saturating_add(1);
        Self(MailParts { attempts, not_before: now.plus(rules.lease), ..self.0 })
    }

    /// Whether it is still as when `taken` was, and not somebody else's meanwhile.
    pub fn is_still(&self, taken: &Self) -> bool {
        self.0.attempts == taken.0.attempts
    }

    /// It could not be sent: it rests, longer each time.
    pub fn postpone(self, now: Timestamp, rules: MailRules) -> Self {
        let doublings = self.0.attempts.saturating_sub(1).min(20);
        let pause = rules.first_pause.saturating_mul(1 << doublings).min(rules.longest_pause);
        Self(MailParts { not_before: now.plus(pause), ..self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn mail() -> Mail {
        let content = MailContent::PasswordReset { code: Code::parse("123456").unwrap() };
        let recipient = EmailAddress::parse("ada@example.org").ok();
        Mail::new(MailId(Uuid::nil()), recipient, content, at(0), at(600))
    }

    /// How long the mail rests after it could not be sent for the `n`th time.
    fn pause_after(n: u32) -> Duration {
        let rules = MailRules::default();
        let taken = (0..n).fold(mail(), |mail, _| mail.take(at(0), rules));
        taken.postpone(at(0), rules).parts().not_before.since(at(0))
    }

    #[test]
    fn a_mail_that_was_taken_is_due_again_only_after_the_lease() {
        let taken = mail().take(at(0), MailRules::default());
        assert!(!taken.is_due(at(59)));
        assert!(taken.is_due(at(60)));
    }

    #[test]
    fn a_lease_outlasts_the_sending() {
        let rules = MailRules::default();
        assert!(rules.lease > rules.patience);
    }

    #[test]
    fn who_was_too_slow_is_not_its_holder_any_more() {
        let rules = MailRules::default();
        let taken = mail().take(at(0), rules);
        assert!(taken.is_still(&taken));
        assert!(!taken.clone().take(at(60), rules).is_still(&taken));
    }

    #[test]
    fn pauses_double_from_a_second_to_five_minutes() {
        let pauses = [1, 2, 3, 4, 9, 10, 100].map(|n| pause_after(n).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 256, 300, 300]);
    }

    #[test]
    fn a_mail_is_stale_from_the_moment_it_is_of_no_use() {
        assert!(!mail().is_stale(at(599)));
        assert!(mail().is_stale(at(600)));
    }

    #[test]
    fn debug_output_shows_neither_code_nor_recipient() {
        let shown = format!("{:?}", mail());
        assert!(!shown.contains("123456") && !shown.contains("ada") && !shown.contains("example"), "{shown}");
    }
}
