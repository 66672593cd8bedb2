//! Its routes.

mod administration;
mod auth;
mod own;

use actix_web::HttpResponse;

use super::dto::MessageBody;
use crate::openapi::Routes;

pub(in crate::dialects) use auth::{login, refresh, register};

/// Mounts those that no other dialect has.
pub(in crate::dialects) fn configure(config: &mut Routes<'_>) {
    config.service(auth::logout).service(auth::change_password).service(auth::me);
    config.service(own::me).service(own::profile).service(own::rename).service(own::delete);
    config.service(own::balance).service(own::change_balance);
    config.service(administration::list).service(administration::list_without_slash);
    config.service(administration::deleted).service(administration::check);
    config.service(administration::block).service(administration::unblock);
}

/// Says what was done.
fn done(message: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok().json(MessageBody { message: message.into() })
}
