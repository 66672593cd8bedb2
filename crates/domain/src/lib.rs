//! The rules of Lectern, and nothing else.
//!
//! Everything here is a plain value: no I/O, no async, no serialisation, no clock. Time, ids and randomness
//! are arguments. A type that exists is valid (`parse`, don't validate), a state machine's transition consumes
//! its value and answers the next one or a typed error.
//!
//! A session, from its first token to the second use of it, which ends it:
//!
//! ```
//! use std::time::Duration;
//!
//! use lectern_domain::{
//!     account::UserId,
//!     session::{Device, EndReason, Generation, Presentation, RefreshRules, Session, SessionId},
//!     surface::Surface,
//!     time::Timestamp,
//! };
//! use uuid::Uuid;
//!
//! let (now, rules) = (Timestamp::from_micros(1_700_000_000_000_000), RefreshRules::default());
//! let (id, ada) = (SessionId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
//! let session = Session::open(id, ada, Surface::V1, Device::default(), now, rules);
//!
//! let Presentation::Rotated(session) = session.present(Generation::FIRST, now, rules) else { unreachable!() };
//! assert_eq!(session.generation(), Generation(1));
//!
//! let later = now.plus(Duration::from_mins(1));
//! let Presentation::Reused(session) = session.present(Generation::FIRST, later, rules) else { unreachable!() };
//! assert_eq!(session.parts().ended, Some((later, EndReason::Reused)));
//! ```
//!
//! `docs/embedding.md` says how to use them in a program of one's own; the examples `sessions` and `transcription` of this
//! crate are longer.
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
