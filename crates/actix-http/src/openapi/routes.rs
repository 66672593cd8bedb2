//! Where routes go: into an application, or to whoever wants to know how they are described. The same functions name them for
//! both, so that no route is mounted without a description; and an application is made without any description, as each
//! of the server's threads makes one.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa::openapi::{Components, OpenApi, path::Paths};
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

/// Paths and operations of these routes.
pub(crate) fn paths_of(routes: impl FnOnce(&mut Routes<'_>)) -> Paths {
    let mut paths = Paths::default();
    routes(&mut Routes::read(&mut |prefix, route| add_paths(&mut paths, prefix, route)));
    paths
}

/// Adds these routes and what they refer to to a document.
pub(super) fn describe(document: &mut OpenApi, routes: impl FnOnce(&mut Routes<'_>)) {
    let components = document.components.get_or_insert_with(Components::new);
    let paths = &mut document.paths;
    routes(&mut Routes::read(&mut |prefix, route| {
        add_paths(paths, prefix, route);
        let mut schemas = Vec::new();
        route.schemas(&mut schemas);
        components.schemas.extend(schemas);
    }));
}

fn add_paths(to: &mut Paths, prefix: &str, route: &dyn OpenApiFactory) {
    let mut paths = route.paths();
    paths.paths = paths.paths.into_iter().map(|(path, item)| (format!("{prefix}{path}"), item)).collect();
    to.merge(paths);
}
