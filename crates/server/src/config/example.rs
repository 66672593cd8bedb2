//! The example of a configuration file: every setting, what it is for, and what holds without it.

use std::fmt::Write as _;

use super::{
    Flag,
    key::{Key, Kind, Unset},
    keys::ALL,
    report::quoted,
};

const HEAD: &str = "\
# The configuration of Lectern.
#
# Every setting is here with what holds without it. To change one, remove the # before it. A variable of the environment
# (LECTERN_LISTEN for listen) wins over this file, and a flag over both. Names that are no settings are refused.
#
# `lectern config check` prints what is in force, and where it comes from.
";

/// A configuration file in which all settings are comments but those that are given.
pub(crate) fn example(given: &[Flag]) -> String {
    let mut file = HEAD.to_owned();
    let mut group = "";
    for key in ALL {
        if key.group != group {
            group = key.group;
            // Writing to a string can't fail.
            let _ = write!(file, "\n\n# ---- {group} ----\n");
        }
        let _ = write!(file, "\n{}", entry(*key, given));
    }
    file
}

fn entry(key: Key, given: &[Flag]) -> String {
    let mut entry = String::new();
    for line in key.lines() {
        let _ = writeln!(entry, "# {}", line.replace('`', ""));
    }
    if key.kind.may_be_a_file() {
        let _ = writeln!(entry, "# In a file of its own: {} = \"/path\".", key.file_name());
    }
    if let Unset::Means(what) = key.unset {
        let _ = writeln!(entry, "# Not set: {}.", named(what));
    }
    let set = given.iter().rfind(|flag| flag.key == key.name);
    let _ = match set {
        Some(flag) => writeln!(entry, "{} = {}", key.name, literal(key, &flag.value)),
        None => writeln!(entry, "#{} = {}", key.name, literal(key, &shown(key))),
    };
    entry
}

/// The default, or else some value.
fn shown(key: Key) -> String {
    match key.unset {
        Unset::Default(default) => named(default),
        Unset::Means(_) => key.example.unwrap_or_default().to_owned(),
    }
}

/// Folders that other settings name, by those settings' own defaults.
fn named(text: &str) -> String {
    text.replace("{secrets_dir}", "{data_dir}").replace("{data_dir}", "./lectern-data")
}

fn literal(key: Key, text: &str) -> String {
    match key.kind {
        Kind::Number => text.to_owned(),
        Kind::Text | Kind::Url | Kind::Secret => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use tempfile::TempDir;

    use super::*;
    use crate::config::{ConfigError, Layers, Settings, Variable};

    fn read(file: &str, environment: &[Variable]) -> Result<(Layers, Settings), ConfigError> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("lectern.toml");
        fs::write(&path, file).unwrap();
        let layers = Layers::read(Some(&path), environment.to_vec(), &[])?;
        let settings = Settings::read(&layers)?;
        Ok((layers, settings))
    }

    /// The example with the settings in force that `is_set` picks.
    fn with(is_set: impl Fn(&Key) -> bool) -> String {
        let set = |line: &str| {
            let name = line.strip_prefix('#').and_then(|line| Some(line.split_once(" = ")?.0));
            ALL.iter().any(|key| name == Some(key.name) && is_set(key))
        };
        let lines = super::example(&[]);
        let lines = lines.lines().map(|line| if set(line) { &line[1..] } else { line });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_changes_nothing() {
        let plain = Layers::read(None, [], &[]).unwrap().report().unwrap();
        assert_eq!(read(&super::example(&[]), &[]).unwrap().0.report().unwrap(), plain);
    }

    #[test]
    fn the_defaults_in_it_are_those_that_hold() {
        let is_default = |key: &Key| matches!(key.unset, Unset::Default(_));
        let values = |report: String| -> Vec<_> {
            report.lines().map(|line| line.split("  # ").next().unwrap().to_owned()).collect()
        };
        let written = read(&with(is_default), &[]).unwrap().0.report().unwrap();
        assert_eq!(values(written), values(Layers::read(None, [], &[]).unwrap().report().unwrap()));
    }

    #[test]
    fn every_value_in_it_is_accepted() {
        // There is no program to run by default, so this value goes with another than the default.
        let recognizer = ("LECTERN_RECOGNIZER".into(), "command".into());
        read(&with(|_| true), &[recognizer]).unwrap();
    }

    #[test]
    fn a_setting_without_a_default_shows_a_value() {
        let shown = |key: &Key| matches!(key.unset, Unset::Default(_)) || key.example.is_some();
        let without: Vec<_> = ALL.iter().filter(|key| !shown(key)).map(|key| key.name).collect();
        assert!(without.is_empty(), "give these a second text, a value they can have: {without:?}");
    }

    #[test]
    fn settings_that_are_given_are_in_force() {
        let flag = Flag { name: "data-dir", key: "data_dir", value: "/var/lib/lectern".to_owned() };
        let (_, settings) = read(&super::example(&[flag]), &[]).unwrap();
        assert_eq!(settings.data_dir, Path::new("/var/lib/lectern"));
    }

    #[test]
    fn the_copy_in_the_documentation_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lectern.toml");
        assert!(
            fs::read_to_string(path).unwrap_or_default() == super::example(&[]),
            "docs/lectern.toml is another; write it anew: cargo run -- config init --force docs/lectern.toml"
        );
    }
}
