//! Requests that may be sent twice, and must not count twice.
//!
//! A client that got no answer doesn't know whether its request arrived. It sends the same request again under the same
//! *key*, and gets what the first one made. What a key stands for is a [`KeyUse`]: who used it and for what. The
//! [`IdempotencyRecord`] of a use says what the request asked for, as a hash, and what was made. It is stored in the same
//! transaction as the thing itself, so that there is never one without the other; a request that failed leaves no record
//! and may be tried again under the same key.

mod key;
mod record;

pub use key::{IdempotencyKey, IdempotencyKeyError};
pub use record::{Created, IdempotencyRecord, KeyOwner, KeyReused, KeyUse, Operation};
