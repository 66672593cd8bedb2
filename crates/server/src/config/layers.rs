//! File, environment, flags and defaults, laid over each other. What a value means is not known here.

use std::{fmt, path::Path};

use figment::{Figment, value::Value};
use secrecy::SecretString;

use super::{
    ConfigError, Flag, Variable,
    aws::aws_variables,
    keys::{self, Key, Unset},
    sources::{Layer, file_layer, lectern_variables, read_secret_file},
};

/// Everything that was set, and by what.
pub(crate) struct Layers {
    settings: Figment,
    /// The variables that are not ours, but those of everything that uses S3.
    aws: Vec<(String, String)>,
}

/// Opaque: there are secrets in it.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layers").finish_non_exhaustive()
    }
}

/// What sets what nobody else did.
const THE_DEFAULT: &str = "the default";

/// A setting's value as it was written.
pub(super) struct Written {
    pub(super) text: String,
    /// What set it.
    pub(super) origin: String,
}

impl Written {
    /// Whether nobody wrote it.
    pub(super) fn is_default(&self) -> bool {
        self.origin == THE_DEFAULT
    }
}

impl Layers {
    /// Reads the file (the one named, or `lectern.toml` if it is there), and lays `environment` and `flags` over it.
    pub(crate) fn read(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = Variable>,
        flags: &[Flag],
    ) -> Result<Self, ConfigError> {
        let environment: Vec<_> = environment.into_iter().collect();
        let aws = aws_variables(&environment)?;
        let variables = lectern_variables(environment)?;
        let file = file.map(Path::to_owned).or_else(|| variables.file.clone());
        let mut figment = Figment::new();
        if let Some(layer) = file_layer(file)? {
            figment = figment.merge(layer);
        }
        for variable in variables.settings {
            figment = figment.merge(variable);
        }
        for flag in flags {
            let layer = Layer::of_one(format!("the flag --{}", flag.name), flag.key, flag.value.clone());
            figment = figment.merge(layer);
        }
        Ok(Self { settings: with_defaults(figment), aws })
    }

    /// How to get to S3, by the usual variables.
    pub(super) fn aws(&self) -> Vec<(String, String)> {
        self.aws.clone()
    }

    /// A setting that is a value. `None` if it was not set and has no default.
    pub(super) fn written(&self, name: &str) -> Result<Option<Written>, ConfigError> {
        let Ok(value) = self.settings.find_value(name) else { return Ok(None) };
        let metadata = self.settings.get_metadata(value.tag());
        let origin = metadata.map(|metadata| metadata.name.to_string()).unwrap_or_default();
        match text(&value) {
            Some(text) => Ok(Some(Written { text, origin })),
            None => Err(invalid(name, origin, "must be a single value")),
        }
    }

    /// What a setting means, if it was set or has a default. `read` says what is wrong with a text, as the end of a
    /// sentence about it.
    pub(super) fn optional<T>(
        &self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(Written { text, origin }) = self.written(key.name)? else { return Ok(None) };
        read(&text).map(Some).map_err(|reason| invalid(key.name, origin, &reason))
    }

    /// What a setting with a default means.
    pub(super) fn required<T>(
        &self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        self.optional(key, read)?.ok_or_else(|| missing(key))
    }

    /// A secret, from wherever it is.
    pub(super) fn secret(&self, key: Key) -> Result<Option<SecretString>, ConfigError> {
        self.optional_secret(key, |text| Ok(text.into()))
    }

    /// What a secret means, from wherever it is. What `read` says is shown, so it MUST NOT repeat the text.
    pub(super) fn optional_secret<T>(
        &self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let value = self.written(key.name)?;
        let file = self.written(&key.file_name())?;
        let (text, origin) = match (value, file) {
            (None, None) => return Ok(None),
            (Some(Written { text, origin }), None) => (text, origin),
            (value, Some(file)) => {
                if let Some(value) = value.filter(|value| !value.is_default()) {
                    let (origin, other_origin) = (value.origin, file.origin);
                    return Err(ConfigError::Twice { name: key.name, origin, other_origin });
                }
                (read_secret_file(key.name, &file.text, &file.origin)?, file.origin)
            }
        };
        let meant = if text.is_empty() { Err("must not be empty".to_owned()) } else { read(&text) };
        meant.map(Some).map_err(|reason| invalid(key.name, origin, &reason))
    }

    /// The same for one with a default.
    pub(super) fn required_secret<T>(
        &self,
        key: Key,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        self.optional_secret(key, read)?.ok_or_else(|| missing(key))
    }
}

fn missing(key: Key) -> ConfigError {
    invalid(key.name, "nothing".to_owned(), "is needed")
}

/// What is wrong with a value.
pub(super) fn invalid(name: &str, origin: String, reason: &str) -> ConfigError {
    ConfigError::Invalid { name: name.to_owned(), origin, reason: reason.to_owned() }
}

/// Lays the defaults under everything.
fn with_defaults(figment: Figment) -> Figment {
    let folder = figment.find_value(keys::DATA_DIR.name).ok().as_ref().and_then(text);
    let folder = folder.unwrap_or_else(|| default_of(keys::DATA_DIR).unwrap_or_default().to_owned());
    let values = keys::ALL.iter().filter_map(|key| {
        let value = default_of(*key)?.replace("{data_dir}", &folder);
        Some((key.name.to_owned(), Value::from(value)))
    });
    figment.join(Layer { origin: THE_DEFAULT.to_owned(), values: values.collect() })
}

fn default_of(key: Key) -> Option<&'static str> {
    match key.unset {
        Unset::Default(text) => Some(text),
        Unset::Means(_) => None,
    }
}

/// Single values as text, so that all three sources are read by the same rules.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, truth) => Some(truth.to_string()),
        Value::Num(..) => {
            let whole = value.to_i128().map(|number| number.to_string());
            whole.or_else(|| value.to_f64().map(|number| number.to_string()))
        }
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) | Value::Array(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs, path::PathBuf};

    use secrecy::ExposeSecret;
    use tempfile::TempDir;

    use super::*;
    use crate::{config::keys::FILE_VARIABLE, failure::Failure};

    fn environment(variables: &[(&str, &str)]) -> Vec<Variable> {
        variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    fn flag(name: &'static str, value: &str) -> Flag {
        Flag { name, key: name, value: value.to_owned() }
    }

    fn file(folder: &TempDir, text: &str) -> PathBuf {
        let path = folder.path().join("lectern.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn text_of(layers: &Layers, key: Key) -> Option<String> {
        layers.written(key.name).unwrap().map(|written| written.text)
    }

    #[test]
    fn flags_win_over_variables_over_the_file_over_defaults() {
        let folder = TempDir::new().unwrap();
        let path = file(&folder, "log = \"file\"\nworker = \"file\"\ndocs_user = \"file\"\n");
        let variables = environment(&[("LECTERN_LOG", "variable"), ("LECTERN_WORKER", "variable")]);
        let layers = Layers::read(Some(&path), variables, &[flag("log", "flag")]).unwrap();
        let values = [keys::LOG, keys::WORKER, keys::DOCS_USER, keys::RECOGNIZER];
        let expected = ["flag", "variable", "file", "auto"].map(|text| Some(text.to_owned()));
        assert_eq!(values.map(|key| text_of(&layers, key)), expected);
    }

    #[test]
    fn the_file_can_be_named_by_a_variable() {
        let folder = TempDir::new().unwrap();
        let path = file(&folder, "chunk_seconds = 30\n");
        let layers =
            Layers::read(None, environment(&[(FILE_VARIABLE, path.to_str().unwrap())]), &[]).unwrap();
        assert_eq!(text_of(&layers, keys::CHUNK_SECONDS).as_deref(), Some("30"));
    }

    #[test]
    fn a_file_that_was_asked_for_must_be_there() {
        let missing = Layers::read(Some(Path::new("/nowhere/lectern.toml")), [], &[]);
        assert!(matches!(missing, Err(ConfigError::NoFile { .. })));
    }

    #[test]
    fn a_file_that_is_not_toml_is_refused_with_the_position_and_without_its_secrets() {
        let folder = TempDir::new().unwrap();
        let secrets = [
            "\"s3cr3t",
            "s3cr3t",
            "'s3cr3t' s3cr3t",
            "\"s3cr3t\\q\"",
            "[s3cr3t",
            "\"s3cr3t\"\nadmin_password = \"s3cr3t\"",
        ];
        for secret in secrets {
            let path = file(&folder, &format!("# Größe\nadmin_password = {secret}\n"));
            let error = Layers::read(Some(&path), [], &[]).unwrap_err();
            let debugged = format!("{error:?}");
            let shown = format!("{} {debugged}", Failure::from(error));
            assert!(!shown.contains("s3cr3t"), "{shown}");
            assert!(shown.contains("line 2, column ") || shown.contains("line 3, column 1:"), "{shown}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_name() {
        let folder = TempDir::new().unwrap();
        let path = file(&folder, "chunk_second = 30\n");
        let error = Layers::read(Some(&path), [], &[]).unwrap_err().to_string();
        let expected = format!(
            "the file {} sets chunk_second, which is no setting; did you mean chunk_seconds?",
            path.display()
        );
        assert_eq!(error, expected);
    }

    #[test]
    fn an_unknown_variable_is_refused_too() {
        let error = Layers::read(None, environment(&[("LECTERN_ADMIN_PASWORD_FILE", "x")]), &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment variable LECTERN_ADMIN_PASWORD_FILE sets admin_pasword_file, which is no setting; \
             did you mean admin_password_file?"
        );
    }

    #[test]
    fn a_name_like_no_other_gets_no_suggestion() {
        let error = Layers::read(None, environment(&[("LECTERN_FROBNICATE", "x")]), &[]).unwrap_err();
        assert!(matches!(error, ConfigError::Unknown { suggestion: None, .. }), "{error}");
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let layers = Layers::read(None, environment(&[("LECTERN_LOG", "")]), &[]).unwrap();
        assert_eq!(text_of(&layers, keys::LOG).as_deref(), Some("info"));
    }

    #[test]
    fn defaults_follow_the_data_folder() {
        let layers = Layers::read(None, environment(&[("LECTERN_DATA_DIR", "/srv/l")]), &[]).unwrap();
        assert_eq!(text_of(&layers, keys::DATABASE_URL).as_deref(), Some("sqlite:///srv/l/lectern.db"));
    }

    #[test]
    fn a_password_of_digits_is_still_a_text() {
        let variables = environment(&[("LECTERN_ADMIN_PASSWORD", "0012345678")]);
        let secret =
            Layers::read(None, variables, &[]).unwrap().secret(keys::ADMIN_PASSWORD).unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "0012345678");
    }

    #[test]
    fn a_secret_can_be_in_a_file() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "wtok-0123456789abcdef\n").unwrap();
        let variables = environment(&[("LECTERN_WORKER_TOKEN_FILE", path.to_str().unwrap())]);
        let secret = Layers::read(None, variables, &[]).unwrap().secret(keys::WORKER_TOKEN).unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "wtok-0123456789abcdef");
    }

    #[test]
    fn a_url_that_has_a_default_can_be_in_a_file() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("url");
        fs::write(&path, "postgres://db/lectern\n").unwrap();
        let variables = environment(&[("LECTERN_DATABASE_URL_FILE", path.to_str().unwrap())]);
        let layers = Layers::read(None, variables, &[]).unwrap();
        let url = layers.required_secret(keys::DATABASE_URL, |url| Ok(url.to_owned())).unwrap();
        assert_eq!(url, "postgres://db/lectern");
        assert!(layers.report().unwrap().contains("database_url_file = "));
    }

    #[test]
    fn a_secret_that_is_given_twice_is_refused() {
        let variables = environment(&[("LECTERN_WORKER_TOKEN", "a"), ("LECTERN_WORKER_TOKEN_FILE", "b")]);
        let twice = Layers::read(None, variables, &[]).unwrap().secret(keys::WORKER_TOKEN);
        assert!(matches!(twice, Err(ConfigError::Twice { .. })));
    }
}
