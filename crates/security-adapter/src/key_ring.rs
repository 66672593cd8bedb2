//! Signed tokens (JWS, RFC 7515; EdDSA by RFC 8037) and the keys that sign them.
//!
//! Each key has a `kid` and one algorithm. Of the keys of the configured algorithm, the latest that has begun signs; all
//! verify, until nothing valid can be left of what they signed. When a key begins is said by its `kid`; see
//! [`rotate_keys`] for how keys are replaced while servers run.
//!
//! A token is read strictly. Its header has `alg`, `typ` and `kid` and nothing else, its claims are those of
//! `AccessClaims` or `RefreshClaims` and nothing else, each once, all base64 is canonical. Nothing of the header is
//! believed: `kid` chooses among the keys in memory, and `alg` must be what that key is for.
//!
//! | module | what is there |
//! |---|---|
//! | `key` | one key: how it is made and read; a new algorithm is a variant of [`JwtAlgorithm`] and an arm there |
//! | `kid` | the names of keys |
//! | `folder` | files and the lock |
//! | `keys` | which key signs, which verify |
//! | `rotation` | what the command line does |
//! | `token`, `wire` | tokens in text and in JSON |

mod folder;
mod key;
mod keys;
mod kid;
mod rotation;
mod token;
mod wire;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError},
    time::Duration,
};

use lectern_application::ports::{
    AccessClaims, Claims, Clock, RefreshClaims, SignError, TokenRejected, TokenSigner,
};
use lectern_domain::time::Timestamp;

use folder::KeyFolder;
pub use folder::KeyRingError;
pub use key::JwtAlgorithm;
pub(crate) use keys::KeySetId;
use keys::Keys;
pub use rotation::{KeyState, ListedKey, Rotated, Rotation, list_keys, rotate_keys};
pub(crate) use token::MAX_TOKEN_BYTES;
use token::Reading;
use wire::TokenClaims;

/// How long after it looked for the key of a token in vain a ring looks again, whatever tokens come.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a ring is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRingSettings {
    /// What signs access tokens, and refresh tokens too where its signatures are always the same.
    pub algorithm: JwtAlgorithm,
    /// The longest that a token is good for. A key verifies for so long after another has taken its place.
    pub token_lifetime: Duration,
}

impl KeyRingSettings {
    /// How much longer than that: for clocks that differ, for the leeway of use cases, and for servers that have not
    /// looked into the folder yet.
    const SLACK: Duration = Duration::from_hours(1);

    /// The algorithms of which there must be a key.
    fn needed(&self) -> Vec<JwtAlgorithm> {
        let mut needed = vec![self.algorithm, self.algorithm.for_refresh_tokens()];
        needed.dedup();
        needed
    }
}

/// Keys from a folder, as the port `TokenSigner`. They change as the folder does, when the ring is told to
/// [`reload`](KeyRing::reload), or when a token names a key that it doesn't have.
pub struct KeyRing {
    folder: KeyFolder,
    settings: KeyRingSettings,
    clock: Arc<dyn Clock>,
    current: RwLock<Arc<Keys>>,
    reloads: Mutex<Reloads>,
}

/// What is remembered from one look into the folder to the next.
#[derive(Default)]
struct Reloads {
    /// When a token last made the ring look.
    asked_at: Option<Timestamp>,
    /// What was wrong with the folder, so that it is logged once.
    complaint: Option<String>,
}

impl KeyRing {
    /// The keys in `folder`. The folder and the first keys are made if they are missing; of several servers that start
    /// at once, one makes the keys and all use them.
    pub fn open(
        folder: &Path,
        settings: KeyRingSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyRingError> {
        let folder = KeyFolder::ensure(folder)?;
        let lock = folder.lock()?;
        let now = clock.now();
        let mut keys = folder.load(&lock)?;
        for algorithm in settings.needed() {
            if !keys.values().any(|key| key.algorithm() == algorithm) {
                folder.add(&lock, algorithm, now)?;
                keys = folder.load(&lock)?;
            }
        }
        drop(lock);
        let current = RwLock::new(Arc::new(Keys::new(keys, &settings, now)?));
        Ok(Self { folder, settings, clock, current, reloads: Mutex::default() })
    }

    /// Looks into the folder, and takes the keys that are there now. A folder that can't be used is logged and changes
    /// nothing. Reads a few small files.
    pub fn reload(&self) {
        self.reload_as(&mut self.reloads.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn reload_as(&self, reloads: &mut MutexGuard<'_, Reloads>) {
        match self.look() {
            // Somebody is just changing it: the next look will see the whole change.
            Ok(None) => {}
            Ok(Some(keys)) => {
                reloads.complaint = None;
                if keys.id() != self.keys().id() {
                    tracing::info!(kids = ?keys.kids().collect::<Vec<_>>(), "the keys that verify tokens changed");
                    *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                }
            }
            Err(error) => {
                let complaint = error.to_string();
                if reloads.complaint.as_ref() != Some(&complaint) {
                    tracing::error!(
                        error = complaint,
                        "can't use the folder of keys; going on with those that were there"
                    );
                    reloads.complaint = Some(complaint);
                }
            }
        }
    }

    fn look(&self) -> Result<Option<Keys>, KeyRingError> {
        let Some(lock) = self.folder.try_share()? else { return Ok(None) };
        let keys = self.folder.load(&lock)?;
        Keys::new(keys, &self.settings, self.clock.now()).map(Some)
    }

    /// Looks into the folder for a key that a token named, unless that was done just now. Whether it looked.
    fn look_for_a_key(&self) -> bool {
        let mut reloads = match self.reloads.try_lock() {
            Ok(reloads) => reloads,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        let now = self.clock.now();
        if reloads.asked_at.is_some_and(|asked_at| now.since(asked_at) < PATIENCE) {
            return false;
        }
        reloads.asked_at = Some(now);
        self.reload_as(&mut reloads);
        true
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which keys the ring has.
    pub(crate) fn key_set(&self) -> KeySetId {
        self.keys().id()
    }

    /// What a token says, and the keys that it was read with.
    pub(crate) fn read(&self, token: &str) -> Result<(Claims, KeySetId), TokenRejected> {
        let keys = self.keys();
        match token::read(token, &keys) {
            Reading::Genuine(claims) => Ok((claims, keys.id())),
            Reading::UnknownKey if self.look_for_a_key() => {
                let keys = self.keys();
                match token::read(token, &keys) {
                    Reading::Genuine(claims) => Ok((claims, keys.id())),
                    Reading::UnknownKey | Reading::Rejected => Err(TokenRejected),
                }
            }
            Reading::UnknownKey | Reading::Rejected => Err(TokenRejected),
        }
    }

    fn sign(
        &self,
        claims: &TokenClaims,
        algorithm: JwtAlgorithm,
        issued_at: Timestamp,
    ) -> Result<String, SignError> {
        let keys = self.keys();
        let key = keys.signing(algorithm, issued_at);
        let key = key.ok_or_else(|| SignError { source: KeyRingError::NoKey { algorithm }.into() })?;
        token::sign(claims, key)
    }
}

impl TokenSigner for KeyRing {
    fn sign_access(&self, claims: &AccessClaims) -> Result<String, SignError> {
        self.sign(&claims.into(), self.settings.algorithm, claims.issued_at)
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<String, SignError> {
        self.sign(&claims.into(), self.settings.algorithm.for_refresh_tokens(), claims.issued_at)
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRejected> {
        self.read(token).map(|(claims, _)| claims)
    }

    fn public_keys(&self) -> String {
        self.keys().public().to_owned()
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("kids", &self.keys().kids().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
