//! `cargo xtask bench`: measures what people wait for, each beside its yardstick in the same run.
//!
//! What is measured, and how, is the example `bench` of the server's package; here is what it needs, and where its table
//! goes.

use std::{fs, thread};

use console::style;
use time::{OffsetDateTime, macros::format_description};

use crate::{
    Outcome,
    programs::{cargo, locked, output, root, run as run_program},
    tools::{self, FFMPEG, POCKETSPHINX, POCKETSPHINX_MODEL, POSTGRESQL, REDIS},
};

/// Where the table is kept, from the workspace's root.
const DOCUMENT: &str = "docs/benchmarks.md";
/// What the table is between.
const BEGIN: &str = "<!-- written by cargo xtask bench --write -->\n";
const END: &str = "<!-- end of what is written -->\n";

/// Where the table goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    OnTheScreen,
    InTheDocument,
}

/// Builds all as it is delivered, measures these parts, or all if none is named, and shows or keeps the table.
pub(crate) fn run(parts: &[String], table: Table) -> Outcome {
    tools::provide(&[FFMPEG, POCKETSPHINX, POCKETSPHINX_MODEL, POSTGRESQL, REDIS])?;
    let of_server = ["--profile", "dist", "--package", "lectern-server"];
    let mut build = cargo(["build"]);
    build.args(of_server).args(["--bin", "lectern", "--example", "bench"]).args(locked());
    run_program(&mut build)?;
    let mut measure = cargo(["run", "--quiet"]);
    measure.args(of_server).args(["--example", "bench"]).args(locked()).arg("--").args(parts);
    let measured = output(&mut measure)?;
    println!("{measured}");
    if table == Table::InTheDocument {
        let path = root().join(DOCUMENT);
        fs::write(&path, with_table(&fs::read_to_string(&path)?, &format!("{}\n{measured}", machine()))?)?;
        println!("{} {DOCUMENT}", style("written to").bold());
    }
    Ok(())
}

/// The document, with another table.
fn with_table(document: &str, table: &str) -> Outcome<String> {
    let parted =
        document.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parted.ok_or_else(|| format!("{DOCUMENT} has lost the place of its table"))?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

/// What it was measured on, and when.
fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
        value.unwrap_or("unknown").trim().to_owned()
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let model = field("/proc/cpuinfo", "model name");
    let memory = field("/proc/meminfo", "MemTotal");
    #[expect(clippy::disallowed_methods, reason = "when it was measured is the day itself")]
    let now = OffsetDateTime::now_utc();
    let day = now.format(format_description!("[year]-[month]-[day]")).unwrap_or_default();
    format!("On {day}, on {processors} processors ({model}), {memory} of memory.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_table_takes_the_place_of_the_old_one() {
        let document = format!("before\n{BEGIN}\nold\n{END}after\n");
        let written = with_table(&document, "new\n").unwrap();
        assert_eq!(written, format!("before\n{BEGIN}\nnew\n\n{END}after\n"));
    }

    #[test]
    fn a_document_without_a_place_for_it_is_left_alone() {
        assert!(with_table("no place\n", "new").is_err());
    }

    #[test]
    fn the_document_has_a_place_for_it() {
        let document = fs::read_to_string(root().join(DOCUMENT)).unwrap();
        assert!(with_table(&document, "new").is_ok());
    }
}
