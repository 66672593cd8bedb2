//! An object is created, never overwritten: the request that completes an upload says so.
//!
//! The object store's client completes every multipart upload unconditionally. This adds `If-None-Match: *` to that one
//! request. It is added after the request was signed, which S3 allows: only `host` and `x-amz-*` have to be signed
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>). A server that does not
//! know the header ignores it or answers 501; then the look before the upload has to do.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use object_store::{
    ClientOptions, Result,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
        ReqwestConnector,
    },
};

const NOT_IMPLEMENTED: u16 = 501;

/// Makes clients that complete uploads only where nothing lies yet.
#[derive(Debug, Default)]
pub(super) struct CreateOnlyConnector;

impl HttpConnector for CreateOnlyConnector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(CreateOnly { inner, is_known: AtomicBool::new(true) }))
    }
}

#[derive(Debug)]
struct CreateOnly {
    inner: HttpClient,
    /// Whether the server implements the condition, as far as is known.
    is_known: AtomicBool,
}

#[async_trait]
impl HttpService for CreateOnly {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if !completes_an_upload(&request) || !self.is_known.load(Ordering::Relaxed) {
            return self.inner.execute(request).await;
        }
        let mut conditional = request.clone();
        let anything = "*".parse().map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        conditional.headers_mut().insert("if-none-match", anything);
        let response = self.inner.execute(conditional).await?;
        if response.status().as_u16() != NOT_IMPLEMENTED {
            return Ok(response);
        }
        if self.is_known.swap(false, Ordering::Relaxed) {
            tracing::warn!("the object store has no conditional writes; recordings are kept without");
        }
        self.inner.execute(request).await
    }
}

/// Whether this is S3's `CompleteMultipartUpload`: `POST /<key>?uploadId=…`.
fn completes_an_upload(request: &HttpRequest) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.method().as_str() == "POST" && query.split('&').any(|pair| pair.starts_with("uploadId="))
}
