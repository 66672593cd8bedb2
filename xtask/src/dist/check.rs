//! What the archive has to do in a bare Debian, where nothing else is installed, not even the certificates of authorities:
//! everything but recognise speech. It runs as the image of `docker/Dockerfile` does: as its user, with its environment, on a
//! root file system that can't be written.

use std::{fs, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::{
    archive,
    debian::{self, Debian, said},
    image::Image,
};
use crate::{
    Outcome,
    demo::client::Client,
    programs::root,
    server::{Inbox, Server, last_words},
};

/// The libraries that every Debian has. Others are in the binary: SQLite, TLS; or nobody's: libpq, OpenSSL.
const LIBRARIES: [&str; 5] = ["linux-vdso", "libgcc_s", "libm", "libc", "ld-linux"];
/// What the log has to say where nothing recognises speech.
const WARNING: &str = "WILL NOT BE TRANSCRIBED";

/// Unpacks an archive there, and tries it.
pub(super) fn run(archive: &Path) -> Outcome {
    let system = debian::provide()?;
    let scratch = TempDir::new_in(root().join("target"))?;
    let image = Image::parse(&fs::read_to_string(root().join("docker/Dockerfile"))?)?;
    if image.volume != "/data" {
        return Err(format!("the image's volume is {}, not /data", image.volume).into());
    }
    let debian = Debian {
        system,
        programs: archive::unpack(archive, scratch.path())?,
        data: scratch.path().join("data"),
        user: image.user.clone(),
    };
    fs::create_dir(&debian.data)?;
    debian.give_data()?;
    binary(&debian)?;
    let log = scratch.path().join("server.log");
    serve(&debian, &image, &log).map_err(|error| format!("{error}; its log:\n{}", last_words(&log)))?;
    println!("dist: the archive runs in a bare Debian");
    Ok(())
}

/// What there is to know before it runs.
fn binary(debian: &Debian) -> Outcome {
    let version = said(debian, &[], &["lectern", "--version"])?;
    expect(version.starts_with(&format!("lectern {}", env!("CARGO_PKG_VERSION"))), "the version", &version)?;
    let libraries = said(debian, &[], &["ldd", "/opt/lectern/lectern"])?;
    let is_known = |line: &str| {
        let name = line.trim().rsplit('/').next().unwrap_or_default();
        let first = line.split_whitespace().next().unwrap_or_default();
        LIBRARIES.iter().any(|known| first.starts_with(known) || name.starts_with(known))
    };
    let known = libraries.lines().all(is_known) && !libraries.contains("not found");
    expect(known, "the libraries that it needs", &libraries)
}

/// A server's life.
fn serve(debian: &Debian, image: &Image, log: &Path) -> Outcome {
    let free_port = ["--listen".to_owned(), "127.0.0.1:0".to_owned()];
    let mut command = debian.command(&image.environment, &[image.command.as_slice(), &free_port].concat());
    command.stderr(fs::File::create(log)?);
    let server = Server::start(command, Inbox::deaf())?;
    let address = server.url().trim_start_matches("http://");
    let beside = [image.environment.clone(), vec![format!("LECTERN_LISTEN={address}")]].concat();

    let mut client = Client::new(server.url());
    let healthy = client.download("/healthz")?;
    expect(healthy == b"ok", "/healthz", &String::from_utf8_lossy(&healthy))?;
    client.download("/readyz")?;
    let healthcheck: Vec<_> = image.healthcheck.iter().map(String::as_str).collect();
    said(debian, &beside, &healthcheck)?;

    let password = "a long enough password";
    client.post("/v1/auth/register", &json!({"username": "ada", "password": password}))?;
    let session = client.post("/v1/auth/login", &json!({"login": "ada", "password": password}))?;
    client.sign_in(session["access_token"].as_str().ok_or("signing in gave no token")?);
    let path =
        client.upload("/v1/transcriptions", &root().join("assets/lecture.mp3"), &[("title", "Water")])?;
    let transcription = client.get(&path)?;
    expect(transcription["state"] == "queued", "the recording's state", &transcription.to_string())?;
    let logged = fs::read_to_string(log)?;
    expect(logged.contains(WARNING), "the log without a recogniser", &logged)?;

    let findings = said(debian, &beside, &["lectern", "doctor", "--url", server.url()])?;
    expect(!findings.contains("PROBLEM"), "lectern doctor", &findings)?;
    let ended = server.end()?;
    expect(ended.code() == Some(0), "what SIGTERM leads to", &ended.to_string())
}

fn expect(holds: bool, what: &str, found: &str) -> Outcome {
    if holds {
        println!("dist: {what}: as it should be");
        return Ok(());
    }
    Err(format!("{what}: unexpectedly {}", found.trim()).into())
}
