//! By which code the server refused: its SQLSTATE.
//!
//! diesel tells apart only a few kinds of errors, and of the others it passes on their text alone, which is in whatever
//! language the server speaks. The codes are what the protocol promises, so they are read where they come in: a stream
//! that passes everything on and notes the code of each `ErrorResponse`
//! (<https://www.postgresql.org/docs/current/protocol-error-fields.html>).

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    error::SqlState,
    tls::{ChannelBinding, TlsStream},
};

/// The code of the last error that came in on a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusals(Arc<Mutex<Option<SqlState>>>);

impl Refusals {
    /// The code of the last error since this was asked before.
    pub(crate) fn take(&self) -> Option<SqlState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, code: SqlState) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }
}

/// So much of an `ErrorResponse` is kept: its code is the third field, after two words.
const KEPT: usize = 128;
const ERROR_RESPONSE: u8 = b'E';
/// A message's type, and the length of what follows, itself included.
const HEADER: usize = 5;

/// Where in the stream of messages the next byte is.
#[derive(Debug, Default)]
struct Messages {
    header: Vec<u8>,
    /// How much of the message's body is to come.
    remaining: usize,
    /// The beginning of the body of an error.
    error: Vec<u8>,
}

impl Messages {
    /// Takes what came in, and answers the code of the last error that is complete with it.
    fn follow(&mut self, mut bytes: &[u8]) -> Option<SqlState> {
        let mut code = None;
        while !bytes.is_empty() {
            if self.remaining == 0 {
                let (header, rest) = bytes.split_at(bytes.len().min(HEADER - self.header.len()));
                self.header.extend_from_slice(header);
                bytes = rest;
                if let [_, a, b, c, d] = *self.header.as_slice() {
                    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
                    self.remaining = length.saturating_sub(HEADER - 1);
                    if self.remaining == 0 {
                        self.header.clear();
                    }
                }
                continue;
            }
            let (body, rest) = bytes.split_at(bytes.len().min(self.remaining));
            self.remaining -= body.len();
            bytes = rest;
            if self.header.first() == Some(&ERROR_RESPONSE) {
                let wanted = body.len().min(KEPT - self.error.len());
                self.error.extend_from_slice(body.get(..wanted).unwrap_or_default());
            }
            if self.remaining == 0 {
                self.header.clear();
                code = code_of(&self.error).or(code);
                self.error.clear();
            }
        }
        code
    }
}

/// The code among the fields of an error: each is a letter and a text up to a NUL.
fn code_of(fields: &[u8]) -> Option<SqlState> {
    let code = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"))?;
    std::str::from_utf8(code).ok().map(SqlState::from_code)
}

/// A stream from the server that notes the codes of errors.
#[derive(Debug)]
pub(crate) struct Overheard<S> {
    stream: S,
    messages: Messages,
    refusals: Refusals,
}

impl<S> Overheard<S> {
    pub(crate) fn new(stream: S, refusals: Refusals) -> Self {
        Self { stream, messages: Messages::default(), refusals }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, into);
        if let Some(code) = this.messages.follow(into.filled().get(before..).unwrap_or_default()) {
            this.refusals.note(code);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, from)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Overheard<S> {
    /// None: the password is proven to the server without it.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], length.as_slice(), body].concat()
    }

    /// Something before, an error that says much in Russian, something after.
    fn stream() -> Vec<u8> {
        let text = "M".to_owned() + &"обнаружена взаимоблокировка ".repeat(20);
        let error = [b"S\xd0\x9e\0VERROR\0C40P01\0".as_slice(), text.as_bytes(), b"\0\0"].concat();
        [message(b'1', b""), message(b'D', b"C99999\0E"), message(b'E', &error), message(b'Z', b"E")].concat()
    }

    #[test]
    fn the_code_of_an_error_is_noted_however_it_is_cut() {
        for size in [1, 2, 3, 5, 7, 64, 4096] {
            let mut messages = Messages::default();
            let codes: Vec<_> = stream().chunks(size).filter_map(|bytes| messages.follow(bytes)).collect();
            assert_eq!(codes, [SqlState::T_R_DEADLOCK_DETECTED], "{size}");
        }
    }

    #[test]
    fn of_two_errors_the_last_is_noted() {
        let both = [message(b'E', b"SERROR\0C23505\0\0"), message(b'E', b"SFATAL\0C57P01\0\0")].concat();
        assert_eq!(Messages::default().follow(&both), Some(SqlState::ADMIN_SHUTDOWN));
    }

    #[test]
    fn what_is_not_an_error_has_no_code() {
        let fine = [message(b'T', b"C40P01\0"), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
        assert_eq!(Messages::default().follow(&fine), None);
    }
}
