//! When backups are taken, where they are kept, and how many.

use std::{num::NonZeroUsize, path::PathBuf};

use lectern_domain::time::{TimeOfDay, TimeOfDayError};

use super::{
    ConfigError, Layers, keys,
    values::{not_empty, number},
};

const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The backups of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackupSettings {
    pub(crate) folder: PathBuf,
    /// `None`: on command alone.
    pub(crate) at: Option<TimeOfDay>,
    /// How many are kept.
    pub(crate) keep: NonZeroUsize,
}

impl BackupSettings {
    /// Checks what was written.
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            folder: layers.required(keys::BACKUP_DIR, not_empty)?.into(),
            at: layers.required(keys::BACKUP_AT, at)?,
            keep: layers.required(keys::BACKUP_KEEP, number(NonZeroUsize::MIN..=MOST))?,
        })
    }
}

fn at(text: &str) -> Result<Option<TimeOfDay>, String> {
    if text == "off" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: TimeOfDayError| format!("{error}, or 'off', not '{text}'"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<BackupSettings, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        BackupSettings::read(&Layers::read(None, variables, &[])?)
    }

    #[test]
    fn ten_backups_are_kept_of_every_night_beside_the_data_unless_configured_otherwise() {
        let settings = read(&[("LECTERN_DATA_DIR", "/srv/l")]).unwrap();
        assert_eq!(settings.folder, Path::new("/srv/l/backups"));
        assert_eq!((settings.at, settings.keep.get()), ("03:00".parse().ok(), 10));
    }

    #[test]
    fn backups_can_be_turned_off_and_moved() {
        let settings = read(&[("LECTERN_BACKUP_AT", "off"), ("LECTERN_BACKUP_DIR", "/mnt/b")]).unwrap();
        assert_eq!((settings.at, settings.folder.as_path()), (None, Path::new("/mnt/b")));
    }

    #[test]
    fn what_is_no_time_and_no_number_is_refused() {
        let said = read(&[("LECTERN_BACKUP_AT", "3 am")]).unwrap_err().to_string();
        assert!(said.contains("such as 03:00, or 'off', not '3 am'"), "{said}");
        for keep in ["0", "1001", "all"] {
            let said = read(&[("LECTERN_BACKUP_KEEP", keep)]).unwrap_err().to_string();
            assert!(said.contains("from 1 to 1000"), "{said}");
        }
    }
}
