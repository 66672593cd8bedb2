//! The API, served on a free port, on the ports of a [`World`].

use std::{net::TcpListener, sync::Arc};

use lectern_actix_http::{Api, ConnectionLimits, CrossOrigin, HttpSettings, IccemSettings, TrustedProxies};
use lectern_domain::{
    access::{Permission, RoleName},
    account::PasswordPolicy,
    surface::Surface,
};
use lectern_testkit::{
    fakes::OneMetric,
    world::{World, steps::PASSWORD},
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What workers present.
pub(crate) const WORKER_TOKEN: &str = "the worker token";
/// What lazy-lecture's administrators present.
pub(crate) const ADMIN_TOKEN: &str = "the admin token";
/// What iccem's front ends share.
pub(crate) const ICCEM_SECRET: &str = "the shared secret";
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
        Self::with(world, |_| {})
    }

    /// A server that speaks all dialects but one.
    pub(crate) fn without(world: World, dialect: Surface) -> Self {
        Self::with(world, |settings| settings.dialects.retain(|surface| *surface != dialect))
    }

    /// A server that takes the client of each test for a reverse proxy.
    pub(crate) fn behind_a_proxy(world: World) -> Self {
        Self::with(world, |settings| settings.trusted_proxies = "127.0.0.0/8".parse().unwrap())
    }

    /// A server with some settings of its own.
    pub(crate) fn with(world: World, change: impl FnOnce(&mut HttpSettings)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut settings = HttpSettings {
            worker_token: WORKER_TOKEN.to_owned().into(),
            metrics_token: None,
            docs_user: DOCS.0.to_owned(),
            docs_password: DOCS.1.to_owned().into(),
            secure_cookies: false,
            threads: 1,
            connections: ConnectionLimits::default(),
            trusted_proxies: TrustedProxies::default(),
            cross_origin: CrossOrigin::Nobody,
            code_docs: "target/there is no such folder".into(),
            dialects: Surface::ALL.to_vec(),
            admin_token: ADMIN_TOKEN.to_owned().into(),
            iccem: IccemSettings {
                secret: ICCEM_SECRET.to_owned().into(),
                grantable_roles: vec![RoleName::USER, RoleName::OPERATOR, RoleName::ADMIN],
                passwords: PasswordPolicy::ICCEM,
            },
            katkru_allowed: "127.0.0.0/8, ::1".parse().unwrap(),
            certificate: None,
        };
        change(&mut settings);
        let stop = CancellationToken::new();
        tokio::spawn(lectern_actix_http::serve(listener, api(&world), settings, |_| {}, stop.clone()));
        // Where a redirect leads to is a test's business.
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { world, client, base, _stop: stop.drop_guard() }
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
        access_token(&self.log_in(username, PASSWORD).await)
    }

    /// Registers somebody who holds these permissions and no others, and signs them in: their access token.
    pub(crate) async fn token_of_holder(&self, username: &str, permissions: &[Permission]) -> String {
        self.world.holder(username, permissions).await;
        access_token(&self.log_in(username, PASSWORD).await)
    }

    /// Makes an administrator and signs them in: their access token.
    pub(crate) async fn token_of_admin(&self, username: &str) -> String {
        self.world.admin(username).await;
        access_token(&self.log_in(username, PASSWORD).await)
    }

    /// The OpenAPI documents by name, v1's first.
    pub(crate) async fn documents(&self) -> Vec<(&'static str, Value)> {
        let mut documents = Vec::new();
        for surface in Surface::ALL {
            let path = match surface {
                Surface::V1 => "/openapi.json".to_owned(),
                dialect => format!("/openapi/{}.json", dialect.as_str()),
            };
            let response = self.get(&path).basic_auth(DOCS.0, Some(DOCS.1)).send().await.unwrap();
            documents.push((surface.as_str(), response.json().await.unwrap()));
        }
        documents
    }

    /// The routes of all documents as if they were one.
    pub(crate) async fn document(&self) -> Value {
        let mut paths = serde_json::Map::new();
        for (_, mut document) in self.documents().await {
            for (path, item) in document["paths"].as_object_mut().unwrap() {
                let operations = paths.entry(path).or_insert_with(|| json!({})).as_object_mut().unwrap();
                operations.append(item.as_object_mut().unwrap());
            }
        }
        json!({ "paths": paths })
    }

    pub(crate) async fn log_in(&self, login: &str, password: &str) -> Value {
        let body = json!({"login": login, "password": password});
        self.post("/v1/auth/login").json(&body).send().await.unwrap().json().await.unwrap()
    }
}

fn access_token(tokens: &Value) -> String {
    tokens.get("access_token").and_then(Value::as_str).unwrap().to_owned()
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
        change_password_by_login: world.change_password_by_login(),
        forgot_password: world.forgot_password(),
        confirm_reset: world.confirm_reset(),
        reset_password: world.reset_password(),
        request_email_verification: world.request_email_verification(),
        confirm_email_verification: world.confirm_email_verification(),
        find_surface: world.find_surface(),
        enter_by_secret: world.enter_by_secret(),
        introspect: world.introspect(),
        list_own_sessions: world.list_own_sessions(),
        revoke_own_session: world.revoke_own_session(),
        revoke_other_sessions: world.revoke_other_sessions(),
        read_own_account: world.read_own_account(),
        read_own_profile: world.read_own_profile(),
        read_own_administrator: world.read_own_administrator(),
        rename_own_account: world.rename_own_account(),
        delete_own_account: world.delete_own_account(),
        delete_own_account_by_session: world.delete_own_account_by_session(),
        list_audit_events: world.list_audit_events(),
        list_logs: world.list_logs(),
        adjust_balance: world.adjust_balance(),
        adjust_own_balance: world.adjust_own_balance(),
        read_own_balance: world.read_own_balance(),
        list_own_ledger: world.list_own_ledger(),
        list_accounts: world.list_accounts(),
        list_all_accounts: world.list_all_accounts(),
        resolve_number: world.resolve_number(),
        read_account: world.read_account(),
        create_account: world.create_account(),
        update_account: world.update_account(),
        block_account: world.block_account(),
        change_by_admin_token: world.change_by_admin_token(),
        unblock_account: world.unblock_account(),
        delete_account: world.delete_account(),
        restore_account: world.restore_account(),
        set_role: world.set_role(),
        set_permissions: world.set_permissions(),
        end_sessions_of: world.end_sessions_of(),
        list_roles: world.list_roles(),
        create_role: world.create_role(),
        update_role: world.update_role(),
        delete_role: world.delete_role(),
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
        read_status: world.read_status(),
        report_status: world.report_status(),
        check_readiness: world.readiness(),
        signer: world.signer.clone(),
        metrics: Arc::new(OneMetric),
        rate_limiter: world.rate_limiter.clone(),
    }
}
