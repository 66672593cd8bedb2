//! `docker/Dockerfile`.

use std::fs;

use regex::Regex;

use super::{file, said, text, tool};

#[tokio::test]
async fn a_linter_finds_nothing_to_say_about_it() {
    let output = tool("hadolint").arg("--no-color").arg(file("docker/Dockerfile")).output().await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_image_is_built_by_the_version_of_rust_that_the_project_is() {
    let toolchain: toml::Table = toml::from_str(&text("rust-toolchain.toml")).unwrap();
    let version = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(text("docker/Dockerfile").contains(&format!("\nARG RUST_VERSION={version}\n")), "{version}");
}

#[test]
fn every_file_that_the_build_copies_gets_to_it() {
    let ignored = text(".dockerignore");
    for folder in ["/crates", "/migrations", "/assets", "/Cargo.lock", "/xtask", "LICENSE-MIT"] {
        assert!(!ignored.lines().any(|line| line.trim_end_matches('/').ends_with(folder)), "{folder}");
    }
}

#[test]
fn every_variable_in_the_docker_folder_is_a_setting() {
    let settings = text("docs/configuration.md");
    let variables = Regex::new("LECTERN_[A-Z0-9_]+").unwrap();
    let mut seen = 0;
    for entry in file("docker").read_dir().unwrap().map(Result::unwrap) {
        if !entry.file_type().unwrap().is_file() {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap();
        for variable in variables.find_iter(&text).map(|found| found.as_str()) {
            seen += 1;
            assert!(settings.contains(&format!("`{variable}`")), "{}: {variable}", entry.path().display());
        }
    }
    assert!(seen > 10, "{seen}");
}

/// `pg_dump` refuses a server that is later than itself.
#[test]
fn the_image_can_back_up_the_database_beside_it() {
    let version_after = |file: &str, words: &str| -> u32 {
        let text = text(file);
        let after = text.split(words).nth(1).unwrap();
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    let client = version_after("docker/Dockerfile", "postgresql-client-");
    let server = version_after("docker/compose.scaled.yml", "image: postgres:");
    assert!(client >= server, "pg_dump {client} cannot dump PostgreSQL {server}");
}
