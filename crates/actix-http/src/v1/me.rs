//! One's own account, and the devices it is signed in on.

mod account;
mod sessions;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(account::read)
        .service(account::rename)
        .service(account::delete)
        .service(sessions::list)
        .service(sessions::revoke_others)
        .service(sessions::revoke);
}
