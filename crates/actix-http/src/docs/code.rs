//! What rustdoc says of the code: a folder that `cargo doc` has written.

use std::{fs, io, path};

use actix_files::Files;
use actix_web::{
    HttpResponse, Scope,
    http::{StatusCode, header},
    web::{self, Data},
};

use super::{Place, only_get};
use crate::problem::Problem;

/// Pages have a script of a line or two in them, which does without being run: it only has fonts come sooner. To let it run,
/// any script in a page would have to be let in.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What the names of the workspace's crates begin with.
const OURS: &str = "lectern_";
const INDEX: &str = "index.html";

/// The folder, which may not be there (yet).
struct Folder(path::PathBuf);

/// Serves a folder's files, and no list of them. Hidden files are left out, and no path leads out of the folder.
pub(super) fn in_scope(scope: Scope, folder: &path::Path) -> Scope {
    scope
        .app_data(Data::new(Folder(folder.to_owned())))
        .service(only_get("", first_page))
        .service(only_get("/", first_page))
        .service(Files::new("/", folder).index_file(INDEX).redirect_to_slash_directory())
}

/// Leads to where reading begins: the folder's own index, else the first of our crates.
async fn first_page(place: Data<Place>, folder: Data<Folder>) -> Result<HttpResponse, Problem> {
    let found = web::block(move || first(&folder.0)).await;
    let Ok(Ok(Some(page))) = found else { return Err(not_built()) };
    let location = format!("{}/code_docs/{page}", place.prefix);
    Ok(HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, location)).finish())
}

/// The page's path in the folder.
fn first(folder: &path::Path) -> io::Result<Option<String>> {
    if folder.join(INDEX).is_file() {
        return Ok(Some(INDEX.to_owned()));
    }
    let mut crates = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.starts_with(OURS) && entry.path().join(INDEX).is_file() {
            crates.push(name);
        }
    }
    Ok(crates.into_iter().min().map(|name| format!("{name}/{INDEX}")))
}

fn not_built() -> Problem {
    let detail = "the code's documentation isn't there; run 'cargo doc --workspace --no-deps' in Lectern's source, and have \
        the setting code_docs_dir name the folder target/doc there";
    Problem::new(StatusCode::NOT_FOUND, "code_docs_missing", detail)
}
