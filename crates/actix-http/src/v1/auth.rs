//! Signing up, in and out, and refreshing.

mod dto;
mod routes;

pub(super) use routes::configure;
