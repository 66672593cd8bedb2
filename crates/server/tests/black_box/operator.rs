//! What the operator of the machine does on the command line, without a server and beside one.

use std::{path::Path, process::Output, time::Duration};

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::{
    client::{Account, problem},
    server::{Server, run, run_with_input},
};

/// The most that a server may take to notice what was done beside it, and some more.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a command says on stdout and on stderr, and what it ends with.
fn said(output: Output) -> (Option<i32>, String, String) {
    let [stdout, stderr] = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    (output.status.code(), stdout, stderr)
}

async fn lectern(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    said(run(folder, &[], arguments).await)
}

/// Makes an account with the password of everybody.
async fn create(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [&["user", "create", "--password-stdin"], arguments].concat();
    said(run_with_input(folder, &arguments, &format!("{}\n", Account::PASSWORD)).await)
}

async fn ok(folder: &Path, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = lectern(folder, arguments).await;
    assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    stdout
}

#[tokio::test]
async fn a_fresh_installation_has_no_account_of_anybody() {
    let server = Server::start(&[]).await;
    let listed = ok(server.folder(), &["user", "list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.get("total"), Some(&Value::from(0)), "{listed}");
}

#[tokio::test]
async fn an_administrator_made_beside_a_running_server_signs_in_and_a_blocked_one_is_out() {
    let server = Server::start(&[]).await;
    let folder = server.folder();
    for name in ["root", "second"] {
        let (code, _, stderr) = create(folder, &["--username", name, "--role", "admin"]).await;
        assert_eq!(code, Some(0), "{stderr}");
    }
    let root = Account::log_in(&server, "root").await;
    assert_eq!(root.get(&server, "/v1/users").await.get("total"), Some(&Value::from(2)));

    assert!(ok(folder, &["user", "block", "root"]).await.contains("root (#1) is blocked"));
    let refused = async {
        let mut ticks = interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            let response = root.request(&server, Method::GET, "/v1/me").send().await.unwrap();
            if response.status() != StatusCode::OK {
                return problem(response).await;
            }
        }
    };
    let refused = timeout(PATIENCE, refused).await.unwrap();
    assert_eq!(refused, (401, "session_revoked".to_owned()));
}

#[tokio::test]
async fn what_the_operator_did_is_in_the_audit_log_without_an_actor() {
    let server = Server::start(&[]).await;
    create(server.folder(), &["--username", "root", "--role", "admin"]).await;
    let root = Account::log_in(&server, "root").await;
    let log = root.get(&server, "/v1/audit-events?kind=account_created").await;
    let event = log.pointer("/items/0").unwrap();
    assert_eq!(event.get("actor_id"), Some(&Value::Null), "{event}");
    assert_eq!(event.get("user_agent"), Some(&Value::from("lectern command line")));
}

#[tokio::test]
async fn the_first_account_makes_the_database_that_a_server_starts_with() {
    let folder = TempDir::new().unwrap();
    let (code, stdout, stderr) =
        create(folder.path(), &["--email", "root@example.org", "--role", "admin"]).await;
    assert_eq!(
        (code, stdout.as_str()),
        (Some(0), "root@example.org (#1) is made, with the role admin\n"),
        "{stderr}"
    );
    assert!(folder.path().join("data/lectern.db").exists());
    assert!(!stdout.contains(Account::PASSWORD) && !stderr.contains(Account::PASSWORD));
}

#[tokio::test]
async fn accounts_are_listed_shown_and_changed() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    create(folder, &["--username", "root", "--role", "admin"]).await;
    create(folder, &["--username", "ada", "--first-name", "Ada", "--no-interact"]).await;

    let table = ok(folder, &["user", "list", "--search", "AD"]).await;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines.first().unwrap().starts_with("NUMBER"), "{table}");
    assert!(lines.get(1).unwrap().starts_with("#2") && lines.get(1).unwrap().contains("ada"), "{table}");
    assert_eq!(lines.last(), Some(&"page 1 of 1, accounts in all: 1"));

    ok(folder, &["user", "set-role", "ada", "methodist"]).await;
    ok(folder, &["user", "grant", "ada", "audit.view", "users.view"]).await;
    let left = ok(folder, &["user", "revoke", "ada", "users.view"]).await;
    assert_eq!(left, "ada (#2) holds besides its role's permissions: audit.view\n");
    ok(folder, &["user", "approve", "ada"]).await;
    let shown: Value = serde_json::from_str(&ok(folder, &["user", "show", "ada", "--json"]).await).unwrap();
    let field = |name: &str| shown.get(name).unwrap().clone();
    assert_eq!([field("role"), field("can_interact")], [Value::from("methodist"), Value::from(true)]);
    assert_eq!(field("direct_permissions"), Value::from(vec!["audit.view"]));

    ok(folder, &["user", "delete", "ada"]).await;
    let (code, _, stderr) = lectern(folder, &["user", "show", "ada"]).await;
    assert!(code == Some(1) && stderr.contains("--standing deleted"), "{stderr}");
    ok(folder, &["user", "restore", "#2"]).await;
    assert!(ok(folder, &["user", "show", "ada"]).await.contains("standing     active"));
}

#[tokio::test]
async fn a_made_up_password_is_printed_once_and_lets_its_holder_in() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let stdout = ok(server.folder(), &["user", "set-password", "ada", "--generate-password"]).await;
    let password = stdout.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    let body = serde_json::json!({"login": "ada", "password": password});
    let login = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
    assert_eq!(login.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_can_not_be_done_is_told_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    create(folder, &["--username", "root", "--role", "admin"]).await;
    let cases: [(&[&str], i32, &str); 7] = [
        (&["user", "create", "--username", "ada"], 2, "--password-stdin"),
        (&["user", "create", "--password-stdin"], 2, "--username"),
        (&["user", "create", "--username", "a b", "--generate-password"], 2, "must consist of letters"),
        (&["user", "create", "--username", "root", "--generate-password"], 1, "this user name is taken"),
        (&["user", "block", "root"], 1, "make another one first"),
        (&["user", "set-role", "root", "janitor"], 2, "there is no such role"),
        (&["user", "show", "nobody"], 1, "lectern user list"),
    ];
    for (arguments, expected, hint) in cases {
        let (code, _, stderr) = lectern(folder, arguments).await;
        assert_eq!(code, Some(expected), "{arguments:?}: {stderr}");
        assert!(stderr.contains(hint), "{arguments:?}: {stderr}");
    }
    let weak = run_with_input(folder, &["user", "set-password", "root", "--password-stdin"], "short\n").await;
    let (code, _, stderr) = said(weak);
    assert!(code == Some(2) && stderr.contains("the password"), "{stderr}");
}

#[tokio::test]
async fn a_database_of_an_older_version_is_not_touched() {
    let folder = TempDir::new().unwrap();
    ok(folder.path(), &["db", "init"]).await;
    ok(folder.path(), &["migrate", "down"]).await;
    let (code, _, stderr) = lectern(folder.path(), &["user", "list"]).await;
    assert!(code == Some(1) && stderr.contains("lectern migrate"), "{stderr}");
}

#[tokio::test]
async fn the_demonstration_is_added_once_beside_a_running_server_and_can_be_looked_at() {
    let server = Server::start(&[]).await;
    let first = ok(server.folder(), &["seed", "--demo"]).await;
    let password = first.lines().find_map(|line| line.split_once("with the password: ")).unwrap().1;
    let second = ok(server.folder(), &["seed", "--demo"]).await;
    assert!(second.contains("nothing was changed") && !second.contains("added"), "{second}");
    assert!(!second.contains(password), "{second}");

    let account = Account::log_in_with(&server, "demo-methodist", password).await;
    assert_eq!(account.get(&server, "/v1/me/balance").await.get("balance"), Some(&Value::from(430)));
    let devices = account.get(&server, "/v1/me/sessions").await;
    assert_eq!(devices.as_array().or(devices.get("items").and_then(Value::as_array)).unwrap().len(), 3);
    let list = account.get(&server, "/v1/transcriptions").await;
    assert_eq!(list.get("total"), Some(&Value::from(2)), "{list}");
    assert_eq!(list.pointer("/items/0/state"), Some(&Value::from("completed")));
    let path = format!("/v1/transcriptions/{}", list.pointer("/items/0/id").and_then(Value::as_str).unwrap());
    assert_eq!(account.chunks(&server, &path).await.len(), 3);
    for part in ["audio", "export?format=srt"] {
        let answer = account.request(&server, Method::GET, &format!("{path}/{part}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{part}");
        assert!(!answer.bytes().await.unwrap().is_empty(), "{part}");
    }
}

#[tokio::test]
async fn the_demonstration_is_kept_away_from_real_accounts() {
    let folder = TempDir::new().unwrap();
    create(folder.path(), &["--username", "ada"]).await;
    assert!(ok(folder.path(), &["seed"]).await.contains("as they should be"));
    let (code, _, stderr) = lectern(folder.path(), &["seed", "--demo"]).await;
    assert!(code == Some(1) && stderr.contains("--yes"), "{stderr}");
    assert!(ok(folder.path(), &["seed", "--demo", "--yes"]).await.contains("demo-admin"));
}
