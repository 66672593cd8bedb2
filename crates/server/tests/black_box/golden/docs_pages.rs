//! The documentation, which iccem's clients know under `/` and `/api/v1`.

use std::fs;

use reqwest::Method;
use tempfile::TempDir;

use super::Golden;
use crate::profile::{Profile, on_both_profiles};

on_both_profiles!(the_documentation_asks_for_its_password);

const PASSWORD: &str = "the docs password";

async fn the_documentation_asks_for_its_password(profile: Profile) {
    let code_docs = TempDir::new().unwrap();
    let page = code_docs.path().join("lectern_domain");
    fs::create_dir(&page).unwrap();
    fs::write(page.join("index.html"), "<!DOCTYPE html><title>lectern_domain</title>").unwrap();
    let settings =
        [("LECTERN_DOCS_PASSWORD", PASSWORD), ("LECTERN_CODE_DOCS_DIR", code_docs.path().to_str().unwrap())];
    let golden = Golden::start("iccem", profile, &settings).await;
    let ask = |path: &str| golden.request(Method::GET, path);
    let read = |path: &str| ask(path).basic_auth("docs", Some(PASSWORD));

    golden.exchange("docs", ask("/docs")).await;
    golden.exchange("docs.prefixed", ask("/api/v1/docs")).await;
    golden.exchange("docs.wrong-password", ask("/redoc").basic_auth("docs", Some("a guess"))).await;
    golden.exchange("docs.with-password", read("/docs")).await;
    golden.exchange("docs.redoc", read("/api/v1/redoc")).await;
    let hidden = ["/paths", "/components", "/info/version"];
    golden.exchange_hiding("docs.openapi", read("/api/v1/openapi.json"), &hidden).await;
    golden.exchange("docs.code-docs", read("/code_docs/")).await;
    golden.exchange("docs.code-docs-page", read("/code_docs/lectern_domain/index.html")).await;
}
