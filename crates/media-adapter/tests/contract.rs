//! The contracts of the audio store, on a folder, in memory and on S3, and of the renderer.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "s3/mod.rs"]
mod s3_server;

use std::{fs, path::PathBuf, sync::Arc};

use lectern_media_adapter::{ObjectAudioStore, TranscriptFiles};
use lectern_testkit::{
    audio_store_contract,
    contract::{audio_store::AudioStoreFixture, renderer::RendererFixture},
    renderer_contract,
};
use object_store::memory::InMemory;
use tempfile::TempDir;

fn fixture(folder: TempDir, store: ObjectAudioStore) -> AudioStoreFixture {
    let staging: PathBuf = folder.path().join("staging");
    let staging_files = Box::new(move || {
        let files = fs::read_dir(&staging).unwrap().flatten();
        files.filter(|file| file.file_name().to_string_lossy().starts_with("upload-")).count()
    });
    AudioStoreFixture { store: Arc::new(store), staging_files, keep: Box::new(folder) }
}

mod local {
    use super::*;

    audio_store_contract!(async {
        let folder = TempDir::new().unwrap();
        let (audio, staging) = (folder.path().join("audio"), folder.path().join("staging"));
        let store = ObjectAudioStore::local(&audio, &staging).unwrap();
        fixture(folder, store)
    });
}

mod remote {
    use super::*;

    audio_store_contract!(async {
        let folder = TempDir::new().unwrap();
        let objects = Arc::new(InMemory::new());
        let store = ObjectAudioStore::remote(objects, &folder.path().join("staging")).unwrap();
        fixture(folder, store)
    });
}

mod s3 {
    use super::*;

    audio_store_contract!(async {
        let folder = TempDir::new().unwrap();
        let settings = s3_server::settings(&s3_server::endpoint(), &s3_server::unique_prefix(&folder));
        let store = ObjectAudioStore::s3(&settings, &folder.path().join("staging")).unwrap();
        fixture(folder, store)
    });
}

mod files {
    use super::*;

    renderer_contract!(async { RendererFixture { renderer: Arc::new(TranscriptFiles), keep: Box::new(()) } });
}
