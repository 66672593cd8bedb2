//! Files that are hashed as they are read or written.

use std::io::{self, Read, Write};

use lectern_domain::transcription::Sha256 as Digest;
use sha2::{Digest as _, Sha256};

/// How much is read at once.
pub(crate) const PIECE: usize = 64 * 1024;

/// Counts and hashes what passes.
pub(crate) struct Hashing<I> {
    inner: I,
    hasher: Sha256,
    bytes: u64,
}

/// What passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

impl<I> Hashing<I> {
    pub(crate) fn new(inner: I) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// What has passed so far.
    pub(crate) fn passed(&self) -> Passed {
        Passed { bytes: self.bytes, sha256: self.hasher.clone().finalize().into() }
    }

    /// What is beneath.
    pub(crate) fn into_inner(self) -> I {
        self.inner
    }

    fn note(&mut self, passed: Option<&[u8]>) {
        let passed = passed.unwrap_or_default();
        self.hasher.update(passed);
        self.bytes = self.bytes.saturating_add(u64::try_from(passed.len()).unwrap_or(u64::MAX));
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.note(buffer.get(..count));
        Ok(count)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.note(buffer.get(..count));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// As people read digests.
pub(crate) fn hex(digest: [u8; 32]) -> String {
    Digest(digest).to_string()
}

/// The digest that `text` shows.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_shown_and_read() {
        let digest = Hashing::new(io::sink()).passed().sha256;
        // FIPS 180-4 of nothing.
        assert_eq!(hex(digest), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(from_hex(&hex(digest)), Some(digest));
        assert_eq!(from_hex("e3"), None);
        assert_eq!(from_hex(&"é".repeat(32)), None);
    }
}
