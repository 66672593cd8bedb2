//! A client that goes on whatever happens, and remembers what it was promised.
//!
//! What doesn't come to an answer, or is answered by "not now", it sends again, to the next entrance and under the same
//! idempotency key, until its patience is over. What was answered by success must be there in the end:
//! [`Keen::assert_all_there`].

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{
    Method, RequestBuilder, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::time::{Instant, interval, timeout};
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use crate::{client::Account, server::client};

/// How long it tries, one thing.
const PATIENCE: Duration = Duration::from_mins(1);
/// How late a replica may notice a change that was made on another, while nobody can tell it.
pub(crate) const BOUND: Duration = Duration::from_secs(5);
/// How long it waits at most before it tries again, whatever it is told: a test has no time.
const PAUSE: Duration = Duration::from_millis(100);

/// Somebody with an account and patience.
pub(crate) struct Keen {
    client: reqwest::Client,
    entrances: Vec<String>,
    turn: AtomicUsize,
    name: String,
    id: String,
    tokens: Mutex<Tokens>,
    refusals: Mutex<Vec<Refusal>>,
    promised: Mutex<Promised>,
}

#[derive(Debug, Clone, Default)]
struct Tokens {
    access: String,
    refresh: String,
}

/// What it was promised.
#[derive(Default)]
struct Promised {
    /// Changes of its balance.
    entries: Vec<Value>,
    /// Paths of transcriptions, and their recordings.
    recordings: Vec<(String, Vec<u8>)>,
}

impl Keen {
    /// Makes an account and signs in.
    pub(crate) async fn register(entrances: &[String], name: &str) -> Self {
        let mut keen = Self::stranger(entrances, name);
        let body = json!({"username": name, "password": Account::PASSWORD});
        let made = keen.create("/v1/auth/register", &body, &new_key()).await;
        keen.id = text(&made, "id");
        keen.log_in().await;
        keen
    }

    /// Signs in to an account that is there.
    pub(crate) async fn sign_in(entrances: &[String], name: &str) -> Self {
        let mut keen = Self::stranger(entrances, name);
        keen.log_in().await;
        keen.id = text(&keen.get("/v1/me").await, "id");
        keen
    }

    /// Somebody without an account.
    pub(crate) fn stranger(entrances: &[String], name: &str) -> Self {
        Self {
            client: client(),
            entrances: entrances.to_vec(),
            turn: AtomicUsize::new(0),
            name: name.to_owned(),
            id: String::new(),
            tokens: Mutex::default(),
            refusals: Mutex::default(),
            promised: Mutex::default(),
        }
    }

    /// The access token that it has.
    pub(crate) fn access_token(&self) -> String {
        lock(&self.tokens).access.clone()
    }

    /// What it was refused, so far.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        lock(&self.refusals).clone()
    }

    /// Signs in on one more device, and forgets the one before.
    pub(crate) async fn log_in(&self) {
        let body = json!({"login": self.name, "password": Account::PASSWORD});
        let (status, tokens) = self.ask(Method::POST, "/v1/auth/login", Some(&body), None).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        self.keep(&tokens);
    }

    /// Gets new tokens for the old ones. A service that was away for longer than the grace of a token whose successor never
    /// arrived has to take it for stolen: then it signs in anew.
    pub(crate) async fn refresh(&self) {
        let body = json!({"refresh_token": lock(&self.tokens).refresh});
        let begun = Instant::now();
        let (status, answer) = self.ask(Method::POST, "/v1/auth/refresh", Some(&body), None).await;
        if status == StatusCode::UNAUTHORIZED && begun.elapsed() > Duration::from_secs(25) {
            return self.log_in().await;
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        self.keep(&answer);
    }

    fn keep(&self, tokens: &Value) {
        let kept = Tokens { access: text(tokens, "access_token"), refresh: text(tokens, "refresh_token") };
        *lock(&self.tokens) = kept;
    }

    /// The JSON at a path.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// Waits until all entrances agree with `expected` on what something at a path is: what is remembered there of
    /// accounts may be as old as [`BOUND`].
    pub(crate) async fn until_it_reads(&self, path: &str, name: &str, expected: &Value) {
        let mut looks = interval(PAUSE);
        let agrees = async {
            for _ in &self.entrances {
                while self.get(path).await.get(name) != expected.get(name) {
                    looks.tick().await;
                }
            }
        };
        assert!(timeout(BOUND + PATIENCE, agrees).await.is_ok(), "{path} has an old {name}: not {expected}");
    }

    /// Makes something.
    pub(crate) async fn create(&self, path: &str, body: &Value, key: &str) -> Value {
        let (status, answer) = self.ask(Method::POST, path, Some(body), Some(key)).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
        answer
    }

    /// As somebody who may, changes another's balance, who remembers it.
    pub(crate) async fn pay(&self, other: &Self, amount: i64, key: &str) {
        let path = format!("/v1/users/{}/balance/entries", other.id);
        let entry = self.create(&path, &json!({"amount": amount, "reason": "prize"}), key).await;
        lock(&other.promised).entries.push(entry);
    }

    /// Uploads a recording: the path of its transcription; or the code of why it is refused.
    pub(crate) async fn upload(&self, recording: &[u8], key: &str) -> Result<String, String> {
        let response = self
            .insist("POST /v1/transcriptions", |entrance| {
                let part = Part::bytes(recording.to_vec()).file_name("recording");
                let form = Form::new().part("audio", part.mime_str("audio/wav").unwrap());
                let request = self.client.post(format!("{entrance}/v1/transcriptions"));
                request.bearer_auth(self.access_token()).header("Idempotency-Key", key).multipart(form)
            })
            .await;
        if response.status != StatusCode::ACCEPTED {
            return Err(text(&response.body, "code"));
        }
        let path = format!("/v1/transcriptions/{}", text(&response.body, "id"));
        lock(&self.promised).recordings.push((path.clone(), recording.to_vec()));
        Ok(path)
    }

    /// Asks for something until there is an answer.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> (StatusCode, Value) {
        let answer = self
            .insist(&format!("{method} {path}"), |entrance| {
                let request = self.client.request(method.clone(), format!("{entrance}{path}"));
                let request = match self.access_token() {
                    nobody if nobody.is_empty() => request,
                    token => request.bearer_auth(token),
                };
                let request = body.into_iter().fold(request, RequestBuilder::json);
                key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key))
            })
            .await;
        (answer.status, answer.body)
    }

    /// Tries until there is an answer other than "not now".
    async fn insist(&self, to: &str, request: impl Fn(&str) -> RequestBuilder) -> Answer {
        let begun = Instant::now();
        let mut pauses = interval(PAUSE);
        loop {
            pauses.tick().await;
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let entrance = &self.entrances[turn % self.entrances.len()];
            let refusal = match Answer::to(to, request(entrance)).await {
                Ok(answer) => return answer,
                Err(refusal) => refusal,
            };
            assert!(begun.elapsed() < PATIENCE, "{} lost patience: {refusal:?}", self.name);
            lock(&self.refusals).push(refusal);
        }
    }

    /// Everything that was answered by success is there, once, and nothing else.
    pub(crate) async fn assert_all_there(&self) {
        let me = self.get("/v1/me").await;
        assert_eq!(text(&me, "id"), self.id);
        let entries = lock(&self.promised).entries.clone();
        let sum: i64 = entries.iter().filter_map(|entry| entry.get("amount")?.as_i64()).sum();
        assert_eq!(self.get("/v1/me/balance").await, json!({"balance": sum}), "{}: {entries:?}", self.name);
        let kept = self.all("/v1/me/balance/entries?").await;
        assert_eq!(kept.len(), entries.len(), "{}", self.name);
        for entry in &entries {
            assert!(kept.contains(entry), "{}: {entry} is missing in {kept:?}", self.name);
        }
        let recordings = lock(&self.promised).recordings.clone();
        assert_eq!(self.all("/v1/transcriptions?").await.len(), recordings.len(), "{}", self.name);
        for (path, recording) in recordings {
            let audio = self.audio(&path).await;
            assert!(audio == recording, "{}: {path} has other audio: {} bytes", self.name, audio.len());
        }
    }

    /// A transcription's recording.
    pub(crate) async fn audio(&self, path: &str) -> Vec<u8> {
        let to = format!("{path}/audio");
        let answer = self
            .insist(&to, |entrance| {
                self.client.get(format!("{entrance}{to}")).bearer_auth(self.access_token())
            })
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{to}: {}", answer.body);
        answer.bytes
    }

    /// Waits until a transcription is in its last state.
    pub(crate) async fn until_done(&self, path: &str) -> String {
        let mut looks = interval(PAUSE);
        let ends = async {
            loop {
                looks.tick().await;
                let state = text(&self.get(path).await, "state");
                if !matches!(state.as_str(), "queued" | "in_progress" | "processing_error") {
                    return state;
                }
            }
        };
        timeout(PATIENCE, ends).await.unwrap()
    }

    /// All transcriptions that were promised are transcribed, each chunk once.
    pub(crate) async fn assert_all_transcribed(&self) {
        let recordings = lock(&self.promised).recordings.clone();
        for (path, _) in recordings {
            assert_eq!(self.until_done(&path).await, "completed", "{}: {path}", self.name);
            let planned = self.get(&path).await.get("chunks_planned").and_then(Value::as_u64).unwrap();
            let chunks = self.all(&format!("{path}/chunks?")).await;
            let numbers: Vec<_> =
                chunks.iter().map(|chunk| chunk.get("number").and_then(Value::as_u64).unwrap()).collect();
            assert_eq!(numbers, (0..planned).collect::<Vec<_>>(), "{}: {path}", self.name);
        }
    }

    /// The items of all pages of a list.
    async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        for page in 1.. {
            let list = self.get(&format!("{path}size=200&page={page}")).await;
            items.extend(list.get("items").and_then(Value::as_array).unwrap().iter().cloned());
            if page >= list.get("pages").and_then(Value::as_u64).unwrap() {
                break;
            }
        }
        items
    }
}

/// A key that nobody else uses.
pub(crate) fn new_key() -> String {
    #[expect(clippy::disallowed_methods, reason = "clients make up keys")]
    Uuid::now_v7().to_string()
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    assert!(text.is_some(), "no {name} in {value}");
    text.unwrap().to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
