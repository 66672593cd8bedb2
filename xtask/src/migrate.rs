//! `cargo xtask migrate`: the schema of the database that `cargo xtask up` serves, and new changes to it.

use std::{fs, path::Path};

use clap::Subcommand;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program, root, run as run_program},
};

/// Where migrations are, from the workspace's root: a database each, as each has a schema of its own.
const MIGRATIONS: [&str; 2] = ["migrations/sqlite", "migrations/postgres"];
/// The order of migrations is that of their names.
const STAMP: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]-[hour][minute][second]");
/// The longest name that a migration may have.
const LONGEST_NAME: usize = 60;

/// What to do with migrations.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum Step {
    /// Runs those that have not been run; the default
    #[default]
    Up,
    /// Undoes the last one
    Down,
    /// Undoes the last one and runs it again
    Redo,
    /// Lists them, with those that have been run
    Status,
    /// Begins a new one, for each database
    New {
        /// What it does, such as `add_session_labels`
        name: String,
    },
}

/// Does it.
pub(crate) fn run(step: &Step) -> Outcome {
    let step = match step {
        Step::New { name } => {
            #[expect(
                clippy::disallowed_methods,
                reason = "a migration is stamped with the time of its making"
            )]
            let now = OffsetDateTime::now_utc();
            for migrations in MIGRATIONS {
                let folder = begin(&root().join(migrations), name, now)?;
                println!(
                    "write {migrations}/{folder}/up.sql and down.sql, or remove it if that database needs none"
                );
            }
            return Ok(());
        }
        Step::Up => "up",
        Step::Down => "down",
        Step::Redo => "redo",
        Step::Status => "status",
    };
    let lectern = build_lectern(Profile::Dev)?;
    run_program(program(lectern).args(["migrate", step]))
}

/// Makes the folder and the two files of a new migration, and answers the folder's name.
fn begin(migrations: &Path, name: &str, now: OffsetDateTime) -> Outcome<String> {
    validate(name)?;
    let folder = format!("{}_{name}", now.format(STAMP)?);
    let path = migrations.join(&folder);
    fs::create_dir(&path).map_err(|error| format!("can't make {}: {error}", path.display()))?;
    fs::write(path.join("up.sql"), "-- What changes, and why.\n")?;
    fs::write(path.join("down.sql"), "-- Undoes up.sql: afterwards the schema is what it was.\n")?;
    Ok(folder)
}

fn validate(name: &str) -> Outcome {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if name.len() > LONGEST_NAME || !name.split('_').all(is_word) {
        return Err(format!(
            "a migration's name is words of a-z and 0-9 joined by _, at most {LONGEST_NAME} characters: {name}"
        )
        .into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_new_migration_is_a_stamped_folder_with_two_commented_files() {
        let migrations = tempfile::tempdir().unwrap();
        let folder = begin(migrations.path(), "add_labels", datetime!(2026-11-21 12:00:05 UTC)).unwrap();
        assert_eq!(folder, "2026-11-21-120005_add_labels");
        for file in ["up.sql", "down.sql"] {
            let text = fs::read_to_string(migrations.path().join(&folder).join(file)).unwrap();
            assert!(text.starts_with("-- "), "{file}: {text}");
        }
    }

    #[test]
    fn a_migration_is_never_overwritten() {
        let migrations = tempfile::tempdir().unwrap();
        let now = datetime!(2026-11-21 12:00:05 UTC);
        begin(migrations.path(), "add_labels", now).unwrap();
        begin(migrations.path(), "add_labels", now).unwrap_err();
    }

    #[test]
    fn names_are_words_joined_by_underscores() {
        for name in ["a", "add_labels", "drop_v1_tables"] {
            assert!(validate(name).is_ok(), "{name}");
        }
        for name in ["", "_a", "a_", "a__b", "Add", "a b", "a-b", "../a", "ä", &"a".repeat(61)] {
            assert!(validate(name).is_err(), "{name}");
        }
    }
}
