//! The application: routes, middleware, and the server that runs them.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpRequest, HttpServer,
    middleware::from_fn,
    web::{self, Data},
};
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    api::{Api, HttpSettings},
    dialects::{self, Spoken},
    docs,
    openapi::{ApiDocument, Document},
    respond::{self, Fallback},
    span::RequestSpan,
    system, v1,
};

/// How long requests at hand may take after the server was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 10;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

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
    let threads = settings.threads.max(1);
    let (api, settings) = (Data::new(api), Data::new(settings));
    let stop = Data::new(shutdown.clone());
    let served = settings.dialects.clone();
    let server = HttpServer::new(move || {
        let (app, description) = App::new()
            .configure(pages.clone())
            .into_utoipa_app()
            .openapi(ApiDocument::openapi())
            .app_data(api.clone())
            .app_data(settings.clone())
            .app_data(stop.clone())
            .configure(system::configure)
            .configure(v1::configure)
            .configure(dialects::configure(&served))
            .split_for_parts();
        let fallback = Fallback::new(&description);
        app.app_data(Data::new(Document::new(&description)))
            .app_data(Data::new(Spoken::new(&description)))
            .service(system::openapi)
            .service(SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")))
            .service(web::redirect("/docs", "/docs/"))
            .default_service(web::to(move |request: HttpRequest| {
                let response = fallback.answer(request.method(), request.match_info().as_str());
                async move { response }
            }))
            // The last one is the outermost.
            .wrap(from_fn(dialects::at_documented_path))
            .wrap(from_fn(docs::protect))
            .wrap(from_fn(respond::finish))
            .wrap(TracingLogger::<RequestSpan>::new())
    })
    .workers(threads)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .disable_signals()
    .listen(listener)?
    .run();

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
    }
}
