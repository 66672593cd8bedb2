//! The rules of Lectern, and nothing else.
//!
//! Everything here is a plain value: no I/O, no async, no serialisation, no clock. Time, ids and randomness
//! are arguments. A type that exists is valid (`parse`, don't validate), a state machine's transition consumes
//! its value and answers the next one or a typed error.
//!
//! | module | what it rules |
//! |---|---|
//! | [`account`] | who somebody is: names, e-mail address, password policy, standing |
//! | [`access`] | what somebody may do: permissions, roles, principals |
//! | [`challenge`] | showing that one reads an address's mail: tokens, codes, tries |
//! | [`mail`] | mails on their way out: when to send, when to give up |
//! | [`session`] | devices that stay signed in: refresh generations, grace interval, reuse |
//! | [`surface`] | the APIs that people sign up and in through: terms of sessions, passwords, new accounts |
//! | [`transcription`] | a recording on its way to text: state machine, chunk plan, chunks, job lease |
//! | [`throttling`] | how fast passwords may be guessed, and how often a network may ask |
//! | [`ledger`] | balances: entries, never below zero |
//! | [`idempotency`] | requests that are sent again and must not count again |
//! | [`audit`] | what is written down about all of it |
//! | [`log`] | what the server says of itself, where it is kept |
//! | [`time`] | instants at the one precision that every store keeps |

pub mod access;
pub mod account;
pub mod audit;
pub mod challenge;
pub mod idempotency;
pub mod ledger;
pub mod log;
pub mod mail;
pub mod session;
pub mod surface;
mod text;
pub mod throttling;
pub mod time;
pub mod transcription;
