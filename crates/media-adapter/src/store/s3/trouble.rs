//! What is wrong with S3, and what to do about it.
//!
//! S3 says in XML why it refuses, and repeats what was sent to it: the key's id, at times the session's token. So nothing
//! of an answer is shown but its status and its code, in words of our own. The object store's client keeps both in text,
//! which is where they are read from.

use std::error::Error;

use object_store::client::{HttpError, HttpErrorKind};

use crate::store::error::chain;

/// What is wrong. The messages are for whoever runs the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::store) enum Trouble {
    #[error("the bucket does not exist: create it, or correct its name in LECTERN_AUDIO_URL")]
    NoBucket,
    #[error(
        "S3 denies access ({0}): allow this key s3:GetObject, s3:PutObject, s3:DeleteObject and \
         s3:AbortMultipartUpload on the objects, and s3:ListBucket on the bucket"
    )]
    Denied(String),
    #[error(
        "S3 does not accept the access key ({0}): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
    )]
    Key(String),
    #[error(
        "there is no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role"
    )]
    NoKey,
    #[error("the clock of this machine differs too much from that of S3: set it, best by NTP")]
    Clock,
    #[error("the bucket is in another region or at another endpoint: correct AWS_REGION or AWS_ENDPOINT_URL")]
    Region,
    #[error("there is no room left in the bucket: make some, or raise its quota")]
    Full,
    #[error("S3 is overloaded ({0}): it was asked several times; try again later")]
    Overloaded(String),
    #[error("S3 can't be reached: check AWS_ENDPOINT_URL, and that it runs")]
    Unreachable,
    #[error("S3 does not answer in time")]
    Silent,
    #[error("the connection to S3 broke")]
    Broken,
    #[error("S3 refuses: {0}")]
    Other(String),
}

impl Trouble {
    /// What `error` is about, if it is from S3.
    pub(in crate::store) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let text = error.to_string();
        // The last resort for credentials is to ask the cloud's own machine; elsewhere nobody answers there.
        if text.contains("/latest/api/token") || text.contains("/latest/meta-data/") {
            return Some(Self::NoKey);
        }
        if text.contains("redirect without LOCATION") {
            return Some(Self::Region);
        }
        let (code, status) = (code(&text), status(&text));
        if code.is_some() || status.is_some() {
            return Some(Self::of_answer(code.unwrap_or_default(), status));
        }
        let transport = chain(error).find_map(|error| error.downcast_ref::<HttpError>())?;
        Some(match transport.kind() {
            HttpErrorKind::Connect => Self::Unreachable,
            HttpErrorKind::Timeout => Self::Silent,
            _ => Self::Broken,
        })
    }

    /// By the code (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>), else by the status.
    fn of_answer(code: &str, status: Option<u16>) -> Self {
        let shown = match (code, status) {
            ("", Some(status)) => status.to_string(),
            ("", None) => "no reason given".to_owned(),
            (code, _) => code.to_owned(),
        };
        match (code, status) {
            ("NoSuchBucket", _) => Self::NoBucket,
            ("RequestTimeTooSkewed", _) => Self::Clock,
            (
                "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "InvalidSecurity",
                _,
            ) => Self::Key(shown),
            (
                "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException",
                _,
            ) => Self::Region,
            ("QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded", _)
            | (_, Some(507)) => Self::Full,
            ("SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout", _)
            | (_, Some(429 | 500 | 502 | 503 | 504)) => Self::Overloaded(shown),
            (_, Some(301 | 307)) => Self::Region,
            (_, Some(401 | 403)) => Self::Denied(shown),
            _ => Self::Other(shown),
        }
    }
}

/// The error's code in an answer of S3, if it is a word.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_word =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then_some(code)
}

/// The status of an answer.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: &str, code: &str) -> object_store::Error {
        let source = format!(
            "Error performing PUT https://s3.example/b/k in 3ms - Server returned non-2xx status code: {status}: \
             <?xml version=\"1.0\"?><Error><Code>{code}</Code><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>\
             <CanonicalRequest>x-amz-security-token:wJalrXUtnFEMI</CanonicalRequest></Error>"
        );
        object_store::Error::Generic { store: "S3", source: source.into() }
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for (status, code, what_to_do) in [
            ("404 Not Found", "NoSuchBucket", "create it"),
            ("403 Forbidden", "AccessDenied", "s3:PutObject"),
            ("403 Forbidden", "SignatureDoesNotMatch", "check AWS_ACCESS_KEY_ID"),
            ("400 Bad Request", "ExpiredToken", "AWS_SESSION_TOKEN"),
            ("403 Forbidden", "RequestTimeTooSkewed", "NTP"),
            ("400 Bad Request", "AuthorizationHeaderMalformed", "AWS_REGION"),
            ("301 Moved Permanently", "", "AWS_REGION"),
            ("507 Insufficient Storage", "", "no room"),
            ("503 Slow Down", "SlowDown", "try again later"),
        ] {
            let trouble = Trouble::of(&answer(status, code)).unwrap().to_string();
            assert!(trouble.contains(what_to_do), "{status} {code}: {trouble}");
        }
    }

    #[test]
    fn nothing_of_an_answer_is_shown_but_its_code() {
        for code in ["SignatureDoesNotMatch", "Unheard", "wJalr XUtn", ""] {
            let trouble = Trouble::of(&answer("403 Forbidden", code)).unwrap();
            let shown = format!("{trouble} {trouble:?}");
            assert!(!shown.contains("AKIA") && !shown.contains("wJalr"), "{shown}");
        }
    }

    #[test]
    fn transport_errors_are_told_apart() {
        for (kind, trouble) in [
            (HttpErrorKind::Connect, Trouble::Unreachable),
            (HttpErrorKind::Timeout, Trouble::Silent),
            (HttpErrorKind::Interrupted, Trouble::Broken),
        ] {
            let source = Box::new(HttpError::new(kind, std::io::Error::other("it broke")));
            let error = object_store::Error::Generic { store: "S3", source };
            assert_eq!(Trouble::of(&error), Some(trouble));
        }
    }

    #[test]
    fn a_machine_without_a_role_lacks_a_key() {
        let text =
            "Error performing PUT http://169.254.169.254/latest/api/token in 2s - HTTP error: timed out";
        let error = object_store::Error::Generic { store: "S3", source: text.into() };
        assert_eq!(Trouble::of(&error), Some(Trouble::NoKey));
    }

    #[test]
    fn errors_of_other_stores_are_left_alone() {
        let error =
            object_store::Error::Generic { store: "LocalFileSystem", source: "no such folder".into() };
        assert_eq!(Trouble::of(&error), None);
    }
}
