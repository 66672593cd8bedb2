//! The HTTP connection to the server, and what its failures mean to a worker.

use std::{error::Error, fmt, time::Duration};

use lectern_application::ports::{JobSourceError, Source};
use lectern_domain::transcription::LeaseId;
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};

use crate::wire::Problem;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait for the next bytes of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a call may take as a whole; only downloads may take longer.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of JSON that are read. The longest honest answer names some ten thousand missing chunks.
const MAX_JSON_BYTES: usize = 1024 * 1024;

/// Why a server can't be used as a source of jobs. None of them names the token.
#[derive(Debug, thiserror::Error)]
pub enum RemoteJobsError {
    /// The address is no address of a server.
    #[error(
        "the server's address must look like https://lectern.example.org, without user name, query or fragment"
    )]
    Address,
    /// The token can't be sent in a header.
    #[error("the worker token must consist of visible ASCII characters")]
    Token,
    /// The HTTP client can't be made.
    #[error("the HTTP client can't be set up")]
    Client {
        /// What was met.
        #[source]
        source: Source,
    },
    /// The folder for recordings can't be made or cleared.
    #[error("the folder for downloaded recordings can't be used")]
    Folder {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// The server answered with a failure that may pass.
#[derive(Debug, thiserror::Error)]
#[error("the server answered {status}: {detail}")]
struct Trouble {
    status: StatusCode,
    detail: String,
}

/// Whether a call has a limit as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// For answers of a few bytes.
    Call,
    /// For answers that take as long as they take, while bytes keep coming.
    Download,
}

/// A connection that authorises itself with the worker token.
#[derive(Clone)]
pub(crate) struct Connection {
    client: Client,
    /// Ends in a slash.
    jobs: Url,
}

impl Connection {
    pub(crate) fn new(server: &str, token: &SecretString) -> Result<Self, RemoteJobsError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer(token)?);
        let jobs = jobs_address(server)?;
        let builder = || {
            Client::builder()
                .default_headers(headers.clone())
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(READ_TIMEOUT)
                // A token goes where it was meant to go, and nowhere else.
                .redirect(redirect::Policy::none())
        };
        let client = match builder().build() {
            // A machine that knows no authorities can't check certificates, but where there is none it need not.
            Err(_no_authorities) if jobs.scheme() == "http" => builder().tls_certs_only([]).build(),
            built => built,
        };
        Ok(Self { client: client.map_err(|error| RemoteJobsError::Client { source: error.into() })?, jobs })
    }

    /// A call on the jobs as such.
    pub(crate) fn call(
        &self,
        method: Method,
        route: &str,
        patience: Patience,
    ) -> Result<RequestBuilder, JobSourceError> {
        let url =
            self.jobs.join(route).map_err(|error| JobSourceError::Refused { detail: error.to_string() })?;
        let request = self.client.request(method, url);
        Ok(match patience {
            Patience::Call => request.timeout(CALL_TIMEOUT),
            Patience::Download => request,
        })
    }

    /// A `POST` about a lease.
    pub(crate) fn post(&self, lease: LeaseId, verb: &str) -> Result<RequestBuilder, JobSourceError> {
        self.call(Method::POST, &format!("{}/{verb}", lease.0), Patience::Call)
    }
}

/// Shows where, never with what.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("jobs", &self.jobs.as_str()).finish_non_exhaustive()
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, RemoteJobsError> {
    let token = token.expose_secret();
    if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(RemoteJobsError::Token);
    }
    let mut value =
        HeaderValue::try_from(format!("Bearer {token}")).map_err(|_invalid| RemoteJobsError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The address of the job routes, below whatever path the server is mounted at.
fn jobs_address(server: &str) -> Result<Url, RemoteJobsError> {
    let base = Url::parse(server).map_err(|_invalid| RemoteJobsError::Address)?;
    let usable = matches!(base.scheme(), "http" | "https")
        && base.has_host()
        && base.username().is_empty()
        && base.password().is_none()
        && base.query().is_none()
        && base.fragment().is_none();
    if !usable {
        return Err(RemoteJobsError::Address);
    }
    let path = base.path().trim_end_matches('/').to_owned();
    base.join(&format!("{path}/v1/worker/jobs/")).map_err(|_invalid| RemoteJobsError::Address)
}

/// Sends a request. Answers that are failures become errors.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, JobSourceError> {
    let response = request.send().await.map_err(unreachable_server)?;
    if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
}

/// Sends a request with a body in JSON.
pub(crate) async fn send_json(
    request: RequestBuilder,
    body: &(impl Serialize + Sync),
) -> Result<Response, JobSourceError> {
    send(request.json(body)).await
}

/// Reads an answer in JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(response: Response) -> Result<T, JobSourceError> {
    let body = bounded_body(response).await?;
    serde_json::from_slice(&body).map_err(|error| not_lectern(&error))
}

/// The answer is not what this API answers: another version, or something else than Lectern.
pub(crate) fn not_lectern(reason: &dyn Error) -> JobSourceError {
    JobSourceError::Refused { detail: format!("its answer is not one of Lectern's worker API ({reason})") }
}

/// The connection failed. Addresses stay out of the error: they say nothing that the operator doesn't know.
pub(crate) fn unreachable_server(error: reqwest::Error) -> JobSourceError {
    JobSourceError::Unavailable { source: error.without_url().into() }
}

async fn refusal(response: Response) -> JobSourceError {
    let status = response.status();
    if status.is_redirection() {
        let target = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let target = target.unwrap_or("another address");
        return JobSourceError::Refused {
            detail: format!("it redirects to {target}; name that as the server"),
        };
    }
    let body = bounded_body(response).await.unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    if status == StatusCode::CONFLICT && problem.code.as_deref() == Some("lease_lost") {
        return JobSourceError::LeaseLost;
    }
    let detail = problem.detail.unwrap_or_else(|| "no details were given".to_owned());
    if is_passing(status) {
        JobSourceError::Unavailable { source: Trouble { status, detail }.into() }
    } else {
        JobSourceError::Refused { detail: format!("{detail} ({status})") }
    }
}

/// Whether asking again may help. An internal error (500) is a defect, such as a recording that is gone: it would be met
/// again.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::INSUFFICIENT_STORAGE
    )
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, JobSourceError> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(unreachable_server)? {
        if body.len().saturating_add(bytes.len()) > MAX_JSON_BYTES {
            let detail = format!("its answer has more than {MAX_JSON_BYTES} bytes");
            return Err(JobSourceError::Refused { detail });
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_lie_below_the_path_that_the_server_is_mounted_at() {
        for server in ["https://example.org/lectern", "https://example.org/lectern/"] {
            let jobs = jobs_address(server).unwrap();
            assert_eq!(
                jobs.join("lease").unwrap().as_str(),
                "https://example.org/lectern/v1/worker/jobs/lease"
            );
        }
    }

    #[test]
    fn addresses_of_something_else_are_refused() {
        for server in
            ["", "example.org", "ftp://example.org", "http://me:pw@example.org", "http://example.org/?a=b"]
        {
            assert!(matches!(jobs_address(server), Err(RemoteJobsError::Address)), "{server}");
        }
    }

    #[test]
    fn the_token_is_never_shown() {
        let token = SecretString::from("wtok-0123456789abcdef");
        let connection = Connection::new("http://127.0.0.1:1", &token).unwrap();
        assert!(!format!("{connection:?} {:?}", connection.client).contains("wtok"));
        let unusable = SecretString::from("wtok with spaces");
        let refused = Connection::new("http://127.0.0.1:1", &unusable).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("wtok"));
    }
}
