//! Others' accounts: finding, making and changing them.

mod changes;
mod dto;
mod reads;
mod rights;

pub(super) use dto::permission_set;

use crate::openapi::Routes;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(reads::list)
        .service(reads::read)
        .service(changes::create)
        .service(changes::update)
        .service(changes::delete)
        .service(changes::block)
        .service(changes::unblock)
        .service(changes::restore)
        .service(changes::end_sessions)
        .service(rights::set_role)
        .service(rights::set_permissions);
}
