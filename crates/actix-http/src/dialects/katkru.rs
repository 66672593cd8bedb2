//! katkru: a site with sessions in cookies, one a device.

mod error;

pub(super) use error::said;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts its routes.
pub(super) fn configure(_: &mut ServiceConfig<'_>) {}
