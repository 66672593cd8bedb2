//! katkru: the accounts of a site, with sessions in cookies, one a device (a *seance*).
//!
//! Its paths say who may ask: `/api/v1/public` is open; `/api/v1/private` is for whoever is signed in ([`private`]);
//! `/api/v1/server` for the site's own servers, known by their addresses ([`server`]).
//!
//! Quirks that its clients rely on:
//! - texts are Russian, and one says what failed in `message` and again in `detail`; two failures have bodies of their own;
//! - tokens are in cookies alone, which browsers keep for longer than they are good for, so that an access token that has
//!   expired still comes, and is replaced on the way;
//! - a password is taken without the white space around it;
//! - signing in on a device that has a session goes on with it; a device is known by its `User-Agent`;
//! - showing the code from a mail is a `GET`.
//!
//! Where it needed a term of its own: `name` is the account's first name, of at most 64 characters here. Whoever signs up has
//! the role `methodist`; what was `administrator` is `admin`.
//!
//! # Not copied
//!
//! - Being on the list of allowed addresses made a request one of user 1, on every path. Here it lets call
//!   `/api/v1/server`, as nobody.
//! - Failures to sign in were never counted. Here they are, by network; and as a success clears that count, failures at one
//!   login are slowed down beside it, so that an account of one's own is no way around.
//! - Refresh tokens were stored as they are. Here nothing of a token is stored.
//! - Short e-mail addresses were logged whole. Here the log has none, and the audit log names accounts by their ids.
//! - `seances` showed the device at hand alone. Here it shows all.
//! - A reset token worked without its code. Here it works once the code was confirmed, and once.
//! - Whatever had been signed with the server's key was reissued. Here a new access token needs a good refresh token of a live
//!   session that was opened through this dialect: an expired access token alone is worth nothing.

mod dto;
mod error;
mod password_reset;
mod private;
mod routes;
mod server;
mod wording;

pub(super) use error::said;
pub(super) use routes::configure;
