//! RabbitMQ.
//!
//! Erlang's nodes find each other by a daemon, `epmd`, which one node starts for all and nobody stops. Each of our nodes has
//! one of its own, which it finds by the environment, and which is kept like every other server.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error, Port, Result, Server, Service, programs,
    server::{Plan, answers},
};

/// Whom it runs as if we are root, like Debian's.
const SYSTEM_USER: &str = "rabbitmq";
const PACKAGE: &str = "rabbitmq-server";
/// Its scripts. What Debian has on `PATH` instead asks who runs it, and runs it with Debian's files.
const SCRIPTS: &str = "/usr/lib/rabbitmq/bin";
const NODE: &str = "lectern@localhost";
/// What a client of AMQP 0-9-1 says first.
const AMQP_GREETING: &[u8] = b"AMQP\x00\x00\x09\x01";
/// What a server says to that: a method frame on channel 0.
const AMQP_ANSWER: &[u8] = &[1, 0, 0];

/// A RabbitMQ server without plugins, with the user `guest` and the virtual host `/`. Durable queues and persistent messages
/// outlive a restart.
#[derive(Debug)]
pub struct RabbitMq {
    server: Server,
    rabbitmqctl: PathBuf,
    // Dropped after the node that needs them.
    _distribution: Port,
    names: Server,
}

impl RabbitMq {
    /// Whether its programs are on this machine.
    pub fn is_installed() -> bool {
        scripts().and_then(|_| epmd()).is_ok()
    }

    /// Starts one, which takes some seconds.
    pub fn start() -> Result<Self> {
        let scripts = scripts()?;
        let user = programs::user_for_root(SYSTEM_USER);
        let names = names(user)?;
        let folder = programs::folder("rabbitmq", user)?;
        let (port, distribution) = (Port::free()?, Port::free()?);
        write(folder.path(), "plugins", "[].", 0o644, user)?;
        // Whoever knows this may do everything with the node, which listens on the loopback interface alone.
        write(folder.path(), ".erlang.cookie", "LECTERN", 0o400, user)?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let environment = [
            ("HOME", folder.path().display().to_string()),
            ("ERL_EPMD_PORT", names.address().port().to_string()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODENAME", NODE.to_owned()),
            ("RABBITMQ_CONF_ENV_FILE", at("environment")),
        ];
        let rabbitmqctl = write(
            folder.path(),
            "rabbitmqctl",
            &script(&environment, &scripts.join("rabbitmqctl")),
            0o755,
            user,
        )?;
        let mut command = Command::new(scripts.join("rabbitmq-server"));
        command
            .envs(environment)
            // It is the Erlang machine's own process that is started, and gets the signals, rather than a shell around it.
            .env("RABBITMQ_ALLOW_INPUT", "1")
            .env("RABBITMQ_SERVER_START_ARGS", "-noinput")
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", port.number().to_string())
            .env("RABBITMQ_DIST_PORT", distribution.number().to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}")
            .env("RABBITMQ_CONFIG_FILE", at("rabbitmq"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", at("advanced"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", at("plugins"))
            .env("RABBITMQ_MNESIA_BASE", at("mnesia"))
            .env("RABBITMQ_LOGS", "-")
            .env("RABBITMQ_LOG_BASE", at("logs"))
            .env("RABBITMQ_PID_FILE", at("pid"));
        let address = port.address();
        let server = Server::start(Plan {
            name: "RabbitMQ",
            folder,
            port,
            command: &command,
            user,
            farewell: "TERM",
            answers: Box::new(move || answers(address, AMQP_GREETING, AMQP_ANSWER)),
        })?;
        Ok(Self { server, rabbitmqctl, _distribution: distribution, names })
    }

    /// The daemon (`epmd`) by which `rabbitmqctl` finds the node.
    pub fn names(&self) -> &Server {
        &self.names
    }

    /// `rabbitmqctl` for this node. It is a program without arguments before yours, so its path can be told to others.
    pub fn rabbitmqctl(&self) -> Command {
        Command::new(&self.rabbitmqctl)
    }
}

impl Service for RabbitMq {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("amqp://guest:guest@{}/%2f", self.server.address())
    }
}

/// The daemon by which a node is found.
fn names(user: Option<&str>) -> Result<Server> {
    let program = epmd()?;
    let port = Port::free()?;
    let mut command = Command::new(program);
    command.args(["-address", "127.0.0.1", "-port", &port.number().to_string()]);
    let address = port.address();
    Server::start(Plan {
        name: "epmd",
        folder: programs::folder("epmd", user)?,
        port,
        command: &command,
        user,
        farewell: "TERM",
        // It is asked for its names, and begins with its port.
        answers: Box::new(move || {
            let port = u32::from(address.port()).to_be_bytes();
            answers(address, &[0, 1, b'n'], &port)
        }),
    })
}

fn epmd() -> Result<PathBuf> {
    programs::find("epmd", &[], PACKAGE)
}

/// The folder with RabbitMQ's own scripts.
fn scripts() -> Result<PathBuf> {
    let debian = Path::new(SCRIPTS);
    if debian.join("rabbitmq-server").is_file() {
        return Ok(debian.to_owned());
    }
    let program = programs::find("rabbitmq-server", &[], PACKAGE)?;
    let program = fs::canonicalize(&program).unwrap_or(program);
    Ok(program.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// A script that runs a program with that environment.
fn script(environment: &[(&str, String)], program: &Path) -> String {
    let exports: Vec<_> =
        environment.iter().map(|(name, value)| format!("export {name}={}", quoted(value))).collect();
    let program = quoted(&program.display().to_string());
    format!("#!/bin/sh\n{}\nexec {program} \"$@\"\n", exports.join("\n"))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn write(folder: &Path, name: &str, text: &str, mode: u32, user: Option<&str>) -> Result<PathBuf> {
    let file = folder.join(name);
    fs::write(&file, text)
        .and_then(|()| fs::set_permissions(&file, Permissions::from_mode(mode)))
        .map_err(|error| Error::cannot(format!("write {}", file.display()), error))?;
    programs::give(&file, user)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_shell_come_out_as_they_are() {
        let word = "it's $HOME & \"more\"";
        let output =
            Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), word);
    }
}
