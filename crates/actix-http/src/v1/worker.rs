//! Jobs, for workers. They authenticate with the worker token, and name their lease in the path.

mod dto;
mod routes;

pub(super) use routes::configure;
