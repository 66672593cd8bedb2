//! One's own account, and the devices it is signed in on.

mod account;
mod sessions;

use crate::openapi::Routes;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(account::read)
        .service(account::rename)
        .service(account::delete)
        .service(sessions::list)
        .service(sessions::revoke_others)
        .service(sessions::revoke);
}
