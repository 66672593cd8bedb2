//! The settings as values that the rest can rely on.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use lectern_actix_http::{CertificateFiles, ConnectionLimits, CrossOrigin, TrustedProxies};
use lectern_amqp_adapter::{AmqpSettings, QueueName};
use lectern_application::{
    accounts::EnsureAdminInput, auth::SessionRules, maintenance::Retention, transcriptions::UploadRules,
};
use lectern_domain::{account::Registration, surface::Surface, transcription::LeaseRules};
use lectern_media_adapter::S3Settings;
use lectern_redis_adapter::RedisSettings;
use lectern_security_adapter::{JwtAlgorithm, KeyRingSettings};
use lectern_speech_adapter::RecognizerKind;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

use super::{
    BackupSettings, ConfigError, DialectSettings, Layers, LogToDatabase, ObservabilitySettings,
    admin::admin,
    connections::connections,
    keys,
    log_to_db::log_to_database,
    mail::{MailSettings, mail},
    observability::observability,
    retention::retention,
    tls::certificate,
    transcription::{leases, recognizer, uploads},
    trust::{cross_origin, trusted_proxies},
    values::{audio_url, choice, database_url, not_empty, number, public_url, seconds, socket_address},
};

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const THOUSAND: NonZeroUsize = ONE.saturating_add(999);
const HOUR: Duration = Duration::from_hours(1);

/// Whether the server's process also transcribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkerPlace {
    /// It does.
    Embedded,
    /// Other processes do.
    Off,
}

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// For programs: a JSON object a line.
    Json,
}

/// Whether requests are limited by network. Guessing passwords is slowed down in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RateLimits {
    /// They are.
    On,
    /// Something before this server does it.
    Off,
}

/// Which database.
#[derive(Debug, Clone)]
pub(crate) enum DatabaseUrl {
    /// This file.
    Sqlite(PathBuf),
    /// The one on a server that this URL names, which may hold a password.
    Postgres(SecretString),
}

/// Where recordings are kept.
#[derive(Debug, Clone)]
pub(crate) enum AudioUrl {
    /// In this folder.
    Folder(PathBuf),
    /// In a bucket.
    S3(Box<S3Settings>),
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    /// `None`: what is listened on.
    pub(crate) public_url: Option<String>,
    pub(crate) data_dir: PathBuf,
    /// Where keys are, and secrets that were made on first start: replicas share it.
    pub(crate) secrets_dir: PathBuf,
    pub(crate) database: DatabaseUrl,
    /// The most connections to a database that has a server.
    pub(crate) database_connections: NonZeroUsize,
    pub(crate) audio: AudioUrl,
    /// `None`: this server remembers and counts for itself.
    pub(crate) redis: Option<RedisSettings>,
    /// `None`: workers outside ask for jobs.
    pub(crate) amqp: Option<AmqpSettings>,
    pub(crate) amqp_queue: QueueName,
    pub(crate) worker: WorkerPlace,
    /// `None`: the one in the data folder.
    pub(crate) worker_token: Option<SecretString>,
    pub(crate) recognizer: RecognizerKind,
    pub(crate) uploads: UploadRules,
    pub(crate) max_upload_bytes: u64,
    pub(crate) leases: LeaseRules,
    /// For workers that report by the transcription.
    pub(crate) reports: LeaseRules,
    /// How many connections there may be, and how long clients are waited for.
    pub(crate) connections: ConnectionLimits,
    pub(crate) registration: Registration,
    pub(crate) sessions: SessionRules,
    pub(crate) jwt_algorithm: JwtAlgorithm,
    pub(crate) bcrypt_cost: u32,
    pub(crate) admin: Option<EnsureAdminInput>,
    pub(crate) docs_user: String,
    /// `None`: the one in the data folder.
    pub(crate) docs_password: Option<SecretString>,
    /// Where the code's documentation is, if it is built.
    pub(crate) code_docs: PathBuf,
    /// Whose pages, besides our own, may call the API.
    pub(crate) cross_origin: CrossOrigin,
    pub(crate) dialects: DialectSettings,
    pub(crate) rate_limits: RateLimits,
    pub(crate) trusted_proxies: TrustedProxies,
    /// `None`: mails go to the log.
    pub(crate) mail: Option<MailSettings>,
    pub(crate) log: String,
    /// `None`: pretty on a terminal, else JSON.
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) log_to_db: LogToDatabase,
    pub(crate) backups: BackupSettings,
    pub(crate) observability: ObservabilitySettings,
    /// How long things are kept.
    pub(crate) retention: Retention,
    /// `None`: the server speaks plain HTTP.
    pub(crate) certificate: Option<CertificateFiles>,
}

impl Settings {
    /// Checks what was written.
    pub(crate) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: layers.required(keys::LISTEN, socket_address)?,
            public_url: layers.optional(keys::PUBLIC_URL, public_url)?,
            data_dir: layers.required(keys::DATA_DIR, not_empty)?.into(),
            secrets_dir: layers.required(keys::SECRETS_DIR, not_empty)?.into(),
            database: layers.required_secret(keys::DATABASE_URL, database_url)?,
            database_connections: layers.required(keys::DATABASE_CONNECTIONS, number(ONE..=THOUSAND))?,
            audio: layers.required(keys::AUDIO_URL, |text| audio_url(text, layers.aws()))?,
            redis: layers.optional_secret(keys::REDIS_URL, |url| {
                RedisSettings::parse(&url.into()).map_err(|error| error.to_string())
            })?,
            amqp: layers.optional_secret(keys::AMQP_URL, |url| {
                AmqpSettings::parse(&url.into()).map_err(|error| error.to_string())
            })?,
            amqp_queue: layers.required(keys::AMQP_QUEUE, |name| {
                QueueName::parse(name).map_err(|error| error.to_string())
            })?,
            worker: layers.required(
                keys::WORKER,
                choice(&[("embedded", WorkerPlace::Embedded), ("off", WorkerPlace::Off)]),
            )?,
            worker_token: worker_token(layers)?,
            recognizer: recognizer(layers)?,
            uploads: uploads(layers)?,
            max_upload_bytes: layers.required(keys::MAX_UPLOAD_BYTES, number(1..=u64::MAX))?,
            leases: leases(layers, keys::LEASE_SECONDS)?,
            reports: leases(layers, keys::REPORT_LEASE_SECONDS)?,
            connections: connections(layers)?,
            registration: layers.required(
                keys::REGISTRATION,
                choice(&[
                    ("open", Registration::Open),
                    ("approve", Registration::Approve),
                    ("closed", Registration::Closed),
                ]),
            )?,
            sessions: SessionRules {
                grace: layers.required(keys::REFRESH_GRACE_SECONDS, seconds(Duration::ZERO..=HOUR))?,
                max_live: layers.required(keys::SESSION_LIMIT, number(1..=10_000))?,
            },
            jwt_algorithm: layers.required(
                keys::JWT_ALGORITHM,
                choice(&JwtAlgorithm::ALL.map(|algorithm| (algorithm.as_str(), algorithm))),
            )?,
            bcrypt_cost: layers.required(keys::BCRYPT_COST, number(4..=16))?,
            admin: admin(layers)?,
            docs_user: layers.required(keys::DOCS_USER, docs_user)?,
            docs_password: layers.secret(keys::DOCS_PASSWORD)?,
            code_docs: layers.required(keys::CODE_DOCS_DIR, not_empty)?.into(),
            cross_origin: layers.optional(keys::CORS_ORIGINS, cross_origin)?.unwrap_or_default(),
            dialects: DialectSettings::read(layers)?,
            rate_limits: layers
                .required(keys::RATE_LIMITS, choice(&[("on", RateLimits::On), ("off", RateLimits::Off)]))?,
            trusted_proxies: layers.optional(keys::TRUSTED_PROXIES, trusted_proxies)?.unwrap_or_default(),
            mail: mail(layers)?,
            log: layers.required(keys::LOG, log_filter)?,
            log_format: layers.optional(
                keys::LOG_FORMAT,
                choice(&[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)]),
            )?,
            log_to_db: layers.required(keys::LOG_TO_DB, log_to_database)?,
            backups: BackupSettings::read(layers)?,
            observability: observability(layers)?,
            retention: retention(layers)?,
            certificate: certificate(layers)?,
        })
    }
}

impl Settings {
    /// What the server speaks itself.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    /// The address under which people reach a server that listens there.
    pub(crate) fn public_url_at(&self, address: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("{}://{address}", self.scheme()))
    }

    /// What the keys are for that sign tokens. A refresh token is good for longest: as long as its session.
    pub(crate) fn key_ring(&self) -> KeyRingSettings {
        KeyRingSettings { algorithm: self.jwt_algorithm, token_lifetime: Surface::LONGEST_LIFETIME }
    }
}

fn worker_token(layers: &Layers) -> Result<Option<SecretString>, ConfigError> {
    let token = layers.secret(keys::WORKER_TOKEN)?;
    let sendable = |token: &SecretString| token.expose_secret().chars().all(|c| c.is_ascii_graphic());
    match token {
        Some(token) if !sendable(&token) => Err(ConfigError::Contradiction(
            "the worker token goes into an HTTP header, so it must consist of visible ASCII characters",
        )),
        token => Ok(token),
    }
}

/// HTTP Basic (RFC 7617, section 2) ends the user's name at the first colon.
fn docs_user(text: &str) -> Result<String, String> {
    if text.contains(':') { Err("must not contain a colon".to_owned()) } else { not_empty(text) }
}

fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("is no filter such as info or warn,lectern_application=debug: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::read(&Layers::read(None, variables, &[])?)
    }

    #[test]
    fn the_defaults_are_valid_and_those_of_the_rules() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.uploads, UploadRules::default());
        assert_eq!(settings.leases, LeaseRules::default());
        assert_eq!(settings.reports.duration, LeaseRules::BETWEEN_REPORTS);
        assert_eq!(settings.sessions, SessionRules::default());
        assert_eq!(settings.max_upload_bytes, 512 * 1024 * 1024);
        assert_eq!(settings.database.to_string(), "./lectern-data/lectern.db");
    }

    #[test]
    fn an_invalid_value_is_refused_with_its_origin() {
        let error = read(&[("LECTERN_LISTEN", "localhost")]).unwrap_err().to_string();
        assert_eq!(
            error,
            "the environment variable LECTERN_LISTEN sets listen, which must be an IP address and a port such as \
             127.0.0.1:8080, not 'localhost'"
        );
    }

    #[test]
    fn requests_are_limited_unless_that_is_turned_off() {
        assert_eq!(read(&[]).unwrap().rate_limits, RateLimits::On);
        assert_eq!(read(&[("LECTERN_RATE_LIMITS", "off")]).unwrap().rate_limits, RateLimits::Off);
        assert!(read(&[("LECTERN_RATE_LIMITS", "generous")]).is_err());
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused() {
        let contradictions: [&[(&str, &str)]; 7] = [
            &[("LECTERN_MIN_AUDIO_SECONDS", "20"), ("LECTERN_MAX_AUDIO_SECONDS", "10")],
            &[("LECTERN_RECOGNIZER", "command")],
            &[("LECTERN_RECOGNIZER_COMMAND", "hear {wav}")],
            &[("LECTERN_ADMIN_USERNAME", "ada")],
            &[("LECTERN_ADMIN_PASSWORD", "correct horse battery")],
            &[("LECTERN_SMTP_URL", "smtp://mail.example.org")],
            &[("LECTERN_MAIL_FROM", "noreply@example.org")],
        ];
        for variables in contradictions {
            assert!(matches!(read(variables), Err(ConfigError::Contradiction(_))), "{variables:?}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let settings = read(&[
            ("LECTERN_ADMIN_USERNAME", "ada"),
            ("LECTERN_ADMIN_PASSWORD", "s3cr3t-password"),
            ("LECTERN_WORKER_TOKEN", "s3cr3t-token-0123"),
            ("LECTERN_DOCS_PASSWORD", "s3cr3t-docs-0123"),
            ("LECTERN_SMTP_URL", "smtps://ada:s3cr3t@mail.example.org"),
            ("LECTERN_MAIL_FROM", "Lectern <noreply@example.org>"),
            ("LECTERN_DATABASE_URL", "postgres://ada:s3cr3t@db/lectern"),
            ("LECTERN_REDIS_URL", "redis://:s3cr3t@cache/0"),
            ("LECTERN_AMQP_URL", "amqp://ada:s3cr3t@queue/%2f"),
        ]);
        assert!(!format!("{:?}", settings.unwrap()).contains("s3cr3t"));
        for (name, value) in [
            ("LECTERN_WORKER_TOKEN", "s3cr3t token"),
            ("LECTERN_SMTP_URL", "smtp://ada:s3cr3t@mail:x"),
            ("LECTERN_DATABASE_URL", "mysql://ada:s3cr3t@db/lectern"),
            ("LECTERN_REDIS_URL", "redis://:s3cr3t@cache:x/0"),
            ("LECTERN_AMQP_URL", "amqp://ada:s3cr3t@queue:x/%2f"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{name}");
        }
    }
}
