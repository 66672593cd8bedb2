//! How long things are kept.

use std::{ops::RangeInclusive, time::Duration};

use lectern_application::maintenance::Retention;

use super::{ConfigError, Layers, keys, values::number};

/// A hundred years: longer is for good.
const LONGEST: u32 = 36_500;
/// Fewer lines would not tell what happened.
const LOG_ROWS: RangeInclusive<u64> = 1_000..=1_000_000_000;

/// Reads the settings; what has none is as it is by default.
pub(super) fn retention(layers: &Layers) -> Result<Retention, ConfigError> {
    let days = |key| layers.required(key, number(1..=LONGEST)).map(days);
    let audio = layers.required(keys::RETENTION_AUDIO_DAYS, number(0..=LONGEST))?;
    Ok(Retention {
        audio: (audio > 0).then(|| self::days(audio)),
        sessions: days(keys::RETENTION_SESSIONS_DAYS)?,
        audit: days(keys::RETENTION_AUDIT_DAYS)?,
        log: days(keys::RETENTION_LOG_DAYS)?,
        log_rows: layers.required(keys::LOG_MAX_ROWS, number(LOG_ROWS))?,
        keys: days(keys::RETENTION_IDEMPOTENCY_DAYS)?,
        ..Retention::default()
    })
}

fn days(count: u32) -> Duration {
    Duration::from_hours(24 * u64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn read(variables: &[(&str, &str)]) -> Result<Retention, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Ok(Settings::read(&Layers::read(None, variables, &[])?)?.retention)
    }

    #[test]
    fn the_defaults_are_those_of_the_rules() {
        assert_eq!(read(&[]).unwrap(), Retention::default());
    }

    #[test]
    fn each_setting_is_of_one_kind_of_thing() {
        let retention = read(&[
            ("LECTERN_RETENTION_AUDIO_DAYS", "7"),
            ("LECTERN_RETENTION_SESSIONS_DAYS", "2"),
            ("LECTERN_RETENTION_AUDIT_DAYS", "3"),
            ("LECTERN_RETENTION_LOG_DAYS", "4"),
            ("LECTERN_RETENTION_IDEMPOTENCY_DAYS", "5"),
            ("LECTERN_LOG_MAX_ROWS", "6000"),
        ]);
        let expected = Retention {
            audio: Some(days(7)),
            sessions: days(2),
            audit: days(3),
            log: days(4),
            keys: days(5),
            log_rows: 6_000,
            ..Retention::default()
        };
        assert_eq!(retention.unwrap(), expected);
    }

    #[test]
    fn audio_alone_can_be_kept_for_good() {
        assert_eq!(read(&[("LECTERN_RETENTION_AUDIO_DAYS", "0")]).unwrap().audio, None);
        for name in ["SESSIONS", "AUDIT", "LOG", "IDEMPOTENCY"] {
            let name = format!("LECTERN_RETENTION_{name}_DAYS");
            let refused = read(&[(&name, "0")]).unwrap_err().to_string();
            assert!(refused.contains("must be a whole number from 1 to 36500, not '0'"), "{refused}");
        }
    }

    #[test]
    fn what_is_no_number_within_its_limits_is_refused() {
        for (name, value) in
            [("RETENTION_AUDIO_DAYS", "-1"), ("RETENTION_LOG_DAYS", "36501"), ("LOG_MAX_ROWS", "999")]
        {
            assert!(read(&[(&format!("LECTERN_{name}"), value)]).is_err(), "{name}={value}");
        }
    }
}
