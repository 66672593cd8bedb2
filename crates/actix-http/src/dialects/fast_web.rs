//! fast-web: server-rendered pages with sessions in cookies.
//!
//! Its pages are not here but in the crate `web-console`, which the server mounts beside: `/login`, `/register`, and `/` for
//! browsers. What is here is what pages call, and where browsers are sent when their access token has expired:
//! `GET /auth/refresh` renews the cookies and [leads back](redirect).
//!
//! Quirks that are kept: refreshing and signing out are `GET`, as plain links lead to them. The access token's cookie lives as
//! long as the refresh token's, so that the server sees that it has expired.
//!
//! Not copied: a wrong password and an invalid token were answered with 500; refresh tokens were taken for access tokens;
//! the way back could leave the site, and lost everything after the first `&`; an account had one session, without an end.
//! Links and forms of other sites could sign somebody out; browsers tell of them now, and they are refused.

mod dto;
mod error;
mod redirect;
mod routes;

pub(super) use error::said;
pub(super) use routes::{COOKIES, SIGNED_IN, configure, register};
