//! fast-web: server-rendered pages with sessions in cookies.

mod dto;
mod error;
mod routes;

pub(super) use error::said;
pub(super) use routes::{COOKIES, SIGNED_IN, configure, register};
