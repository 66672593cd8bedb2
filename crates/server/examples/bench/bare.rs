//! The yardstick: actix-web and one handler.

use std::io::{Read as _, Write as _};

use actix_web::{App, HttpResponse, HttpServer, web};

use crate::Outcome;

/// What tells this program to be the yardstick.
pub(crate) const ARGUMENT: &str = "bare";

/// Answers every `GET /` with what comes in on stdin, as JSON. Says where it listens as Lectern does, and has as many
/// threads.
pub(crate) fn serve() -> Outcome<()> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let body = web::Bytes::from(body);
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let threads = std::thread::available_parallelism()?.get();
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let body = body.clone();
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            };
            App::new().route("/", web::get().to(answer))
        })
        .workers(threads.min(4))
        .listen(listener)?
        .run()
        .await
    })?;
    Ok(())
}
