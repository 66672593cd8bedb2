//! Input that no client means: far too long, not UTF-8, full of control characters, in every place that a route reads.
//!
//! The places are found in the OpenAPI document, so a new route is attacked without a line here. Whatever is sent, the
//! answer is one that the document names, a problem, and never 5xx.

use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use super::server::{DOCS, Server, WORKER_TOKEN};

const LONG: usize = 10_000;

/// An operation of the document.
struct Operation<'a> {
    method: Method,
    path: &'a str,
    description: &'a Value,
    document: &'a Value,
}

impl Operation<'_> {
    /// Its path with something harmless in the place of each parameter.
    fn harmless_path(&self) -> String {
        self.path.replace("{id}", "018f3b0e-0000-7000-8000-000000000000").replace("{name}", "nobody")
    }

    fn is_of_v1(&self) -> bool {
        self.path.starts_with("/v1")
    }

    fn parameters(&self, place: &str) -> Vec<&str> {
        let all = self.description.get("parameters").and_then(Value::as_array).into_iter().flatten();
        all.filter(|parameter| parameter.get("in") == Some(&json!(place)))
            .filter_map(|parameter| parameter.get("name")?.as_str())
            .collect()
    }

    /// The names of the JSON body's fields.
    fn fields(&self) -> Option<Vec<String>> {
        let schema = self.description.pointer("/requestBody/content/application~1json/schema")?;
        let reference = schema.get("$ref").or_else(|| schema.pointer("/oneOf/1/$ref"));
        let schema = match reference.and_then(Value::as_str) {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        };
        let fields = schema.get("properties").and_then(Value::as_object).map(Map::keys);
        Some(fields.into_iter().flatten().cloned().collect())
    }

    fn names(&self, status: u16) -> bool {
        self.description.pointer(&format!("/responses/{status}")).is_some()
    }
}

struct Attack {
    server: Server,
}

impl Attack {
    async fn start() -> Self {
        let server = Server::start();
        server.token_of_admin("root").await;
        Self { server }
    }

    async fn document(&self) -> Value {
        let request = self.server.get("/openapi.json").basic_auth(DOCS.0, Some(DOCS.1));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// A request that gets past the doors: signed in anew, because some operations end their session.
    async fn request(&self, operation: &Operation<'_>, path: &str) -> RequestBuilder {
        let request = self.server.request(operation.method.clone(), path);
        if operation.path.starts_with("/v1/worker") {
            return request.bearer_auth(WORKER_TOKEN);
        }
        let tokens = self.server.log_in("root", PASSWORD).await;
        request.bearer_auth(tokens.get("access_token").and_then(Value::as_str).unwrap())
    }

    async fn send(&self, operation: &Operation<'_>, what: &str, request: RequestBuilder) {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let (method, path) = (&operation.method, operation.path);
        assert!(operation.names(status), "{method} {path}, {what}: {status} is not in the document");
        assert!(status < 500, "{method} {path}, {what}: {status}");
        if status >= 400 {
            let body: Value = response.json().await.unwrap();
            let says_why = if operation.is_of_v1() {
                body.get("code").is_some_and(Value::is_string)
            } else {
                ["detail", "message"].iter().any(|name| body.get(name).is_some())
            };
            assert!(says_why, "{method} {path}, {what}: {body}");
            let said = body.to_string().len();
            assert!(said < 2_000, "{method} {path}, {what}: the answer has {said} bytes");
        }
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, description)| Operation {
            method: method.to_uppercase().parse().unwrap(),
            path,
            description,
            document,
        })
    });
    all.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_field_of_any_body_takes_hostile_text_badly() {
    let attack = Attack::start().await;
    let document = attack.document().await;
    let mut tried = 0;
    for operation in operations(&document) {
        let Some(fields) = operation.fields() else { continue };
        for field in &fields {
            for (what, value) in [
                ("10,000 letters", json!("x".repeat(LONG))),
                ("10,000 letters of three bytes", json!("語".repeat(LONG))),
                ("control characters", json!("a\u{0}b\r\nc\u{1b}[31m\u{202e}")),
                ("a header", json!("a@example.org\r\nBcc: eve@example.org")),
                ("a number beyond all", json!(1e300)),
                ("the smallest integer", json!(i64::MIN)),
                ("a list of lists", json!([[[[]]]])),
                ("nothing", Value::Null),
            ] {
                let body = json!({ field.as_str(): value });
                let request = attack.request(&operation, &operation.harmless_path()).await;
                attack.send(&operation, &format!("{what} as {field}"), request.json(&body)).await;
                tried += 1;
            }
        }
        for body in [
            b"{\"password\": \"\xff\xfe\"}".to_vec(),
            b"\xff".to_vec(),
            format!("{{\"{}\": 1}}", "x".repeat(LONG)).into_bytes(),
            [b"[".repeat(5_000), b"]".repeat(5_000)].concat(),
            "{\"a\":".repeat(5_000).into_bytes(),
        ] {
            let request = attack.request(&operation, &operation.harmless_path()).await;
            let request = request.header("content-type", "application/json").body(body);
            attack.send(&operation, "a body that is no JSON, or not what is asked for", request).await;
        }
    }
    assert!(tried > 100, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_parameter_of_any_route_takes_hostile_text_badly() {
    let attack = Attack::start().await;
    let document = attack.document().await;
    let hostile =
        ["x".repeat(LONG), "%FF%FE".to_owned(), "%00".to_owned(), "%0D%0ASet-Cookie:a=b".to_owned()];
    let mut tried = 0;
    for operation in operations(&document) {
        for name in operation.parameters("query") {
            for text in &hostile {
                let path = format!("{}?{name}={text}", operation.harmless_path());
                let request = attack.request(&operation, &path).await;
                attack.send(&operation, &format!("{text:.9} as {name}"), request).await;
                tried += 1;
            }
        }
        for name in operation.parameters("path") {
            for text in &hostile {
                let path = operation.path.replace(&format!("{{{name}}}"), text);
                let request = attack.request(&operation, &path).await;
                attack.send(&operation, &format!("{text:.9} as {name}"), request).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_header_of_any_request_takes_hostile_text_badly() {
    let attack = Attack::start().await;
    let document = attack.document().await;
    let long = "x".repeat(LONG);
    for operation in operations(&document) {
        for name in ["user-agent", "x-forwarded-for", "x-request-id", "accept", "origin", "last-event-id"] {
            for value in [b"\xff\xfe".as_slice(), long.as_bytes(), b""] {
                let request = attack.request(&operation, &operation.harmless_path()).await;
                attack.send(&operation, name, request.header(name, value)).await;
            }
        }
        for (name, value) in [
            ("authorization", b"Bearer \xff".as_slice()),
            ("authorization", b"Bearer"),
            ("authorization", b"\xff"),
            ("authorization", long.as_bytes()),
            ("cookie", b"access_token=\xff; refresh_token=\xff"),
            ("cookie", b"access_token"),
        ] {
            let request = attack.server.request(operation.method.clone(), &operation.harmless_path());
            attack.send(&operation, name, request.header(name, value)).await;
        }
    }
}
