//! The pages about the API. Their scripts and styles are in the program.

use std::fmt::Write as _;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, Data, Path},
};
use lectern_domain::surface::Surface;
use serde::Deserialize;
use utoipa_swagger_ui::{Config, Url};

use super::{Place, path_of};
use crate::{extract::Query, openapi::Documents, problem::Problem};

/// Of what is no page.
pub(super) const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// Swagger UI styles its elements one by one, and has pictures in its style sheet.
pub(super) const SWAGGER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Redoc makes its styles, and the worker that searches, as it runs.
pub(super) const REDOC_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// How long browsers may keep what changes only with the program.
const OF_THE_PROGRAM: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, max-age=3600");

/// The files of Redoc's page. `assets/redoc/README.md` says where the bundle is from.
const REDOC_FILES: [(&str, &str, &str); 3] = [
    ("redoc.standalone.js", JAVASCRIPT, include_str!("../../assets/redoc/redoc.standalone.js")),
    ("page.js", JAVASCRIPT, include_str!("../../assets/redoc/page.js")),
    ("page.css", "text/css; charset=utf-8", include_str!("../../assets/redoc/page.css")),
];
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// An OpenAPI document, if there is one.
pub(super) fn document(documents: &Documents, of: Option<Surface>) -> Result<HttpResponse, Problem> {
    let document = of.and_then(|surface| documents.get(surface)).ok_or_else(no_document)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(document))
}

fn no_document() -> Problem {
    let detail = "there is no such document; the dialects that are spoken have one, and API v1";
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}

/// What Swagger UI shows: the document of the place first, then all others.
pub(super) fn swagger_config(place: Place, dialects: &[Surface]) -> Config<'static> {
    let has_one = |surface: &Surface| *surface == Surface::V1 || dialects.contains(surface);
    let surfaces = Surface::ALL.into_iter().filter(has_one);
    let urls = surfaces
        .map(|surface| Url::with_primary(surface.as_str(), path_of(surface), surface == place.surface));
    // By default it would have the document validated by another host.
    Config::new(urls).validator_url("none")
}

/// Swagger UI.
pub(super) async fn swagger(place: Data<Place>) -> HttpResponse {
    let files = format!("{}/docs", place.prefix);
    page(&format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lectern's API</title>
<link rel="stylesheet" href="{files}/swagger-ui.css">
<link rel="stylesheet" href="{files}/index.css">
<link rel="icon" type="image/png" href="{files}/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{files}/swagger-ui-bundle.js"></script>
<script src="{files}/swagger-ui-standalone-preset.js"></script>
<script src="{files}/swagger-initializer.js"></script>
</body>
</html>
"#
    ))
}

/// A file of Swagger UI. The initialiser is written by the settings.
pub(super) async fn swagger_file(
    name: Path<String>,
    config: Data<Config<'static>>,
) -> Result<HttpResponse, Problem> {
    let file = utoipa_swagger_ui::serve(&name, config.into_inner());
    let file = file.map_err(|error| {
        let problem = Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
        Problem { cause: Some(error.to_string()), ..problem }
    })?;
    let file = file.ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    let body = Bytes::from(file.bytes.into_owned());
    Ok(response.insert_header(OF_THE_PROGRAM).content_type(file.content_type).body(body))
}

/// Which document Redoc shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// A dialect's name, or `v1`.
    document: Option<String>,
}

/// Redoc, with links to it for each document.
pub(super) async fn redoc(
    place: Data<Place>,
    documents: Data<Documents>,
    query: Query<Chosen>,
) -> Result<HttpResponse, Problem> {
    let chosen = match query.0.document.as_deref() {
        None => Some(place.surface),
        Some(name) => Surface::parse(name),
    };
    let is_there = |surface: &Surface| documents.surfaces().any(|there| there == *surface);
    let chosen = chosen.filter(is_there).ok_or_else(no_document)?;
    let mut links = String::new();
    for surface in documents.surfaces() {
        let current = if surface == chosen { r#" aria-current="page""# } else { "" };
        let name = surface.as_str();
        // Writing to a string can't fail.
        let _ = writeln!(links, r#"<a href="?document={name}"{current}>{name}</a>"#);
    }
    let (files, name, document) = (format!("{}/redoc", place.prefix), chosen.as_str(), path_of(chosen));
    Ok(page(&format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lectern's API: {name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{files}/page.css">
</head>
<body>
<nav>
{links}</nav>
<main id="redoc" data-document="{document}"></main>
<script src="{files}/redoc.standalone.js"></script>
<script src="{files}/page.js"></script>
</body>
</html>
"#
    )))
}

/// A file of Redoc's page.
pub(super) async fn redoc_file(name: Path<String>) -> Result<HttpResponse, Problem> {
    let file = REDOC_FILES.iter().find(|(known, ..)| *known == name.as_str());
    let (_, media_type, text) = file.ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))?;
    Ok(HttpResponse::Ok().insert_header(OF_THE_PROGRAM).content_type(*media_type).body(*text))
}

fn page(html: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html.to_owned())
}
