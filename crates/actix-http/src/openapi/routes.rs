//! Where routes go: into an application, or to whoever wants to know how they are described. The same functions name them for
//! both, so that no route is mounted without a description; and an application is made without any description, as each
//! of the server's threads makes one.

use actix_web::{dev::HttpServiceFactory, http::Method, web};
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// What takes a route: by its prefix, such as `/v1`, and its description.
type Reader<'a> = &'a mut dyn FnMut(&str, &dyn OpenApiFactory);

/// Takes routes.
pub(crate) struct Routes<'a>(Place<'a>);

enum Place<'a> {
    Application(&'a mut web::ServiceConfig),
    Reader(&'static str, Reader<'a>),
}

impl<'a> Routes<'a> {
    /// Mounts them.
    pub(crate) fn mounted(application: &'a mut web::ServiceConfig) -> Self {
        Self(Place::Application(application))
    }

    /// Reads how they are described.
    fn read(reader: Reader<'a>) -> Self {
        Self(Place::Reader("", reader))
    }

    /// A route.
    pub(crate) fn service(&mut self, route: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        match &mut self.0 {
            Place::Application(application) => {
                application.service(route);
            }
            Place::Reader(prefix, reader) => reader(prefix, &route),
        }
        self
    }

    /// Several, of one area.
    pub(crate) fn configure(&mut self, area: impl FnOnce(&mut Self)) -> &mut Self {
        area(self);
        self
    }

    /// Several, under a prefix, which is the only one.
    pub(crate) fn scope(&mut self, prefix: &'static str, area: impl FnOnce(&mut Routes<'_>)) {
        match &mut self.0 {
            Place::Application(application) => {
                let mount = |inner: &mut web::ServiceConfig| area(&mut Routes::mounted(inner));
                application.service(web::scope(prefix).configure(mount));
            }
            Place::Reader(_, reader) => area(&mut Routes(Place::Reader(prefix, *reader))),
        }
    }
}

/// A method of a path, as the routes have it.
pub(crate) struct Operation {
    pub(crate) path: String,
    pub(crate) method: Method,
    pub(crate) tags: Vec<String>,
}

/// The operations of these routes.
pub(crate) fn operations(routes: impl FnOnce(&mut Routes<'_>)) -> Vec<Operation> {
    let mut operations = Vec::new();
    routes(&mut Routes::read(&mut |prefix, route| {
        for (path, item) in route.paths().paths {
            let methods = [
                (Method::GET, item.get),
                (Method::POST, item.post),
                (Method::PUT, item.put),
                (Method::PATCH, item.patch),
                (Method::DELETE, item.delete),
            ];
            operations.extend(methods.into_iter().filter_map(|(method, operation)| {
                let tags = operation?.tags.unwrap_or_default();
                Some(Operation { path: format!("{prefix}{path}"), method, tags })
            }));
        }
    }));
    operations
}

/// Adds these routes and what they refer to to a document.
pub(super) fn describe(document: &mut OpenApi, routes: impl FnOnce(&mut Routes<'_>)) {
    let components = document.components.get_or_insert_with(Components::new);
    let all = &mut document.paths;
    routes(&mut Routes::read(&mut |prefix, route| {
        let mut paths = route.paths();
        paths.paths = paths.paths.into_iter().map(|(path, item)| (format!("{prefix}{path}"), item)).collect();
        all.merge(paths);
        let mut schemas = Vec::new();
        route.schemas(&mut schemas);
        components.schemas.extend(schemas);
    }));
}
