//! Where the recordings lie on S3, from a URL and the usual variables of the environment.
//!
//! | variable | meaning |
//! |---|---|
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the key; without one, the role of the machine, task or pod |
//! | `AWS_REGION`, else `AWS_DEFAULT_REGION` | the bucket's region; needed without an endpoint |
//! | `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`, else `AWS_ENDPOINT` | a server other than Amazon's, without the bucket |
//! | `AWS_ALLOW_HTTP` | `true`: the endpoint may be `http://` |
//! | `AWS_VIRTUAL_HOSTED_STYLE_REQUEST` | `true`: `bucket.host/key`, `false`: `host/bucket/key` |
//!
//! The style is by default that of a virtual host at Amazon, and a path at any other endpoint. Roles are found by the
//! variables that Amazon's services set: `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_CONTAINER_…`.
//! An empty variable is one that is not set. No error repeats a value.

use std::collections::BTreeMap;

use object_store::{aws::AmazonS3ConfigKey, path::Path as ObjectPath};
use secrecy::SecretString;
use url::{Host, Url};

/// Of a server that has none, such as `MinIO`.
const ANY_REGION: &str = "us-east-1";

/// The variables by which Amazon's services tell what a program's role is.
const ROLE: [(&str, AmazonS3ConfigKey); 7] = [
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
];

/// A bucket, the way to it, and the key to it.
#[derive(Debug, Clone)]
pub struct S3Settings {
    pub(super) bucket: String,
    pub(super) prefix: ObjectPath,
    pub(super) region: String,
    /// With the bucket in its host, if that is the style.
    pub(super) endpoint: Option<Url>,
    pub(super) allow_http: bool,
    pub(super) style: AddressStyle,
    pub(super) credentials: Credentials,
}

/// How a URL names the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressStyle {
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`.
    VirtualHosted,
}

/// How S3 knows who is asking.
#[derive(Debug, Clone)]
pub(super) enum Credentials {
    /// By a key, for a while if there is a token.
    Key { id: String, secret: SecretString, token: Option<SecretString> },
    /// By the role of the pod, the task or the machine, whichever is found first.
    Role(Vec<(AmazonS3ConfigKey, String)>),
}

/// Why settings can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3SettingsError {
    /// The URL is of another form.
    #[error("write s3://bucket or s3://bucket/prefix, without a user, a password, `?`, `#` or `%`")]
    Url,
    /// No bucket can have that name.
    #[error(
        "the name of a bucket is 3 to 63 letters, digits, `-` and `.`, with a letter or digit at both ends"
    )]
    Bucket,
    /// A directory bucket: it lists in no order.
    #[error("directory buckets (S3 Express One Zone) are not supported: use a general purpose bucket")]
    DirectoryBucket,
    /// Keys can't begin like that.
    #[error("the prefix must be names with a `/` between them, none of them empty, `.` or `..`")]
    Prefix,
    /// Nobody said where the bucket is.
    #[error("set AWS_REGION to the bucket's region, or AWS_ENDPOINT_URL to the server that has it")]
    Region,
    /// The endpoint is of another form.
    #[error(
        "{variable} must be a URL such as https://s3.example.org, without a user, a password, `?` or `#`"
    )]
    Endpoint {
        /// The variable.
        variable: &'static str,
    },
    /// Recordings would travel in the clear.
    #[error(
        "{variable} is not encrypted: use https://, or set AWS_ALLOW_HTTP=true if the network is yours alone"
    )]
    PlainHttp {
        /// The variable.
        variable: &'static str,
    },
    /// An address has no name to put the bucket before.
    #[error("AWS_VIRTUAL_HOSTED_STYLE_REQUEST=true needs an endpoint with a host name, not an address")]
    NoHostName,
    /// Neither yes nor no.
    #[error("{variable} must be true or false")]
    Switch {
        /// The variable.
        variable: &'static str,
    },
    /// Half of a key.
    #[error("{missing} is missing: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together")]
    HalfAKey {
        /// The variable that is not set.
        missing: &'static str,
    },
}

impl S3Settings {
    /// From `s3://bucket/prefix` and the variables of the environment, of which those above count.
    pub fn parse(
        url: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, S3SettingsError> {
        let (bucket, prefix) = parse_url(url)?;
        let mut variables =
            Variables(environment.into_iter().filter(|(_, value)| !value.is_empty()).collect());
        let allow_http = variables.switch("AWS_ALLOW_HTTP")?.unwrap_or(false);
        let endpoint = variables.endpoint(allow_http)?;
        let style = match variables.switch("AWS_VIRTUAL_HOSTED_STYLE_REQUEST")? {
            Some(false) => AddressStyle::Path,
            // A certificate for `*.host` is none for a name with more dots.
            None if endpoint.is_some() || bucket.contains('.') => AddressStyle::Path,
            Some(true) | None => AddressStyle::VirtualHosted,
        };
        let region = match variables.take("AWS_REGION").or_else(|| variables.take("AWS_DEFAULT_REGION")) {
            Some(region) => region,
            None if endpoint.is_some() => ANY_REGION.to_owned(),
            None => return Err(S3SettingsError::Region),
        };
        let endpoint = match (endpoint, style) {
            (Some(endpoint), AddressStyle::VirtualHosted) => Some(host_of_bucket(endpoint, &bucket)?),
            (endpoint, _) => endpoint,
        };
        let credentials = variables.credentials()?;
        Ok(Self { bucket, prefix, region, endpoint, allow_http, style, credentials })
    }
}

fn parse_url(url: &str) -> Result<(String, ObjectPath), S3SettingsError> {
    let rest = url.strip_prefix("s3://").ok_or(S3SettingsError::Url)?;
    if rest.contains(['@', '?', '#', '%']) {
        return Err(S3SettingsError::Url);
    }
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_name = (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        && is_end(bucket.as_bytes().first())
        && is_end(bucket.as_bytes().last());
    if !is_name {
        return Err(S3SettingsError::Bucket);
    }
    if bucket.ends_with("--x-s3") {
        return Err(S3SettingsError::DirectoryBucket);
    }
    let prefix = ObjectPath::parse(prefix).map_err(|_| S3SettingsError::Prefix)?;
    Ok((bucket.to_owned(), prefix))
}

fn host_of_bucket(mut endpoint: Url, bucket: &str) -> Result<Url, S3SettingsError> {
    let Some(Host::Domain(host)) = endpoint.host() else { return Err(S3SettingsError::NoHostName) };
    let host = format!("{bucket}.{host}");
    endpoint.set_host(Some(&host)).map_err(|_| S3SettingsError::NoHostName)?;
    Ok(endpoint)
}

/// The environment's variables that are not empty.
struct Variables(BTreeMap<String, String>);

impl Variables {
    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn switch(&mut self, variable: &'static str) -> Result<Option<bool>, S3SettingsError> {
        match self.take(variable).map(|value| value.to_ascii_lowercase()).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(S3SettingsError::Switch { variable }),
        }
    }

    fn endpoint(&mut self, allow_http: bool) -> Result<Option<Url>, S3SettingsError> {
        let names = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"];
        let Some((variable, value)) = names.into_iter().find_map(|name| Some((name, self.take(name)?)))
        else {
            return Ok(None);
        };
        let url = Url::parse(&value).map_err(|_| S3SettingsError::Endpoint { variable })?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            "https" | "http" if !is_bare => Err(S3SettingsError::Endpoint { variable }),
            "http" if !allow_http => Err(S3SettingsError::PlainHttp { variable }),
            "https" | "http" => Ok(Some(url)),
            _ => Err(S3SettingsError::Endpoint { variable }),
        }
    }

    fn credentials(&mut self) -> Result<Credentials, S3SettingsError> {
        let (id, secret) = (self.take("AWS_ACCESS_KEY_ID"), self.take("AWS_SECRET_ACCESS_KEY"));
        match (id, secret) {
            (Some(id), Some(secret)) => Ok(Credentials::Key {
                id,
                secret: secret.into(),
                token: self.take("AWS_SESSION_TOKEN").map(SecretString::from),
            }),
            (Some(_), None) => Err(S3SettingsError::HalfAKey { missing: "AWS_SECRET_ACCESS_KEY" }),
            (None, Some(_)) => Err(S3SettingsError::HalfAKey { missing: "AWS_ACCESS_KEY_ID" }),
            (None, None) => {
                let found = ROLE.into_iter().filter_map(|(name, key)| Some((key, self.take(name)?)));
                Ok(Credentials::Role(found.collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests;
