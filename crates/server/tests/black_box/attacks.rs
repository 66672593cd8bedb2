//! What an attacker tries, against the real program over real HTTP. What must never work is a test here.

mod besieged;
pub(crate) mod forge;
mod forged_tokens;
mod huge_heads;
mod many_connections;
mod odd_requests;
mod passwords;
mod refresh_races;
mod same_device;
mod sign_in;
mod slow_clients;
mod smuggling;
mod traversals;
