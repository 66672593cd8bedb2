//! The compose files of both profiles.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{file, said, tool};
use crate::{
    python,
    server::{run, shell},
};

const EMBEDDED: &str = "docker/compose.embedded.yml";
const SCALED: &str = "docker/compose.scaled.yml";
/// Writes YAML as JSON.
const AS_JSON: &str = "import json, sys; from ruamel.yaml import YAML; print(json.dumps(YAML(typ='safe').load(open(sys.argv[1]))))";

/// A compose file where nobody sets a variable.
async fn read(path: &str) -> Value {
    let output =
        Command::new(python::interpreter()).args(["-c", AS_JSON]).arg(file(path)).output().await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let variable = Regex::new(r"\$\{[A-Z_]+:-([^}]*)\}").unwrap();
    serde_json::from_str(&variable.replace_all(&text, "$1")).unwrap()
}

fn services(compose: &Value) -> impl Iterator<Item = (&String, &Value)> {
    compose["services"].as_object().unwrap().iter()
}

/// Those that run Lectern itself.
fn lecterns(compose: &Value) -> Vec<(&String, &Value)> {
    services(compose)
        .filter(|(_, service)| service["environment"]["LECTERN_PUBLIC_URL"].is_string())
        .collect()
}

async fn make_secrets(folder: &Path) {
    let script = format!("'{}' '{}'", file("docker/make-secrets.sh").display(), folder.display());
    let output = shell(folder.parent().unwrap(), &script).await;
    assert!(output.status.success(), "{}", said(&output));
}

fn contents(folder: &Path) -> Vec<(String, String)> {
    let entries = folder.read_dir().unwrap().map(Result::unwrap);
    let read = entries.map(|entry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), text)
    });
    read.collect::<BTreeSet<_>>().into_iter().collect()
}

#[tokio::test]
async fn they_are_what_compose_understands() {
    for path in [EMBEDDED, SCALED] {
        let schema = ["--builtin-schema", "vendor.compose-spec"];
        let output = tool("check-jsonschema").args(schema).arg(file(path)).output().await.unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[tokio::test]
async fn no_service_has_powers_that_it_does_not_need() {
    for path in [EMBEDDED, SCALED] {
        let compose = read(path).await;
        for (name, service) in services(&compose) {
            assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{path}: {name}");
            assert_eq!(
                service["security_opt"],
                serde_json::json!(["no-new-privileges:true"]),
                "{path}: {name}"
            );
            assert!(service["mem_limit"].is_string() && service["pids_limit"].is_number(), "{path}: {name}");
            assert!(service["privileged"].is_null(), "{path}: {name}");
        }
        for (name, service) in lecterns(&compose) {
            assert_eq!(service["read_only"], true, "{path}: {name}");
            assert!(service["user"].is_null(), "{path}: {name} is who the image says");
        }
    }
}

#[tokio::test]
async fn every_image_has_a_version() {
    for (name, service) in services(&read(SCALED).await) {
        let image = service["image"].as_str().unwrap();
        let version = image.rsplit_once(':').map(|(_, version)| version);
        assert!(version.is_some_and(|version| version != "latest"), "{name}: {image}");
    }
}

#[tokio::test]
async fn nothing_is_reached_from_other_machines() {
    for path in [EMBEDDED, SCALED] {
        let compose = read(path).await;
        let ports = services(&compose).filter_map(|(_, service)| service["ports"].as_array()).flatten();
        let ports: Vec<_> = ports.map(|port| port.as_str().unwrap()).collect();
        assert_eq!(ports, ["127.0.0.1:8080:8080"], "{path}");
    }
}

#[tokio::test]
async fn passwords_are_in_files_that_were_made_at_random() {
    let compose = read(SCALED).await;
    let folder = TempDir::new().unwrap();
    let secrets = folder.path().join("secrets");
    make_secrets(&secrets).await;
    for (name, secret) in compose["secrets"].as_object().unwrap() {
        let path = secret["file"].as_str().unwrap().strip_prefix("./secrets/").unwrap();
        assert!(secrets.join(path).is_file(), "{name}: {path}");
    }
    for (name, service) in services(&compose) {
        for (variable, value) in service["environment"].as_object().into_iter().flatten() {
            let is_secret =
                ["PASSWORD", "TOKEN", "SECRET_ACCESS", "KEY_ID", "DATABASE_URL", "REDIS_URL", "AMQP_URL"]
                    .iter()
                    .any(|part| variable.contains(part));
            let is_file = variable.ends_with("_FILE") && value.as_str().unwrap().starts_with("/run/secrets/");
            assert!(!is_secret || is_file, "{name}: {variable}");
        }
        for secret in service["secrets"].as_array().into_iter().flatten() {
            let secret = secret.as_str().or_else(|| secret["source"].as_str()).unwrap();
            assert!(compose["secrets"][secret].is_object(), "{name}: {secret}");
        }
    }
}

#[tokio::test]
async fn secrets_are_made_once_and_for_their_owner() {
    let [one, other] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [one, other] = [one.path().join("secrets"), other.path().join("secrets")];
    make_secrets(&one).await;
    make_secrets(&other).await;
    let (first, elsewhere) = (contents(&one), contents(&other));
    make_secrets(&one).await;
    assert_eq!(contents(&one), first);
    assert!(first.iter().all(|secret| !elsewhere.contains(secret)), "{first:?}");
    assert_eq!(one.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn the_settings_in_them_are_accepted() {
    let folder = TempDir::new().unwrap();
    let secrets = folder.path().join("secrets");
    make_secrets(&secrets).await;
    for (path, count) in [(EMBEDDED, 1), (SCALED, 2)] {
        let compose = read(path).await;
        let found = lecterns(&compose);
        assert_eq!(found.len(), count, "{path}");
        for (name, service) in found {
            let variables = service["environment"].as_object().unwrap().iter();
            let here =
                |value: &Value| value.as_str().unwrap().replace("/run/secrets", secrets.to_str().unwrap());
            let variables: Vec<_> = variables.map(|(name, value)| (name.as_str(), here(value))).collect();
            let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let output = run(folder.path(), &variables, &["config", "check"]).await;
            assert!(output.status.success(), "{path}: {name}: {}", said(&output));
        }
    }
}

#[tokio::test]
async fn everything_waits_for_what_it_needs() {
    let compose = read(SCALED).await;
    for (name, service) in services(&compose) {
        for (needed, how) in service["depends_on"].as_object().into_iter().flatten() {
            let needed = &compose["services"][needed];
            // Lectern's own image brings its healthcheck.
            let own = needed["image"].as_str().unwrap().starts_with("lectern:");
            let is_told = match how["condition"].as_str().unwrap() {
                "service_healthy" => own || needed["healthcheck"]["test"].is_array(),
                "service_completed_successfully" => needed["restart"] == "no",
                _ => false,
            };
            assert!(is_told, "{name}: {how}");
        }
    }
}
