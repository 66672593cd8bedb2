//! `ChromeDriver`, which starts browsers for tests.

use std::{path::PathBuf, process::Command};

use crate::{
    Port, Result, Server, Service, programs,
    server::{Plan, answers},
};

const PACKAGE: &str = "chromium-driver";
/// The browser, which it starts.
const BROWSER: &str = "chromium";
const BROWSERS_PACKAGE: &str = "chromium";

/// A `ChromeDriver`. The browsers that a client starts through it (W3C `WebDriver`) have throw-away profiles in its folder,
/// and end with it.
#[derive(Debug)]
pub struct ChromeDriver {
    server: Server,
}

impl ChromeDriver {
    /// What a browser must be told to run without a screen, as root, and without a word to anybody but the pages it shows.
    pub const BROWSER_ARGUMENTS: [&str; 8] = [
        "--headless=new",
        "--no-sandbox",
        // Containers have little shared memory.
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--no-proxy-server",
        "--window-size=1000,900",
    ];

    /// Whether its program and the browser's are on this machine.
    pub fn is_installed() -> bool {
        program().is_ok() && browser().is_ok()
    }

    /// Starts one.
    pub fn start() -> Result<Self> {
        let program = program()?;
        browser()?;
        let folder = programs::folder("chromedriver", None)?;
        let port = Port::free()?;
        let mut command = Command::new(program);
        command.arg(format!("--port={}", port.number()));
        // Browsers make their profiles where temporary files go.
        command.env("TMPDIR", folder.path()).env("HOME", folder.path());
        let address = port.address();
        let question = format!("GET /status HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let server = Server::start(Plan {
            name: "ChromeDriver",
            folder,
            port,
            command: &command,
            user: None,
            farewell: "TERM",
            answers: Box::new(move || answers(address, question.as_bytes(), b"HTTP/1.1 200 ")),
        })?;
        Ok(Self { server })
    }
}

impl Service for ChromeDriver {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }
}

fn program() -> Result<PathBuf> {
    programs::find("chromedriver", &[], PACKAGE)
}

fn browser() -> Result<PathBuf> {
    programs::find(BROWSER, &[], BROWSERS_PACKAGE)
}
