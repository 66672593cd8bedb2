//! `lectern config check`: by the time it runs, the configuration has passed.

use super::serve::require_secrets;
use crate::{
    cli::ConfigAction,
    config::{Layers, Settings},
    failure::Failure,
    output,
};

pub(super) fn run(action: ConfigAction, layers: &Layers, settings: &Settings) -> Result<(), Failure> {
    match action {
        ConfigAction::Check => {
            output::result(layers.report()?.as_bytes())?;
            for guessable in settings.guessable_secrets() {
                output::warning(&format!("{guessable}, so others can guess it"));
            }
            require_secrets(settings)
        }
    }
}
