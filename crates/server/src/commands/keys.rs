//! `lectern keys`: works on the folder of keys, whether or not a server uses it.

use std::time::Duration;

use lectern_application::ports::Clock as _;
use lectern_security_adapter::{
    KeyRingError, KeyState, ListedKey, Rotation, SystemClock, list_keys, rotate_keys,
};

use crate::{
    cli::{KeysAction, RotateArguments},
    config::Settings,
    data_dir::keys_in,
    failure::Failure,
    output::{self, date},
};

pub(super) fn run(action: KeysAction, settings: &Settings) -> Result<(), Failure> {
    let folder = keys_in(&settings.secrets_dir);
    if !folder.is_dir() {
        return Err(Failure::operation(format!("there is no folder of keys {}", folder.display())).fix(
            "Name the server's data folder with --data-dir, or its folder of secrets with --secrets-dir. A server makes its keys when it first starts.",
        ));
    }
    let now = SystemClock.now();
    let failure =
        |error: KeyRingError| Failure::operation("can't use the keys that sign tokens").because(error);
    let lines = match action {
        KeysAction::List => {
            let keys = list_keys(&folder, &settings.key_ring(), now).map_err(failure)?;
            keys.iter().map(described).collect()
        }
        KeysAction::Rotate(how) => {
            let rotation = rotation(how);
            let rotated = rotate_keys(&folder, &settings.key_ring(), rotation, now).map_err(failure)?;
            let made = rotated.made.iter().map(|key| format!("made {}", described(key)));
            made.chain(rotated.removed.iter().map(|kid| format!("removed {kid}"))).collect::<Vec<_>>()
        }
    };
    lines.iter().try_for_each(|line| output::line(line))
}

fn rotation(how: RotateArguments) -> Rotation {
    match how {
        RotateArguments { revoke_old: true, .. } => Rotation::RevokeOld,
        RotateArguments { now: true, .. } => Rotation::After(Duration::ZERO),
        RotateArguments { overlap: Some(seconds), .. } => Rotation::After(Duration::from_secs(seconds)),
        RotateArguments { overlap: None, .. } => Rotation::After(Rotation::DEFAULT_OVERLAP),
    }
}

/// A key in a line: its name, its algorithm, what it does.
fn described(key: &ListedKey) -> String {
    let state = match key.state {
        KeyState::Waiting { begins } => format!("signs from {}", date(begins)),
        KeyState::Signing => "signs".to_owned(),
        KeyState::Verifying { until: Some(until) } => format!("verifies until {}", date(until)),
        KeyState::Verifying { until: None } => "verifies".to_owned(),
        KeyState::Retired => "retired; the next rotation removes it".to_owned(),
    };
    format!("{} {} {state}", key.kid, key.algorithm.as_str())
}

#[cfg(test)]
mod tests {
    use lectern_domain::time::Timestamp;
    use lectern_security_adapter::JwtAlgorithm;

    use super::*;

    fn shown(state: KeyState) -> String {
        described(&ListedKey { kid: "main".to_owned(), algorithm: JwtAlgorithm::EdDsa, state, begins: None })
    }

    #[test]
    fn times_are_shown_as_dates() {
        let begins = Timestamp::from_micros(1_767_225_600_123_456);
        assert_eq!(shown(KeyState::Waiting { begins }), "main EdDSA signs from 2026-01-01T00:00:00Z");
        let until = Some(begins);
        assert_eq!(shown(KeyState::Verifying { until }), "main EdDSA verifies until 2026-01-01T00:00:00Z");
    }
}
