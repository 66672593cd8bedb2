//! REST API v1, under `/v1`.

mod audit;
mod auth;
mod balance;
mod logs;
mod me;
mod page;
mod patch;
mod roles;
mod time;
mod transcriptions;
mod user;
mod users;
mod worker;

pub(crate) use time::rfc3339;

use crate::openapi::Routes;

/// Mounts all routes of v1.
pub(crate) fn configure(config: &mut Routes<'_>) {
    config.scope("/v1", |v1| {
        v1.configure(auth::configure)
            .configure(me::configure)
            .configure(audit::configure)
            .configure(logs::configure)
            .configure(balance::configure)
            .configure(users::configure)
            .configure(roles::configure)
            .configure(transcriptions::configure)
            .configure(worker::configure);
    });
}
