//! Looking at the keys of a folder, and replacing them, whether a server uses the folder or not.
//!
//! A new key is in the folder for the *overlap* before it begins to sign, so that every server and everybody who keeps
//! a copy of the public keys has it by then. Nothing has to be told to anybody: when a key begins is in its name, and
//! servers look into the folder every few seconds.
//!
//! The key before it verifies until the last token that it signed has expired; then servers don't use it any more, and
//! the next rotation removes its file.

use std::{path::Path, time::Duration};

use lectern_domain::time::Timestamp;

use super::{
    JwtAlgorithm, KeyRingError, KeyRingSettings,
    folder::{FolderLock, KeyFolder, KeysByKid},
    keys, kid,
};

/// How keys are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The new ones begin to sign after this time.
    After(Duration),
    /// The new ones sign at once, and nothing that was signed before is valid any more: everybody has to sign in again.
    RevokeOld,
}

impl Rotation {
    /// Twice as long as others may keep a copy of the public keys.
    pub const DEFAULT_OVERLAP: Duration = Duration::from_mins(10);
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It verifies, and begins to sign at that time.
    Waiting {
        /// When.
        begins: Timestamp,
    },
    /// It signs and verifies.
    Signing,
    /// It verifies what it signed.
    Verifying {
        /// Until all of that has expired. `None` if nothing has replaced it.
        until: Option<Timestamp>,
    },
    /// All that it signed has expired. The next rotation removes it.
    Retired,
}

/// A key of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// Its name, in tokens and in the JWK set.
    pub kid: String,
    /// What it is for.
    pub algorithm: JwtAlgorithm,
    /// What it does.
    pub state: KeyState,
    /// When it begins or began to sign, if its name says so.
    pub begins: Option<Timestamp>,
}

/// What a rotation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The new keys: one, and where another algorithm signs refresh tokens, one for those.
    pub made: Vec<ListedKey>,
    /// The names of those that are gone.
    pub removed: Vec<String>,
}

/// The keys in `folder`, in the order in which they sign.
pub fn list_keys(
    folder: &Path,
    settings: &KeyRingSettings,
    now: Timestamp,
) -> Result<Vec<ListedKey>, KeyRingError> {
    let folder = KeyFolder::open(folder)?;
    let lock = folder.lock()?;
    Ok(listed(&folder.load(&lock)?, settings, now))
}

/// Makes new keys in `folder`, and removes those that are of no use any more. Where there are none of an algorithm yet,
/// the new one signs at once. Of several rotations at the same time, one follows the other.
pub fn rotate_keys(
    folder: &Path,
    settings: &KeyRingSettings,
    rotation: Rotation,
    now: Timestamp,
) -> Result<Rotated, KeyRingError> {
    let folder = KeyFolder::open(folder)?;
    let lock = folder.lock()?;
    let old = folder.load(&lock)?;
    let mut fresh = Vec::new();
    for algorithm in settings.needed() {
        let is_first = !old.values().any(|key| key.algorithm() == algorithm);
        let begins = match rotation {
            Rotation::After(overlap) if !is_first => now.plus(overlap),
            Rotation::After(_) | Rotation::RevokeOld => now,
        };
        fresh.push(folder.add(&lock, algorithm, begins)?);
    }
    let removed = remove_useless(&folder, &lock, &old, settings, rotation, now)?;
    let mut made = listed(&folder.load(&lock)?, settings, now);
    made.retain(|key| fresh.contains(&key.kid));
    Ok(Rotated { made, removed })
}

/// Removes what nothing valid was signed by, or is to be.
fn remove_useless(
    folder: &KeyFolder,
    lock: &FolderLock,
    old: &KeysByKid,
    settings: &KeyRingSettings,
    rotation: Rotation,
    now: Timestamp,
) -> Result<Vec<String>, KeyRingError> {
    let ends = keys::ends(old, settings);
    let is_useless = |kid: &String| match rotation {
        Rotation::RevokeOld => true,
        Rotation::After(_) => ends.get(kid).is_some_and(|&end| end <= now),
    };
    let mut removed = Vec::new();
    for (kid, key) in old.iter().filter(|(kid, _)| is_useless(kid)) {
        folder.remove(lock, kid, key.algorithm())?;
        removed.push(kid.clone());
    }
    Ok(removed)
}

fn listed(keys: &KeysByKid, settings: &KeyRingSettings, now: Timestamp) -> Vec<ListedKey> {
    let ends = keys::ends(keys, settings);
    let needed = settings.needed();
    let signing: Vec<_> =
        needed.iter().filter_map(|&algorithm| keys::signing(keys.iter(), algorithm, now)).collect();
    let state = |kid: &str, algorithm| match (kid::begins(kid), ends.get(kid).copied()) {
        _ if signing.contains(&kid) => KeyState::Signing,
        (Some(begins), _) if begins > now && needed.contains(&algorithm) => KeyState::Waiting { begins },
        (_, Some(end)) if end <= now => KeyState::Retired,
        (_, until) => KeyState::Verifying { until },
    };
    let mut listed: Vec<_> = keys
        .iter()
        .map(|(kid, key)| {
            let algorithm = key.algorithm();
            let begins = kid::begins(kid);
            ListedKey { kid: kid.clone(), algorithm, state: state(kid, algorithm), begins }
        })
        .collect();
    listed.sort_by(|a, b| (kid::begins(&a.kid), &a.kid).cmp(&(kid::begins(&b.kid), &b.kid)));
    listed
}
