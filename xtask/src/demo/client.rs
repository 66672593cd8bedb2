//! A small client of API v1.

use std::{fmt, io::BufReader, path::Path, time::Duration};

use serde_json::Value;
use ureq::{
    Agent, Body, RequestBuilder,
    http::{Response, StatusCode},
    unversioned::multipart::{Form, Part},
};

use super::events::Events;
use crate::Outcome;

/// The events of one connection.
pub(crate) type EventStream = Events<BufReader<ureq::BodyReader<'static>>>;

/// A server, and who we are there.
pub(crate) struct Client {
    agent: Agent,
    url: String,
    token: Option<String>,
}

/// An answer that is no success: RFC 9457's problem, or whatever else came.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: u16,
    body: String,
}

impl fmt::Display for Refusal {
    /// `Title: detail (code, status)`, and below it a line for each member that is wrong.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = |member: &str| problem[member].as_str();
        let Some(title) = text("title") else {
            return write!(formatter, "the server answered {}: {}", self.status, self.body.trim());
        };
        write!(formatter, "{title}")?;
        if let Some(detail) = text("detail") {
            write!(formatter, ": {detail}")?;
        }
        write!(formatter, " ({}, {})", text("code").unwrap_or("no code"), self.status)?;
        for error in problem["errors"].as_array().into_iter().flatten() {
            let part = |member: &str| error[member].as_str().unwrap_or_default();
            write!(formatter, "\n  {} {}", part("pointer"), part("detail"))?;
        }
        Ok(())
    }
}

impl Client {
    /// A client that is nobody yet.
    pub(crate) fn new(url: &str) -> Self {
        let agent = Agent::config_builder()
            // What the server says about an error is in the body, which is wanted.
            .http_status_as_error(false)
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .build()
            .new_agent();
        Self { agent, url: url.to_owned(), token: None }
    }

    /// From now on, speaks for the owner of an access token.
    pub(crate) fn sign_in(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// Posts JSON and answers the answer's JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let request = self.with_token(self.agent.post(format!("{}{path}", self.url)));
        let mut answer = accepted(request.content_type("application/json").send(body.to_string())?)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Uploads an mp3 with text fields beside it, and answers the path of what was made.
    pub(crate) fn upload(&self, path: &str, mp3: &Path, fields: &[(&str, &str)]) -> Outcome<String> {
        let audio = Part::file(mp3)
            .map_err(|error| format!("can't read {}: {error}", mp3.display()))?
            .mime_str("audio/mpeg")?;
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
        let request = self.with_token(self.agent.post(format!("{}{path}", self.url)));
        let answer = accepted(request.send(form.part("audio", audio))?)?;
        let location = answer.headers().get("location").ok_or("the answer has no Location")?.to_str()?;
        Ok(path_of(location).to_owned())
    }

    /// Gets JSON.
    pub(crate) fn get(&self, path: &str) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.download(path)?)?)
    }

    /// Gets bytes.
    pub(crate) fn download(&self, path: &str) -> Outcome<Vec<u8>> {
        let request = self.with_token(self.agent.get(format!("{}{path}", self.url)));
        Ok(accepted(request.call()?)?.body_mut().read_to_vec()?)
    }

    /// Listens to events, from after the event `last` on.
    pub(crate) fn events(&self, path: &str, last: Option<&str>) -> Outcome<EventStream> {
        let request = self.with_token(self.agent.get(format!("{}{path}", self.url)));
        let request = request.header("Accept", "text/event-stream");
        let request = match last {
            Some(last) => request.header("Last-Event-ID", last),
            None => request,
        };
        Ok(Events::new(BufReader::new(accepted(request.call()?)?.into_body().into_reader())))
    }

    fn with_token<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

/// The answer, if it is a success.
fn accepted(mut answer: Response<Body>) -> Outcome<Response<Body>> {
    let status: StatusCode = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.body_mut().read_to_string().unwrap_or_default();
    Err(Refusal { status: status.as_u16(), body }.to_string().into())
}

/// The path of a URL, which a `Location` may or may not be.
fn path_of(location: &str) -> &str {
    match location.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => location,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread::{self, JoinHandle},
    };

    use serde_json::json;

    use super::*;

    /// A server that reads one request up to `until`, gives it this answer, and hands out the request.
    fn answering(answer: &'static str, until: &'static str) -> (Client, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
        let request = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&request).contains(until) {
                let count = connection.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..count]);
            }
            connection.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request).into_owned()
        });
        (client, request)
    }

    #[test]
    fn json_goes_out_and_comes_back() {
        let (client, request) = answering("HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"id\":1}", "}");
        assert_eq!(client.post("/v1/auth/register", &json!({"username": "ada"})).unwrap(), json!({"id": 1}));
        let request = request.join().unwrap();
        assert!(request.starts_with("POST /v1/auth/register HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"username\":\"ada\"}"), "{request}");
    }

    #[test]
    fn whoever_is_signed_in_says_so() {
        let (mut client, request) = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "\r\n\r\n");
        client.sign_in("t0k3n");
        client.get("/v1/me").unwrap();
        let request = request.join().unwrap().to_lowercase();
        assert!(request.contains("authorization: bearer t0k3n\r\n"), "{request}");
    }

    #[test]
    fn a_recording_goes_out_as_a_form_and_its_location_comes_back() {
        let (client, request) = answering(
            "HTTP/1.1 202 Accepted\r\nLocation: /v1/transcriptions/7\r\nContent-Length: 0\r\n\r\n",
            "--\r\n",
        );
        let folder = tempfile::tempdir().unwrap();
        let mp3 = folder.path().join("lecture.mp3");
        std::fs::write(&mp3, "not really an mp3").unwrap();
        let location = client.upload("/v1/transcriptions", &mp3, &[("title", "Water")]).unwrap();
        assert_eq!(location, "/v1/transcriptions/7");
        let request = request.join().unwrap();
        for part in
            ["name=\"title\"", "\r\n\r\nWater\r\n", "name=\"audio\"; filename=\"lecture.mp3\"", "audio/mpeg"]
        {
            assert!(request.contains(part), "{part} in {request}");
        }
    }

    #[test]
    fn events_are_asked_for_from_where_they_were_lost() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nid: 9\nevent: a\ndata: {}\n\n\n";
        let (client, request) = answering(answer, "\r\n\r\n");
        let events: Vec<_> = client.events("/e", Some("8")).unwrap().map(Result::unwrap).collect();
        assert_eq!((events.len(), events[0].id.as_deref()), (1, Some("9")));
        assert!(request.join().unwrap().to_lowercase().contains("last-event-id: 8\r\n"));
    }

    #[test]
    fn a_problem_is_told_in_words() {
        let body = json!({
            "title": "Validation failed", "detail": "The request has errors.", "code": "validation_failed",
            "errors": [{"pointer": "/password", "detail": "is too short"}]
        });
        let refusal = Refusal { status: 422, body: body.to_string() };
        assert_eq!(
            refusal.to_string(),
            "Validation failed: The request has errors. (validation_failed, 422)\n  /password is too short"
        );
    }

    #[test]
    fn an_error_that_is_no_problem_document_is_told_as_it_is() {
        let refusal = Refusal { status: 502, body: "bad gateway\n".to_owned() };
        assert_eq!(refusal.to_string(), "the server answered 502: bad gateway");
    }

    #[test]
    fn an_answer_that_is_no_success_is_an_error() {
        let (client, _request) =
            answering("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", "\r\n\r\n");
        assert_eq!(client.get("/v1/me").unwrap_err().to_string(), "the server answered 404: nope");
    }

    #[test]
    fn a_location_may_be_a_path_or_a_url() {
        assert_eq!(path_of("/v1/transcriptions/7"), "/v1/transcriptions/7");
        assert_eq!(path_of("http://127.0.0.1:80/v1/transcriptions/7"), "/v1/transcriptions/7");
        assert_eq!(path_of("http://127.0.0.1:80"), "/");
    }
}
