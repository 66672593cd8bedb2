//! Generations: the state machine behind refresh tokens.

use std::time::Duration;

use uuid::Uuid;

use super::Device;
use crate::{account::UserId, surface::Surface, time::Timestamp};

/// A session's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub Uuid);

/// Which refresh token of a session is the current one. Counts from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl Generation {
    /// That of a new session.
    pub const FIRST: Self = Self(0);

    fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Whether refreshing replaces the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// Every refresh begins a new generation.
    Rotating,
    /// The first refresh token works for the session's whole life: for clients that can't store a new one.
    Static,
}

/// How long things last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshRules {
    /// How long a session lives after its last rotation.
    pub lifetime: Duration,
    /// How long it lives at most, however often it rotates; then its holder has to show again who they are.
    pub longest: Duration,
    /// How long the direct parent of the current generation is accepted again. Zero turns it off.
    pub grace: Duration,
}

impl Default for RefreshRules {
    fn default() -> Self {
        Surface::V1.refresh_rules(Duration::from_secs(30))
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its holder signed out.
    LoggedOut,
    /// An old refresh token was presented: somebody has a copy.
    Reused,
    /// Its holder or somebody with the right ended it from elsewhere.
    Revoked,
    /// The account had too many sessions, and this was the least recently used.
    Displaced,
}

/// Everything a session consists of, for stores and views.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described at the type of the same name")]
pub struct SessionParts {
    pub id: SessionId,
    pub user: UserId,
    pub policy: RefreshPolicy,
    /// The API surface that opened it.
    pub opened_by: Surface,
    pub device: Device,
    pub generation: Generation,
    /// When the current generation began.
    pub rotated_at: Timestamp,
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// When and why it ended, if it did before it expired.
    pub ended: Option<(Timestamp, EndReason)>,
}

/// An account signed in on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session(SessionParts);

/// What presenting a refresh token leads to. See the [module's documentation](crate::session).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presentation {
    /// The current generation: save the session by compare-and-swap on the generation presented, then answer the
    /// successor's token. Whoever loses the swap reloads and presents again.
    Rotated(Session),
    /// Nothing to save: answer the token of the session's current generation (again).
    Repeated(Session),
    /// Reuse: save the session, which ended, and say why.
    Reused(Session),
    /// The session had ended before.
    Ended(EndReason),
    /// The session has expired.
    Expired,
    /// A generation that this session never had, as after the database was restored from a backup.
    Unknown,
}

impl Session {
    /// Opens a session, to be refreshed as its surface has it. With the same device and rules, its first refresh token is
    /// fixed by `id` and `at`.
    pub fn open(
        id: SessionId,
        user: UserId,
        opened_by: Surface,
        device: Device,
        at: Timestamp,
        rules: RefreshRules,
    ) -> Self {
        Self(SessionParts {
            id,
            user,
            policy: opened_by.refresh_policy(),
            opened_by,
            device,
            generation: Generation::FIRST,
            rotated_at: at,
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(rules.lifetime.min(rules.longest)),
            ended: None,
        })
    }

    /// The session that a store kept.
    pub fn from_parts(parts: SessionParts) -> Self {
        Self(parts)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &SessionParts {
        &self.0
    }

    /// Its id.
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// The current generation.
    pub fn generation(&self) -> Generation {
        self.0.generation
    }

    /// Neither ended nor expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.0.ended.is_none() && now < self.0.expires_at
    }

    /// Somebody presents the refresh token of `generation`.
    pub fn present(self, generation: Generation, now: Timestamp, rules: RefreshRules) -> Presentation {
        if let Some((_, reason)) = self.0.ended {
            return Presentation::Ended(reason);
        }
        if now >= self.0.expires_at {
            return Presentation::Expired;
        }
        if generation > self.0.generation {
            return Presentation::Unknown;
        }
        if self.0.policy == RefreshPolicy::Static {
            return Presentation::Repeated(self);
        }
        if generation == self.0.generation {
            return Presentation::Rotated(self.rotate(now, rules));
        }
        let in_grace = generation.next() == self.0.generation && now.since(self.0.rotated_at) < rules.grace;
        if in_grace {
            Presentation::Repeated(self)
        } else {
            Presentation::Reused(self.end(EndReason::Reused, now))
        }
    }

    fn rotate(self, now: Timestamp, rules: RefreshRules) -> Self {
        Self(SessionParts {
            generation: self.0.generation.next(),
            rotated_at: now,
            last_seen_at: now,
            expires_at: now.plus(rules.lifetime).min(self.0.created_at.plus(rules.longest)),
            ..self.0
        })
    }

    /// The same session with the time it was last used, to the minute; `None` if that is known already.
    pub fn seen(self, at: Timestamp) -> Option<Self> {
        let is_news = at.since(self.0.last_seen_at) >= Duration::from_mins(1);
        is_news.then_some(Self(SessionParts { last_seen_at: at, ..self.0 }))
    }

    /// Somebody signed in again on its device, with the password: it goes on as if it were new, and tokens that were made
    /// for it stay good if its policy is [`RefreshPolicy::Static`].
    pub fn resume(self, device: Device, at: Timestamp, rules: RefreshRules) -> Self {
        let expires_at = at.plus(rules.lifetime.min(rules.longest));
        let resumed = self.rotate(at, rules);
        Self(SessionParts { device, expires_at, ..resumed.0 })
    }

    /// Ends it. A session that has ended keeps its first reason.
    pub fn end(self, reason: EndReason, at: Timestamp) -> Self {
        let ended = self.0.ended.or(Some((at, reason)));
        Self(SessionParts { ended, ..self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: RefreshRules = RefreshRules {
        lifetime: Duration::from_secs(1000),
        longest: Duration::from_secs(2500),
        grace: Duration::from_secs(30),
    };
    const START: Timestamp = Timestamp::from_micros(0);

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    fn opened(policy: RefreshPolicy) -> Session {
        let user = UserId(Uuid::nil());
        let surface = match policy {
            RefreshPolicy::Rotating => Surface::V1,
            RefreshPolicy::Static => Surface::FastapiAuth,
        };
        Session::open(SessionId(Uuid::nil()), user, surface, Device::default(), START, RULES)
    }

    fn rotated(session: Session, at: Timestamp) -> Session {
        let generation = session.generation();
        match session.present(generation, at, RULES) {
            Presentation::Rotated(session) => session,
            other => panic!("not rotated: {other:?}"),
        }
    }

    #[test]
    fn the_current_generation_rotates_and_extends_the_session() {
        let session = rotated(opened(RefreshPolicy::Rotating), after(500));
        assert_eq!(session.generation(), Generation(1));
        assert_eq!(session.parts().expires_at, after(1500));
    }

    #[test]
    fn a_session_that_is_always_in_use_ends_all_the_same() {
        let mut session = opened(RefreshPolicy::Rotating);
        for at in [900, 1800, 2400] {
            session = rotated(session, after(at));
        }
        assert_eq!(session.parts().expires_at, after(2500));
        assert_eq!(session.present(Generation(3), after(2500), RULES), Presentation::Expired);
    }

    #[test]
    fn the_parent_within_the_grace_interval_gets_the_same_successor() {
        let session = rotated(opened(RefreshPolicy::Rotating), after(100));
        let again = session.clone().present(Generation(0), after(129), RULES);
        assert_eq!(again, Presentation::Repeated(session));
    }

    #[test]
    fn the_parent_after_the_grace_interval_ends_the_session() {
        let session = rotated(opened(RefreshPolicy::Rotating), after(100));
        let Presentation::Reused(session) = session.present(Generation(0), after(130), RULES) else {
            panic!("not reused")
        };
        assert_eq!(session.parts().ended, Some((after(130), EndReason::Reused)));
        assert_eq!(session.present(Generation(1), after(131), RULES), Presentation::Ended(EndReason::Reused));
    }

    #[test]
    fn a_grandparent_ends_the_session_even_at_once() {
        let session = rotated(rotated(opened(RefreshPolicy::Rotating), after(1)), after(1));
        assert!(matches!(session.present(Generation(0), after(1), RULES), Presentation::Reused(_)));
    }

    #[test]
    fn no_grace_means_none() {
        let rules = RefreshRules { grace: Duration::ZERO, ..RULES };
        let session = rotated(opened(RefreshPolicy::Rotating), after(1));
        assert!(matches!(session.present(Generation(0), after(1), rules), Presentation::Reused(_)));
    }

    #[test]
    fn a_static_session_never_rotates() {
        let session = opened(RefreshPolicy::Static);
        let again = session.clone().present(Generation(0), after(900), RULES);
        assert_eq!(again, Presentation::Repeated(session));
    }

    #[test]
    fn an_expired_session_is_not_refreshed() {
        let session = opened(RefreshPolicy::Rotating);
        assert_eq!(session.present(Generation(0), after(1000), RULES), Presentation::Expired);
    }

    #[test]
    fn a_generation_from_the_future_changes_nothing() {
        let session = opened(RefreshPolicy::Rotating);
        assert_eq!(session.present(Generation(1), after(1), RULES), Presentation::Unknown);
    }

    #[test]
    fn the_last_use_is_noted_to_the_minute() {
        let session = opened(RefreshPolicy::Rotating);
        assert_eq!(session.clone().seen(after(59)), None);
        assert_eq!(session.seen(after(60)).map(|seen| seen.parts().last_seen_at), Some(after(60)));
    }

    #[test]
    fn a_session_that_is_resumed_is_as_good_as_new_and_its_tokens_go_on() {
        let device = Device { ip: Some([192, 0, 2, 7].into()), ..Device::default() };
        let session = opened(RefreshPolicy::Static).resume(device.clone(), after(900), RULES);
        assert_eq!((session.parts().expires_at, &session.parts().device), (after(1900), &device));
        let again = session.clone().present(Generation(0), after(1800), RULES);
        assert_eq!(again, Presentation::Repeated(session.clone()));
        // The password was given again, so its longest life begins anew.
        assert_eq!(session.resume(device, after(1800), RULES).parts().expires_at, after(2800));
    }

    #[test]
    fn the_first_reason_to_end_stays() {
        let session = opened(RefreshPolicy::Rotating).end(EndReason::LoggedOut, after(1));
        assert_eq!(
            session.end(EndReason::Revoked, after(2)).parts().ended,
            Some((after(1), EndReason::LoggedOut))
        );
    }
}
