//! S3, and servers that speak like it.
//!
//! What is left of uploads that were neither completed nor aborted, because the service or the network died, is invisible
//! but paid for: give the bucket a lifecycle rule that aborts incomplete multipart uploads after a day.

mod create_only;
mod settings;
pub(super) mod trouble;

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, Result, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    prefix::PrefixStore,
};
use secrecy::ExposeSecret as _;

pub use self::settings::{S3Settings, S3SettingsError};
use self::{
    create_only::CreateOnlyConnector,
    settings::{AddressStyle, Credentials},
};

/// A connection is made within this, or never.
const CONNECT: Duration = Duration::from_secs(3);
/// A part is taken, or the next piece of an answer comes, within this.
const STALL: Duration = Duration::from_secs(10);

/// A client for what `settings` say. It connects with the first request.
pub(super) fn open(settings: &S3Settings) -> Result<Arc<dyn ObjectStore>> {
    // A large answer takes as long as it takes, as long as it goes on.
    let client = ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(CONNECT)
        .with_read_timeout(STALL)
        .with_allow_http(settings.allow_http);
    // Three times in quick succession help over a dropped connection or `503 Slow Down`, and keep nobody waiting.
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 3.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(5),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_virtual_hosted_style_request(settings.style == AddressStyle::VirtualHosted)
        .with_http_connector(CreateOnlyConnector)
        .with_client_options(client)
        .with_retry(retry)
        // Not every server has DeleteObjects, and recordings are deleted one by one.
        .with_disable_bulk_delete(true);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    builder = match &settings.credentials {
        Credentials::Key { id, secret, token } => {
            let builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
            match token {
                Some(token) => builder.with_token(token.expose_secret()),
                None => builder,
            }
        }
        Credentials::Role(names) => {
            names.iter().fold(builder, |builder, (key, value): &(AmazonS3ConfigKey, String)| {
                builder.with_config(*key, value)
            })
        }
    };
    Ok(Arc::new(PrefixStore::new(builder.build()?, settings.prefix.clone())))
}
