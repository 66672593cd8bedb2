//! Paths that lead out of where they should stay. None is answered with anything of a file, and none with 5xx.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tempfile::TempDir;

use super::besieged::{Besieged, status};
use crate::client::Account;

const PASSWORD: &str = "tin lamp orbit gravel";
/// What is in a file beside the folder that is served.
const OUTSIDE: &str = "this file is outside";

/// Where a path, or a part of one, is taken from a request.
const PREFIXES: [&str; 22] = [
    "/",
    "/code_docs/",
    "/code_docs/lectern_a/",
    "/api/v1/code_docs/",
    "/docs/",
    "/api/v1/docs/",
    "/redoc/",
    "/api/v1/redoc/",
    "/openapi/",
    "/assets/",
    "/console/transcriptions/",
    "/v1/transcriptions/",
    "/v1/users/",
    "/v1/roles/",
    "/v1/me/sessions/",
    "/v1/worker/jobs/",
    "/transcript/export?transcription_id=",
    "/transcriptions/",
    "/auth/refresh?redirect_to=",
    "/v1/transcriptions?search=",
    "/v1/transcriptions/018f3b0e-0000-7000-8000-000000000000/export?format=",
    "/v1/transcriptions/018f3b0e-0000-7000-8000-000000000000/audio/",
];

/// Ways to write `../`, each as often as leads from the deepest folder to the root.
const STEPS: [&str; 19] = [
    "../",
    "..%2f",
    "..%2F",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..%252f",
    "..\\",
    "..%5c",
    "%2e%2e%5c",
    "..;/",
    "..%3b/",
    "....//",
    ".%00./",
    "..%00/",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "..%ef%bc%8f",
    "%uff0e%uff0e/",
];

/// What is looked for: at the root of the machine, beside the folder that is served, and among the server's own files.
const TARGETS: [&str; 6] = [
    "etc/passwd",
    "etc/passwd%00.html",
    "outside.txt",
    "data/secrets/worker_token",
    "data/lectern.db",
    "proc/self/environ",
];

/// Paths that need no steps.
const ABSOLUTE: [&str; 12] = [
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "%2Fetc/passwd",
    "file:///etc/passwd",
    "C:\\windows\\win.ini",
    "\\\\server\\share",
    "~/.ssh/id_ed25519",
    "%00",
    "%ff%fe",
    ".",
    "..",
];

/// Settings of a server that serves a folder, beside which there is a file.
fn settings(folder: &TempDir) -> [(&'static str, String); 3] {
    let docs = folder.path().join("docs");
    fs::create_dir_all(docs.join("lectern_a")).unwrap();
    fs::write(docs.join("lectern_a/index.html"), "<!DOCTYPE html><title>a</title>").unwrap();
    fs::write(folder.path().join("outside.txt"), OUTSIDE).unwrap();
    [
        ("LECTERN_DOCS_PASSWORD", PASSWORD.to_owned()),
        ("LECTERN_CODE_DOCS_DIR", docs.to_str().unwrap().to_owned()),
        ("LECTERN_RATE_LIMITS", "off".to_owned()),
    ]
}

fn attacks() -> impl Iterator<Item = String> {
    let steps = STEPS.iter().flat_map(|step| TARGETS.iter().map(move |target| (step, target)));
    let steps =
        steps.flat_map(|(step, target)| [1, 12].map(|times| format!("{}{target}", step.repeat(times))));
    steps.chain(ABSOLUTE.iter().map(|path| (*path).to_owned()))
}

/// Asks for some of those paths on one connection, as they are: no client gets to tidy them up. The answers, and to how many
/// paths they are: a path that is none ends the connection.
async fn ask(besieged: &Besieged, paths: &[String], authorization: &str) -> (String, usize) {
    let paths = paths.get(..40).unwrap_or(paths);
    let request = |path: &str, end| {
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n{end}\r\n")
    };
    let requests: String = paths.iter().map(|path| request(path, "")).collect();
    let last = request("/healthz", "Connection: close\r\n");
    let answers = besieged.exchange(format!("{requests}{last}").as_bytes()).await;
    let count = answers.matches("HTTP/1.1 ").count().min(paths.len());
    (answers, count)
}

#[tokio::test]
async fn no_path_leads_to_a_file_that_is_not_served() {
    let folder = TempDir::new().unwrap();
    let settings = settings(&folder);
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let besieged = Besieged::start(&settings).await;
    let ada = Account::register(&besieged.server, "ada").await;
    let basic = BASE64_STANDARD.encode(format!("docs:{PASSWORD}"));
    let token = besieged.server.worker_token();
    for prefix in PREFIXES {
        let authorization = match prefix {
            "/v1/worker/jobs/" => format!("Bearer {token}"),
            prefix if prefix.contains("docs") || prefix.contains("redoc") || prefix.contains("openapi") => {
                format!("Basic {basic}")
            }
            _ => format!("Bearer {}", ada.access_token()),
        };
        let paths: Vec<_> = attacks().map(|attack| format!("{prefix}{attack}")).collect();
        let mut left = paths.as_slice();
        while !left.is_empty() {
            let (answers, count) = ask(&besieged, left, &authorization).await;
            for leaked in [OUTSIDE, "root:", "SQLite format", token.as_str(), "PATH="] {
                assert!(!answers.contains(leaked), "{leaked} in the answers to {left:?}");
            }
            assert!(!answers.contains("HTTP/1.1 5"), "{left:?}: {answers}");
            assert_ne!(count, 0, "{left:?}: {answers}");
            left = left.get(count..).unwrap_or_default();
        }
    }
    besieged.answers_others().await;
    assert!(!besieged.server.log().contains("panicked"), "{}", besieged.server.log());
}

/// The attacks get past the password: what they ask for just isn't there.
#[tokio::test]
async fn what_is_served_is_served() {
    let folder = TempDir::new().unwrap();
    let settings = settings(&folder);
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let besieged = Besieged::start(&settings).await;
    let basic = BASE64_STANDARD.encode(format!("docs:{PASSWORD}"));
    let request = format!(
        "GET /code_docs/lectern_a/index.html HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\r\n"
    );
    let answer = besieged.exchange(request.as_bytes()).await;
    assert!(status(&answer) == 200 && answer.contains("<title>a</title>"), "{answer}");
}
