//! What people install Lectern from: the configuration's example, images, compose files, the service's unit.
//!
//! There is no engine for containers here. What can be known without one is tested: that the files are well-formed and name
//! what exists; and `cargo xtask dist --check` starts the program as the image does.

mod commands;
mod compose;
mod dockerfile;
mod load_balancer;
mod unit;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use tokio::process::Command;

use crate::python;

/// A file of the project.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// What is written in it.
fn text(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap()
}

/// A program that comes with the packages of the tests' Python.
fn tool(name: &str) -> Command {
    let python = PathBuf::from(python::interpreter());
    Command::new(python.with_file_name(name))
}

/// Everything that a program said.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
