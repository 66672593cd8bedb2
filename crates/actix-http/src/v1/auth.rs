//! Signing up, in and out, refreshing, and what is done by way of mails.

mod dto;
mod email_verification;
mod password_reset;
mod routes;

pub(super) use routes::configure;
