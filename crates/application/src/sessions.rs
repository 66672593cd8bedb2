//! The devices that an account is signed in on.

mod end;
mod find_surface;
mod list_own;
mod revoke_others;
mod revoke_own;

pub(crate) use end::{end_all, end_session};
pub use find_surface::FindSurface;
pub use list_own::{ListOwnSessions, ListOwnSessionsError};
pub use revoke_others::{RevokeOtherSessions, RevokeOtherSessionsError};
pub use revoke_own::{RevokeOwnSession, RevokeOwnSessionError};
