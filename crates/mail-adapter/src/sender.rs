//! Who mails come from.

use lettre::message::Mailbox;

/// The mailbox that mails come from: an address, perhaps with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub(crate) Mailbox);

/// The text is no mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a mailbox such as noreply@example.org or Lectern <noreply@example.org>")]
pub struct SenderError;

impl Sender {
    /// Reads a mailbox as it stands in a mail's `From` (RFC 5322, section 3.4).
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        if text.chars().any(char::is_control) {
            return Err(SenderError);
        }
        text.trim().parse().map(Self).map_err(|_| SenderError)
    }

    /// The part of its address after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_with_and_without_a_name_are_read() {
        for text in ["noreply@example.org", " Lectern <noreply@example.org>", "\"Lectern, Ltd.\" <a@b.org>"] {
            assert!(Sender::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Sender::parse("Ädä <a@b.org>").unwrap().domain(), "b.org");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "Lectern", "a@b.org\r\nBcc: eve@example.org", "Eve\r\n <a@b.org>", "a@b.org, c@d.org"]
        {
            assert_eq!(Sender::parse(text), Err(SenderError), "{text}");
        }
    }
}
