//! What an attacker tries, against the real program over real HTTP. What must never work is a test here.

pub(crate) mod forge;
mod forged_tokens;
mod passwords;
mod refresh_races;
mod same_device;
mod sign_in;
