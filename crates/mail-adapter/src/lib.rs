//! Mails: by SMTP, or into the log where there is no SMTP server.
//!
//! | item | |
//! |---|---|
//! | [`SmtpMailer`] | the port `Mailer` by SMTP (RFC 5321), with lettre |
//! | [`LogMailer`] | the same into the log, for development |
//! | [`SmtpSettings`] | which server, how encrypted, as whom: read from a URL |
//! | [`Sender`] | the mailbox that mails come from |
//!
//! Invariants: mails are plain text in UTF-8 and say that a program wrote them (`Auto-Submitted`, RFC 3834); nothing that
//! users type gets into a header but their address, whose form the domain has checked; without TLS nothing is sent to
//! another machine unless the settings say so; no error names an address or a password.

mod letter;
mod log;
mod sender;
mod settings;
mod smtp;
mod text;

pub use log::LogMailer;
pub use sender::{Sender, SenderError};
pub use settings::{SmtpSettings, SmtpUrlError};
pub use smtp::{SmtpMailer, SmtpSetupError};
