//! What a ring has at one moment: which key signs, which verify, and until when.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use jsonwebtoken::jwk::JwkSet;
use lectern_domain::time::Timestamp;

use super::{
    JwtAlgorithm, KeyRingError, KeyRingSettings,
    folder::KeysByKid,
    key::Key,
    kid,
    token::{TokenHeader, encode_part},
};

/// Names a set of keys by what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeySetId([u8; 32]);

/// The keys of a ring. They never change; a ring that changes has others.
pub(super) struct Keys {
    by_kid: BTreeMap<String, RingKey>,
    id: KeySetId,
    /// The JWK set.
    public: String,
}

/// A key, with the header of all tokens that it signs.
pub(super) struct RingKey {
    pub(super) key: Key,
    pub(super) header: String,
}

impl Keys {
    /// Those of the folder's keys that still verify, if there is one that can sign.
    pub(super) fn new(
        all: KeysByKid,
        settings: &KeyRingSettings,
        now: Timestamp,
    ) -> Result<Self, KeyRingError> {
        let ends = ends(&all, settings);
        let mut id = Context::new(&SHA256);
        let mut by_kid = BTreeMap::new();
        for (kid, key) in all {
            if ends.get(&kid).is_some_and(|&end| end <= now) {
                continue;
            }
            id.update(kid.as_bytes());
            id.update(&key.fingerprint());
            let header = encode_part(&TokenHeader::of(kid.clone(), key.algorithm()))
                .map_err(|source| KeyRingError::Unusable { source: source.into() })?;
            by_kid.insert(kid, RingKey { key, header });
        }
        let public = JwkSet { keys: by_kid.values().filter_map(|it| it.key.public().cloned()).collect() };
        let public = serde_json::to_string(&public)
            .map_err(|source| KeyRingError::Unusable { source: source.into() })?;
        let mut digest = [0; 32];
        digest.copy_from_slice(id.finish().as_ref());
        let keys = Self { by_kid, id: KeySetId(digest), public };
        match settings.needed().into_iter().find(|&needed| keys.signing(needed, now).is_none()) {
            Some(algorithm) => Err(KeyRingError::NoKey { algorithm }),
            None => Ok(keys),
        }
    }

    /// The key of that name.
    pub(super) fn get(&self, kid: &str) -> Option<&RingKey> {
        self.by_kid.get(kid)
    }

    /// All names.
    pub(super) fn kids(&self) -> impl Iterator<Item = &str> {
        self.by_kid.keys().map(String::as_str)
    }

    /// The key that signs what was issued at that time: the latest that had begun by then. Where none had, the first.
    ///
    /// The time of issue decides, not the present, so that a refresh token that is made again is the same, although
    /// another key has begun to sign meanwhile.
    pub(super) fn signing(&self, algorithm: JwtAlgorithm, issued_at: Timestamp) -> Option<&RingKey> {
        signing(self.by_kid.iter().map(|(kid, it)| (kid, &it.key)), algorithm, issued_at)
            .and_then(|kid| self.get(kid))
    }

    /// What sets with the same keys have in common.
    pub(super) fn id(&self) -> KeySetId {
        self.id
    }

    /// The JWK set.
    pub(super) fn public(&self) -> &str {
        &self.public
    }
}

/// The `kid` of the key of that algorithm that signs what was issued at that time.
pub(super) fn signing<'a>(
    keys: impl Iterator<Item = (&'a String, &'a Key)> + Clone,
    algorithm: JwtAlgorithm,
    issued_at: Timestamp,
) -> Option<&'a str> {
    let in_order =
        keys.filter(|(_, key)| key.algorithm() == algorithm).map(|(kid, _)| (kid::begins(kid), kid.as_str()));
    let begun = in_order.clone().filter(|(begins, _)| begins.is_none_or(|begins| begins <= issued_at)).max();
    begun.or_else(|| in_order.min()).map(|(_, kid)| kid)
}

/// When keys stop to verify, of those that do: another of the same algorithm began to sign so long ago that all tokens
/// of this one have expired.
pub(super) fn ends(keys: &KeysByKid, settings: &KeyRingSettings) -> BTreeMap<String, Timestamp> {
    let ends = keys.iter().filter_map(|(kid, key)| {
        let later = keys
            .iter()
            .filter(|(other, _)| (kid::begins(other), other.as_str()) > (kid::begins(kid), kid.as_str()));
        let same = later.filter(|(_, other)| other.algorithm() == key.algorithm());
        let next = same.filter_map(|(other, _)| kid::begins(other)).min()?;
        Some((kid.clone(), next.plus(settings.token_lifetime).plus(KeyRingSettings::SLACK)))
    });
    ends.collect()
}
