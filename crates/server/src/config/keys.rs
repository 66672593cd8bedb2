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
    PUBLIC_URL = "public_url", Text, Means("http:// and the address that is listened on");
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
    /// The folder of backups. It is made, for the server's user alone, when the first is taken. Needs room for the database
    /// twice beside the backups that are kept. A backup on the disk of the database is none when that disk fails: name a
    /// folder on another, or copy the files away.
    BACKUP_DIR = "backup_dir", Text, Default("{data_dir}/backups");
    /// When a backup is taken every day, in UTC, such as 03:00. Of several servers on one database, one does it. `off` if
    /// something else runs `lectern backup`.
    BACKUP_AT = "backup_at", Text, Default("03:00");
    /// How many backups are kept, from 1 to 1000. Only when one was taken are older ones removed, and only files that are
    /// named as backups.
    BACKUP_KEEP = "backup_keep", Number, Default("10");
}

/// What a name is.
pub(super) enum Known {
    Setting,
    /// No setting; perhaps this one was meant.
    No(Option<String>),
}

/// Looks a name up, in the spelling of the file.
pub(super) fn look_up(name: &str) -> Known {
    if names().any(|known| known == name) {
        return Known::Setting;
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
