//! API surfaces: what the clients of each rely on.
//!
//! Lectern speaks API v1 and five classic dialects, each the API of a system that it replaces. They share accounts,
//! sessions and rules; where their clients need other terms, those are values here, not branches elsewhere.

mod passwords;

use std::time::Duration;

use crate::{
    access::RoleName,
    account::PasswordPolicy,
    session::{RefreshPolicy, RefreshRules},
    throttling::{FailureCount, FailureQuota},
    transcription::RecordingKinds,
};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// An API that somebody signs up or in through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// Lectern's own.
    V1,
    /// Front ends that hold a shared secret.
    Iccem,
    /// A web UI, a bot and a worker for lectures. Its JSON sign-in is fast-web's, too: such a session is of both.
    LazyLecture,
    /// A site with sessions in cookies, one a device.
    Katkru,
    /// Clients of `OAuth2`'s password form.
    FastapiAuth,
    /// Server-rendered pages.
    FastWeb,
}

/// What signing in on a device leads to that has a live session of the account already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameDevice {
    /// One more session.
    OpensAnother,
    /// The session that is there goes on. A device is known by its `User-Agent`.
    Resumes,
}

impl Surface {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::V1, Self::Iccem, Self::LazyLecture, Self::Katkru, Self::FastapiAuth, Self::FastWeb];

    /// The longest that a refresh token of any surface is good for.
    pub const LONGEST_LIFETIME: Duration = DAY.saturating_mul(30);

    /// The longest that a session of any surface lives, however often it is refreshed. NIST SP 800-63B-4, section 2.1.3,
    /// recommends 30 days; why this is more is said in `docs/security.md`.
    pub const LONGEST_SESSION: Duration = DAY.saturating_mul(90);

    /// Its name, as it is stored and configured.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::Iccem => "iccem",
            Self::LazyLecture => "lazy-lecture",
            Self::Katkru => "katkru",
            Self::FastapiAuth => "fastapi-auth",
            Self::FastWeb => "fast-web",
        }
    }

    /// The surface of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.as_str() == name)
    }

    /// How sessions are refreshed that it opened.
    pub const fn refresh_policy(self) -> RefreshPolicy {
        match self {
            Self::V1 | Self::LazyLecture | Self::FastWeb => RefreshPolicy::Rotating,
            Self::Iccem | Self::Katkru | Self::FastapiAuth => RefreshPolicy::Static,
        }
    }

    /// How long an access token of such a session is good for.
    pub const fn access_lifetime(self) -> Duration {
        match self {
            Self::LazyLecture | Self::FastWeb => MINUTE.saturating_mul(30),
            Self::V1 | Self::Iccem | Self::Katkru | Self::FastapiAuth => MINUTE.saturating_mul(15),
        }
    }

    /// How long such a session lives, from when it was opened or last rotated, and in all; `grace` is how long the parent
    /// of its current generation is accepted again.
    pub const fn refresh_rules(self, grace: Duration) -> RefreshRules {
        let lifetime = match self {
            Self::Iccem | Self::FastapiAuth => DAY.saturating_mul(7),
            Self::V1 | Self::LazyLecture | Self::Katkru | Self::FastWeb => Self::LONGEST_LIFETIME,
        };
        RefreshRules { lifetime, longest: Self::LONGEST_SESSION, grace }
    }

    /// What signing in on the same device again leads to.
    pub const fn same_device(self) -> SameDevice {
        match self {
            Self::Katkru => SameDevice::Resumes,
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::FastapiAuth | Self::FastWeb => {
                SameDevice::OpensAnother
            }
        }
    }

    /// What it asks of new passwords.
    pub const fn password_policy(self) -> PasswordPolicy {
        match self {
            Self::V1 | Self::FastWeb => PasswordPolicy::V1,
            Self::Iccem => PasswordPolicy::ICCEM,
            Self::LazyLecture => PasswordPolicy::LAZY_LECTURE,
            Self::Katkru => PasswordPolicy::KATKRU,
            Self::FastapiAuth => PasswordPolicy::FASTAPI_AUTH,
        }
    }

    /// How many failures to sign in one network has there in a while, whoever it tried to be; `None`: any number.
    pub const fn failure_quota(self) -> Option<FailureQuota> {
        match self {
            Self::Katkru => Some(FailureQuota::KATKRU),
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::FastapiAuth | Self::FastWeb => None,
        }
    }

    /// After how many failures at one login the next try has to wait. Where there is a
    /// [failure quota](Self::failure_quota), all of that can be used before.
    pub const fn free_failures(self) -> FailureCount {
        match self {
            Self::Katkru => FailureCount(4),
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::FastapiAuth | Self::FastWeb => {
                FailureCount::FREE
            }
        }
    }

    /// The role of accounts that sign up through it.
    pub const fn role_of_new_accounts(self) -> RoleName {
        match self {
            Self::Katkru => RoleName::METHODIST,
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::FastapiAuth | Self::FastWeb => RoleName::USER,
        }
    }

    /// Which recordings may be uploaded through it. The worker of lazy-lecture's clients reads mp3s alone.
    pub const fn recording_kinds(self) -> RecordingKinds {
        match self {
            Self::LazyLecture => RecordingKinds::Mp3,
            Self::V1 | Self::Iccem | Self::Katkru | Self::FastapiAuth | Self::FastWeb => RecordingKinds::All,
        }
    }

    /// Whether such accounts may interact at once where registration is open. Clients of lazy-lecture expect that
    /// somebody lets each of them.
    pub const fn lets_new_accounts_interact(self) -> bool {
        match self {
            Self::LazyLecture => false,
            Self::V1 | Self::Iccem | Self::Katkru | Self::FastapiAuth | Self::FastWeb => true,
        }
    }

    /// Whether sessions that it opened may change the balance of their own account, without `balance.adjust`.
    pub const fn lets_holders_change_their_balance(self) -> bool {
        match self {
            Self::FastapiAuth => true,
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::Katkru | Self::FastWeb => false,
        }
    }

    /// Whether such a session is enough to delete its account, without the password.
    pub const fn deletes_accounts_without_password(self) -> bool {
        match self {
            Self::FastapiAuth => true,
            Self::V1 | Self::Iccem | Self::LazyLecture | Self::Katkru | Self::FastWeb => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for surface in Surface::ALL {
            assert_eq!(Surface::parse(surface.as_str()), Some(surface));
        }
        assert_eq!(Surface::parse("lazy_lecture"), None);
    }

    #[test]
    fn no_wait_comes_before_the_last_failure_of_a_quota() {
        for surface in Surface::ALL {
            let Some(quota) = surface.failure_quota() else { continue };
            let failures = (0..).map(FailureCount).take(quota.most);
            let delays = failures.map(|failures| failures.delay(surface.free_failures()));
            assert!(delays.into_iter().all(|delay| delay.is_zero()), "{surface:?}");
        }
    }

    #[test]
    fn only_who_came_through_the_password_form_needs_neither_permission_nor_password() {
        for surface in Surface::ALL {
            let is_form = surface == Surface::FastapiAuth;
            assert_eq!(surface.lets_holders_change_their_balance(), is_form);
            assert_eq!(surface.deletes_accounts_without_password(), is_form);
        }
    }

    #[test]
    fn no_surface_outlives_the_longest_lifetime() {
        let lifetimes = Surface::ALL.map(|surface| surface.refresh_rules(Duration::ZERO).lifetime);
        assert_eq!(lifetimes.iter().max(), Some(&Surface::LONGEST_LIFETIME));
    }
}
