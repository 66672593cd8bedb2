//! How many connections there may be, and how long clients are waited for.

use std::time::Duration;

use lectern_actix_http::ConnectionLimits;

use super::{
    ConfigError, Layers, keys,
    values::{number, seconds},
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
/// More connections than any machine has.
const MILLION: usize = 1_000_000;
/// A gigabyte in a second.
const GIGABYTE: u64 = 1_000_000_000;

/// Checks what was written.
pub(super) fn connections(layers: &Layers) -> Result<ConnectionLimits, ConfigError> {
    let most = layers.required(keys::MAX_CONNECTIONS, number(1..=MILLION))?;
    Ok(ConnectionLimits {
        most,
        most_of_a_network: layers.required(keys::MAX_CONNECTIONS_PER_NETWORK, number(1..=MILLION))?,
        most_kept: most,
        head: layers.required(keys::HEADER_TIMEOUT_SECONDS, seconds(SECOND..=HOUR))?,
        keep_alive: layers.required(keys::KEEP_ALIVE_SECONDS, seconds(SECOND..=HOUR))?,
        silence: layers.required(keys::CLIENT_TIMEOUT_SECONDS, seconds(SECOND..=HOUR))?,
        least_rate: layers.required(keys::MIN_UPLOAD_RATE, number(0..=GIGABYTE))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ConnectionLimits, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        connections(&Layers::read(None, variables, &[]).unwrap())
    }

    #[test]
    fn the_defaults_are_those_of_the_server() {
        assert_eq!(read(&[]).unwrap(), ConnectionLimits::default());
    }

    #[test]
    fn no_bound_can_be_turned_off_but_that_of_the_rate() {
        assert_eq!(read(&[("LECTERN_MIN_UPLOAD_RATE", "0")]).unwrap().least_rate, 0);
        for name in [
            "LECTERN_MAX_CONNECTIONS",
            "LECTERN_MAX_CONNECTIONS_PER_NETWORK",
            "LECTERN_HEADER_TIMEOUT_SECONDS",
            "LECTERN_KEEP_ALIVE_SECONDS",
            "LECTERN_CLIENT_TIMEOUT_SECONDS",
        ] {
            assert!(matches!(read(&[(name, "0")]), Err(ConfigError::Invalid { .. })), "{name}");
        }
    }
}
