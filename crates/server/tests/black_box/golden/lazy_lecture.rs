//! lazy-lecture's rows, and that nothing of its secrets is logged.

mod accounts;
mod transcripts;
mod uploads;
mod worker;

use reqwest::{
    Method, RequestBuilder, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::Golden;
use crate::profile::Profile;

const ADMIN_TOKEN: &str = "the-admin-token";
const WORKER_TOKEN: &str = "the-worker-token";
/// The password of everybody.
const PASSWORD: &str = "Passw0rd!";

/// A server whose secrets are known, and where nobody but the test works on recordings.
async fn start(profile: Profile) -> Golden {
    start_with(profile, &[]).await
}

async fn start_with(profile: Profile, variables: &[(&str, &str)]) -> Golden {
    let known = [
        ("LECTERN_ADMIN_TOKEN", ADMIN_TOKEN),
        ("LECTERN_WORKER_TOKEN", WORKER_TOKEN),
        ("LECTERN_WORKER", "off"),
        ("LECTERN_CHUNK_SECONDS", "20"),
    ];
    let variables: Vec<_> = known.into_iter().chain(variables.iter().copied()).collect();
    Golden::start("lazy-lecture", profile, &variables).await
}

fn register(golden: &Golden, username: &str, password: &str) -> RequestBuilder {
    golden.request(Method::POST, "/auth/register").json(&json!({"username": username, "password": password}))
}

fn log_in(golden: &Golden, username: &str, password: &str) -> RequestBuilder {
    golden.request(Method::POST, "/auth/login").json(&json!({"username": username, "password": password}))
}

fn patch(golden: &Golden, query: &str, body: &Value) -> RequestBuilder {
    golden.request(Method::PATCH, &format!("/auth/patch?{query}")).json(body)
}

/// Somebody who may upload, signed in.
struct Uploader<'a> {
    golden: &'a Golden,
    token: String,
}

impl<'a> Uploader<'a> {
    async fn new(golden: &'a Golden, username: &str) -> Self {
        let made = golden.prepare(register(golden, username, PASSWORD)).await;
        let id = made.json().get("id").cloned().unwrap();
        let query = format!("user_id={id}&secret_admin_token={ADMIN_TOKEN}");
        golden.prepare(patch(golden, &query, &json!({"can_interact": true}))).await;
        let token = golden.prepare(log_in(golden, username, PASSWORD)).await.text("/access_token");
        Self { golden, token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.golden.request(method, path).bearer_auth(&self.token)
    }

    /// The upload of a file of that name.
    fn upload(&self, file: Vec<u8>, media_type: &str) -> RequestBuilder {
        let part = Part::bytes(file).file_name("lecture.mp3").mime_str(media_type).unwrap();
        self.request(Method::POST, "/upload-audiofile").multipart(Form::new().part("audiofile", part))
    }
}

/// The worker reports something.
async fn report(golden: &Golden, body: &Value) {
    let path = format!("/worker/transcription_status?secret_worker_token={WORKER_TOKEN}");
    let reported = golden.prepare(golden.request(Method::POST, &path).json(body)).await;
    assert_eq!(reported.status, StatusCode::OK, "{}", golden.server.log());
}
