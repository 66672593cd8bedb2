//! What each row of the classic dialects' tables answers, on both profiles, as pairs of files: `golden/<dialect>/` has
//! `<row>.request.http` and `<row>.response.http`.
//!
//! The rows are those of the tables in `docs/dialects/`; one without a pair fails a test here. To write the files anew, and
//! then read what changed: `cargo xtask golden --update`.
//!
//! What differs from run to run is masked: tokens, ids, times, and whatever a test [masks](Golden::mask) or
//! [hides](Golden::exchange_hiding).

mod docs_pages;
mod fast_web;
mod fastapi_auth;
mod iccem;
mod katkru;
mod lazy_lecture;
mod rows;

use std::{env, fs, path::PathBuf, sync::LazyLock};

use regex::Regex;
use reqwest::{
    Method, Request, RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName},
};
use serde_json::Value;

use crate::{profile::Profile, server::Server};

/// The variable that says `update` where the files are to be written.
const UPDATE: &str = "LECTERN_GOLDEN";

/// What of a request's head says something.
const REQUEST_HEADERS: [&str; 12] = [
    "accept",
    "authorization",
    "content-type",
    "cookie",
    "idempotency-key",
    "if-none-match",
    "origin",
    "sec-fetch-mode",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
    "x-worker-token",
];
/// What of an answer's head says something.
const RESPONSE_HEADERS: [&str; 9] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "allow",
    "cache-control",
    "content-disposition",
    "content-type",
    "location",
    "set-cookie",
    "www-authenticate",
];

/// What is never the same, by how it looks.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "<time>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", "<naive time>"),
        (r"http://127\.0\.0\.1:\d+", "<server>"),
    ]
    .map(|(pattern, mask)| (Regex::new(pattern).unwrap(), mask))
    .into()
});

/// A server, and the files that its answers are compared with.
pub(crate) struct Golden {
    pub(crate) server: Server,
    dialect: &'static str,
    masks: Vec<(String, String)>,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Golden {
    /// A server with fast settings and these, for rows of that dialect.
    pub(crate) async fn start(dialect: &'static str, profile: Profile, variables: &[(&str, &str)]) -> Self {
        Self::with(dialect, Server::start_on(profile, variables).await)
    }

    /// The same with a server that was started in another way.
    pub(crate) fn with(dialect: &'static str, server: Server) -> Self {
        Self { server, dialect, masks: Vec::new() }
    }

    /// From here on `value` is shown as `<name>`.
    pub(crate) fn mask(&mut self, value: &str, name: &str) {
        self.masks.push((value.to_owned(), format!("<{name}>")));
    }

    /// A request to the server. Cookies, redirects and the like are up to whoever asks.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.server.client.request(method, self.server.url(path))
    }

    /// Sends a request, without comparing anything: what has to be before a row's request makes sense.
    pub(crate) async fn prepare(&self, request: RequestBuilder) -> Answer {
        Answer::to(&self.server, request.build().unwrap()).await
    }

    /// Sends the request of a row: it and its answer must be those of the files.
    pub(crate) async fn exchange(&self, row: &str, request: RequestBuilder) -> Answer {
        self.exchange_hiding(row, request, &[]).await
    }

    /// The same where the values at these JSON Pointers into the answer differ each time.
    pub(crate) async fn exchange_hiding(
        &self,
        row: &str,
        request: RequestBuilder,
        hidden: &[&str],
    ) -> Answer {
        let request = request.build().unwrap();
        self.compare(row, "request", &self.written_request(&request));
        let answer = Answer::to(&self.server, request).await;
        self.compare(row, "response", &self.written_answer(&answer, hidden));
        answer
    }

    fn written_request(&self, request: &Request) -> String {
        let url = request.url();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let line = format!("{} {}{query}", request.method(), url.path());
        let headers = headers(request.headers(), &REQUEST_HEADERS);
        let body = match request.body() {
            None => String::new(),
            Some(body) => match body.as_bytes() {
                Some(bytes) => {
                    written_json(bytes, &[]).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
                }
                None => "<a form with a file>".to_owned(),
            },
        };
        self.masked(&format!("{line}\n{headers}\n{body}\n"))
    }

    fn written_answer(&self, answer: &Answer, hidden: &[&str]) -> String {
        let headers = headers(&answer.headers, &RESPONSE_HEADERS);
        let body = written_json(&answer.body, hidden).unwrap_or_else(|| {
            let text = std::str::from_utf8(&answer.body);
            text.unwrap_or("<bytes that are no text>").to_owned()
        });
        self.masked(&format!("{}\n{headers}\n{body}\n", answer.status.as_u16()))
    }

    fn masked(&self, text: &str) -> String {
        let named = self.masks.iter().fold(text.to_owned(), |text, (value, mask)| text.replace(value, mask));
        MASKS.iter().fold(named, |text, (pattern, mask)| pattern.replace_all(&text, *mask).into_owned())
    }

    fn compare(&self, row: &str, what: &str, found: &str) {
        let file = folder().join(self.dialect).join(format!("{row}.{what}.http"));
        if env::var_os(UPDATE).is_some_and(|said| said == "update") {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            return fs::write(&file, found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_else(|_| {
            unreachable!("{} is missing: write it by `cargo xtask golden --update`", file.display())
        });
        assert_eq!(
            found,
            expected,
            "{} has another {what}; server log:\n{}",
            file.display(),
            self.server.log()
        );
    }
}

impl Answer {
    async fn to(server: &Server, request: Request) -> Self {
        let response = server.client.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().into() }
    }

    /// The body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The text at a JSON Pointer into the body.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json().pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    }

    /// The value of a cookie that it sets.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let cookies = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let mut values = cookies.filter_map(|cookie| {
            let (known, rest) = cookie.split_once('=').unwrap();
            (known == name).then(|| rest.split(';').next().unwrap().to_owned())
        });
        values.next().unwrap()
    }
}

/// A body of JSON as it is compared: whatever the order of its fields, with the values at those pointers hidden. `None` for
/// a body that is none, or no more than a word.
fn written_json(body: &[u8], hidden: &[&str]) -> Option<String> {
    let json = serde_json::from_slice::<Value>(body).ok();
    let mut json = json.filter(|json| json.is_object() || json.is_array())?;
    for pointer in hidden {
        let found = json.pointer_mut(pointer);
        *found.unwrap_or_else(|| unreachable!("there is no {pointer} to hide")) = "<hidden>".into();
    }
    json.sort_all_objects();
    Some(serde_json::to_string_pretty(&json).unwrap())
}

/// Where the files are.
fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden"].iter().collect()
}

/// Those of the named headers that are there. How a form's parts are separated differs each time.
fn headers(all: &HeaderMap, shown: &[&str]) -> String {
    let lines = shown.iter().flat_map(|name| {
        let name: HeaderName = name.parse().unwrap();
        let values = all.get_all(&name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.map(|value| format!("{name}: {}\n", without_boundary(&value))).collect::<Vec<_>>()
    });
    lines.collect()
}

fn without_boundary(value: &str) -> &str {
    value.split("; boundary=").next().unwrap()
}
