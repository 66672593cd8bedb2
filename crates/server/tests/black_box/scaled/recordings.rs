//! What a service keeps in S3, looked at past it.

use futures::TryStreamExt;
use lectern_services::S3;
use object_store::{
    ObjectStore, ObjectStoreExt,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};

/// The objects under one prefix.
pub(crate) struct Recordings {
    store: AmazonS3,
    prefix: Path,
}

impl Recordings {
    pub(super) fn under(endpoint: &str, prefix: &str) -> Self {
        let store = AmazonS3Builder::new()
            .with_endpoint(endpoint)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_bucket_name(S3::BUCKET)
            .with_access_key_id(S3::KEY_ID)
            .with_secret_access_key(S3::SECRET)
            .build()
            .unwrap();
        Self { store, prefix: Path::from(prefix) }
    }

    async fn objects(&self) -> Vec<Path> {
        let listed = self.store.list(Some(&self.prefix)).map_ok(|object| object.location);
        listed.try_collect().await.unwrap()
    }

    /// How many recordings there are. What the service writes to see whether it can is none.
    pub(crate) async fn count(&self) -> usize {
        let ping = self.prefix.clone().join("ping");
        self.objects().await.iter().filter(|object| **object != ping).count()
    }

    /// Removes them.
    pub(super) async fn remove_all(&self) {
        for object in self.objects().await {
            self.store.delete(&object).await.unwrap();
        }
    }
}
