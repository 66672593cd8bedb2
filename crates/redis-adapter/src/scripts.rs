//! What Redis does by itself, each script in one round trip and without anything in between.

use std::sync::LazyLock;

use redis::Script;

macro_rules! script {
    ($($part:literal),+) => {
        LazyLock::new(|| Script::new(concat!($(include_str!(concat!("scripts/", $part, ".lua"))),+)))
    };
}

pub(crate) static LOOK_UP: LazyLock<Script> = script!("gates", "look_up");
pub(crate) static KEEP: LazyLock<Script> = script!("gates", "keep");
pub(crate) static TOUCH: LazyLock<Script> = script!("gates", "touch");
pub(crate) static TAKE: LazyLock<Script> = script!("take");
pub(crate) static ADMIT: LazyLock<Script> = script!("tries", "admit");
pub(crate) static SETTLE: LazyLock<Script> = script!("tries", "settle");
pub(crate) static FORGIVE: LazyLock<Script> = script!("forgive");
pub(crate) static ADMIT_FAILURE: LazyLock<Script> = script!("failures", "admit_failure");
pub(crate) static SETTLE_FAILURE: LazyLock<Script> = script!("failures", "settle_failure");

/// All of them, to be loaded when a connection is made: so that no question needs a second round trip.
pub(crate) fn all() -> [&'static Script; 9] {
    [&LOOK_UP, &KEEP, &TOUCH, &TAKE, &ADMIT, &SETTLE, &FORGIVE, &ADMIT_FAILURE, &SETTLE_FAILURE]
}
