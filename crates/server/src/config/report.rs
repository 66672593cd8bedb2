//! The effective configuration, as TOML that could be a configuration file.

use std::fmt::{self, Write as _};

use super::{
    ConfigError, Layers,
    key::{Key, Kind, Unset},
    keys,
    layers::Written,
    masked::{MASK, without_password},
};

impl Layers {
    /// Every setting with its value and where it came from. Secrets are masked, what is not set is a comment.
    pub(crate) fn report(&self) -> Result<String, ConfigError> {
        let of = |key: Key| Ok(self.written(key.name)?.map(|written| written.text).unwrap_or_default());
        let folders = Folders { data: of(keys::DATA_DIR)?, secrets: of(keys::SECRETS_DIR)? };
        let mut report = String::new();
        for key in keys::ALL {
            let file = if key.kind.may_be_a_file() { self.written(&key.file_name())? } else { None };
            // Writing to a string can't fail.
            let _ = match (self.written(key.name)?, file) {
                (Some(written), None) => line(&mut report, key.name, &shown(*key, &written.text), &written),
                (_, Some(written)) => line(&mut report, &key.file_name(), &quoted(&written.text), &written),
                (None, None) => writeln!(report, "# {}: {}", key.name, meaning(*key, &folders)),
            };
        }
        Ok(report)
    }
}

/// What the words about settings refer to.
struct Folders {
    data: String,
    secrets: String,
}

fn line(report: &mut String, name: &str, value: &str, written: &Written) -> fmt::Result {
    writeln!(report, "{name} = {value}  # {}", written.origin)
}

fn shown(key: Key, text: &str) -> String {
    match key.kind {
        Kind::Text => quoted(text),
        Kind::Number => text.to_owned(),
        Kind::Url => quoted(&without_password(text)),
        Kind::Secret => quoted(MASK),
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn meaning(key: Key, of: &Folders) -> String {
    match key.unset {
        Unset::Default(text) | Unset::Means(text) => {
            text.replace("{data_dir}", &of.data).replace("{secrets_dir}", &of.secrets)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(variables: &[(&str, &str)]) -> Layers {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Layers::read(None, variables, &[]).unwrap()
    }

    #[test]
    fn values_are_shown_with_their_origin() {
        let report = layers(&[("LECTERN_LOG", "debug")]).report().unwrap();
        assert!(report.contains("log = \"debug\"  # the environment variable LECTERN_LOG\n"), "{report}");
        assert!(report.contains("chunk_seconds = 60  # the default\n"), "{report}");
    }

    #[test]
    fn secrets_are_masked() {
        let report = layers(&[("LECTERN_WORKER_TOKEN", "wtok-0123456789abcdef")]).report().unwrap();
        assert!(!report.contains("wtok"), "{report}");
        assert!(report.contains("worker_token = \"***\""), "{report}");
    }

    #[test]
    fn what_is_not_set_says_what_that_means() {
        let report = layers(&[("LECTERN_DATA_DIR", "/srv/l")]).report().unwrap();
        let expected = "# worker_token: made on first start, kept in /srv/l/secrets/worker_token\n";
        assert!(report.contains(expected), "{report}");
    }

    #[test]
    fn the_report_is_a_configuration_that_says_the_same() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("lectern.toml");
        let odd = "a \"quoted\" \\ path";
        std::fs::write(&path, layers(&[("LECTERN_DATA_DIR", odd)]).report().unwrap()).unwrap();
        let again = Layers::read(Some(&path), [], &[]).unwrap();
        for key in keys::ALL {
            let before = layers(&[("LECTERN_DATA_DIR", odd)]).written(key.name).unwrap();
            let after = again.written(key.name).unwrap();
            assert_eq!(before.map(|written| written.text), after.map(|written| written.text), "{}", key.name);
        }
    }
}
