//! Verified tokens, remembered, so that a signature is paid for once and not with every request.
//!
//! What is remembered is that a token, as a whole, is genuine by the keys that the ring has. It is never remembered that
//! a token is *valid*: expiry and session are looked at with every request, by the use cases.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::digest::{SHA256, digest};
use lectern_application::{
    metrics::catalogue::{MEMORY, SIGNATURE, TOKENS},
    ports::{AccessClaims, Claims, Clock, RefreshClaims, SignError, TokenRejected, TokenSigner},
};
use moka::{Expiry, sync::Cache};

use crate::key_ring::{KeyRing, KeySetId, MAX_TOKEN_BYTES};

/// What an entry takes besides what is in its token.
const ENTRY_BYTES: usize = 512;

/// A key ring that remembers the access tokens it has verified: by the SHA-256 of the whole token, until the token
/// expires or the ring's keys change. Refresh tokens are seen once each, and are not remembered.
pub struct RememberedTokens {
    ring: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    tokens: Cache<[u8; 32], Arc<Remembered>>,
    /// How many were remembered, and how many were read.
    recalled: metrics::Counter,
    read: metrics::Counter,
}

struct Remembered {
    claims: AccessClaims,
    /// What the ring had when the token was verified.
    keys: KeySetId,
    /// From then to its expiry.
    lifetime: Duration,
    bytes: u32,
}

/// Lets go of a token when it expires.
struct WithTheToken;

impl Expiry<[u8; 32], Arc<Remembered>> for WithTheToken {
    fn expire_after_create(&self, _: &[u8; 32], token: &Arc<Remembered>, _: Instant) -> Option<Duration> {
        Some(token.lifetime)
    }

    fn expire_after_update(
        &self,
        _: &[u8; 32],
        token: &Arc<Remembered>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(token.lifetime)
    }
}

impl RememberedTokens {
    /// What is enough for some 10,000 tokens, in bytes.
    pub const DEFAULT_ROOM: u64 = 16 * 1024 * 1024;

    /// A memory of about `room` bytes before `ring`. When it is full, those that are used least have to go.
    pub fn new(ring: Arc<KeyRing>, clock: Arc<dyn Clock>, room: u64) -> Self {
        let tokens = Cache::builder()
            .max_capacity(room)
            .weigher(|_: &[u8; 32], token: &Arc<Remembered>| token.bytes)
            .expire_after(WithTheToken)
            .build();
        let [recalled, read] = [MEMORY, SIGNATURE].map(|checked_by| TOKENS.of([checked_by]));
        Self { ring, clock, tokens, recalled, read }
    }

    fn recall(&self, token: &[u8; 32]) -> Option<AccessClaims> {
        let found = self.tokens.get(token)?;
        let is_current = found.keys == self.ring.key_set() && self.clock.now() < found.claims.expires_at;
        is_current.then(|| found.claims.clone())
    }

    fn remember(&self, token: [u8; 32], length: usize, claims: &AccessClaims, keys: KeySetId) {
        let lifetime = claims.expires_at.since(self.clock.now());
        if lifetime.is_zero() {
            return;
        }
        let bytes = u32::try_from(length.saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX);
        self.tokens.insert(token, Arc::new(Remembered { claims: claims.clone(), keys, lifetime, bytes }));
    }
}

impl TokenSigner for RememberedTokens {
    fn sign_access(&self, claims: &AccessClaims) -> Result<String, SignError> {
        self.ring.sign_access(claims)
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<String, SignError> {
        self.ring.sign_refresh(claims)
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRejected> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRejected);
        }
        let name = sha256(token);
        if let Some(claims) = self.recall(&name) {
            self.recalled.increment(1);
            return Ok(Claims::Access(claims));
        }
        let (claims, keys) = self.ring.read(token)?;
        self.read.increment(1);
        if let Claims::Access(access) = &claims {
            self.remember(name, token.len(), access, keys);
        }
        Ok(claims)
    }

    fn public_keys(&self) -> String {
        self.ring.public_keys()
    }
}

impl fmt::Debug for RememberedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedTokens").field("ring", &self.ring).finish_non_exhaustive()
    }
}

fn sha256(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

#[cfg(test)]
mod tests {
    use lectern_domain::{
        access::{PermissionSet, RoleName},
        account::{AccountEpoch, UserId},
        session::SessionId,
        time::Timestamp,
    };
    use lectern_testkit::{build::fresh_id, clock::FakeClock};
    use tempfile::TempDir;

    use super::*;
    use crate::{JwtAlgorithm, KeyRingSettings};

    struct Bench {
        _folder: TempDir,
        clock: Arc<FakeClock>,
        signer: RememberedTokens,
    }

    impl Bench {
        fn new(room: u64) -> Self {
            let folder = TempDir::new().unwrap();
            let clock = Arc::new(FakeClock::default());
            let settings =
                KeyRingSettings { algorithm: JwtAlgorithm::EdDsa, token_lifetime: Duration::from_hours(720) };
            let ring = KeyRing::open(folder.path(), settings, clock.clone()).unwrap();
            let signer = RememberedTokens::new(Arc::new(ring), clock.clone(), room);
            Self { _folder: folder, clock, signer }
        }

        /// A token that was verified.
        fn seen(&self, expires_at: Timestamp) -> String {
            let claims = AccessClaims {
                issuer: "https://lectern.example".to_owned(),
                subject: UserId(fresh_id()),
                session: SessionId(fresh_id()),
                epoch: AccountEpoch(7),
                role: RoleName::USER,
                permissions: PermissionSet::default(),
                issued_at: self.clock.now(),
                expires_at,
                id: fresh_id(),
            };
            let token = self.signer.sign_access(&claims).unwrap();
            assert_eq!(self.signer.verify(&token), Ok(Claims::Access(claims)));
            token
        }

        fn remembers(&self, token: &str) -> bool {
            self.signer.recall(&sha256(token)).is_some()
        }
    }

    #[test]
    fn a_token_that_was_verified_is_not_asked_of_the_ring_again() {
        let bench = Bench::new(RememberedTokens::DEFAULT_ROOM);
        let token = bench.seen(bench.clock.now().plus(Duration::from_mins(15)));
        let remembered = bench.signer.tokens.get(&sha256(&token)).unwrap();
        // What only the memory takes for genuine.
        bench.signer.tokens.insert(sha256("no token"), remembered);
        assert!(bench.signer.ring.verify("no token").is_err());
        assert!(bench.signer.verify("no token").is_ok());
    }

    #[test]
    fn an_expired_token_is_not_remembered() {
        let bench = Bench::new(RememberedTokens::DEFAULT_ROOM);
        let token = bench.seen(bench.clock.now().plus(Duration::from_mins(15)));
        assert!(bench.remembers(&token));
        bench.clock.advance(Duration::from_mins(15));
        assert!(!bench.remembers(&token));
        assert!(!bench.remembers(&bench.seen(bench.clock.now())));
    }

    #[test]
    fn a_refused_token_is_not_remembered() {
        let bench = Bench::new(RememberedTokens::DEFAULT_ROOM);
        assert!(bench.signer.verify("no token").is_err());
        bench.signer.tokens.run_pending_tasks();
        assert_eq!(bench.signer.tokens.entry_count(), 0);
    }

    #[test]
    fn the_room_is_never_exceeded() {
        let room = 10_000;
        let bench = Bench::new(room);
        for _ in 0..100 {
            bench.seen(bench.clock.now().plus(Duration::from_mins(15)));
        }
        bench.signer.tokens.run_pending_tasks();
        assert!((1..=room).contains(&bench.signer.tokens.weighted_size()));
    }
}
