//! The documentation, behind HTTP Basic: OpenAPI documents, Swagger UI and Redoc, and what rustdoc says of the code.
//!
//! | path | what |
//! |---|---|
//! | `/openapi.json` | the document of API v1 and the service itself |
//! | `/openapi/<dialect>.json` | that of a classic dialect |
//! | `/docs` | Swagger UI, with a choice of all documents |
//! | `/redoc` | Redoc; `?document=<dialect>` chooses |
//! | `/code_docs/` | the code's documentation, if it is built |
//!
//! Where iccem is spoken, they are under `/api/v1`, too: there its document comes first, and failures are said as it does.
//!
//! Invariant: nothing is loaded from other hosts, and the pages' policies (CSP) let no script in that isn't this server's.

mod code;
mod pages;
mod protect;

use actix_web::{
    Error, FromRequest, Handler, HttpResponse, Resource, Responder, Scope,
    body::MessageBody,
    dev::{HttpServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::{Compress, DefaultHeaders, Next, from_fn},
    web::{self, Data, Path, ServiceConfig},
};
use lectern_domain::surface::Surface;

use crate::{
    api::HttpSettings,
    dialects::address,
    openapi::{Documents, path_of},
    problem::Problem,
};

/// Where the documentation is mounted.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// What is before the paths.
    prefix: &'static str,
    /// Whose document comes first.
    surface: Surface,
}

const ROOT: Place = Place { prefix: "", surface: Surface::V1 };
const ICCEM: Place = Place { prefix: "/api/v1", surface: Surface::Iccem };

/// Mounts all of it.
pub(crate) fn configure(settings: &HttpSettings) -> impl FnOnce(&mut ServiceConfig) {
    let settings = settings.clone();
    move |config| {
        mount(config, &settings, ROOT);
        let of_dialects = web::scope("/openapi").service(only_get("/{name}.json", of_dialect));
        config.service(guarded(of_dialects, ROOT, pages::DATA_POLICY));
        if settings.dialects.contains(&Surface::Iccem) {
            mount(config, &settings, ICCEM);
        }
    }
}

fn mount(config: &mut ServiceConfig, settings: &HttpSettings, place: Place) {
    let scope = |path: &str| web::scope(&format!("{}{path}", place.prefix)).app_data(Data::new(place));
    let document = scope("/openapi.json").service(only_get("", document));
    let swagger = scope("/docs")
        .app_data(Data::new(pages::swagger_config(place, &settings.dialects)))
        .service(only_get("", pages::swagger))
        .service(only_get("/", pages::swagger))
        .service(only_get("/{file}", pages::swagger_file));
    let redoc = scope("/redoc")
        .service(only_get("", pages::redoc))
        .service(only_get("/", pages::redoc))
        .service(only_get("/{file}", pages::redoc_file));
    let code = code::in_scope(scope("/code_docs"), &settings.code_docs);
    config.service(guarded(document, place, pages::DATA_POLICY));
    config.service(guarded(swagger, place, pages::SWAGGER_POLICY));
    config.service(guarded(redoc, place, pages::REDOC_POLICY));
    config.service(guarded(code, place, code::POLICY));
}

/// Puts everything in a scope behind the password, and says what browsers may do with it.
fn guarded(scope: Scope, place: Place, policy: &'static str) -> impl HttpServiceFactory + 'static {
    let headers = DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, policy))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CACHE_CONTROL, "private, no-cache"));
    // The last one is the outermost.
    scope
        .wrap(Compress::default())
        .wrap(headers)
        .wrap(from_fn(protect::protect))
        .wrap(from_fn(move |request, next| at(place, request, next)))
}

/// Has failures said as they are said there.
async fn at<B: MessageBody>(
    place: Place,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    address(request.request(), place.surface);
    next.call(request).await
}

/// A page that can only be read.
fn only_get<F, Arguments>(path: &str, handler: F) -> Resource
where
    F: Handler<Arguments>,
    Arguments: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let refusal =
        || async { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET")).finish() };
    web::resource(path).route(web::get().to(handler)).default_service(web::to(refusal))
}

/// The document of where it is asked for.
async fn document(place: Data<Place>, documents: Data<Documents>) -> Result<HttpResponse, Problem> {
    pages::document(&documents, Some(place.surface))
}

/// A dialect's document.
async fn of_dialect(name: Path<String>, documents: Data<Documents>) -> Result<HttpResponse, Problem> {
    let dialect = Surface::parse(&name).filter(|surface| *surface != Surface::V1);
    pages::document(&documents, dialect)
}
