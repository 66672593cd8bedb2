//! Sending what the outbox holds.

mod deliver;

pub use deliver::{DeliverMail, DeliverMailError, Delivery};
