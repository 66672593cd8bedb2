//! Being told to stop.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// How long the requests at hand, and the worker's last word, may take after the process was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// What a process exits with that was told to stop a second time.
const IMPATIENT_EXIT: i32 = 130;

/// A token that SIGINT and SIGTERM cancel. A second signal ends the process at once.
pub(crate) fn on_signals() -> Result<CancellationToken, Failure> {
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let shutdown = CancellationToken::new();
    let requested = shutdown.clone();
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate).await;
        tracing::info!("stopping; a second signal stops at once");
        requested.cancel();
        next(&mut interrupt, &mut terminate).await;
        std::process::exit(IMPATIENT_EXIT);
    });
    Ok(shutdown)
}

/// Waits for `work`, after `shutdown` only for so long. `None` if that was not enough.
pub(crate) async fn within_grace<T>(
    work: impl Future<Output = T>,
    shutdown: &CancellationToken,
) -> Option<T> {
    let too_long = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        output = work => Some(output),
        () = too_long => None,
    }
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::operation("can't listen for signals").because(error))
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
