//! `lectern serve`.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use lectern_actix_http::{ConnectionLimits, HttpSettings, IccemSettings, REQUEST_LOG};
use lectern_domain::surface::Surface;
use lectern_security_adapter::{SystemClock, secret_file};
use secrecy::SecretString;
use tokio::task::JoinSet;
use tracing::Level;

use super::block_on;
use crate::{
    compose::{
        Adapters, BackupUseCases, Database, announce_jobs, api, back_up_nightly, certificate, clear_shelf,
        console, deliver_mail, embedded_worker, ensure_admin, mailer, measure_workload, purge_regularly,
        supervise, watch_certificate, watch_keys,
    },
    config::{DatabaseUrl, Settings},
    data_dir::{DataDir, secret_in},
    failure::Failure,
    logging::{LogPorts, LogWriter, Writing},
    metrics::Metrics,
    open_files, output,
    shutdown::{self, within_grace},
};

/// SQLite has one writer: more threads than these would wait for it, and each costs memory.
const MOST_THREADS_ON_SQLITE: usize = 4;

/// Serves. What takes the lines of the log that are kept, if they are, writes them to the database.
pub(super) fn run(settings: &Settings, kept: Option<LogWriter>) -> Result<(), Failure> {
    require_secrets(settings)?;
    let data = DataDir::open(&settings.data_dir)?;
    let _database = settings.database.lock()?;
    block_on(serve(settings, &data, kept))
}

/// Refuses secrets that can be guessed where others than this machine can try them.
pub(super) fn require_secrets(settings: &Settings) -> Result<(), Failure> {
    let guessable: Vec<_> = settings.guessable_secrets().iter().map(ToString::to_string).collect();
    if guessable.is_empty() {
        return Ok(());
    }
    let guessable = guessable.join(", and ");
    if settings.listens_beyond_loopback() {
        let what = format!("others than this machine could sign in at {}: {guessable}", settings.listen);
        return Err(Failure::usage(what).fix(
            "Remove the setting, so that a secret is made for you, or set what `openssl rand -base64 32` makes; \
             or listen on 127.0.0.1.",
        ));
    }
    tracing::warn!("A SECRET CAN BE GUESSED, so others than this machine must not get here: {guessable}");
    Ok(())
}

async fn serve(settings: &Settings, data: &DataDir, kept: Option<LogWriter>) -> Result<(), Failure> {
    // Before anything that takes time, so that a signal is never lost.
    let shutdown = shutdown::on_signals()?;
    let metrics = Metrics::install(&settings.database)?;
    // Before the database is changed: a server that can't speak TLS has no use of it.
    let certificate = certificate(settings, Arc::new(SystemClock))?;
    let database = Database::open(settings).await?;
    let migrations = database.migrate().await?;
    if migrations > 0 {
        tracing::info!(migrations, "migrated the database");
    }
    let adapters = Adapters::new(settings, data, database).await?;
    let log = kept.map(|lines| keep_log(&adapters, lines));
    let worker = embedded_worker(&adapters, settings, data)?;
    ensure_admin(&adapters, settings).await?;

    let (listener, address) = listen(settings.listen)?;
    let public_url = settings.public_url_at(address);
    if settings.listens_beyond_loopback() && !public_url.starts_with("https://") {
        tracing::warn!(
            "PASSWORDS AND TOKENS CAN BE READ ON THE WAY: others get here, and the public URL is not https"
        );
    }
    let connections = connection_limits(settings.connections);
    let http = HttpSettings { certificate, ..http_settings(settings, &public_url, connections)? };
    let metrics = adapters.gauges.iter().cloned().fold(metrics, Metrics::with);
    let api = api(&adapters, settings, &public_url, Arc::new(metrics.clone()));
    // Pages sign in and refresh by fast-web's routes.
    let pages = settings.dialects.served.contains(&Surface::FastWeb);
    let pages = pages.then(|| lectern_web_console::mount(console(&api)));
    let mail = deliver_mail(&adapters, mailer(settings, &public_url)?);

    let mut background = JoinSet::new();
    if let Some(worker) = worker {
        let shutdown = shutdown.clone();
        background.spawn(async move { worker.run(shutdown).await });
    }
    let stop = shutdown.clone();
    background.spawn(async move { mail.run(stop).await });
    let (of, retention, stop) = (adapters.clone(), settings.retention, shutdown.clone());
    background.spawn(async move { purge_regularly(&of, retention, stop).await });
    let backups = BackupUseCases::new(settings, None)?;
    let (of, nightly, stop) = (adapters.clone(), settings.backups.clone(), shutdown.clone());
    background.spawn(async move { back_up_nightly(&of, &nightly, &backups, stop).await });
    if let Some(redis) = adapters.redis.clone() {
        let stop = shutdown.clone();
        background.spawn(async move { redis.run(stop).await });
    }
    if let Some(announcer) = adapters.announcer.clone() {
        let (of, stop) = (adapters.clone(), shutdown.clone());
        background.spawn(async move { announce_jobs(&of, announcer, stop).await });
    } else {
        clear_shelf(&adapters).await;
    }
    background.spawn(metrics.keep_up(shutdown.clone()));
    let (readiness, stop) = (api.check_readiness.clone(), shutdown.clone());
    background.spawn(async move { readiness.run(stop).await });
    let (workload, stop) = (measure_workload(&adapters), shutdown.clone());
    background.spawn(async move { workload.run(stop).await });
    background.spawn(watch_keys(adapters.keys.clone(), shutdown.clone()));
    if let Some(certificate) = http.certificate.clone() {
        background.spawn(watch_certificate(certificate, shutdown.clone()));
    }

    // The socket takes connections from here on; they are answered as soon as the threads are up.
    output::line(&format!("listening on {}://{address}", settings.scheme()))?;
    tracing::info!(%address, public_url, "ready");
    let serving = async {
        let mount = move |config: &mut _| pages.iter().for_each(|mount| mount(config));
        let serving = lectern_actix_http::serve(listener, api, http, mount, shutdown.clone());
        let served = within_grace(serving, &shutdown).await;
        // Also when serving ended for another reason.
        shutdown.cancel();
        let served = served.unwrap_or_else(|| {
            tracing::warn!("some requests did not finish in time and were cut off");
            Ok(())
        });
        served.map_err(|error| Failure::operation("can't serve").because(error))
    };
    let (served, supervised) = tokio::join!(serving, supervise(background, &shutdown));
    // Last, so that nothing which was served is missing.
    if let Some(log) = log {
        log.finish().await;
    }
    served.and(supervised)
}

/// Writes the lines that are kept to the database.
fn keep_log(of: &Adapters, lines: LogWriter) -> Writing {
    if !tracing::enabled!(target: REQUEST_LOG, Level::INFO) {
        tracing::warn!("REQUESTS ARE NOT KEPT IN THE DATABASE: LECTERN_LOG leaves them out of the log");
    }
    lines.start(LogPorts { log: of.log.clone(), clock: of.clock.clone(), ids: of.ids.clone() })
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|error| {
        Failure::operation(format!("can't listen on {address}"))
            .because(error)
            .fix("Choose another address with --listen; port 0 takes any that is free.")
    })
}

/// As many connections as the process may have files for.
fn connection_limits(asked: ConnectionLimits) -> ConnectionLimits {
    let files = open_files::raise();
    let limits = asked.within(files);
    if limits != asked {
        tracing::warn!(
            connections = limits.most,
            kept_between_requests = limits.most_kept,
            open_files = files,
            open_files_needed = asked.files(),
            "fewer connections are taken than the settings allow: the process may not have enough files open"
        );
    }
    limits
}

fn http_settings(
    settings: &Settings,
    public_url: &str,
    connections: ConnectionLimits,
) -> Result<HttpSettings, Failure> {
    let secret = |given: &Option<SecretString>, name: &str| match given {
        Some(secret) => Ok(secret.clone()),
        None => secret_file::load_or_create(&secret_in(&settings.secrets_dir, name)).map_err(|error| {
            Failure::operation("can't use a secret that was made on first start").because(error)
        }),
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Ok(HttpSettings {
        worker_token: secret(&settings.worker_token, "worker_token")?,
        metrics_token: settings.observability.metrics_token.clone(),
        docs_user: settings.docs_user.clone(),
        docs_password: secret(&settings.docs_password, "docs_password")?,
        secure_cookies: public_url.starts_with("https://"),
        threads: match settings.database {
            DatabaseUrl::Sqlite(_) => processors.min(MOST_THREADS_ON_SQLITE),
            DatabaseUrl::Postgres(_) => processors,
        },
        connections,
        trusted_proxies: settings.trusted_proxies.clone(),
        cross_origin: settings.cross_origin.clone(),
        code_docs: settings.code_docs.clone(),
        dialects: settings.dialects.served.clone(),
        admin_token: secret(&settings.dialects.admin_token, "admin_token")?,
        iccem: IccemSettings {
            secret: secret(&settings.dialects.iccem_secret, "iccem_secret")?,
            grantable_roles: settings.dialects.iccem_grantable_roles.clone(),
            passwords: settings.dialects.iccem_passwords.clone(),
        },
        katkru_allowed: settings.dialects.katkru_allowed.clone(),
        certificate: None,
    })
}
