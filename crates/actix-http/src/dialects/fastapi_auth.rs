//! fastapi-auth: accounts with a balance, for clients of `OAuth2`'s password form.
//!
//! Its clients know accounts by their numbers, sign in with a form whose `username` is the e-mail address, and keep a
//! refresh token that is good until its session ends. Failures are `{"detail": "…"}`; to everybody but those who may, its
//! administrators' routes don't exist. `docs/dialects/fastapi-auth.md` has the tables.
//!
//! What is a rule is a use case or a value of [`Surface`](lectern_domain::surface::Surface): that holders change their own
//! balance, and delete their account without its password, goes for sessions that this dialect opened and no others.
//! `GET /users/` has no pages, so it ends after the first 10,000.
//!
//! # Not copied
//!
//! - Refresh tokens are taken for access tokens. Here each is good for its own purpose.
//! - Whoever is blocked, deleted or signed out goes on until their token expires, and signing out leaves the refresh token
//!   alive. Here the session ends, and all of its tokens with it, at once.
//! - `/users/deleted` shows the hashes of passwords. Here no answer has one.
//! - Signing in adds 100 to the balance. Here it adds nothing.
//! - The password can be guessed at `/auth/change-password`, as often as one likes. Here it is throttled like signing in,
//!   and by the same count.

mod account;
mod dto;
mod error;
mod failures;
mod numbered;
mod parameters;
mod routes;

pub(super) use error::said;
pub(super) use routes::{configure, login, refresh, register};
