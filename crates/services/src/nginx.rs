//! nginx, as the load balancer before several servers.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Error, Port, Result, Server, Service, programs,
    server::{Plan, answers},
};

const PACKAGE: &str = "nginx-light";
/// Where Debian has it, which is not on everybody's `PATH`.
const FOLDER: &str = "/usr/sbin";
/// A path that nginx answers itself.
const READY: &str = "/-/nginx";

/// An nginx that gives requests to several servers in turn, whoever asks. It holds nothing back: uploads go on as they come,
/// and so do events. A server that doesn't answer is left out for a second, and a request that may be sent twice goes to
/// the next one.
#[derive(Debug)]
pub struct Nginx {
    server: Server,
}

impl Nginx {
    /// Whether its program is on this machine.
    pub fn is_installed() -> bool {
        program().is_ok()
    }

    /// Starts one before the servers at those addresses, of which there must be one at least.
    pub fn start(upstreams: &[SocketAddr]) -> Result<Self> {
        Self::start_by(|folder, address| configuration(folder, address, upstreams))
    }

    /// Starts one by a configuration for its folder and the address to listen on, where it answers `/-/nginx` with 204. It MUST
    /// say `daemon off`.
    pub fn start_by(configuration: impl FnOnce(&Path, SocketAddr) -> String) -> Result<Self> {
        let program = program()?;
        let folder = programs::folder("nginx", None)?;
        let port = Port::free()?;
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(folder.path(), port.address()))
            .map_err(|error| Error::cannot(format!("write {}", file.display()), error))?;
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file).args(["-e", "stderr"]);
        let address = port.address();
        let question = format!("GET {READY} HTTP/1.0\r\n\r\n");
        let server = Server::start(Plan {
            name: "nginx",
            folder,
            port,
            command: &command,
            user: None,
            farewell: "QUIT",
            answers: Box::new(move || answers(address, question.as_bytes(), b"HTTP/1.1 204 ")),
        })?;
        Ok(Self { server })
    }
}

impl Service for Nginx {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

fn program() -> Result<PathBuf> {
    programs::find("nginx", &[Path::new(FOLDER)], PACKAGE)
}

fn configuration(folder: &Path, address: SocketAddr, upstreams: &[SocketAddr]) -> String {
    let folder = folder.display();
    // Its workers would become somebody else, to whom the folder is closed.
    let user = if programs::is_root() { "user root;\n" } else { "" };
    let servers: Vec<_> = upstreams
        .iter()
        .map(|upstream| format!("        server {upstream} max_fails=1 fail_timeout=1s;"))
        .collect();
    let servers = servers.join("\n");
    format!(
        "{user}daemon off;
worker_processes 2;
pid {folder}/pid;
error_log stderr warn;
events {{
    worker_connections 4096;
}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream lectern {{
        # One turn for all workers, and one memory of who is down.
        zone lectern 64k;
{servers}
    }}
    server {{
        listen {address};
        client_max_body_size 0;
        location / {{
            proxy_pass http://lectern;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_connect_timeout 2s;
            proxy_read_timeout 1h;
            proxy_send_timeout 1h;
            proxy_next_upstream error timeout;
        }}
        location = {READY} {{
            return 204;
        }}
    }}
}}
"
    )
}
