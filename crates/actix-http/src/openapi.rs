//! OpenAPI: what no single route says. All routes are described in one document, which [`Documents`] parts by surface.

mod documents;
mod part;
mod routes;

pub(crate) use documents::{Documents, path_of};
pub(crate) use routes::{Operation, Routes, operations};

use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::problem::{FieldError, ProblemBody};

/// Title, security schemes and the schemas that all routes share.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lectern",
        description = "Accounts and lecture transcription. Failures are application/problem+json (RFC 9457); \
            every answer carries X-Request-Id. Answers of routes that are limited by network say in RateLimit-Limit, \
            RateLimit-Remaining and RateLimit-Reset (seconds) how many more requests are let in.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(ProblemBody, FieldError)),
    modifiers(&SecuritySchemes),
    tags(
        (name = "auth", description = "Signing up, in and out"),
        (name = "me", description = "One's own account"),
        (name = "audit", description = "What happened, and the server's own log"),
        (name = "balance", description = "Balances and what changed them"),
        (name = "users", description = "Others' accounts, as far as one may"),
        (name = "roles", description = "What roles allow"),
        (name = "transcriptions", description = "Recordings and their transcripts"),
        (name = "worker", description = "Jobs, for workers"),
        (name = "system", description = "The service itself"),
    )
)]
struct ApiDocument;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = |description: &str, format: &str| {
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format(format)
                    .description(Some(description))
                    .build(),
            )
        };
        components.add_security_scheme("bearer", bearer("An access token from /v1/auth/login", "JWT"));
        components.add_security_scheme("worker", bearer("The worker token of this server", "secret"));
        let metrics = bearer("The metrics token of this server, if it has one", "secret");
        components.add_security_scheme("metrics", metrics);
        components.add_security_scheme(
            "worker_query",
            SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("secret_worker_token"))),
        );
        components.add_security_scheme(
            "worker_header",
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Worker-Token"))),
        );
        components.add_security_scheme(
            "admin_token",
            SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("secret_admin_token"))),
        );
        components.add_security_scheme(
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("access_token"))),
        );
    }
}
