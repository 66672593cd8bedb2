//! S3, by `s3s-fs`, which keeps objects as files.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error, Port, Result, Server, Service, programs,
    server::{Plan, answers},
};

/// An S3 server with the bucket [`S3::BUCKET`], to be spoken to in path style. What is stored outlives a restart.
#[derive(Debug)]
pub struct S3 {
    server: Server,
}

impl S3 {
    /// The bucket.
    pub const BUCKET: &str = "lectern-test";
    /// The id of the access key.
    pub const KEY_ID: &str = "lectern";
    /// The secret of the access key.
    pub const SECRET: &str = "lectern-secret";

    /// Names the program to those whose `PATH` doesn't.
    pub const PROGRAM_VARIABLE: &str = "LECTERN_S3S_FS";
    /// The version that is known to do what an audio store needs.
    pub const VERSION: &str = "0.14.1";

    /// Starts one. The program is `LECTERN_S3S_FS`, else the `s3s-fs` on `PATH`.
    pub fn start() -> Result<Self> {
        Self::start_from(&program()?)
    }

    /// Starts one from that program.
    pub fn start_from(program: &Path) -> Result<Self> {
        let folder = programs::folder("s3", None)?;
        let root = folder.path().join("buckets");
        fs::create_dir_all(root.join(Self::BUCKET))
            .map_err(|error| Error::cannot(format!("make {}", root.display()), error))?;
        let port = Port::free()?;
        let mut command = Command::new(program);
        command
            .args(["--host", "127.0.0.1", "--port", &port.number().to_string()])
            .args(["--access-key", Self::KEY_ID, "--secret-key", Self::SECRET])
            .arg(root);
        let address = port.address();
        let server = Server::start(Plan {
            name: "s3s-fs",
            folder,
            port,
            command: &command,
            user: None,
            farewell: "INT",
            // Whoever has no key is refused, which is an answer, too.
            answers: Box::new(move || {
                answers(
                    address,
                    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                    b"HTTP/1.1 ",
                )
            }),
        })?;
        Ok(Self { server })
    }
}

impl Service for S3 {
    fn server(&self) -> &Server {
        &self.server
    }

    /// The endpoint, without the bucket.
    fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

fn program() -> Result<PathBuf> {
    if let Some(program) = env::var_os(S3::PROGRAM_VARIABLE).filter(|program| !program.is_empty()) {
        return Ok(program.into());
    }
    programs::on_path("s3s-fs").ok_or_else(|| {
        Error::new(format!(
            "s3s-fs is missing: let `cargo xtask services` or `cargo xtask test` build it, or set {} to one (cargo \
             install s3s-fs --version {} --locked --features binary)",
            S3::PROGRAM_VARIABLE,
            S3::VERSION
        ))
    })
}
