//! The keys that sign tokens.

use std::time::Duration;

use lectern_application::ports::Clock as _;
use lectern_domain::time::Timestamp;
use lectern_security_adapter::{KeyState, ListedKey, SystemClock, list_keys};

use super::{Finding, chain};
use crate::{config::Settings, data_dir::keys_in};

const CHECK: &str = "keys";
/// An older key should be replaced.
const OLD: Duration = Duration::from_hours(24 * 365);

/// Looks at the folder of keys.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let folder = keys_in(&settings.secrets_dir);
    if !folder.exists() {
        return vec![Finding::ok(CHECK, "none yet; the server makes them when it first starts")];
    }
    let now = SystemClock.now();
    match list_keys(&folder, &settings.key_ring(), now) {
        Ok(keys) => signing(&keys, now),
        Err(error) => vec![Finding::problem(CHECK, chain(&error), "The server does not start like this.")],
    }
}

fn signing(keys: &[ListedKey], now: Timestamp) -> Vec<Finding> {
    let signing: Vec<_> = keys.iter().filter(|key| key.state == KeyState::Signing).collect();
    if signing.is_empty() {
        let what = "none of the keys is for the algorithm of the settings";
        return vec![Finding::warning(CHECK, what, "The server makes one when it starts.")];
    }
    let findings = signing.into_iter().map(|key| {
        let (kid, algorithm) = (&key.kid, key.algorithm.as_str());
        let age = key.begins.map(|begins| now.since(begins));
        match age {
            Some(age) if age > OLD => Finding::warning(
                CHECK,
                format!("{kid} ({algorithm}) has signed for {} days", age.as_secs() / 86_400),
                "Run: lectern keys rotate",
            ),
            Some(_) | None => Finding::ok(CHECK, format!("{kid} ({algorithm}) signs")),
        }
    });
    findings.collect()
}

#[cfg(test)]
mod tests {
    use lectern_security_adapter::JwtAlgorithm;

    use super::*;
    use crate::doctor::Verdict;

    fn verdict(state: KeyState, begins: Option<Timestamp>) -> Verdict {
        let key = ListedKey { kid: "main".to_owned(), algorithm: JwtAlgorithm::EdDsa, state, begins };
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        signing(&[key], now).first().unwrap().verdict
    }

    #[test]
    fn a_key_that_has_signed_for_more_than_a_year_is_a_warning() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let days = |count: u64| Some(now.minus(Duration::from_hours(24 * count)));
        assert_eq!(verdict(KeyState::Signing, days(365)), Verdict::Ok);
        assert_eq!(verdict(KeyState::Signing, days(366)), Verdict::Warning);
        assert_eq!(verdict(KeyState::Signing, None), Verdict::Ok);
    }

    #[test]
    fn no_key_that_signs_is_a_warning() {
        assert_eq!(verdict(KeyState::Verifying { until: None }, None), Verdict::Warning);
    }
}
