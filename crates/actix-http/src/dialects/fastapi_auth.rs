//! fastapi-auth: accounts with a balance, for clients of `OAuth2`'s password form.

mod dto;
mod error;
mod routes;

pub(super) use error::said;
pub(super) use routes::{configure, login, refresh, register};
