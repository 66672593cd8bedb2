//! The rows about transcriptions and their text.

use reqwest::Method;
use serde_json::json;

use super::{Uploader, report, start};
use crate::{
    profile::{Profile, on_both_profiles},
    sound,
};

on_both_profiles!(somebody_reads_and_exports, somebody_calls_off);

async fn somebody_reads_and_exports(profile: Profile) {
    let golden = start(profile).await;
    let ada = Uploader::new(&golden, "adalovelace").await;
    let get = |path: &str| ada.request(Method::GET, path);
    golden.exchange("transcriptions.none", get("/transcriptions")).await;
    golden.prepare(ada.upload(sound::lecture(), "audio/mpeg")).await;
    golden.exchange("transcript-info.queued", get("/transcript/info?transcript_id=1")).await;
    let export = |query: &str| ada.request(Method::POST, &format!("/transcript/export?{query}"));
    golden.exchange("export-nothing", export("task_id=1&format=txt")).await;
    for (number, text) in [(0, "the first words"), (1, ""), (2, "и последние")] {
        let chunk = json!({"text": text, "chunk_no": number});
        report(&golden, &json!({"transcription_id": 1, "new_chunk": chunk})).await;
    }

    golden.exchange("transcriptions", get("/transcriptions?page=1&size=10")).await;
    golden.exchange("transcriptions.beyond", get("/transcriptions?page=2&size=10")).await;
    golden.exchange("transcriptions.too-many", get("/transcriptions?size=501")).await;
    golden.exchange("transcript-info", get("/transcript/info?transcript_id=1")).await;
    golden.exchange("transcript-info.unknown", get("/transcript/info?transcript_id=2")).await;
    golden.exchange("transcript", get("/transcript?task_id=1&page=1&size=50")).await;
    golden.exchange("transcript.skip-and-limit", get("/transcript?task_id=1&skip=1&limit=1")).await;
    golden.exchange("transcript.no-id", get("/transcript")).await;
    golden.exchange("export", export("task_id=1&format=doc")).await;
    golden.exchange("export.txt", export("task_id=1&format=txt")).await;
    golden.exchange("export.no-such-format", export("task_id=1&format=pdf")).await;

    let eve = Uploader::new(&golden, "eveeavesdropper").await;
    let anothers = eve.request(Method::GET, "/transcript?task_id=1");
    golden.exchange("transcript.anothers", anothers).await;
    let anothers = eve.request(Method::POST, "/transcript/export?task_id=1&format=txt");
    golden.exchange("export.anothers", anothers).await;
}

async fn somebody_calls_off(profile: Profile) {
    let golden = start(profile).await;
    let ada = Uploader::new(&golden, "adalovelace").await;
    let post = |path: &str| ada.request(Method::POST, path);
    golden.prepare(ada.upload(sound::lecture(), "audio/mpeg")).await;
    golden.exchange("cancel", post("/transcript/cancel?transcript_id=1")).await;
    golden.exchange("cancel.finished", post("/transcript/cancel?transcript_id=1")).await;
    golden.exchange("cancel.unknown", post("/transcript/cancel?transcript_id=99")).await;
    golden.prepare(ada.upload(sound::lecture(), "audio/mpeg")).await;
    golden.exchange("cancel-by-path", post("/transcriptions/2/cancel")).await;
    golden.exchange("cancel-by-path.finished", post("/transcriptions/2/cancel")).await;
}
