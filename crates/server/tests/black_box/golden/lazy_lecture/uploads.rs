//! The rows about recordings.

use reqwest::{Method, multipart::Form};
use serde_json::json;

use super::{ADMIN_TOKEN, Uploader, patch, report, start};
use crate::{
    profile::{Profile, on_both_profiles},
    sound,
};

on_both_profiles!(somebody_uploads);

async fn somebody_uploads(profile: Profile) {
    let golden = start(profile).await;
    let ada = Uploader::new(&golden, "adalovelace").await;
    let may = async |can_interact: bool| {
        let query = format!("user_id=1&secret_admin_token={ADMIN_TOKEN}");
        golden.prepare(patch(&golden, &query, &json!({"can_interact": can_interact}))).await;
    };
    may(false).await;
    let restricted = ada.upload(sound::lecture(), "audio/mpeg");
    golden.exchange("upload-restricted", restricted).await;
    may(true).await;

    golden.exchange("upload-not-audio", ada.upload(sound::lecture(), "audio/wav")).await;
    let text = b"This is no sound at all. ".repeat(1000);
    golden.exchange("upload-not-audio.not-decodable", ada.upload(text, "audio/mpeg")).await;
    let wav = sound::noise(11, 1);
    golden.exchange("upload-not-audio.another-format", ada.upload(wav, "audio/mpeg")).await;
    let nothing = ada.request(Method::POST, "/upload-audiofile").multipart(Form::new().text("x", "y"));
    golden.exchange("upload-not-audio.nothing", nothing).await;
    let beginning = sound::lecture().get(..20_000).unwrap().to_vec();
    golden.exchange("upload-duration", ada.upload(beginning, "audio/mpeg")).await;

    golden.exchange("upload", ada.upload(sound::lecture(), "audio/mpeg")).await;
    golden.exchange("upload-active", ada.upload(sound::lecture(), "audio/mpeg")).await;
    report(&golden, &json!({"transcription_id": 1, "current_state": "in_progress"})).await;
    golden.exchange("upload-active.in-progress", ada.upload(sound::lecture(), "audio/mpeg")).await;
}
