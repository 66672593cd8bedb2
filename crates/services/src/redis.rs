//! Redis.

use std::{path::PathBuf, process::Command};

use crate::{
    Port, Result, Server, Service, programs,
    server::{Plan, answers},
};

const PACKAGE: &str = "redis-server";

/// A Redis server that keeps everything in memory alone: after a restart it is empty.
#[derive(Debug)]
pub struct Redis {
    server: Server,
}

impl Redis {
    /// Whether its program is on this machine.
    pub fn is_installed() -> bool {
        program().is_ok()
    }

    /// Starts one.
    pub fn start() -> Result<Self> {
        let program = program()?;
        let folder = programs::folder("redis", None)?;
        let port = Port::free()?;
        let mut command = Command::new(program);
        command.args(["--port", &port.number().to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder.path());
        let address = port.address();
        let server = Server::start(Plan {
            name: "Redis",
            folder,
            port,
            command: &command,
            user: None,
            farewell: "TERM",
            answers: Box::new(move || answers(address, b"PING\r\n", b"+PONG\r\n")),
        })?;
        Ok(Self { server })
    }
}

impl Service for Redis {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("redis://{}/", self.server.address())
    }
}

fn program() -> Result<PathBuf> {
    programs::find("redis-server", &[], PACKAGE)
}
