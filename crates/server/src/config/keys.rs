//! The settings by name.
//!
//! The sentences above a setting are for operators: what it is, in which unit, within which limits, and when to change it.
//! They are its entry in `docs/configuration.md` and in `docs/lectern.toml`, so they can be written in Markdown. A line in
//! brackets begins a group. A setting without a default shows a value that it can have, after what its absence means.

pub(super) use super::key::{FILE_VARIABLE, Key, Kind, Known, Unset, VARIABLE_PREFIX, look_up};

macro_rules! keys {
    ($(
        [$group:literal]
        $(
            $(#[doc = $about:literal])+
            $constant:ident = $name:literal, $kind:ident, $unset:ident($text:literal $(, $example:literal)?);
        )+
    )+) => {
        $($($(#[doc = $about])+ pub(super) const $constant: Key = Key {
            name: $name,
            kind: Kind::$kind,
            unset: Unset::$unset($text),
            example: keys!(@example $($example)?),
            about: concat!($($about, "\n"),+),
            group: $group,
        };)+)+
        /// All of them, as they are reported.
        pub(super) const ALL: &[Key] = &[$($($constant),+),+];
    };
    (@example) => { None };
    (@example $example:literal) => { Some($example) };
}

keys! {
    ["Server"]
    /// The address and port that the server listens on. Port 0 takes any that is free; the server prints which. Listen
    /// on `0.0.0.0` or `[::]` only behind a reverse proxy that speaks TLS, or in a container.
    LISTEN = "listen", Text, Default("127.0.0.1:8080");
    /// The address under which people reach the server. It is the issuer of tokens, mails name it, and `https://` makes
    /// cookies `Secure`. Set it to that of the reverse proxy; with several replicas, to the same for all. Whoever is signed
    /// in has to sign in again after a change, as their tokens name another issuer.
    PUBLIC_URL = "public_url", Text, Means("http:// and the address that is listened on, or https:// with a certificate", "https://lectern.example.org");
    /// The networks of the reverse proxies before the server, with commas between them. Their `X-Forwarded-For` tells
    /// where requests come from, which is what limits and throttles count by; from anybody else the header is ignored.
    TRUSTED_PROXIES = "trusted_proxies", Text, Means("none, and X-Forwarded-For is ignored", "10.0.0.0/8, 2001:db8::1");
    /// The origins whose pages may call the API from a browser, also with cookies, with commas between them; or `*`
    /// alone, which is every origin, without cookies.
    CORS_ORIGINS = "cors_origins", Text, Means("none: pages of other origins can't read answers", "https://app.example.org, http://localhost:3000");
    /// Whether requests are limited by the network that they come from: `on` or `off`. Turn it off only if something
    /// before the server does the same. Guessing passwords is slowed down in any case.
    RATE_LIMITS = "rate_limits", Text, Default("on");
    /// The most connections at once, 1 to 1,000,000, over all threads. More wait until one ends. Each that stays open between
    /// requests takes two of the files that the process may have open; the server raises that limit as far as it may
    /// (`LimitNOFILE=` of systemd, `ulimit -n` of a shell), and says in its log if it has to take fewer connections.
    MAX_CONNECTIONS = "max_connections", Number, Default("20000");
    /// The most connections of one network at once: an IPv4 address, or an IPv6 network of 64 bits. The next is answered 429
    /// and closed. Proxies in `trusted_proxies` have no such bound. Raise it where a whole campus comes from one address.
    MAX_CONNECTIONS_PER_NETWORK = "max_connections_per_network", Number, Default("5000");
    /// How long the head of a request (its line and its headers) may take to arrive, in seconds, 1 to 3600.
    HEADER_TIMEOUT_SECONDS = "header_timeout_seconds", Number, Default("10");
    /// How long a connection is kept open for a next request, in seconds, 1 to 3600. Behind a proxy, more than what the proxy
    /// keeps its own connections for.
    KEEP_ALIVE_SECONDS = "keep_alive_seconds", Number, Default("30");
    /// How long a client may send nothing of a request's body, or take nothing of an answer, in seconds, 1 to 3600. Then the
    /// request is answered 408, or the connection closed, and what was staged of a recording is removed.
    CLIENT_TIMEOUT_SECONDS = "client_timeout_seconds", Number, Default("30");
    /// The fewest bytes of a request's body that have to come in a second, over each minute of waiting for it; else the
    /// request is answered 408. 0 turns it off, and up to 1,000,000,000 are allowed.
    MIN_UPLOAD_RATE = "min_upload_rate", Number, Default("1024");
    /// The file with the server's certificate as PEM, followed by those of who issued it. With it, and with `tls_key`, the server
    /// speaks https itself; set it unless a reverse proxy does that. The files are looked at every few seconds, so a renewed
    /// certificate is served without a restart.
    TLS_CERTIFICATE = "tls_certificate", Text, Means("none: the server speaks http, for a reverse proxy or this machine alone", "/etc/lectern/tls/fullchain.pem");
    /// The file with the private key of `tls_certificate` as PEM, not encrypted, which nobody but its owner may read (mode 0600).
    TLS_KEY = "tls_key", Text, Means("none", "/etc/lectern/tls/privkey.pem");

    ["Storage"]
    /// The folder of the embedded database, the recordings, and uploads while they come in. It is made on first start, for
    /// the server's user alone, and used by one server at a time; each replica has its own.
    DATA_DIR = "data_dir", Text, Default("./lectern-data");
    /// The folder of the keys that sign tokens, and of the secrets that are made on first start. Replicas share it.
    SECRETS_DIR = "secrets_dir", Text, Default("{data_dir}");
    /// The database: `sqlite://` and a file's path, or `postgres://user:password@host/database?sslmode=verify-full`. Tables
    /// are made by the first server that starts. Choose PostgreSQL for several replicas.
    DATABASE_URL = "database_url", Url, Default("sqlite://{data_dir}/lectern.db");
    /// The most connections to PostgreSQL that this server has at a time, from 1 to 1000. Those of all replicas together
    /// must stay below PostgreSQL's `max_connections`. SQLite doesn't look at it.
    DATABASE_CONNECTIONS = "database_connections", Number, Default("20");
    /// Where recordings are kept: `file://` and a folder's path, or `s3://bucket/prefix`. The way to S3 is told by the
    /// variables that everything uses: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (or each as a file, with `_FILE` at the
    /// end of its name), `AWS_REGION`, and `AWS_ENDPOINT_URL` for another server than Amazon's.
    AUDIO_URL = "audio_url", Text, Default("file://{data_dir}/audio");
    /// What replicas tell each other by: `redis://` or, with TLS, `rediss://`. With it a session that is ended is refused by
    /// all replicas at once, and limits count for all together; without it, after five seconds, and each by itself.
    REDIS_URL = "redis_url", Url, Means("none: each server remembers and counts for itself", "redis://:PASSWORD@cache:6379/0");
    /// Where jobs are announced to workers that wait for messages: `amqp://` or, with TLS, `amqps://`, with the virtual host as
    /// its path (`%2f` is `/`). `lectern worker` doesn't need it.
    AMQP_URL = "amqp_url", Url, Means("none: workers outside ask for jobs", "amqp://lectern:PASSWORD@queue:5672/%2f");
    /// The queue on which jobs are announced.
    AMQP_QUEUE = "amqp_queue", Text, Default("task_queue");

    ["Backups"]
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

    ["Speech"]
    /// Whether the server's process also transcribes: `embedded`, or `off` if only workers elsewhere do.
    WORKER = "worker", Text, Default("embedded");
    /// What workers elsewhere present to the server, in visible ASCII characters; `lectern worker` reads the same setting.
    WORKER_TOKEN = "worker_token", Secret, Means("made on first start, kept in {secrets_dir}/secrets/worker_token", "at-least-32-characters-that-nobody-can-guess");
    /// What recognises speech: `auto` is PocketSphinx if it is installed, else nothing; `pocketsphinx`; `command`, which is
    /// any other program; or `none`, so that recordings wait for workers elsewhere.
    RECOGNIZER = "recognizer", Text, Default("auto");
    /// The command line of the recogniser `command`. `{wav}` stands for the path of a WAV file (16 kHz, mono), `{language}` for
    /// the language spoken; it prints plain text, subtitles (SRT, WebVTT) or JSON. It is started without a shell.
    RECOGNIZER_COMMAND = "recognizer_command", Text, Means("none", "whisper-cli --no-prints --model ggml-base.bin --language {language} --file {wav}");
    /// How long the pieces are, in seconds from 1 to 3600, that recordings are cut into. Shorter ones show text sooner, and
    /// below 20 seconds recognisers get worse. It holds for recordings that are uploaded from then on.
    CHUNK_SECONDS = "chunk_seconds", Number, Default("60");
    /// The shortest recording that is accepted, in seconds from 0 to 86400.
    MIN_AUDIO_SECONDS = "min_audio_seconds", Number, Default("10");
    /// The longest recording that is accepted, in seconds from 1 to 86400.
    MAX_AUDIO_SECONDS = "max_audio_seconds", Number, Default("7200");
    /// The largest upload that is accepted, in bytes. The data folder needs room for as many of them as come in at the
    /// same time. A reverse proxy has a limit of its own, which must not be lower.
    MAX_UPLOAD_BYTES = "max_upload_bytes", Number, Default("536870912");
    /// How long a worker may be silent, in seconds from 1 to 3600, before another goes on with its recording.
    LEASE_SECONDS = "lease_seconds", Number, Default("30");
    /// The same for workers of lazy-lecture's, which report piece by piece and say nothing in between: longer than they
    /// take for a piece.
    REPORT_LEASE_SECONDS = "report_lease_seconds", Number, Default("900");
    /// How long a recording rests after its first error, in seconds from 0 to 3600, before it is tried again; twice as long after
    /// the second, and so on.
    ERROR_DELAY_SECONDS = "error_delay_seconds", Number, Default("5");

    ["Accounts"]
    /// Who may sign up: `open` is everybody, `approve` everybody, but an administrator has to let them in, `closed` nobody.
    REGISTRATION = "registration", Text, Default("open");
    /// The most devices that an account is signed in on, from 1 to 10000. The next sign-in ends the session that was not
    /// used for longest.
    SESSION_LIMIT = "session_limit", Number, Default("50");
    /// How long a refresh token that was just replaced still leads to its successor, in seconds from 0 to 3600, for clients
    /// that lost the answer. With 0, any second use ends the session.
    REFRESH_GRACE_SECONDS = "refresh_grace_seconds", Number, Default("30");
    /// What tokens are signed with: `EdDSA`, `ES256` or `HS256`. Others can check tokens of the first two by the public
    /// keys at `/.well-known/jwks.json`. A change takes effect with new tokens; old ones stay valid.
    JWT_ALGORITHM = "jwt_algorithm", Text, Default("EdDSA");
    /// How expensive password hashes are, from 4 to 16. Each step doubles the time: 12 is about a quarter of a second.
    /// Lower it for tests only.
    BCRYPT_COST = "bcrypt_cost", Number, Default("12");
    /// The user name of an administrator who is made at start, if there is nobody of that name. Needs `admin_password`.
    ADMIN_USERNAME = "admin_username", Text, Means("no administrator is made", "ada");
    /// The administrator's e-mail address.
    ADMIN_EMAIL = "admin_email", Text, Means("none", "ada@example.org");
    /// The administrator's password. It counts only when the account is made: change it there afterwards, and remove it here.
    ADMIN_PASSWORD = "admin_password", Secret, Means("none", "a long enough password");

    ["Mail"]
    /// The server that takes mails: `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465` (TLS). To
    /// other machines nothing is sent without TLS unless the URL ends with `?tls=none`. Needs `mail_from`.
    SMTP_URL = "smtp_url", Secret, Means("none: mails go to the log", "smtps://lectern:PASSWORD@mail.example.org:465");
    /// The mailbox that mails come from.
    MAIL_FROM = "mail_from", Text, Means("none", "Lectern <noreply@example.org>");

    ["Classic APIs"]
    /// The APIs of other systems that are spoken, with commas between them, or `none`. The pages for people need `fast-web`.
    DIALECTS = "dialects", Text, Default("iccem,lazy-lecture,katkru,fastapi-auth,fast-web");
    /// What lazy-lecture's administrators present instead of signing in.
    ADMIN_TOKEN = "admin_token", Secret, Means("made on first start, kept in {secrets_dir}/secrets/admin_token", "at-least-32-characters-that-nobody-can-guess");
    /// What iccem's front ends share with the server.
    ICCEM_SECRET = "iccem_secret", Secret, Means("made on first start, kept in {secrets_dir}/secrets/iccem_secret", "at-least-32-characters-that-nobody-can-guess");
    /// The roles that may be asked for with `iccem_secret`, with commas between them.
    ICCEM_GRANTABLE_ROLES = "iccem_grantable_roles", Text, Default("user,operator,admin");
    /// How many characters iccem asks of a password, from 1 to 256. Raise it as soon as its front ends can say why they refuse.
    ICCEM_MIN_PASSWORD = "iccem_min_password", Number, Default("1");
    /// The networks whose servers may call katkru's routes for servers without signing in, with commas between them.
    KATKRU_ALLOWED_IPS = "katkru_allowed_ips", Text, Default("127.0.0.0/8,::1");

    ["Documentation"]
    /// The user who reads `/docs`, `/redoc`, `/code_docs/` and the OpenAPI documents; without a colon.
    DOCS_USER = "docs_user", Text, Default("docs");
    /// That user's password.
    DOCS_PASSWORD = "docs_password", Secret, Means("made on first start, kept in {secrets_dir}/secrets/docs_password", "a long enough password");
    /// The folder that `/code_docs/` shows, which `cargo doc` makes. It need not be there.
    CODE_DOCS_DIR = "code_docs_dir", Text, Default("./target/doc");

    ["Log"]
    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, also by part, such as `warn,lectern_application=debug`.
    LOG = "log", Text, Default("info");
    /// How it is logged: `pretty` for people, or `json`, an object a line.
    LOG_FORMAT = "log_format", Text, Means("pretty on a terminal, else json", "json");
    /// Whether requests, warnings and errors are also kept in the database for 14 days, to be read at `GET /v1/logs`: `true` or
    /// `false`.
    LOG_TO_DB = "log_to_db", Text, Default("false");
    /// What whoever collects metrics must present as `Authorization: Bearer` at `/metrics`. Without it, everybody may read
    /// them who reaches the server. They hold no secret and nobody's name, but they tell how much is done: set it, or
    /// keep the reverse proxy from passing `/metrics` on.
    METRICS_TOKEN = "metrics_token", Secret, Means("none: everybody may read the metrics", "at-least-32-characters-that-nobody-can-guess");
    /// Statements of the database that take longer, in milliseconds, are logged as warnings, without the values in them.
    /// 0 turns that off; at most an hour. Lower it to find what makes a page slow, raise it where the disk is slow.
    SLOW_QUERY_MS = "slow_query_ms", Number, Default("500");

    ["Retention"]
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
}
