//! `lectern config check`: by the time it runs, the configuration has passed.

use crate::{cli::ConfigAction, config::Layers, failure::Failure, output};

pub(super) fn run(action: ConfigAction, layers: &Layers) -> Result<(), Failure> {
    match action {
        ConfigAction::Check => output::result(layers.report()?.as_bytes()),
    }
}
