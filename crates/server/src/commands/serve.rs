//! `lectern serve`.

use std::{
    net::{SocketAddr, TcpListener},
    thread,
};

use lectern_actix_http::{HttpSettings, IccemSettings, REQUEST_LOG};
use lectern_domain::surface::Surface;
use lectern_security_adapter::secret_file;
use secrecy::SecretString;
use tokio::task::JoinSet;
use tracing::Level;

use super::block_on;
use crate::{
    compose::{
        Adapters, BackupUseCases, Database, announce_jobs, api, back_up_nightly, clear_shelf, console,
        deliver_mail, embedded_worker, ensure_admin, mailer, purge_regularly, supervise, watch_keys,
    },
    config::{DatabaseUrl, Settings},
    data_dir::{DataDir, secret_in},
    failure::Failure,
    logging::{LogPorts, LogWriter, Writing},
    output,
    shutdown::{self, within_grace},
};

/// SQLite has one writer: more threads than these would wait for it, and each costs memory.
const MOST_THREADS_ON_SQLITE: usize = 4;

/// Serves. What takes the lines of the log that are kept, if they are, writes them to the database.
pub(super) fn run(settings: &Settings, kept: Option<LogWriter>) -> Result<(), Failure> {
    let data = DataDir::open(&settings.data_dir)?;
    let _database = settings.database.lock()?;
    block_on(serve(settings, &data, kept))
}

async fn serve(settings: &Settings, data: &DataDir, kept: Option<LogWriter>) -> Result<(), Failure> {
    // Before anything that takes time, so that a signal is never lost.
    let shutdown = shutdown::on_signals()?;
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
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let http = http_settings(settings, &public_url)?;
    let api = api(&adapters, settings, &public_url);
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
    let (of, stop) = (adapters.clone(), shutdown.clone());
    background.spawn(async move { purge_regularly(&of, stop).await });
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
    background.spawn(watch_keys(adapters.keys.clone(), shutdown.clone()));

    // The socket takes connections from here on; they are answered as soon as the threads are up.
    output::line(&format!("listening on http://{address}"))?;
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

fn http_settings(settings: &Settings, public_url: &str) -> Result<HttpSettings, Failure> {
    let secret = |given: &Option<SecretString>, name: &str| match given {
        Some(secret) => Ok(secret.clone()),
        None => secret_file::load_or_create(&secret_in(&settings.secrets_dir, name)).map_err(|error| {
            Failure::operation("can't use a secret that was made on first start").because(error)
        }),
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    Ok(HttpSettings {
        worker_token: secret(&settings.worker_token, "worker_token")?,
        docs_user: settings.docs_user.clone(),
        docs_password: secret(&settings.docs_password, "docs_password")?,
        secure_cookies: public_url.starts_with("https://"),
        threads: match settings.database {
            DatabaseUrl::Sqlite(_) => processors.min(MOST_THREADS_ON_SQLITE),
            DatabaseUrl::Postgres(_) => processors,
        },
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
    })
}
