//! Which pages there are.
//!
//! **Invariant:** a page that is not among those for everybody turns strangers away: its handler takes a
//! [`Visitor`](crate::gate::Visitor), and every other method of its path asks for one.

use actix_web::{
    HttpRequest, HttpResponse, Route, Scope,
    guard::{GuardContext, fn_guard},
    http::{Method, header},
    web::{self, QueryConfig, ServiceConfig},
};

use crate::{
    assets,
    failure::Failure,
    gate::{Visitor, wants_html},
    pages::{devices, entry, files, transcription, transcriptions},
};

/// A path, and what answers it.
type Page = (&'static str, fn() -> Route);

/// What is before the paths of [`PROTECTED`]. A path with a parameter is a regular expression, which every request to a later
/// route would have to be compared with; a prefix is not.
const CONSOLE: &str = "/console";

/// What everybody may see. The rest of what needs no session (`/auth/*`, documentation, health) is not ours.
const PUBLIC: [Page; 2] =
    [("/login", || web::get().to(entry::login)), ("/register", || web::get().to(entry::register))];

/// What only those see who are signed in.
const PROTECTED: [Page; 4] = [
    ("/transcriptions/{id}", || web::get().to(transcription::show)),
    ("/transcriptions/{id}/audio", || web::get().to(files::audio)),
    ("/transcriptions/{id}/export", || web::get().to(files::export)),
    ("/sessions", || web::get().to(devices::list)),
];

/// Mounts all of them.
pub(crate) fn configure(config: &mut ServiceConfig) {
    for (path, route) in PUBLIC {
        config.service(web::resource(path).route(route()));
    }
    config.service(web::scope("/assets").route("/{name}", web::get().to(assets::serve)));
    let protected = PROTECTED.into_iter().map(|(path, route)| {
        let page = web::resource(path).app_data(parameters()).route(route());
        page.default_service(web::to(no_such_method))
    });
    config.service(protected.fold(web::scope(CONSOLE), Scope::service));
    // Others have this path for clients that don't ask for HTML.
    let is_page = |context: &GuardContext<'_>| {
        context.head().method == Method::GET && wants_html(context.header().as_ref())
    };
    let root = web::resource("/").guard(fn_guard(is_page)).app_data(parameters());
    config.service(root.route(web::get().to(transcriptions::list)));
}

/// An address with parameters that mean nothing is that of no page.
fn parameters() -> QueryConfig {
    QueryConfig::default().error_handler(|_, _| Failure::not_found().into())
}

/// What a protected page answers to methods that it doesn't have.
async fn no_such_method(_: HttpRequest, _: Visitor) -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, HEAD")).finish()
}
