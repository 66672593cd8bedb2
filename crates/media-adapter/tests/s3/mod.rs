//! The S3 server of the tests.

use lectern_media_adapter::S3Settings;
use tempfile::TempDir;

const VARIABLE: &str = "LECTERN_TEST_S3_ENDPOINT";

/// Where it is.
pub(crate) fn endpoint() -> String {
    let endpoint = std::env::var_os(VARIABLE);
    assert!(
        endpoint.is_some(),
        "set {VARIABLE}, or run it by `cargo xtask services -- cargo test …`, which starts one"
    );
    endpoint.unwrap().into_string().unwrap()
}

/// A prefix that no other test has, in this run or another: named after a folder that nobody else has.
pub(crate) fn unique_prefix(folder: &TempDir) -> String {
    let name = folder.path().file_name().unwrap().to_string_lossy();
    format!("{}/{}", std::process::id(), name.trim_start_matches('.'))
}

/// The settings of somebody who keeps recordings in the test's bucket, by that way.
pub(crate) fn settings(endpoint: &str, prefix: &str) -> S3Settings {
    settings_with("lectern-secret", endpoint, prefix)
}

/// The same with another secret.
pub(crate) fn settings_with(secret: &str, endpoint: &str, prefix: &str) -> S3Settings {
    let environment = [
        ("AWS_ACCESS_KEY_ID", "lectern"),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let owned = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    S3Settings::parse(&format!("s3://lectern-test/{prefix}"), owned).unwrap()
}
