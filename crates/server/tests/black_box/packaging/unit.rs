//! `docker/lectern.service`, as systemd sees it.

use std::process::Output;

use tempfile::TempDir;
use tokio::process::Command;

use super::{said, text};

/// The most that systemd may find it exposed, in tenths: from 0, which can do nothing, to 100.
const MOST_EXPOSED: &str = "15";

/// What systemd's tool says of the unit, with a program that is there in place of the installed one.
async fn analysed(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("lectern.service");
    let here =
        text("docker/lectern.service").replace("/usr/local/bin/lectern", env!("CARGO_BIN_EXE_lectern"));
    std::fs::write(&unit, here).unwrap();
    let mut analyse = Command::new("systemd-analyze");
    // It colours what it says, and pages it.
    analyse.env("SYSTEMD_COLORS", "0").env("SYSTEMD_PAGER", "");
    analyse.args(arguments).arg(&unit).output().await.unwrap()
}

#[tokio::test]
async fn systemd_finds_nothing_wrong_with_it() {
    let output = analysed(&["verify"]).await;
    assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
}

#[tokio::test]
async fn systemd_finds_it_hardly_exposed() {
    let output = analysed(&["security", "--offline=true", "--threshold", MOST_EXPOSED]).await;
    assert!(output.status.success(), "{}", said(&output));
}
