//! JSON bodies: wrong content type 415, malformed 400, too large 413, well-formed but wrong 422 with a pointer.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::StatusCode};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::de::{DeserializeOwned, IgnoredAny};

use zeroize::Zeroizing;

use super::rejected::{known_by, without_value};
use crate::problem::{FieldError, Problem};

/// The usual limit of a body.
const KILOBYTES_64: usize = 64 * 1024;

/// A JSON body of at most `LIMIT` bytes.
pub(crate) struct Json<T, const LIMIT: usize = KILOBYTES_64>(pub(crate) T);

/// A body as it came, for a path where it decides what the request is. Zeroed when dropped.
pub(crate) struct RawBody(Zeroizing<Vec<u8>>);

impl RawBody {
    /// Reads it as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(&self.0)
    }

    /// Reads it as `application/x-www-form-urlencoded`.
    pub(crate) fn form<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(&self.0));
        serde_path_to_error::deserialize(pairs).map_err(|error| {
            let pointer = pointer(error.path());
            Problem::field(pointer, without_value(&error.inner().to_string()))
        })
    }
}

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move { read(payload, KILOBYTES_64).await.map(Self) })
    }
}

/// A JSON body, or none at all, or null.
pub(crate) struct MaybeJson<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = check_media_type(request);
        let payload = payload.take();
        Box::pin(async move {
            media_type?;
            parse(&read(payload, LIMIT).await?).map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for MaybeJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = check_media_type(request);
        let payload = payload.take();
        Box::pin(async move {
            let body = read(payload, KILOBYTES_64).await?;
            if body.is_empty() {
                return Ok(Self(None));
            }
            media_type?;
            if body.trim_ascii() == b"null" {
                return Ok(Self(None));
            }
            parse(&body).map(|body| Self(Some(body)))
        })
    }
}

fn check_media_type(request: &HttpRequest) -> Result<(), Problem> {
    let is_json = request
        .mime_type()
        .ok()
        .flatten()
        .is_some_and(|mime| mime.subtype() == mime::JSON || mime.suffix() == Some(mime::JSON));
    if is_json {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body must be JSON, with the header 'Content-Type: application/json'",
        ))
    }
}

/// Reads a body. It may hold passwords and tokens, so it is zeroed when it is done with.
async fn read(mut payload: Payload, limit: usize) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| Problem::of_status(StatusCode::BAD_REQUEST))?;
        if body.len() + piece.len() > limit {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                format!("the body must be at most {limit} bytes long"),
            ));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // First whether it is JSON at all, so that a wrong field is never blamed for broken syntax behind it.
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| malformed(&error))?;
    // Readers made by serde take an array for an object, its items for the fields: nothing that is documented.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::field("", "must be an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            Problem::validation(vec![FieldError { pointer, detail: what_is_wrong(&inner) }])
        } else {
            malformed(&inner)
        }
    })
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("the body is not JSON (line {}, column {})", error.line(), error.column());
    Problem::new(StatusCode::BAD_REQUEST, "malformed_body", detail)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Map { key } => format!("{pointer}/{}", known_by(key).replace('~', "~0").replace('/', "~1")),
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Enum { variant } => format!("{pointer}/{variant}"),
        Segment::Unknown => pointer,
    })
}

/// What serde says, without the position in the body and without the rejected value.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let said = error.to_string();
    without_value(said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only parsed")]
        password: String,
    }

    fn problem(body: &str) -> Problem {
        parse::<Body>(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn broken_syntax_is_malformed_even_behind_a_wrong_field() {
        assert_eq!(problem(r#"{"password": 5, "#).code, "malformed_body");
        assert_eq!(problem("").code, "malformed_body");
        assert_eq!(problem("{\"password\": \"\u{1}\"}").code, "malformed_body");
    }

    #[test]
    fn a_wrong_type_is_pointed_at_without_its_value() {
        let problem = problem(r#"{"password": 123456}"#);
        assert_eq!(problem.code, "validation_failed");
        let error = problem.errors.first().unwrap();
        assert_eq!((error.pointer.as_str(), error.detail.as_str()), ("/password", "must be a string"));
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let problem = problem(r#"{"password": "x", "role": "admin"}"#);
        assert!(problem.errors.first().unwrap().detail.contains("unknown field `role`"));
    }

    #[test]
    fn an_array_is_not_taken_for_an_object() {
        let problem = problem(r#" ["secret"]"#);
        assert_eq!(problem.code, "validation_failed");
        assert_eq!(problem.errors.first().unwrap().detail, "must be an object");
    }

    #[test]
    fn a_missing_field_is_named() {
        assert!(problem("{}").errors.first().unwrap().detail.contains("missing field `password`"));
    }
}
