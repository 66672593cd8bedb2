//! Recordings and their transcripts.

pub(super) mod audio;
mod changes;
mod dto;
mod events;
mod export;
mod reads;
mod upload;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(upload::upload)
        .service(reads::list)
        .service(reads::read)
        .service(reads::chunks)
        .service(audio::listen)
        .service(export::export)
        .service(events::watch)
        .service(changes::cancel)
        .service(changes::retry)
        .service(changes::rename)
        .service(changes::delete);
}
