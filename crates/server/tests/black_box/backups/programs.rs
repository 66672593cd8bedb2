//! `pg_dump`: what it is told, and what happens where it is missing, fails or hangs.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{interval, timeout};

use super::{keeping::files, said};
use crate::{
    client::Account,
    profile::Profile,
    server::{Server, run, spawn, terminate},
};

/// The most that a child may take to start before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);
const SECRET: &str = "s3cr3t";

/// The real program of that name.
fn program(name: &str) -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("bin"));
    let path = env::var_os("PATH").unwrap();
    let mut folders = env::split_paths(&path).chain(debian);
    folders.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file())).unwrap()
}

/// A service, and a folder of programs that come before all others.
struct Service {
    server: Server,
    folder: PathBuf,
}

impl Service {
    async fn start() -> Self {
        let server = super::start(Profile::Scaled, &[]).await;
        let folder = server.folder().join("programs");
        fs::create_dir(&folder).unwrap();
        Self { server, folder }
    }

    /// Puts a program there that does this when it is not asked for its version.
    fn instead_of(&self, name: &str, script: &str) {
        let (real, path) = (program(name), self.folder.join(name));
        let real = real.display();
        let script = format!("#!/bin/sh\n[ \"$1\" = --version ] && exec {real} --version\n{script}\n");
        fs::write(&path, script.replace("REAL", &real.to_string())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The settings of the server, a password that the database doesn't ask for, and the programs.
    fn settings(&self) -> Vec<(String, String)> {
        let mut settings = self.server.parts().unwrap().settings();
        let (_, url) = settings.iter_mut().find(|(name, _)| name == "LECTERN_DATABASE_URL").unwrap();
        *url = url.replace('@', &format!(":{SECRET}@"));
        let path = env::var_os("PATH").unwrap().into_string().unwrap();
        settings.push(("PATH".to_owned(), format!("{}:{path}", self.folder.display())));
        settings
    }

    async fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let settings = self.settings();
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        said(run(self.server.folder(), &settings, arguments).await)
    }

    fn backups(&self) -> PathBuf {
        self.server.data_dir().join("backups")
    }
}

fn written(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

#[tokio::test]
async fn no_password_is_an_argument_or_said() {
    let service = Service::start().await;
    for name in ["pg_dump", "pg_restore"] {
        let told = service.server.folder().join("told");
        let script = format!(
            "echo \"$@\" >> {0}; echo \"with $PGPASSWORD\" >> {0}.secret; exec REAL \"$@\"",
            told.display()
        );
        service.instead_of(name, &script);
    }
    let (code, taken) = service.run(&["backup"]).await;
    assert_eq!(code, Some(0), "{taken}");
    let (code, verified) = service.run(&["backup", "--verify"]).await;
    assert_eq!(code, Some(0), "{verified}");
    let told = written(&service.server.folder().join("told"));
    assert_eq!(told.lines().count(), 2, "{told}");
    for text in [told, taken, verified, service.server.log()] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let secretly = written(&service.server.folder().join("told.secret"));
    assert_eq!(secretly, format!("with {SECRET}\n").repeat(2));
}

#[tokio::test]
async fn a_dump_that_fails_half_way_is_no_backup() {
    let service = Service::start().await;
    assert_eq!(service.run(&["backup"]).await.0, Some(0));
    let before = files(&service.backups());
    service.instead_of(
        "pg_dump",
        "for last; do :; done; echo half > \"$last\"; echo 'error: the disk is on fire' >&2; exit 1",
    );
    let (code, said) = service.run(&["backup"]).await;
    assert!(code == Some(1) && said.contains("pg_dump failed") && said.contains("on fire"), "{said}");
    assert_eq!(files(&service.backups()), before);
    let root = Account::log_in(&service.server, "root").await;
    let events = root.get(&service.server, "/v1/audit-events?kind=backup_failed").await;
    assert_eq!(events.pointer("/items/0/details/code"), Some(&"program_failed".into()));
}

#[tokio::test]
async fn a_backup_that_is_interrupted_leaves_nothing() {
    let service = Service::start().await;
    let started = service.server.folder().join("started");
    service.instead_of("pg_dump", &format!("touch {}; exec tail -f /dev/null", started.display()));
    let settings = service.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut backup = spawn(service.server.folder(), &settings, &["backup"]);
    let mut looks = interval(Duration::from_millis(50));
    let starting = async {
        while !started.exists() {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, starting).await.unwrap();
    assert_eq!(terminate(&mut backup).await.code(), Some(1));
    let left = service.backups().read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), [".lock"]);
}
