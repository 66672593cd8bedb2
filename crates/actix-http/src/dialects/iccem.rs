//! iccem: accounts with roles and permissions, for front ends that share a secret with the server.
//!
//! Quirks:
//! - A front end signs its users in with `/token`: it shows the SHA-256 of the secret, and says which role it wants. Guests
//!   need no more than that; whoever is not known yet gets an account.
//! - Every answer, failures too, is `{"status_code", "result", "data"}`. Failures have their message as `data`, and again
//!   as `detail`.
//! - The refresh token stays the same for as long as the session lives.
//! - The token in `Authorization` may come without `Bearer`.
//! - Every route is also under `/api/v1`, those for administrators also under `/admin` (see `paths`).
//! - Its permission `view_users` is our `users.view`; all other names are the same (see `permissions`).
//!
//! # Not copied
//! - The role that a caller asks for does not get into the token of an account that has another.
//! - An access token alone changes nothing of others: making accounts and giving permissions takes `users.create` and
//!   `users.grant`, which administrators hold, and deleting takes `users.delete`, which operators hold, too.
//! - No query makes `/me` accept a refresh token.
//! - Guests share an account, but none of them speaks for it.
//! - No password is kept as a mere SHA-256, and no secret is a key for something else, too.

mod accounts;
mod caller;
mod dto;
mod error;
mod paths;
mod permissions;
mod sessions;

pub(super) use error::said;
pub(super) use paths::documented;

use crate::openapi::Routes;

/// Mounts its routes.
pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(sessions::token)
        .service(sessions::refresh)
        .service(sessions::me)
        .service(sessions::ping)
        .service(accounts::create)
        .service(accounts::update_permissions)
        .service(accounts::remove)
        .service(accounts::list);
}
