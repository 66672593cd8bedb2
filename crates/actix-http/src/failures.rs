//! How routes may fail, for the OpenAPI document: sets of statuses that belong together.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{Content, Ref, RefOr, Response, response::ResponseBuilder},
};

/// Declares sets of statuses that are answered with a problem.
macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident: $($status:literal $meaning:literal),+;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), RefOr::T(problem($meaning)))),+])
            }
        }
    )*};
}

failures! {
    /// Of routes that take a JSON body.
    BodyFailures:
        "400" "The body can't be read",
        "413" "The body is too large",
        "415" "The body has another content type",
        "422" "The input is invalid; `errors` says where";
    /// Of routes that take a query string.
    QueryFailures: "422" "A parameter is invalid; `errors` says which";
    /// Of routes that anybody may call.
    PublicFailures: "503" "A part of the service is not available; try again later";
    /// Of routes for accounts.
    CallerFailures:
        "401" "There is no valid access token; `code` says why",
        "403" "The account may not do this",
        "503" "A part of the service is not available; try again later";
    /// Of routes for workers.
    WorkerFailures:
        "401" "There is no valid worker token",
        "503" "A part of the service is not available; try again later";
    /// Of the route for metrics.
    MetricsFailures: "401" "A metrics token is configured, and this is not it";
    /// Of routes that name something.
    Missing: "404" "It isn't there, or is another's";
    /// Of routes that change something.
    Clash: "409" "It clashes with what is there; `code` says how";
    /// Of routes that stream a recording.
    RangeFailures: "416" "The recording is shorter than that";
    /// Of sign-up and sign-in.
    CredentialFailures:
        "401" "The credentials are wrong, or the token is; `code` says why",
        "403" "The account or the registration is closed";
    /// Of routes that ask for a password or are limited by network.
    TooMany: "429" "Too often; `code` says of what there was too much, `Retry-After`, if given, how long to wait";
    /// Of uploads.
    UploadFailures:
        "400" "The form can't be read",
        "413" "The recording is too large",
        "415" "It is no form, or no audio that can be decoded",
        "422" "The input is invalid; `errors` says where",
        "507" "There is no room left";
}

fn problem(meaning: &str) -> Response {
    ResponseBuilder::new()
        .description(meaning)
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
        .build()
}
