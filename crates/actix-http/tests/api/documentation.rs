//! The pages that document the API and the code: who gets them, and what they may do in a browser.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lectern_domain::surface::Surface;
use lectern_testkit::world::World;
use reqwest::{Method, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::server::{DOCS, Server, problem};

/// Every page, at the root and as iccem has it.
const PAGES: [&str; 13] = [
    "/openapi.json",
    "/openapi/iccem.json",
    "/docs",
    "/docs/",
    "/docs/swagger-ui.css",
    "/redoc",
    "/redoc/",
    "/redoc/page.js",
    "/code_docs/lectern_a/index.html",
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/api/v1/redoc",
    "/api/v1/code_docs/lectern_a/index.html",
];

/// A folder of this test's own, with these files in it.
fn folder(name: &str, files: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("code_docs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("this is {}", file.file_name().unwrap().display())).unwrap();
    }
    folder
}

fn with_code_docs(folder: PathBuf) -> Server {
    let mut server = Server::with(World::new(), |settings| settings.code_docs = folder);
    server.client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    server
}

async fn read(server: &Server, path: &str) -> Response {
    server.get(path).basic_auth(DOCS.0, Some(DOCS.1)).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_needs_the_password() {
    let server = with_code_docs(folder("password", &["lectern_a/index.html"]));
    for path in PAGES {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(header(&response, "www-authenticate").starts_with("Basic "), "{path}");
        let wrong = server.get(path).basic_auth(DOCS.0, Some("guess")).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED, "{path}");
        let right = read(&server, path).await;
        assert_eq!(right.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_spelling_of_a_path_gets_past_the_password() {
    let server = with_code_docs(folder("spellings", &["lectern_a/index.html"]));
    for path in [
        "/openapi%2Ejson",
        "/%6fpenapi.json",
        "/openapi/%69ccem.json",
        "/%64ocs/",
        "/d%6Fcs/swagger-ui.css",
        "/%72edoc",
        "/code%5Fdocs/lectern_a/index.html",
        "/code_docs/%6cectern_a/index.html",
        "/api/v%31/docs",
        "/%61pi/v1/code_docs/",
    ] {
        let response = server.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in
        ["//docs", "/docs%2F", "/openapi.json%2F", "/DOCS", "/v1/../docs", "/x/%2e%2e/redoc", "/./docs"]
    {
        let status = raw(&server, path, "").await.0;
        assert!([401, 404].contains(&status), "{path}: {status}");
    }
}

/// Asks for a path as it is written, as no client library would: the status and the body.
async fn raw(server: &Server, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: lectern.test\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_code_s_documentation() {
    let folder = folder("traversal", &["secret.txt", "docs/lectern_a/index.html", "docs/.hidden"]);
    let server = with_code_docs(folder.join("docs"));
    let password = "Authorization: Basic ZG9jczp0aGUgZG9jcyBwYXNzd29yZA==\r\n";
    let (status, page) = raw(&server, "/code_docs/lectern_a/index.html", password).await;
    assert!(status == 200 && page.ends_with("this is index.html"), "{page}");
    for path in [
        "/code_docs/../secret.txt",
        "/code_docs/%2e%2e/secret.txt",
        "/code_docs/..%2fsecret.txt",
        "/code_docs/%2e%2e%2fsecret.txt",
        "/code_docs/%252e%252e/secret.txt",
        "/code_docs/lectern_a/../../secret.txt",
        "/code_docs/..\\secret.txt",
        "/code_docs//secret.txt",
        "/code_docs/.hidden",
        "/code_docs/lectern_a/%00",
    ] {
        let (status, answer) = raw(&server, path, password).await;
        assert!([400, 404].contains(&status), "{path}: {status}");
        assert!(!answer.contains("this is"), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_the_code_s_documentation_are_not_listed() {
    let server = with_code_docs(folder("listing", &["lectern_a/index.html", "src/lectern_a/x.html"]));
    let response = read(&server, "/code_docs/src/").await;
    assert_eq!(problem(response).await.0, StatusCode::NOT_FOUND);
    let response = read(&server, "/code_docs/lectern_a").await;
    assert_eq!(header(&response, "location"), "/code_docs/lectern_a/");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_the_code_begins_at_the_first_of_our_crates() {
    let files = ["src/index.html", "lectern_b/index.html", "lectern_a/all.html", "other/index.html"];
    let folder = folder("first", &files);
    let server = with_code_docs(folder.clone());
    for (path, location) in [
        ("/code_docs", "/code_docs/lectern_b/index.html"),
        ("/code_docs/", "/code_docs/lectern_b/index.html"),
        ("/api/v1/code_docs/", "/api/v1/code_docs/lectern_b/index.html"),
    ] {
        let response = read(&server, path).await;
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT, "{path}");
        assert_eq!(header(&response, "location"), location);
    }
    fs::write(folder.join("index.html"), "all").unwrap();
    assert_eq!(header(&read(&server, "/code_docs").await, "location"), "/code_docs/index.html");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_code_s_documentation_is_not_built_the_answer_says_how_to_build_it() {
    let server = Server::start();
    let response = read(&server, "/code_docs/").await;
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["code"], "code_docs_missing");
    assert!(body["detail"].as_str().unwrap().contains("cargo doc --workspace --no-deps"), "{body}");
    let response = read(&server, "/code_docs/lectern_a/index.html").await;
    assert_eq!(problem(response).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_load_nothing_from_other_hosts() {
    let server = with_code_docs(folder("hosts", &["lectern_a/index.html"]));
    for path in ["/docs", "/docs/swagger-initializer.js", "/redoc", "/code_docs/lectern_a/", "/openapi.json"]
    {
        let response = read(&server, path).await;
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("http"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'self' "), "{path}: {policy}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
    }
    for path in ["/docs", "/redoc", "/redoc/page.js", "/redoc/page.css", "/docs/swagger-initializer.js"] {
        let page = read(&server, path).await.text().await.unwrap();
        assert!(!page.contains("://"), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pages_ask_for_is_there() {
    let server = Server::start();
    for path in ["/docs", "/docs/", "/redoc", "/redoc?document=katkru", "/api/v1/docs", "/api/v1/redoc/"] {
        let page = read(&server, path).await.text().await.unwrap();
        let named = ["href=\"/", "src=\"/", "data-document=\"/"]
            .into_iter()
            .flat_map(|before| page.split(before).skip(1).filter_map(|rest| rest.split('"').next()));
        let named: Vec<_> = named.collect();
        assert!(named.len() >= 3, "{page}");
        for file in named {
            let response = read(&server, &format!("/{file}")).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}: {file}");
            assert!(!response.bytes().await.unwrap().is_empty(), "{path}: {file}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn swagger_ui_offers_every_document_and_has_none_validated_elsewhere() {
    let server = Server::start();
    for (place, first) in [("/docs", "v1"), ("/api/v1/docs", "iccem")] {
        let path = format!("{place}/swagger-initializer.js");
        let script = read(&server, &path).await.text().await.unwrap();
        for (name, _) in server.documents().await {
            assert!(script.contains(&format!("\"name\": \"{name}\"")), "{script}");
        }
        assert!(script.contains(&format!("\"urls.primaryName\": \"{first}\"")), "{script}");
        assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redoc_shows_the_document_that_is_chosen() {
    let server = Server::start();
    for (path, document) in [
        ("/redoc", "/openapi.json"),
        ("/redoc?document=v1", "/openapi.json"),
        ("/redoc?document=fast-web", "/openapi/fast-web.json"),
        ("/api/v1/redoc", "/openapi/iccem.json"),
    ] {
        let page = read(&server, path).await.text().await.unwrap();
        assert!(page.contains(&format!("data-document=\"{document}\"")), "{page}");
    }
    let response = read(&server, "/redoc?document=%22%3E%3Cscript%3E").await;
    assert_eq!(problem(response).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialect_that_is_off_has_no_documentation() {
    let server = Server::with(World::new(), |settings| settings.dialects = vec![Surface::Katkru]);
    for path in ["/openapi/iccem.json", "/redoc?document=iccem", "/api/v1/openapi.json", "/api/v1/docs"] {
        assert_eq!(problem(read(&server, path).await).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let script = read(&server, "/docs/swagger-initializer.js").await.text().await.unwrap();
    assert!(script.contains("katkru") && !script.contains("iccem"), "{script}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_and_what_is_wrong_is_not() {
    let server = with_code_docs(folder("compressed", &["lectern_a/index.html"]));
    let ask = async |path: &str| {
        let request = server.get(path).basic_auth(DOCS.0, Some(DOCS.1));
        request.header("accept-encoding", "gzip").send().await.unwrap()
    };
    for path in ["/docs", "/redoc/redoc.standalone.js", "/openapi.json", "/code_docs/lectern_a/index.html"] {
        assert_eq!(header(&ask(path).await, "content-encoding"), "gzip", "{path}");
    }
    for path in ["/docs/nothing", "/code_docs/lectern_a/nothing", "/code_docs/.hidden", "/redoc?document=x"] {
        let response = ask(path).await;
        assert_eq!(header(&response, "content-encoding"), "", "{path}");
        assert!(problem(response).await.0.is_client_error(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_can_only_be_read() {
    let server = Server::start();
    for path in ["/openapi.json", "/docs", "/redoc", "/code_docs", "/openapi/katkru.json"] {
        let request = server.request(Method::POST, path).basic_auth(DOCS.0, Some(DOCS.1));
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "allow"), "GET", "{path}");
        assert_eq!(problem(response).await.0, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}
