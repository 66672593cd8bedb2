//! Lists, texts, exports and cancels.

use lectern_domain::access::Permission;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{answer, number, refusal};
use crate::server::Server;

/// A server with a transcript of ada's of five chunks, and her access token.
struct Scene {
    server: Server,
    token: String,
    /// The transcript's number.
    number: i64,
    /// Ada's.
    owner: i64,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start();
        let ada = server.world.register_user("ada").await;
        let number = server.world.upload(&ada, 290).await.transcription.parts().number.0;
        server.world.transcribe_next().await;
        let token = server.token_of("ada").await;
        Self { server, token, number, owner: ada.principal.number.0 }
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.server.get(path).bearer_auth(&self.token)).await
    }

    /// The numbers of the chunks on a page, and what is said about it.
    async fn chunks(&self, query: &str) -> (Vec<i64>, [i64; 4]) {
        let (status, body) = self.get(&format!("/transcript?task_id={}{query}", self.number)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let items = body.get("transcriptions").and_then(Value::as_array).unwrap();
        let numbers = items.iter().map(|chunk| number(chunk, "chunk_order")).collect();
        (numbers, ["page", "size", "total", "pages"].map(|field| number(&body, field)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_transcript_is_answered_like_one_that_is_not_there() {
    let scene = Scene::new().await;
    let eve = scene.server.token_of("eve").await;
    for wanted in [scene.number, scene.number + 1, 0, -1] {
        for (method, path) in [
            (Method::GET, format!("/transcript?task_id={wanted}")),
            (Method::GET, format!("/transcript/info?transcript_id={wanted}")),
            (Method::POST, format!("/transcript/export?task_id={wanted}&format=txt")),
            (Method::POST, format!("/transcript/cancel?transcript_id={wanted}")),
            (Method::POST, format!("/transcriptions/{wanted}/cancel")),
        ] {
            let request = scene.server.request(method, &path).bearer_auth(&eve);
            let refused = refusal(StatusCode::NOT_FOUND, "there is no such transcription");
            assert_eq!(answer(request).await, refused, "{path}");
        }
    }
    let (_, listed) = answer(scene.server.get("/transcriptions").bearer_auth(&eve)).await;
    assert_eq!(listed, json!({"page": 1, "size": 50, "total": 0, "pages": 0, "transcriptions": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_any_transcript_sees_whose_it_is() {
    let scene = Scene::new().await;
    let reader = scene.server.token_of_holder("reader", &[Permission::TRANSCRIPTIONS_READ_ANY]).await;
    let path = format!("/transcript/info?transcript_id={}", scene.number);
    let (status, body) = answer(scene.server.get(&path).bearer_auth(&reader)).await;
    assert_eq!((status, number(&body, "creator_id")), (StatusCode::OK, scene.owner));
    let path = format!("/transcript/export?task_id={}&format=txt", scene.number);
    let file = scene.server.post(&path).bearer_auth(&reader).send().await.unwrap();
    let expected = format!("attachment; filename=\"{}.txt\"", scene.owner);
    assert_eq!(file.headers().get("content-disposition").unwrap(), &expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_transcript_are_as_long_as_they_are_asked_for() {
    let scene = Scene::new().await;
    for (query, chunks, said) in [
        ("", &[0, 1, 2, 3, 4][..], [1, 50, 5, 1]),
        ("&size=2", &[0, 1], [1, 2, 5, 3]),
        ("&page=2&size=2", &[2, 3], [2, 2, 5, 3]),
        ("&page=4&size=2", &[], [4, 2, 5, 3]),
        ("&skip=1&limit=3", &[1, 2, 3], [1, 3, 5, 2]),
        ("&skip=4&limit=3", &[4], [2, 3, 5, 2]),
        ("&limit=2", &[0, 1], [1, 2, 5, 3]),
        ("&page=2&limit=2", &[2, 3], [2, 2, 5, 3]),
        ("&page=1&size=50&skip=3&limit=1", &[3], [4, 1, 5, 5]),
        ("&skip=0&limit=100000", &[0, 1, 2, 3, 4], [1, 500, 5, 1]),
        ("&skip=18446744073709551615&limit=1", &[], [i64::from(u32::MAX), 1, 5, 5]),
    ] {
        assert_eq!(scene.chunks(query).await, (chunks.to_vec(), said), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_refused_and_the_parameter_named() {
    let scene = Scene::new().await;
    let of_transcript = format!("/transcript?task_id={}&", scene.number);
    for (path, parameter) in [
        ("/transcriptions?page=0", "page"),
        ("/transcriptions?size=0", "size"),
        ("/transcriptions?size=501", "size"),
        ("/transcriptions?size=-1", "size"),
        ("/transcriptions?page=first", "page"),
        ("/transcript", "task_id"),
        ("/transcript?task_id=x", "task_id"),
        ("/transcript/info", "transcript_id"),
        (&format!("{of_transcript}page=0"), "page"),
        (&format!("{of_transcript}size=0"), "size"),
        (&format!("{of_transcript}limit=0"), "limit"),
        (&format!("{of_transcript}skip=-1"), "skip"),
    ] {
        let (status, body) = scene.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(body.pointer("/detail/0/loc"), Some(&json!(["query", parameter])), "{path}");
    }
    assert_eq!(scene.get("/transcriptions?size=500").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_mean_nothing_are_let_be() {
    let scene = Scene::new().await;
    assert_eq!(scene.get("/transcriptions?skip=0&limit=10&t=1700000000").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_asked_for_in_the_query_or_in_a_body() {
    let scene = Scene::new().await;
    let export = |query: &str, body: Option<Value>| {
        let request = scene.server.post(&format!("/transcript/export{query}")).bearer_auth(&scene.token);
        match body {
            Some(body) => request.json(&body),
            None => request,
        }
    };
    let number = scene.number;
    let both = json!({"task_id": number, "format": "doc"});
    for (query, body, extension) in [
        (format!("?task_id={number}&format=txt"), None, "txt"),
        (format!("?task_id={number}"), Some(json!({"format": "doc"})), "docx"),
        (String::new(), Some(both.clone()), "docx"),
        ("?format=txt".to_owned(), Some(both), "txt"),
    ] {
        let file = export(&query, body).send().await.unwrap();
        let expected = format!("attachment; filename=\"{}.{extension}\"", scene.owner);
        assert_eq!(file.headers().get("content-disposition").unwrap(), &expected, "{query}");
    }
    for (query, missing) in
        [("?format=txt", "task_id"), ("?task_id=1", "format"), ("?task_id=1&format=pdf", "format")]
    {
        let (status, body) = answer(export(query, None)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(body.pointer("/detail/0/loc"), Some(&json!(["query", missing])), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_finished_is_not_called_off() {
    let scene = Scene::new().await;
    let refused = refusal(StatusCode::CONFLICT, "You can't cancel a finished job");
    for path in [
        format!("/transcript/cancel?transcript_id={}", scene.number),
        format!("/transcriptions/{}/cancel", scene.number),
    ] {
        assert_eq!(answer(scene.server.post(&path).bearer_auth(&scene.token)).await, refused, "{path}");
    }
    let request = scene.server.post("/transcriptions/first/cancel").bearer_auth(&scene.token);
    assert_eq!(answer(request).await.0, StatusCode::NOT_FOUND);
}
