//! The application: routes, middleware, and the server that runs them.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpRequest, HttpServer,
    middleware::{Condition, from_fn},
    web::{self, Data},
};
use lectern_domain::surface::Surface;
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

use crate::{
    api::{Api, HttpSettings},
    connections::{self, Connections},
    cors,
    dialects::{self, Spoken},
    docs,
    headers::Reached,
    openapi::{Documents, Routes, operations},
    respond::{self, Fallback},
    span::RequestSpan,
    system, tls, v1,
};

/// How long requests at hand may take after the server was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;
/// For how long what a client still sends is read and thrown away after its answer, so that it gets to read that.
const LINGER: Duration = Duration::from_secs(5);

/// Serves the API on `listener` until `shutdown`, then finishes the requests at hand. `pages` mounts what is for people and
/// comes before all routes of ours, so it can take some of a path's requests and leave us the others. Pages that say what
/// went wrong are left as they are.
pub async fn serve(
    listener: TcpListener,
    api: Api,
    settings: HttpSettings,
    pages: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    connections::widen_queue(&listener)?;
    let threads = settings.threads.max(1);
    let (api, settings) = (Data::new(api), Data::new(settings));
    let stop = Data::new(shutdown.clone());
    let documents = Data::new(Documents::new(routes, &settings.dialects));
    let operations = operations(|all| routes(all, &settings.dialects));
    let (spoken, fallback) = (Data::new(Spoken::new(&operations)), Fallback::new(&operations));
    let limits = settings.connections;
    let connections = Connections::new(limits, settings.trusted_proxies.clone());
    let reached = if settings.secure_cookies { Reached::ByHttps } else { Reached::Plainly };
    let all = connections.clone();
    let certificate = settings.certificate.clone();
    let server = HttpServer::new(move || {
        let cross_origin = &settings.cross_origin;
        let fallback = fallback.clone();
        App::new()
            .configure(pages.clone())
            .configure(docs::configure(&settings))
            .app_data(api.clone())
            .app_data(settings.clone())
            .app_data(stop.clone())
            .app_data(documents.clone())
            .app_data(spoken.clone())
            .configure(|application| routes(&mut Routes::mounted(application), &settings.dialects))
            .default_service(web::to(move |request: HttpRequest| {
                let response = fallback.answer(request.method(), request.match_info().as_str());
                async move { response }
            }))
            // The last one is the outermost.
            .wrap(from_fn(dialects::at_documented_path))
            .wrap(from_fn(connections::turn_away))
            .wrap(Condition::new(cross_origin.is_on(), cross_origin.middleware()))
            .wrap(Condition::new(cross_origin.is_on(), from_fn(cors::discreet)))
            .wrap(from_fn(move |request, next| respond::finish(reached, request, next)))
            .wrap(from_fn(move |request, next| connections::attend(limits, request, next)))
            .wrap(TracingLogger::<RequestSpan>::new())
    })
    .workers(threads)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .max_connections(limits.most.div_ceil(threads))
    .client_request_timeout(limits.head)
    .client_disconnect_timeout(LINGER)
    .keep_alive(limits.keep_alive)
    .tls_handshake_timeout(tls::HANDSHAKE_TIMEOUT)
    .max_connection_rate(tls::HANDSHAKES)
    .on_connect(move |socket, data| all.open(socket, data))
    .disable_signals();
    let server = match certificate {
        None => server.listen(listener)?,
        Some(certificate) => {
            let config = tls::server_config(certificate).map_err(std::io::Error::other)?;
            server.listen_rustls_0_23(listener, config)?
        }
    };
    let server = server.run();

    let handle = server.handle();
    let stop = async {
        shutdown.cancelled().await;
        handle.stop(true).await;
        // The server's own end is what counts.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = server => result,
        () = stop => Ok(()),
        () = connections.end_idle() => Ok(()),
    }
}

/// All that is described.
fn routes(all: &mut Routes<'_>, dialects: &[Surface]) {
    all.configure(system::configure).configure(v1::configure);
    dialects::configure(all, dialects);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Of two routes with one method at one path, nobody would reach the second.
    #[test]
    fn no_two_routes_of_all_dialects_are_the_same() {
        let operations = operations(|all| routes(all, &Surface::ALL));
        let mut known = HashSet::new();
        for operation in &operations {
            let route = (&operation.method, &operation.path);
            assert!(known.insert(route), "{route:?} is there twice");
        }
        assert!(known.len() > 100, "{}", known.len());
    }
}
