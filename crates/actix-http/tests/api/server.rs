//! The API, served on a free port, on the ports of a [`World`].

use std::net::TcpListener;

use lectern_actix_http::{Api, HttpSettings};
use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What workers present.
pub(crate) const WORKER_TOKEN: &str = "the worker token";
/// What readers of the documentation present.
pub(crate) const DOCS: (&str, &str) = ("docs", "the docs password");

/// A running server and a client of it.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) client: Client,
    pub(crate) base: String,
    _stop: DropGuard,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::of(World::new())
    }

    pub(crate) fn of(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = HttpSettings {
            worker_token: WORKER_TOKEN.to_owned().into(),
            docs_user: DOCS.0.to_owned(),
            docs_password: DOCS.1.to_owned().into(),
            secure_cookies: false,
            threads: 1,
        };
        let stop = CancellationToken::new();
        tokio::spawn(lectern_actix_http::serve(listener, api(&world), settings, stop.clone()));
        Self { world, client: Client::new(), base, _stop: stop.drop_guard() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// Registers somebody and signs them in: their access token.
    pub(crate) async fn token_of(&self, username: &str) -> String {
        let body = json!({"username": username, "password": PASSWORD});
        self.post("/v1/auth/register").json(&body).send().await.unwrap();
        let tokens = self.log_in(username, PASSWORD).await;
        tokens.get("access_token").and_then(Value::as_str).unwrap().to_owned()
    }

    pub(crate) async fn log_in(&self, login: &str, password: &str) -> Value {
        let body = json!({"login": login, "password": password});
        self.post("/v1/auth/login").json(&body).send().await.unwrap().json().await.unwrap()
    }
}

/// A response that must be a problem: its status and code, after checking what all problems have.
pub(crate) async fn problem(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/problem+json"));
    let request_id = header("x-request-id").unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body.get("status"), Some(&json!(status.as_u16())));
    assert_eq!(body.get("request_id"), Some(&json!(request_id)));
    for text in ["type", "title", "detail"] {
        assert!(
            body.get(text).and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
            "{text}: {body}"
        );
    }
    (status, body.get("code").and_then(Value::as_str).unwrap().to_owned())
}

fn api(world: &World) -> Api {
    Api {
        authenticate: world.authenticate(),
        register: world.register(),
        log_in: world.log_in(),
        refresh: world.refresh(),
        log_out: world.log_out(),
        change_password: world.change_password(),
        forgot_password: world.forgot_password(),
        confirm_reset: world.confirm_reset(),
        reset_password: world.reset_password(),
        request_email_verification: world.request_email_verification(),
        confirm_email_verification: world.confirm_email_verification(),
        list_own_sessions: world.list_own_sessions(),
        revoke_own_session: world.revoke_own_session(),
        revoke_other_sessions: world.revoke_other_sessions(),
        read_own_account: world.read_own_account(),
        rename_own_account: world.rename_own_account(),
        delete_own_account: world.delete_own_account(),
        stage_recording: world.stage(),
        submit_recording: world.submit(),
        list_transcriptions: world.list(),
        read_transcription: world.read(),
        read_chunks: world.read_chunks(),
        listen_to_recording: world.listen(),
        export_transcript: world.export(),
        watch_transcription: world.watch(),
        cancel_transcription: world.cancel(),
        retry_transcription: world.retry(),
        rename_transcription: world.rename(),
        delete_transcription: world.delete(),
        lease_job: world.lease_job(),
        heartbeat_job: world.heartbeat_job(),
        open_job_audio: world.open_job_audio(),
        store_chunk: world.store_chunk(),
        complete_job: world.complete_job(),
        fail_job: world.fail_job(),
        release_job: world.release_job(),
        check_readiness: world.readiness(),
        signer: world.signer.clone(),
    }
}
