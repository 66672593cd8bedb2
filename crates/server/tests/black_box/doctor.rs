//! What `lectern doctor` says about installations that are sound, and about those that are not.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    client::{ADMIN, Account},
    inbox::{Encryption, Inbox},
    server::{Server, run, run_with_input},
};

/// An installation with an administrator.
async fn installed() -> TempDir {
    let folder = TempDir::new().unwrap();
    let made = ["user", "create", "--username", "root", "--role", "admin", "--password-stdin"];
    let made = run_with_input(folder.path(), &made, &format!("{}\n", Account::PASSWORD)).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

/// What the doctor says and how it ends. It does not ask for a server.
pub(crate) async fn doctor(folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, Vec<String>) {
    let variables = [&[("LECTERN_PUBLIC_URL", "")], variables].concat();
    let output = run(folder, &variables, &["doctor"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said.lines().map(ToOwned::to_owned).collect())
}

fn sql(folder: &Path, statements: &str) {
    let file = folder.join("data/lectern.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

/// Asserts that there is one problem, of this check, which says this.
async fn assert_problem(folder: &Path, check: &str, says: &str) {
    let (code, lines) = doctor(folder, &[]).await;
    let problems: Vec<_> = lines.iter().filter(|line| line.starts_with("PROBLEM")).collect();
    assert_eq!((code, problems.len()), (Some(1), 1), "{lines:#?}");
    let problem = problems.first().unwrap();
    assert!(problem.contains(&format!(" {check}: ")) && problem.contains(says), "{problem}");
}

#[tokio::test]
async fn a_sound_installation_has_no_problem_and_is_left_as_it_is() {
    let folder = installed().await;
    let inbox = Inbox::open(Encryption::None).await;
    let smtp = format!("smtp://127.0.0.1:{}", inbox.port());
    let mail = [("LECTERN_SMTP_URL", smtp.as_str()), ("LECTERN_MAIL_FROM", "lectern@example.org")];
    let (code, lines) = doctor(folder.path(), &[&[("LECTERN_WORKER", "off")], &mail[..]].concat()).await;
    assert_eq!(code, Some(0), "{lines:#?}");
    let sound = lines.iter().all(|line| line.starts_with("ok ") || line.contains(" room: "));
    assert!(sound, "{lines:#?}");
}

#[tokio::test]
async fn nothing_is_made_by_looking() {
    let folder = TempDir::new().unwrap();
    let (code, lines) = doctor(folder.path(), &[]).await;
    assert_eq!(code, Some(0), "{lines:#?}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn a_running_server_is_asked_at_its_address() {
    let server = Server::start(&[]).await;
    let (there, nowhere) = (server.url("/"), "http://127.0.0.1:1".to_owned());
    for (url, code, verdict) in [(there, 0, "ok"), (nowhere, 1, "problem")] {
        let output = server.run(&["doctor", "--json", "--url", &url]).await;
        assert_eq!(output.status.code(), Some(code), "{url}");
        let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let asked = findings.iter().find(|one| one.get("check") == Some(&Value::from("server"))).unwrap();
        assert_eq!(asked.get("verdict"), Some(&Value::from(verdict)), "{asked}");
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_is_a_problem() {
    let mut server = Server::start(&[]).await;
    server.terminate().await;
    let secret = server.data_dir().join("secrets/worker_token");
    fs::set_permissions(secret, Permissions::from_mode(0o644)).unwrap();
    assert_problem(server.folder(), "secrets", "chmod 600").await;
}

#[tokio::test]
async fn a_balance_that_its_entries_do_not_explain_is_a_problem() {
    let folder = installed().await;
    sql(folder.path(), "UPDATE users SET balance = 7");
    assert_problem(folder.path(), "ledgers", "has 7, its entries add up to 0").await;
}

#[tokio::test]
async fn an_event_of_the_future_is_a_problem() {
    let folder = installed().await;
    sql(folder.path(), "UPDATE audit_events SET at = at + 3600000000");
    assert_problem(folder.path(), "clock", "was set back").await;
}

#[tokio::test]
async fn a_pending_migration_is_a_problem() {
    let folder = installed().await;
    assert!(run(folder.path(), &[], &["migrate", "down"]).await.status.success());
    assert_problem(folder.path(), "schema", "lectern migrate").await;
}

#[tokio::test]
async fn a_broken_role_is_a_problem_that_seed_mends() {
    let folder = installed().await;
    sql(folder.path(), "DELETE FROM role_permissions WHERE role = 'operator'");
    assert_problem(folder.path(), "roles", "lectern seed").await;
    let mended = run(folder.path(), &[], &["seed"]).await;
    assert!(String::from_utf8(mended.stdout).unwrap().contains("operator"));
    assert_eq!(doctor(folder.path(), &[]).await.0, Some(0));
}

#[tokio::test]
async fn a_row_that_refers_to_nothing_is_a_problem() {
    let folder = installed().await;
    sql(
        folder.path(),
        "PRAGMA foreign_keys = OFF; INSERT INTO user_permissions (user_id, permission) VALUES (randomblob(16), 'p')",
    );
    assert_problem(folder.path(), "database", "user_permissions").await;
}

#[tokio::test]
async fn a_truncated_database_is_a_problem() {
    let folder = installed().await;
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("data/lectern.db")).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let (code, lines) = doctor(folder.path(), &[]).await;
    let named = lines.iter().any(|line| line.starts_with("PROBLEM  database: "));
    assert!(code == Some(1) && named, "{lines:#?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_a_problem() {
    let folder = installed().await;
    fs::write(folder.path().join("data/lectern.db"), "not a database at all, but a text".repeat(100))
        .unwrap();
    let (code, lines) = doctor(folder.path(), &[]).await;
    let named = lines.iter().any(|line| line.starts_with("PROBLEM  database: "));
    assert!(code == Some(1) && named, "{lines:#?}");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_a_problem() {
    let mut server = Server::start(&[]).await;
    server.terminate().await;
    let keys = server.data_dir().join("keys").read_dir().unwrap().map(|entry| entry.unwrap().path());
    for key in keys.filter(|path| path.extension().is_some()) {
        fs::set_permissions(key, Permissions::from_mode(0o644)).unwrap();
    }
    assert_problem(server.folder(), "keys", "chmod 600").await;
}

#[tokio::test]
async fn a_password_that_is_left_in_the_configuration_is_a_warning() {
    let folder = installed().await;
    let (code, lines) = doctor(folder.path(), &ADMIN).await;
    let warned = lines.iter().any(|line| line.starts_with("warning  admin_password: "));
    assert!(code == Some(0) && warned, "{lines:#?}");
    assert!(!lines.concat().contains(Account::PASSWORD));
}
