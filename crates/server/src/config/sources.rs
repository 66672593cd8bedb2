//! Where settings are written: the file, the environment, the files of secrets. Names are checked here.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use figment::{
    Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::{
    ConfigError, Variable,
    keys::{self, FILE_VARIABLE, Known, VARIABLE_PREFIX},
    layers::invalid,
};

/// The file that is read if it is there and no other is named.
const DEFAULT_FILE: &str = "lectern.toml";

/// Values with one origin, which is the name of their metadata.
pub(super) struct Layer {
    pub(super) origin: String,
    pub(super) values: Dict,
}

impl Layer {
    pub(super) fn of_one(origin: String, name: &str, value: String) -> Self {
        Self { origin, values: Dict::from([(name.to_owned(), Value::from(value))]) }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// The configuration file: the one named, or the usual one if it is there.
pub(super) fn file_layer(named: Option<PathBuf>) -> Result<Option<Layer>, ConfigError> {
    let default = || Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists());
    let Some(path) = named.or_else(default) else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) if source.kind() == ErrorKind::NotFound => return Err(ConfigError::NoFile { path }),
        Err(source) => return Err(ConfigError::File { path, source }),
    };
    let values: Dict = toml::from_str(&text).map_err(|error| syntax(&path, &text, &error))?;
    let origin = format!("the file {}", path.display());
    for name in values.keys() {
        check_name(name, &origin)?;
    }
    Ok(Some(Layer { origin, values }))
}

/// What is wrong with the file and where, without a word of what is written there.
fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    ConfigError::Syntax {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.chars().count() - before[..line_start].chars().count() + 1,
        message: error.message().to_owned(),
    }
}

/// The variables that are ours.
pub(super) struct Variables {
    /// The configuration file.
    pub(super) file: Option<PathBuf>,
    pub(super) settings: Vec<Layer>,
}

/// Picks them out of an environment.
pub(super) fn lectern_variables(
    environment: impl IntoIterator<Item = Variable>,
) -> Result<Variables, ConfigError> {
    let mut ours = Variables { file: None, settings: Vec::new() };
    for (variable, value) in environment {
        // A name that is not UTF-8 is none of ours.
        let Some(variable) = variable.to_str() else { continue };
        let Some(name) = variable.strip_prefix(VARIABLE_PREFIX).filter(|_| !value.is_empty()) else {
            continue;
        };
        if variable == FILE_VARIABLE {
            ours.file = Some(value.into());
            continue;
        }
        let name = name.to_lowercase();
        let origin = format!("the environment variable {variable}");
        check_name(&name, &origin)?;
        match value.into_string() {
            Ok(value) => ours.settings.push(Layer::of_one(origin, &name, value)),
            Err(_not_utf8) => return Err(invalid(&name, origin, "must be UTF-8")),
        }
    }
    Ok(ours)
}

fn check_name(name: &str, origin: &str) -> Result<(), ConfigError> {
    let (name, origin) = (name.to_owned(), origin.to_owned());
    match keys::look_up(&name) {
        Known::Setting => Ok(()),
        Known::No(suggestion) => Err(ConfigError::Unknown { name, origin, suggestion }),
    }
}

/// A secret's file; the end of its last line doesn't belong to the secret.
pub(super) fn read_secret_file(name: &'static str, path: &str, origin: &str) -> Result<String, ConfigError> {
    let path = PathBuf::from(path);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(source) => Err(ConfigError::SecretFile { name, origin: origin.to_owned(), path, source }),
    }
}
