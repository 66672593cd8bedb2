//! The settings by name.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its name in the file; in capitals and with [`VARIABLE_PREFIX`], that of its variable.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) unset: Unset,
    /// What it is for, in sentences, each line of which begins with a space.
    #[expect(dead_code, reason = "the example of a configuration file comes to say it")]
    pub(super) about: &'static str,
}

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// Shown without the password in it; can also be given as a file.
    Url,
    /// Never shown; can also be given as a file.
    Secret,
}

/// What holds where nobody set it. `{data_dir}` and `{secrets_dir}` stand for the values of those settings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unset {
    /// This value.
    Default(&'static str),
    /// What these words say.
    Means(&'static str),
}

/// What the names of variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "LECTERN_";
/// The variable that names the configuration file. It is no setting: the file can't name itself.
pub(super) const FILE_VARIABLE: &str = "LECTERN_CONFIG";
/// The end of the name of the setting that names the file which holds another.
pub(super) const FILE_SUFFIX: &str = "_file";

macro_rules! keys {
    ($($(#[doc = $about:literal])* $constant:ident = $name:literal, $kind:ident, $unset:ident($text:literal);)*) => {
        $($(#[doc = $about])* pub(super) const $constant: Key = Key {
            name: $name,
            kind: Kind::$kind,
            unset: Unset::$unset($text),
            about: concat!($($about, "\n"),*),
        };)*
        /// All of them, as they are reported.
        pub(super) const ALL: &[Key] = &[$($constant),*];
    };
}

keys! {
    LISTEN = "listen", Text, Default("127.0.0.1:8080");
    PUBLIC_URL = "public_url", Text, Means("http:// and the address that is listened on, or https:// with a certificate");
    DATA_DIR = "data_dir", Text, Default("./lectern-data");
    SECRETS_DIR = "secrets_dir", Text, Default("{data_dir}");
    DATABASE_URL = "database_url", Url, Default("sqlite://{data_dir}/lectern.db");
    DATABASE_CONNECTIONS = "database_connections", Number, Default("20");
    AUDIO_URL = "audio_url", Text, Default("file://{data_dir}/audio");
    REDIS_URL = "redis_url", Url, Means("none: each server remembers and counts for itself");
    AMQP_URL = "amqp_url", Url, Means("none: workers outside ask for jobs");
    AMQP_QUEUE = "amqp_queue", Text, Default("task_queue");
    WORKER = "worker", Text, Default("embedded");
    WORKER_TOKEN = "worker_token", Secret, Means("made on first start, kept in {secrets_dir}/secrets/worker_token");
    ADMIN_TOKEN = "admin_token", Secret, Means("made on first start, kept in {secrets_dir}/secrets/admin_token");
    RECOGNIZER = "recognizer", Text, Default("auto");
    RECOGNIZER_COMMAND = "recognizer_command", Text, Means("none");
    CHUNK_SECONDS = "chunk_seconds", Number, Default("60");
    MIN_AUDIO_SECONDS = "min_audio_seconds", Number, Default("10");
    MAX_AUDIO_SECONDS = "max_audio_seconds", Number, Default("7200");
    MAX_UPLOAD_BYTES = "max_upload_bytes", Number, Default("536870912");
    LEASE_SECONDS = "lease_seconds", Number, Default("30");
    REPORT_LEASE_SECONDS = "report_lease_seconds", Number, Default("900");
    ERROR_DELAY_SECONDS = "error_delay_seconds", Number, Default("5");
    REGISTRATION = "registration", Text, Default("open");
    SESSION_LIMIT = "session_limit", Number, Default("50");
    REFRESH_GRACE_SECONDS = "refresh_grace_seconds", Number, Default("30");
    JWT_ALGORITHM = "jwt_algorithm", Text, Default("EdDSA");
    BCRYPT_COST = "bcrypt_cost", Number, Default("12");
    ADMIN_USERNAME = "admin_username", Text, Means("no administrator is made");
    ADMIN_EMAIL = "admin_email", Text, Means("none");
    ADMIN_PASSWORD = "admin_password", Secret, Means("none");
    DOCS_USER = "docs_user", Text, Default("docs");
    DOCS_PASSWORD = "docs_password", Secret, Means("made on first start, kept in {secrets_dir}/secrets/docs_password");
    CODE_DOCS_DIR = "code_docs_dir", Text, Default("./target/doc");
    CORS_ORIGINS = "cors_origins", Text, Means("none: pages of other origins can't read answers");
    DIALECTS = "dialects", Text, Default("iccem,lazy-lecture,katkru,fastapi-auth,fast-web");
    ICCEM_SECRET = "iccem_secret", Secret, Means("made on first start, kept in {secrets_dir}/secrets/iccem_secret");
    ICCEM_GRANTABLE_ROLES = "iccem_grantable_roles", Text, Default("user,operator,admin");
    ICCEM_MIN_PASSWORD = "iccem_min_password", Number, Default("1");
    KATKRU_ALLOWED_IPS = "katkru_allowed_ips", Text, Default("127.0.0.0/8,::1");
    RATE_LIMITS = "rate_limits", Text, Default("on");
    TRUSTED_PROXIES = "trusted_proxies", Text, Means("none, and X-Forwarded-For is ignored");
    SMTP_URL = "smtp_url", Secret, Means("none: mails go to the log");
    MAIL_FROM = "mail_from", Text, Means("none");
    LOG = "log", Text, Default("info");
    LOG_FORMAT = "log_format", Text, Means("pretty on a terminal, else json");
    LOG_TO_DB = "log_to_db", Text, Default("false");
    /// How many days the audio of a recording is kept after its transcription ended, in whatever way: 0 for good, or up to
    /// 36500. What is lost is the recording itself: it can't be heard, nor transcribed again. Its text stays.
    RETENTION_AUDIO_DAYS = "retention_audio_days", Number, Default("365");
    /// How many days sessions are kept after they ended or expired, 1 to 36500. What is lost is when and from where they were
    /// used; nobody is signed out by it.
    RETENTION_SESSIONS_DAYS = "retention_sessions_days", Number, Default("30");
    /// How many days events of the audit log are kept, 1 to 36500. What is lost is who did what to whom. Longer, if rules that
    /// you are under say so.
    RETENTION_AUDIT_DAYS = "retention_audit_days", Number, Default("180");
    /// How many days lines of the log are kept in the database, if they are kept there (`log_to_db`), 1 to 36500. What is written
    /// to standard error is not touched.
    RETENTION_LOG_DAYS = "retention_log_days", Number, Default("14");
    /// How many days it is remembered what an Idempotency-Key was used for, 1 to 36500. A request that is sent again later than
    /// that is taken for a new one.
    RETENTION_IDEMPOTENCY_DAYS = "retention_idempotency_days", Number, Default("1");
    /// The most lines of the log that the database keeps, whatever their age, 1000 to 1000000000; the oldest go first. A million
    /// lines take some hundreds of megabytes.
    LOG_MAX_ROWS = "log_max_rows", Number, Default("5000000");
    /// The file with the server's certificate as PEM, followed by those of who issued it. With it, and with `tls_key`, the server
    /// speaks https itself; set it unless a reverse proxy does that. The files are looked at every few seconds, so a renewed
    /// certificate is served without a restart.
    TLS_CERTIFICATE = "tls_certificate", Text, Means("none: the server speaks http, for a reverse proxy or this machine alone");
    /// The file with the private key of `tls_certificate` as PEM, not encrypted, which nobody but its owner may read (mode 0600).
    TLS_KEY = "tls_key", Text, Means("none");
}

/// Settings that are designed but have nothing behind them yet. Refused, so that nobody relies on them.
const NOT_YET: &[&str] = &["backup_at", "backup_dir", "backup_keep"];

/// What a name is.
pub(super) enum Known {
    Setting,
    NotYet,
    /// No setting; perhaps this one was meant.
    No(Option<String>),
}

/// Looks a name up, in the spelling of the file.
pub(super) fn look_up(name: &str) -> Known {
    if names().any(|known| known == name) {
        return Known::Setting;
    }
    if NOT_YET.contains(&name) {
        return Known::NotYet;
    }
    // A slip of the pen changes at most every third letter.
    let distance = |known: &String| strsim::damerau_levenshtein(known, name);
    let nearest = names().min_by_key(distance);
    Known::No(nearest.filter(|known| distance(known) <= known.len() / 3))
}

/// Every name that can be written.
fn names() -> impl Iterator<Item = String> {
    ALL.iter().flat_map(|key| {
        let file = key.kind.may_be_a_file().then(|| key.file_name());
        [Some(key.name.to_owned()), file].into_iter().flatten()
    })
}

impl Key {
    /// The name of the setting that names the file which holds this one.
    pub(super) fn file_name(self) -> String {
        format!("{}{FILE_SUFFIX}", self.name)
    }
}

impl Kind {
    /// Whether there is a setting that names a file which holds the value.
    pub(super) const fn may_be_a_file(self) -> bool {
        matches!(self, Self::Secret | Self::Url)
    }
}
