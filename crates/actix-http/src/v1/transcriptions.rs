//! Recordings and their transcripts.

pub(super) mod audio;
mod changes;
mod dto;
mod events;
mod export;
mod reads;
mod upload;

use crate::openapi::Routes;

pub(super) fn configure(config: &mut Routes<'_>) {
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
