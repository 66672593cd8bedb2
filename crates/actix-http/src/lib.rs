//! Lectern's HTTP API on actix-web.
//!
//! A route extracts its input, converts it into domain types, calls one use case and renders the answer. Failures of
//! every kind leave as `application/problem+json` (RFC 9457), written in one place.
//!
//! | module | what is there |
//! |---|---|
//! | `v1` | the routes of API v1, each area with its DTOs |
//! | `dialects` | the routes of the five classic dialects, each in a room of its own |
//! | `system` | health, keys and metrics |
//! | `docs`, `openapi` | the OpenAPI documents, the pages that show them, what rustdoc says of the code |
//! | `cors` | whose pages may call the API |
//! | `extract` | from requests to typed input: callers, JSON bodies, ids, queries |
//! | `problem`, `respond` | failures and what every answer has |
//! | `recording_form` | recordings in forms |
//! | `limits` | how often a network may call a route |
//! | `connections` | how many connections there are, and how long clients are waited for |
//! | `headers` | what browsers are to keep away from answers |
//! | `span`, `measured` | what is logged, and what is counted, of each request |
//! | `tls` | the certificate, if the server speaks TLS itself |
//! | `app` | how it is all put together |
//!
//! To add a route: write the handler with `#[utoipa::path]` beside its DTOs and name it in the area's `configure`.

mod api;
mod app;
mod connections;
mod cors;
mod dialects;
mod docs;
mod extract;
mod failures;
mod headers;
mod limits;
mod measured;
mod openapi;
mod problem;
mod recording_form;
mod respond;
mod span;
mod system;
mod tls;
mod v1;

pub use api::{Api, HttpSettings, IccemSettings};
pub use app::serve;
pub use connections::ConnectionLimits;
pub use cors::{CrossOrigin, NotAnOrigin};
pub use extract::{Networks, NotANetwork, TrustedProxies};
pub use problem::{FieldError, Problem};
pub use span::REQUEST_LOG;
pub use tls::{Certificate, CertificateError, CertificateFiles, ServedCertificate};
