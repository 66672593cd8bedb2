//! The documents: one for API v1 and the service itself, one for each classic dialect.

use std::sync::OnceLock;

use actix_web::web::Bytes;
use lectern_domain::surface::Surface;
use serde_json::Value;
use utoipa::OpenApi as _;

use super::{
    ApiDocument, part,
    routes::{self, Routes},
};

/// What a dialect's document says of the dialect.
pub(super) struct About {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// Where its access tokens come from.
    pub(super) tokens: &'static str,
}

/// The documents that are served. They are rendered once, when one is asked for: most servers are never asked, and it takes
/// some megabytes.
pub(crate) struct Documents {
    /// The surfaces that have one, v1 first.
    surfaces: Vec<Surface>,
    routes: fn(&mut Routes<'_>, &[Surface]),
    rendered: OnceLock<Vec<(Surface, Bytes)>>,
}

impl Documents {
    /// Those of what `routes` names for these dialects. Each dialect of them has one.
    pub(crate) fn new(routes: fn(&mut Routes<'_>, &[Surface]), dialects: &[Surface]) -> Self {
        let has_one = |surface: &Surface| *surface == Surface::V1 || dialects.contains(surface);
        let surfaces = Surface::ALL.into_iter().filter(has_one).collect();
        Self { surfaces, routes, rendered: OnceLock::new() }
    }

    /// That of a surface, if it is served.
    pub(crate) fn get(&self, surface: Surface) -> Option<Bytes> {
        let mut documents = self.rendered.get_or_init(|| self.render()).iter();
        documents.find(|(of, _)| *of == surface).map(|(_, document)| document.clone())
    }

    /// Parts the document of all routes.
    fn render(&self) -> Vec<(Surface, Bytes)> {
        let mut whole = ApiDocument::openapi();
        routes::describe(&mut whole, |routes| (self.routes)(routes, &self.surfaces));
        // The document consists of strings and numbers, which always serialise.
        let whole = serde_json::to_value(whole).unwrap_or_default();
        self.surfaces().map(|surface| (surface, rendered(&part::of(&whole, surface)))).collect()
    }

    /// The surfaces that have one, v1 first.
    pub(crate) fn surfaces(&self) -> impl Iterator<Item = Surface> {
        self.surfaces.iter().copied()
    }
}

/// Where a surface's document is.
pub(crate) const fn path_of(surface: Surface) -> &'static str {
    match surface {
        Surface::V1 => "/openapi.json",
        Surface::Iccem => "/openapi/iccem.json",
        Surface::LazyLecture => "/openapi/lazy-lecture.json",
        Surface::Katkru => "/openapi/katkru.json",
        Surface::FastapiAuth => "/openapi/fastapi-auth.json",
        Surface::FastWeb => "/openapi/fast-web.json",
    }
}

fn rendered(document: &Value) -> Bytes {
    serde_json::to_vec(document).unwrap_or_default().into()
}

/// What a dialect's document says of it; of v1, the document of all routes says it.
pub(super) const fn about(surface: Surface) -> Option<About> {
    Some(match surface {
        Surface::V1 => return None,
        Surface::Iccem => About {
            title: "Lectern: iccem",
            description: "For front ends that hold a shared secret. Each route is also under /api/v1, those for \
                administrators also under /admin. Every answer is {\"status_code\", \"result\", \"data\"}; of \
                failures, `data` says in words what is wrong.",
            tokens: "An access token from /token, also without the word Bearer",
        },
        Surface::LazyLecture => About {
            title: "Lectern: lazy-lecture",
            description: "For a web interface, a bot and a worker of lectures. Failures are {\"detail\"}: a text, or \
                for invalid input a list of what is wrong.",
            tokens: "An access token from /auth/login",
        },
        Surface::Katkru => About {
            title: "Lectern: katkru",
            description: "For a site that keeps its sessions in cookies. Answers say in `success` whether it worked, \
                and failures in `message` what is wrong.",
            tokens: "An access token, as the cookie has it",
        },
        Surface::FastapiAuth => About {
            title: "Lectern: fastapi-auth",
            description: "For clients of OAuth2's password form, with balances. Failures are {\"detail\"}: a text, or \
                for invalid input a list of what is wrong.",
            tokens: "An access token from /auth/login",
        },
        Surface::FastWeb => About {
            title: "Lectern: fast-web",
            description: "For server-rendered pages with sessions in cookies. Failures are {\"detail\"}: a text, or \
                for invalid input a list of what is wrong.",
            tokens: "An access token, as the cookie has it",
        },
    })
}
