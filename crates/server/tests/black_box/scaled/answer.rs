//! Answers, and what is none: a request has to be sent again.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    retry_after: Option<u64>,
    pub(super) bytes: Vec<u8>,
    /// Null if it is no JSON.
    pub(super) body: Value,
}

impl Answer {
    /// Sends a request, once: the answer, or why it should be sent again.
    pub(super) async fn to(name: &str, request: RequestBuilder) -> Result<Self, Refusal> {
        let silence = |why| Refusal::Silence { to: name.to_owned(), why };
        let answer = match timeout(PATIENCE, Self::read(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(silence(chain(&error))),
            Err(_) => return Err(silence(format!("nothing within {PATIENCE:?}"))),
        };
        if !answer.is_not_now() {
            return Ok(answer);
        }
        Err(Refusal::NotNow {
            to: name.to_owned(),
            status: answer.status.as_u16(),
            retry_after: answer.retry_after,
            body: answer.body.to_string(),
        })
    }

    async fn read(request: RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let status = response.status();
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes = response.bytes().await?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Self { status, retry_after, bytes, body })
    }

    fn is_not_now(&self) -> bool {
        let is_limited = self.status == StatusCode::TOO_MANY_REQUESTS && self.retry_after.is_some();
        is_limited || self.status.is_server_error()
    }
}

/// A try that had to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No answer came.
    Silence {
        /// Method and path.
        to: String,
        /// What happened instead.
        why: String,
    },
    /// This answer.
    NotNow {
        /// Method and path.
        to: String,
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
        body: String,
    },
}

impl Refusal {
    /// Whether a server said so that is out of order, in whatever way.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Self::NotNow { status: 500.., .. })
    }

    /// The status, if there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Silence { .. } => None,
            Self::NotNow { status, .. } => Some(*status),
        }
    }

    /// Whether it is how a service should say that it can't for now.
    pub(crate) fn is_proper(&self) -> bool {
        matches!(self, Self::NotNow { status: 503, retry_after: Some(_), .. })
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
