//! `cargo xtask fuzz-api`: Schemathesis against a running server, by its OpenAPI document, as an administrator and as
//! somebody with an account of their own.
//!
//! A finding is an answer that the document doesn't name, or that doesn't look as it says, or any 5xx.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use console::style;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, output, program, root, run as run_program, without_settings},
    python::{self, SCHEMATHESIS},
    server::{Inbox, Server},
};

/// Who asks. Each gets a server of their own, so that nobody is in the other's way.
const ACCOUNTS: [&str; 2] = ["root", "ada"];
/// The account that the server makes an administrator.
const ADMINISTRATOR: &str = ACCOUNTS[0];
const PASSWORD: &str = "correct horse battery staple";
const DOCS_PASSWORD: &str = "only for this run";
const WORKER_TOKEN: &str = "only-for-this-run";
/// What is passed on to Schemathesis, relative to the workspace's root.
const FOLDER: &str = "xtask/src/fuzz";

/// Fuzzes, with so many examples for each operation.
pub(crate) fn run(examples: u32) -> Outcome {
    let interpreter = python::provide(&SCHEMATHESIS)?;
    let lectern = build_lectern(Profile::Dev)?;
    for account in ACCOUNTS {
        println!("{}", style(format!("as {account}")).bold());
        let folder = tempfile::Builder::new().prefix("lectern-fuzz-").tempdir()?;
        let server = Server::start(command(&lectern, folder.path())?, Inbox::deaf())?;
        let fuzzed = fuzz(&interpreter, server.url(), folder.path(), account, examples);
        server.stop()?;
        fuzzed?;
    }
    Ok(())
}

/// A server whose password hashes are cheap and that limits nobody: thousands of requests come from one address.
fn command(lectern: &Path, folder: &Path) -> Outcome<Command> {
    let mut command = program(lectern);
    without_settings(&mut command)
        .arg("serve")
        .current_dir(folder)
        .env("LECTERN_LISTEN", "127.0.0.1:0")
        .env("LECTERN_DATA_DIR", folder.join("data"))
        .env("LECTERN_BCRYPT_COST", "4")
        .env("LECTERN_WORKER", "off")
        .env("LECTERN_RATE_LIMITS", "off")
        .env("LECTERN_ADMIN_USERNAME", ADMINISTRATOR)
        .env("LECTERN_ADMIN_PASSWORD", PASSWORD)
        .env("LECTERN_DOCS_PASSWORD", DOCS_PASSWORD)
        .env("LECTERN_WORKER_TOKEN", WORKER_TOKEN)
        .stdin(Stdio::null())
        .stderr(fs::File::create(folder.join("lectern.log"))?);
    Ok(command)
}

fn fuzz(interpreter: &Path, base: &str, folder: &Path, account: &str, examples: u32) -> Outcome {
    let document = folder.join("openapi.json");
    let credentials = format!("docs:{DOCS_PASSWORD}");
    let path = format!("{base}/openapi.json");
    fs::write(&document, output(program("curl").args(["-fsS", "-u", &credentials, &path]))?)?;
    let hooks = root().join(FOLDER);
    let mut schemathesis = program(interpreter);
    schemathesis
        .current_dir(folder)
        .args(["-m", "schemathesis.cli", "--config-file"])
        .arg(hooks.join("schemathesis.toml"))
        .arg("run")
        .arg(&document)
        .args(["--url", base, "--max-examples", &examples.to_string()])
        .args(["--checks", "all", "--continue-on-failure", "--warnings", "off", "--workers", "2"])
        .env("PYTHONPATH", &hooks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("FUZZ_BASE", base)
        .env("FUZZ_USERNAME", account)
        .env("FUZZ_PASSWORD", PASSWORD)
        .env("FUZZ_WORKER_TOKEN", WORKER_TOKEN);
    run_program(&mut schemathesis)
}
