//! Which recordings there are, page by page, in the order of where they lie.

use futures::{TryStreamExt as _, future};
use lectern_application::ports::AudioStoreError;
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use object_store::{ObjectMeta, ObjectStore, local::LocalFileSystem, path::Path as ObjectPath};

use super::{
    error,
    location::{key_of, location, shard},
};

/// Which recordings are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) before: Timestamp,
    pub(super) after: Option<AudioKey>,
    pub(super) limit: usize,
}

impl Page {
    fn key_if_due(&self, object: &ObjectMeta) -> Option<AudioKey> {
        let is_old = object.last_modified.timestamp_micros() < self.before.as_micros();
        key_of(object).filter(|_| is_old)
    }
}

/// Of a store that lists its objects in order.
pub(super) async fn of_objects(
    objects: &dyn ObjectStore,
    page: Page,
) -> Result<Vec<AudioKey>, AudioStoreError> {
    let mut listed = match page.after {
        Some(after) => objects.list_with_offset(None, &location(after)),
        None => objects.list(None),
    };
    let mut kept = Vec::new();
    while kept.len() < page.limit {
        let Some(object) = error::asked(listed.try_next()).await? else { break };
        kept.extend(page.key_if_due(&object));
    }
    Ok(kept)
}

/// Of a folder, which lists in no order: sorted here, one of its 256 folders at a time.
pub(super) async fn of_folder(
    folder: &LocalFileSystem,
    page: Page,
) -> Result<Vec<AudioKey>, AudioStoreError> {
    let place = |key: &AudioKey| (shard(*key), key.0);
    let after = page.after.as_ref().map(place);
    let mut kept = Vec::new();
    for shard in after.map_or(0, |(shard, _)| shard)..=u8::MAX {
        if kept.len() >= page.limit {
            break;
        }
        let mut found: Vec<AudioKey> = folder
            .list(Some(&ObjectPath::from(format!("{shard:02x}"))))
            .try_filter_map(|object| future::ok(page.key_if_due(&object)))
            .map_err(error::from_object)
            .try_collect()
            .await?;
        found.sort_unstable_by_key(place);
        let wanted = found.into_iter().filter(|key| after.is_none_or(|after| place(key) > after));
        kept.extend(wanted.take(page.limit - kept.len()));
    }
    Ok(kept)
}
