//! What can be wrong with a configuration.

use std::path::PathBuf;

/// Why the configuration was refused. Values of secrets are never part of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file is there, but can't be read.
    #[error("the configuration file {} can't be read", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML. The parser's own error is no source of this one: it repeats the line, which may hold a
    /// secret.
    #[error("the configuration file {} is not TOML: line {line}, column {column}: {message}", path.display())]
    Syntax { path: PathBuf, line: usize, column: usize, message: String },
    /// The file that was asked for is not there.
    #[error("there is no configuration file {}", path.display())]
    NoFile { path: PathBuf },
    /// A name that nobody knows.
    #[error("{origin} sets {name}, which is no setting{}", hint(suggestion.as_deref()))]
    Unknown { name: String, origin: String, suggestion: Option<String> },
    /// A value that can't be.
    #[error("{origin} sets {name}, which {reason}")]
    Invalid { name: String, origin: String, reason: String },
    /// A secret and the file with it.
    #[error("{origin} sets {name}, and {other_origin} sets {name}_file; give only one of the two")]
    Twice { name: &'static str, origin: String, other_origin: String },
    /// A secret's file.
    #[error("{origin} names {} as the file that holds {name}, but it can't be read", path.display())]
    SecretFile {
        name: &'static str,
        origin: String,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Settings that don't go together.
    #[error("{0}")]
    Contradiction(&'static str),
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}
