//! Failures that no use case knows of: each is a problem with a status and a code of its own.

use lectern_testkit::world::steps::RECORDING;
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use super::server::{Server, WORKER_TOKEN, problem};

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_not_there_is_404() {
    let server = Server::start();
    for path in ["/nowhere", "/v1/nowhere", "/v1/transcriptions/not-an-id/nowhere"] {
        let refused = problem(server.get(path).send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::NOT_FOUND, "not_found".to_owned()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_404() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let refused = server.get("/v1/transcriptions/not-an-id").bearer_auth(token).send().await.unwrap();
    assert_eq!(problem(refused).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_405_and_says_which_are_allowed() {
    let server = Server::start();
    let cases = [
        (Method::DELETE, "/v1/transcriptions", "GET, POST"),
        (Method::GET, "/v1/auth/login", "POST"),
        (Method::PUT, "/v1/transcriptions/00000000-0000-0000-0000-000000000001", "GET, PATCH, DELETE"),
    ];
    for (method, path, allowed) in cases {
        let response = server.request(method, path).send().await.unwrap();
        assert_eq!(response.headers().get("allow").unwrap(), allowed);
        let refused = problem(response).await;
        assert_eq!(refused, (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".to_owned()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    for path in ["/healthz", "/v1/me", "/v1/transcriptions", "/nowhere"] {
        let get = server.get(path).bearer_auth(&token).send().await.unwrap();
        let head = server.request(Method::HEAD, path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers().get("content-length"), get.headers().get("content-length"), "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
    let ada = server.world.register_user("grace").await;
    let id = server.world.upload(&ada, 60).await.transcription.id().0;
    let endless = format!("/v1/transcriptions/{id}/events");
    let grace = server.token_of("grace").await;
    let recording = format!("/v1/transcriptions/{id}/audio");
    let head = server.request(Method::HEAD, &recording).bearer_auth(&grace).send().await.unwrap();
    let length = head.headers().get("content-length").unwrap().to_str().unwrap();
    assert_eq!(length, RECORDING.len().to_string());
    let head = server.request(Method::HEAD, &endless).bearer_auth(grace).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.bytes().await.unwrap().is_empty());
    let put = server.request(Method::HEAD, "/v1/auth/login").send().await.unwrap();
    assert_eq!(put.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_json_is_400() {
    let server = Server::start();
    for body in ["{", "", "{\"login\": \"\u{1}\"}"] {
        let request = server.post("/v1/auth/login").header("content-type", "application/json").body(body);
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::BAD_REQUEST, "malformed_body".to_owned()), "{body}");
    }
    let not_utf8 = server.post("/v1/auth/login").header("content-type", "application/json");
    let refused = problem(not_utf8.body(b"{\"login\": \"\xff\"}".to_vec()).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "malformed_body".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_type_is_415() {
    let server = Server::start();
    let request = server.post("/v1/auth/login").header("content-type", "text/plain").body("{}");
    let refused = problem(request.send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_413() {
    let server = Server::start();
    let body = json!({"login": "x".repeat(100_000), "password": "x"});
    let refused = problem(server.post("/v1/auth/login").json(&body).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_wrong_fields_are_named_at_once_and_never_shown() {
    let server = Server::start();
    let body = json!({"username": "a b", "email": "nope", "password": "short-secret", "first_name": "\n"});
    let response = server.post("/v1/auth/register").json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = response.text().await.unwrap();
    assert!(!text.contains("short-secret"));
    let body: Value = serde_json::from_str(&text).unwrap();
    let pointers: Vec<_> = body
        .get("errors")
        .and_then(Value::as_array)
        .unwrap()
        .iter()
        .filter_map(|error| error.get("pointer").and_then(Value::as_str))
        .collect();
    assert_eq!(pointers, ["/username", "/email", "/first_name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_nobody_asked_for_are_refused() {
    let server = Server::start();
    for field in ["role", "balance", "permissions", "id"] {
        let mut body = json!({"username": "eve", "password": "a long enough password"});
        body.as_object_mut().unwrap().insert(field.to_owned(), json!("admin"));
        let refused = problem(server.post("/v1/auth/register").json(&body).send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_impossible_query_parameters_are_422() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let long = format!("search={}", "x".repeat(201));
    for (query, pointer) in [
        ("page=0", "page"),
        ("size=0", "size"),
        ("size=201", "size"),
        ("page=x", "page"),
        ("page=-1", "page"),
        ("state=nowhere", "state"),
        ("owner=eve", "owner"),
        (long.as_str(), "search"),
    ] {
        let path = format!("/v1/transcriptions?{query}");
        let response = server.get(&path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body.get("code"), Some(&json!("validation_failed")), "{query}");
        assert_eq!(body.pointer("/errors/0/pointer"), Some(&json!(pointer)), "{query}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_503_with_a_hint_when_to_come_back() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    server.world.database.break_down();
    let response = server.get("/v1/me").bearer_auth(token).send().await.unwrap();
    assert_eq!(response.headers().get("retry-after").unwrap(), "5");
    let refused = problem(response).await;
    assert_eq!(refused, (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable".to_owned()));
    let ready = server.get("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let health = server.get("/healthz").send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK, "the process itself is up");
}

/// Requests can go on to come here: the service does with less.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_part_is_shown_and_the_service_is_still_ready() {
    let server = Server::start();
    let ready = async || -> Value {
        let response = server.get("/readyz").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    };
    let parts = |spare: &str| {
        let part = |name, required, state| json!({"name": name, "required": required, "state": state, "since": "2026-01-01T00:00:00Z"});
        json!([
            part("database", true, "available"),
            part("audio", true, "available"),
            part("spare", false, spare)
        ])
    };
    assert_eq!(ready().await["parts"], parts("available"));
    server.world.spare_part.take_away();
    let gone = ready().await;
    assert_eq!((&gone["parts"], &gone["ready"]), (&parts("unavailable"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_are_no_uploads_are_told_so() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let post = || server.post("/v1/transcriptions").bearer_auth(&token);
    let audio = || multipart::Part::bytes(b"sound".to_vec()).file_name("a.mp3");

    let refused = problem(post().json(&json!({})).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".to_owned()));

    let no_file = multipart::Form::new().text("title", "x");
    let two_files = multipart::Form::new().part("audio", audio()).part("audio", audio());
    let other_field = multipart::Form::new().part("audio", audio()).text("role", "admin");
    let bad_language = multipart::Form::new().part("audio", audio()).text("language", "../etc");
    let long_title = multipart::Form::new().part("audio", audio()).text("title", "x".repeat(201));
    for (what, form) in [
        ("no file", no_file),
        ("two files", two_files),
        ("another field", other_field),
        ("bad language", bad_language),
        ("long title", long_title),
    ] {
        let refused = problem(post().multipart(form).send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{what}");
    }

    let text = multipart::Form::new().part("audio", audio().mime_str("text/html").unwrap());
    let refused = problem(post().multipart(text).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".to_owned()));

    let broken = post().header("content-type", "multipart/form-data; boundary=x").body("--x\r\nbroken");
    let refused = problem(broken.send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "malformed_body".to_owned()));
    assert_eq!(server.world.audio.staging_files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_hear_what_is_wrong_with_a_chunk() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    server.world.upload(&ada, 60).await;
    let job = server.world.lease().await;
    let path = format!("/v1/worker/jobs/{}/chunks", job.lease.0);
    let segment = |start: f64, end: f64| json!([{"start_seconds": start, "end_seconds": end, "text": "x"}]);
    let cases = [
        (json!({"number": 9, "text": "x"}), "chunk_out_of_plan"),
        (json!({"number": 0, "text": "x", "segments": segment(2.0, 1.0)}), "validation_failed"),
        (json!({"number": 0, "text": "x", "segments": segment(-1.0, 1.0)}), "validation_failed"),
        (json!({"number": -1, "text": "x"}), "validation_failed"),
        (json!({"number": 0}), "validation_failed"),
    ];
    for (body, code) in cases {
        let request = server.post(&path).bearer_auth(WORKER_TOKEN).json(&body);
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, code.to_owned()), "{body}");
    }
    server.world.clock.advance(job.lease_duration);
    let request = server.post(&path).bearer_auth(WORKER_TOKEN).json(&json!({"number": 0, "text": "x"}));
    let refused = problem(request.send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::CONFLICT, "lease_lost".to_owned()));
}
