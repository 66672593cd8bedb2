//! Sessions on devices, and the rotation of their refresh tokens.
//!
//! Nothing of a token is stored. A session counts *generations*: a refresh token names the generation it was made
//! for, and presenting the current one begins the next. The direct parent of the current generation is accepted
//! again for a short *grace interval*, and answered with the very same successor, so that a client that lost an
//! answer, or sent two requests at once, stays signed in. Anything older can only be a copy: the session ends
//! (reuse detection of RFC 9700, section 4.14.2).

mod device;
mod rotation;

pub use device::{Device, UserAgent};
pub use rotation::{
    EndReason, Generation, Presentation, RefreshPolicy, RefreshRules, Session, SessionId, SessionParts,
};
