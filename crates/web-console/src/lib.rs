//! Lectern's pages for people: signing in and up, one's recordings, one's devices.
//!
//! Pages are rendered on the server and only read: each calls one use case. Whatever changes something is a request of
//! the page's form or script to the API, which answers for its rules itself; so there is nothing here that could be
//! done without the API, and reading needs no script.
//!
//! | module | what is there |
//! |---|---|
//! | `routes` | which pages there are, and which of them anybody may see |
//! | `gate` | who is let in, and where all others are sent |
//! | `pages` | the pages, each with its template in `templates/` |
//! | `failure` | what is shown when there is no page |
//! | `answer` | what every answer has: the headers that say what a page may do |
//! | `assets` | style, script and icon, in the program |
//! | `wording` | states, times and lengths in words |
//!
//! To add a page: a module in `pages` with its template, and a line in `routes`.
//!
//! **Invariant:** nothing on a page comes from another host, and no script or style is written in a page, so that the
//! content security policy forbids both.
//! **Invariant:** whatever people typed is escaped by the templates; none of them says `safe`.
//! **Invariant:** no page is kept by a browser or a proxy.

mod answer;
mod assets;
mod failure;
mod gate;
mod pages;
mod routes;
mod wording;

use actix_web::web::{Data, ServiceConfig};
use lectern_application::{
    accounts::ReadOwnAccount,
    auth::Authenticate,
    sessions::ListOwnSessions,
    transcriptions::{ListTranscriptions, ReadChunks},
};

/// Every use case that a page calls.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are the use cases, described at their types")]
pub struct Console {
    pub authenticate: Authenticate,
    pub read_own_account: ReadOwnAccount,
    pub list_transcriptions: ListTranscriptions,
    pub read_chunks: ReadChunks,
    pub list_own_sessions: ListOwnSessions,
}

/// What mounts the pages into an application of actix-web. They sign in, refresh, upload and change things by
/// `/auth/*` and `/v1/*` of the same application.
///
/// `/` is theirs only for requests that ask for HTML, so whoever else has a route there mounts it after this.
pub fn mount(console: Console) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let console = Data::new(console);
    move |config| {
        config.app_data(console.clone());
        routes::configure(config);
    }
}
