//! What whoever watches over the service can see, and who may.

use std::time::Duration;

use secrecy::SecretString;

use super::{ConfigError, Layers, keys, values::number};

/// The longest threshold of slow statements, in milliseconds: an hour.
const LONGEST: u64 = 3_600_000;

/// The fewest characters of a metrics token.
const SHORTEST_TOKEN: usize = 16;

/// Metrics and slow statements.
#[derive(Debug, Clone)]
pub(crate) struct ObservabilitySettings {
    /// What whoever collects metrics presents. `None`: everybody may read them.
    pub(crate) metrics_token: Option<SecretString>,
    /// Statements of the database that take longer are logged. `None`: none is.
    pub(crate) slow_query: Option<Duration>,
}

pub(super) fn observability(layers: &Layers) -> Result<ObservabilitySettings, ConfigError> {
    let slow = layers.required(keys::SLOW_QUERY_MS, number(0..=LONGEST))?;
    Ok(ObservabilitySettings {
        metrics_token: layers.optional_secret(keys::METRICS_TOKEN, metrics_token)?,
        slow_query: (slow > 0).then(|| Duration::from_millis(slow)),
    })
}

/// It goes into an HTTP header, and whoever guesses it reads them all.
fn metrics_token(text: &str) -> Result<SecretString, String> {
    if text.len() >= SHORTEST_TOKEN && text.chars().all(|character| character.is_ascii_graphic()) {
        Ok(text.into())
    } else {
        Err(format!("must be at least {SHORTEST_TOKEN} visible ASCII characters, without spaces"))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::Settings;

    fn read(variables: &[(&str, &str)]) -> Result<ObservabilitySettings, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Ok(Settings::read(&Layers::read(None, variables, &[])?)?.observability)
    }

    #[test]
    fn statements_are_slow_after_half_a_second_unless_it_is_said_otherwise() {
        let slow = |variables: &[(&str, &str)]| read(variables).unwrap().slow_query;
        assert_eq!(slow(&[]), Some(Duration::from_millis(500)));
        assert_eq!(slow(&[("LECTERN_SLOW_QUERY_MS", "20")]), Some(Duration::from_millis(20)));
        assert_eq!(slow(&[("LECTERN_SLOW_QUERY_MS", "0")]), None);
        assert!(read(&[("LECTERN_SLOW_QUERY_MS", "3600001")]).is_err());
    }

    #[test]
    fn metrics_are_everybodys_unless_there_is_a_token_that_can_be_sent() {
        assert!(read(&[]).unwrap().metrics_token.is_none());
        let token = read(&[("LECTERN_METRICS_TOKEN", "0123456789abcdef")]).unwrap().metrics_token.unwrap();
        assert_eq!(token.expose_secret(), "0123456789abcdef");
        for wrong in ["s3cr3t", "s3cr3t with a space in it", "s3cr3t-0123456789é"] {
            let error = read(&[("LECTERN_METRICS_TOKEN", wrong)]).unwrap_err().to_string();
            assert!(error.contains("at least 16 visible ASCII") && !error.contains("s3cr3t"), "{error}");
        }
    }
}
