//! Somebody with an account, and what they do over HTTP.

use std::time::Duration;

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::Server;

/// The most that a transcription may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(3);

/// An account with an access token. It names no server, so it outlives restarts.
#[derive(Clone)]
pub(crate) struct Account {
    access_token: String,
    refresh_token: String,
}

/// Settings that make the administrator `root`, with everybody's password.
pub(crate) const ADMIN: [(&str, &str); 2] =
    [("LECTERN_ADMIN_USERNAME", "root"), ("LECTERN_ADMIN_PASSWORD", Account::PASSWORD)];

impl Account {
    /// The password of everybody.
    pub(crate) const PASSWORD: &str = "correct horse battery staple";

    /// Registers somebody and signs them in.
    pub(crate) async fn register(server: &Server, username: &str) -> Self {
        let body = json!({"username": username, "password": Self::PASSWORD});
        let made = server.client.post(server.url("/v1/auth/register")).json(&body).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED, "{}", server.log());
        Self::log_in(server, username).await
    }

    /// Signs somebody in who has an account, as on one more device.
    pub(crate) async fn log_in(server: &Server, username: &str) -> Self {
        Self::log_in_with(server, username, Self::PASSWORD).await
    }

    /// As [`Self::log_in`], with another password.
    pub(crate) async fn log_in_with(server: &Server, username: &str, password: &str) -> Self {
        let body = json!({"login": username, "password": password});
        let tokens = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
        let tokens: Value = tokens.json().await.unwrap();
        let text = |name| tokens.get(name).and_then(Value::as_str).unwrap().to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token") }
    }

    /// Its id.
    pub(crate) async fn id(&self, server: &Server) -> String {
        self.get(server, "/v1/me").await.get("id").and_then(Value::as_str).unwrap().to_owned()
    }

    /// The access token it got when it signed in.
    pub(crate) fn access_token(&self) -> &str {
        &self.access_token
    }

    /// The refresh token it got when it signed in.
    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Both, the access token first.
    pub(crate) fn into_tokens(self) -> [String; 2] {
        [self.access_token, self.refresh_token]
    }

    /// A request as this account.
    pub(crate) fn request(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        server.client.request(method, server.url(path)).bearer_auth(&self.access_token)
    }

    /// The JSON at a path.
    pub(crate) async fn get(&self, server: &Server, path: &str) -> Value {
        let response = self.request(server, Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", server.log());
        response.json().await.unwrap()
    }

    /// Uploads a file, whatever comes of it.
    pub(crate) async fn send(&self, server: &Server, file: Vec<u8>, media_type: &str) -> Response {
        self.upload_request(server, file, media_type).send().await.unwrap()
    }

    /// Uploads a file under an idempotency key, whatever comes of it.
    pub(crate) async fn send_under(
        &self,
        server: &Server,
        file: Vec<u8>,
        media_type: &str,
        key: &str,
    ) -> Response {
        let request = self.upload_request(server, file, media_type);
        request.header("Idempotency-Key", key).send().await.unwrap()
    }

    fn upload_request(&self, server: &Server, file: Vec<u8>, media_type: &str) -> RequestBuilder {
        let part = Part::bytes(file).file_name("recording").mime_str(media_type).unwrap();
        let form = Form::new().part("audio", part);
        self.request(server, Method::POST, "/v1/transcriptions").multipart(form)
    }

    /// Uploads a recording that must be accepted: the path of its transcription.
    pub(crate) async fn upload(&self, server: &Server, file: Vec<u8>, media_type: &str) -> String {
        let response = self.send(server, file, media_type).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{}", server.log());
        response.headers().get("location").unwrap().to_str().unwrap().to_owned()
    }

    /// Watches a transcription to its end: the last state. `None` if the connection broke before.
    pub(crate) async fn watch(&self, server: &Server, path: &str) -> Option<String> {
        let events = format!("{path}/events");
        let request = self.request(server, Method::GET, &events).send();
        let text = timeout(PATIENCE, async { request.await.ok()?.text().await.ok() }).await;
        let text = text.unwrap()?;
        let states = text.split("\n\n").filter(|frame| frame.starts_with("event: state\n"));
        let data = states.last()?.lines().find_map(|line| line.strip_prefix("data: "))?.to_owned();
        let state: Value = serde_json::from_str(&data).unwrap();
        state.get("state").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    /// The numbers and texts of a transcription's chunks.
    pub(crate) async fn chunks(&self, server: &Server, path: &str) -> Vec<(u64, String)> {
        let page = self.get(server, &format!("{path}/chunks?size=200")).await;
        let items = page.get("items").and_then(Value::as_array).unwrap();
        items
            .iter()
            .map(|chunk| {
                let text = chunk.get("text").and_then(Value::as_str).unwrap();
                (chunk.get("number").and_then(Value::as_u64).unwrap(), text.to_owned())
            })
            .collect()
    }
}

/// The status and code of a problem.
pub(crate) async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body.get("code").and_then(Value::as_str).unwrap().to_owned())
}
