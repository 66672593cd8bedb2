//! The certificate that TLS is spoken with.

use std::{sync::Arc, time::Duration};

use lectern_actix_http::ServedCertificate;
use lectern_application::ports::Clock;
use tokio::{
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

use crate::{config::Settings, failure::Failure};

/// How long new files may go unnoticed.
const INTERVAL: Duration = Duration::from_secs(3);

/// Opens it, if the settings name one.
pub(crate) fn certificate(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Option<Arc<ServedCertificate>>, Failure> {
    let Some(files) = settings.certificate.clone() else { return Ok(None) };
    let served = ServedCertificate::open(files, clock)
        .map_err(|error| Failure::operation("can't serve TLS").because(error))?;
    Ok(Some(Arc::new(served)))
}

/// Looks every few seconds whether its files were replaced, until `shutdown`.
pub(crate) async fn watch_certificate(served: Arc<ServedCertificate>, shutdown: CancellationToken) {
    let mut looks = interval_at(Instant::now() + INTERVAL, INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = looks.tick() => {}
        }
        let served = served.clone();
        // A folder may be slow, and a look changes nothing half.
        tokio::select! {
            () = shutdown.cancelled() => return,
            looked = spawn_blocking(move || served.look()) => {
                if let Err(error) = looked {
                    tracing::error!(%error, "can't look for a new certificate");
                }
            }
        }
    }
}
