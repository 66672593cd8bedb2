//! The classic dialects: the APIs of five systems that Lectern replaces, route for route.
//!
//! A dialect is a room of its own: routes, DTOs, and how it says that something failed. It translates: its request into
//! domain types, one use case, the answer into its shapes. It has no rule of its own (what differs by dialect is a value of
//! [`Surface`]) and calls no other dialect.
//!
//! Handlers fail with a [`Problem`], as those of v1 do. [`said`] renders it as the dialect of the route does, for every
//! failure there is: those of handlers, extractors, limits and middleware alike. A dialect's `error.rs` turns stable codes
//! into its statuses and texts.
//!
//! Which dialect a route belongs to is read off the OpenAPI document: each operation is tagged with the dialect's
//! [name](Surface::as_str). Paths that several dialects have are in [`shared`].

mod fast_web;
mod fastapi;
mod fastapi_auth;
mod iccem;
mod katkru;
mod lazy_lecture;
mod shared;

use std::collections::HashMap;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
    web::Data,
};
use lectern_domain::surface::Surface;
use serde_json::Value;

use crate::{
    api::HttpSettings,
    openapi::{Operation, Routes},
    problem::Problem,
};

/// Mounts the routes of those dialects.
pub(crate) fn configure(config: &mut Routes<'_>, served: &[Surface]) {
    for surface in served {
        match surface {
            Surface::V1 => {}
            Surface::Iccem => iccem::configure(config),
            Surface::LazyLecture => lazy_lecture::configure(config),
            Surface::Katkru => katkru::configure(config),
            Surface::FastapiAuth => fastapi_auth::configure(config),
            Surface::FastWeb => fast_web::configure(config),
        }
    }
    shared::configure(config, served);
}

/// A failure as a dialect says it.
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// What that surface says for a failure; `None` for v1, which says it as a problem.
pub(crate) fn said(surface: Surface, problem: &Problem) -> Option<Said> {
    match surface {
        Surface::V1 => None,
        Surface::Iccem => Some(iccem::said(problem)),
        Surface::LazyLecture => Some(lazy_lecture::said(problem)),
        Surface::Katkru => Some(katkru::said(problem)),
        Surface::FastapiAuth => Some(fastapi_auth::said(problem)),
        Surface::FastWeb => Some(fast_web::said(problem)),
    }
}

/// Takes a request at another path of a route for one at the path that is documented. Before routing, and with no clone of
/// the request about.
pub(crate) async fn at_documented_path<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let settings = request.app_data::<Data<HttpSettings>>();
    let is_served = settings.is_some_and(|settings| settings.dialects.contains(&Surface::Iccem));
    if is_served && let Some(uri) = iccem::documented(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

/// Which surface each route belongs to.
pub(crate) struct Spoken {
    routes: HashMap<(Method, String), Surface>,
    /// For requests with methods that a path doesn't have: those that are all of one surface.
    paths: HashMap<String, Option<Surface>>,
}

/// What a request turned out to belong to, for a path that several dialects have.
#[derive(Clone, Copy)]
struct Addressed(Surface);

impl Spoken {
    /// As the tags of the operations say.
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let routes = operations.iter().filter_map(|operation| {
            let surface = operation.tags.iter().find_map(|tag| Surface::parse(tag))?;
            Some(((operation.method.clone(), operation.path.clone()), surface))
        });
        let routes: HashMap<_, _> = routes.collect();
        let mut paths = HashMap::new();
        for ((_, path), surface) in &routes {
            let others = paths.entry(path.clone()).or_insert(Some(*surface));
            *others = others.filter(|other| other == surface);
        }
        Self { routes, paths }
    }

    /// The surface that a request was for.
    pub(crate) fn of(&self, request: &HttpRequest) -> Surface {
        if let Some(Addressed(surface)) = request.extensions().get::<Addressed>() {
            return *surface;
        }
        let Some(pattern) = request.match_pattern() else { return Surface::V1 };
        let route = (request.method().clone(), pattern);
        let of_path = || self.paths.get(&route.1).copied().flatten();
        self.routes.get(&route).copied().or_else(of_path).unwrap_or(Surface::V1)
    }
}

/// From here on the request is one of that dialect.
pub(crate) fn address(request: &HttpRequest, surface: Surface) {
    request.extensions_mut().insert(Addressed(surface));
}
