//! Where a recording lies, and which recording lies there.

use lectern_domain::transcription::AudioKey;
use object_store::{ObjectMeta, path::Path as ObjectPath};
use uuid::Uuid;

/// The number of the folder: the key's last byte, which is random.
pub(super) fn shard(AudioKey(id): AudioKey) -> u8 {
    id.as_bytes()[15]
}

/// Where a recording lies.
pub(super) fn location(key: AudioKey) -> ObjectPath {
    ObjectPath::from(format!("{:02x}/{}", shard(key), key.0.hyphenated()))
}

/// Which recording an object is, if it is one.
pub(super) fn key_of(object: &ObjectMeta) -> Option<AudioKey> {
    let key = AudioKey(Uuid::try_parse(object.location.filename()?).ok()?);
    (location(key) == object.location).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_of_the_same_day_spread_over_folders() {
        let id = Uuid::try_parse("0190f3b4-7c1e-7abc-8def-00112233445f").unwrap();
        assert_eq!(location(AudioKey(id)).as_ref(), "5f/0190f3b4-7c1e-7abc-8def-00112233445f");
    }
}
