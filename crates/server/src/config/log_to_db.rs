//! Whether the log is kept in the database.

use super::values::choice;

/// Whether requests, warnings and errors are kept in the database, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogToDatabase {
    /// They are.
    On,
    /// They are in the log alone.
    Off,
}

/// Reads `true` or `false`.
pub(super) fn log_to_database(text: &str) -> Result<LogToDatabase, String> {
    choice(&[("true", LogToDatabase::On), ("false", LogToDatabase::Off)])(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigError, Layers, Settings};

    fn read(variables: &[(&str, &str)]) -> Result<LogToDatabase, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Ok(Settings::read(&Layers::read(None, variables, &[])?)?.log_to_db)
    }

    #[test]
    fn the_log_is_kept_in_the_database_only_if_that_is_asked_for() {
        assert_eq!(read(&[]).unwrap(), LogToDatabase::Off);
        assert_eq!(read(&[("LECTERN_LOG_TO_DB", "false")]).unwrap(), LogToDatabase::Off);
        assert_eq!(read(&[("LECTERN_LOG_TO_DB", "true")]).unwrap(), LogToDatabase::On);
        let refused = read(&[("LECTERN_LOG_TO_DB", "yes")]).unwrap_err().to_string();
        assert!(refused.contains("must be one of true, false"), "{refused}");
    }
}
