//! Secrets that can be guessed, where others could try them.

use tempfile::TempDir;

use crate::{
    client::ADMIN,
    server::{Server, run},
};

/// Where others get to, on any free port.
const EVERYWHERE: (&str, &str) = ("LECTERN_LISTEN", "0.0.0.0:0");

/// Each with the name of its setting.
const GUESSABLE: [(&str, &str, &str); 6] = [
    ("LECTERN_WORKER_TOKEN", "changeme", "worker_token"),
    ("LECTERN_ADMIN_TOKEN", "supersecretadmintoken", "admin_token"),
    ("LECTERN_ICCEM_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa", "iccem_secret"),
    ("LECTERN_DOCS_PASSWORD", "hunter2", "docs_password"),
    ("LECTERN_DOCS_PASSWORD", "password1", "docs_password"),
    ("LECTERN_DOCS_PASSWORD", "only for this walk", "docs_password"),
];

#[tokio::test]
async fn no_server_lets_others_in_by_a_secret_that_can_be_guessed() {
    for (variable, value, setting) in GUESSABLE {
        let folder = TempDir::new().unwrap();
        for command in [["serve"].as_slice(), &["config", "check"]] {
            let output = run(folder.path(), &[EVERYWHERE, (variable, value)], command).await;
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{setting}: {said}");
            assert!(said.contains(setting) && said.contains("openssl rand"), "{said}");
            assert!(!said.contains(value), "{said}");
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing was made");
    }
}

#[tokio::test]
async fn no_server_lets_others_in_by_a_password_of_the_documentation() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &[&[EVERYWHERE], &ADMIN[..]].concat(), &["serve"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("admin_password"), "{said}");
}

#[tokio::test]
async fn on_this_machine_alone_a_warning_is_enough() {
    let settings = [("LECTERN_WORKER_TOKEN", "changeme")];
    let server = Server::start(&settings).await;
    assert!(server.log().contains("A SECRET CAN BE GUESSED"), "{}", server.log());
    assert!(!server.log().contains("changeme"), "{}", server.log());
    let checked = server.run(&["config", "check"]).await;
    let said = String::from_utf8(checked.stderr).unwrap();
    assert!(checked.status.success() && said.contains("worker_token is shorter than 16 bytes"), "{said}");
}

#[tokio::test]
async fn the_doctor_names_secrets_that_can_be_guessed() {
    let folder = TempDir::new().unwrap();
    for (listen, verdict) in [("127.0.0.1:0", "warning"), ("0.0.0.0:0", "PROBLEM")] {
        let settings = [("LECTERN_LISTEN", listen), ("LECTERN_ADMIN_TOKEN", "changeme")];
        let output = run(folder.path(), &settings, &["doctor"]).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let found = |line: &str| line.starts_with(verdict) && line.contains("admin_token");
        assert!(said.lines().any(found) && !said.contains("changeme"), "{said}");
    }
}

#[tokio::test]
async fn secrets_that_were_made_let_others_in() {
    let server = Server::start(&[EVERYWHERE]).await;
    let address = server.url("/healthz").replace("0.0.0.0", "127.0.0.1");
    assert_eq!(server.client.get(address).send().await.unwrap().status(), 200);
    assert!(server.log().contains("PASSWORDS AND TOKENS CAN BE READ ON THE WAY"), "{}", server.log());
}
