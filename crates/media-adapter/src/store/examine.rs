//! What a bucket is like, for whoever looks after the service.

use lectern_application::ports::AudioStoreError;
use lectern_domain::time::Timestamp;
use object_store::{ObjectStore, ObjectStoreExt as _, Result, path::Path as ObjectPath};
use uuid::Uuid;

use super::{
    error,
    s3::{self, S3Settings},
};

const CONTENT: &[u8] = b"lectern";

/// What a bucket can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketReport {
    /// Whether an upload can be completed on the condition that nothing lies there yet.
    pub conditional: ConditionalWrites,
    /// What time it is there.
    pub time: Timestamp,
}

/// Whether a condition of an upload is heeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionalWrites {
    /// It is.
    Heeded,
    /// The server does not know it, or takes no notice.
    Ignored,
}

/// Uploads an object named after `probe`, in parts as recordings are, reads it, tries to upload it again, and deletes it.
pub async fn examine_bucket(settings: &S3Settings, probe: Uuid) -> Result<BucketReport, AudioStoreError> {
    let objects = s3::open(settings).map_err(error::from_object)?;
    let location = ObjectPath::from(format!("doctor/{probe}"));
    let examined = used(&*objects, &location).await;
    // Also after a failure: some of it may be there.
    let deleted = error::asked(objects.delete(&location)).await;
    match (examined, deleted) {
        (Err(error), _) => Err(error),
        (Ok(_), Err(error)) if !matches!(error, AudioStoreError::Missing) => Err(error),
        (Ok(report), _) => Ok(report),
    }
}

async fn used(objects: &dyn ObjectStore, location: &ObjectPath) -> Result<BucketReport, AudioStoreError> {
    error::asked(upload(objects, location)).await?;
    let found = error::asked(objects.get(location)).await?;
    let time = Timestamp::from_micros(found.meta.last_modified.timestamp_micros());
    if error::asked(found.bytes()).await?.as_ref() != CONTENT {
        return Err(error::altered());
    }
    let conditional = match upload(objects, location).await {
        Ok(()) => ConditionalWrites::Ignored,
        Err(refused) if is_refusal(&refused) => ConditionalWrites::Heeded,
        Err(error) => return Err(error::from_object(error)),
    };
    Ok(BucketReport { conditional, time })
}

async fn upload(objects: &dyn ObjectStore, location: &ObjectPath) -> Result<()> {
    let mut upload = objects.put_multipart(location).await?;
    let sent = async {
        upload.put_part(CONTENT.into()).await?;
        upload.complete().await.map(drop)
    };
    let sent = sent.await;
    if sent.is_err() {
        // What can't be aborted is removed by the bucket's lifecycle rule.
        let _ = upload.abort().await;
    }
    sent
}

/// Whether something that lies there already is why.
fn is_refusal(error: &object_store::Error) -> bool {
    use object_store::Error::{AlreadyExists, Precondition};
    matches!(error, AlreadyExists { .. } | Precondition { .. })
        || error.to_string().contains("PreconditionFailed")
}
