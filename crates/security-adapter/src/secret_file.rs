//! Shared secrets that nobody has to think up: made on first start, kept in a file of mode 0600.

use std::path::{Path, PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    NoRandomness,
    private_file::{self, Creation, PrivateFileError},
};

/// How many random bytes a new secret has.
const SECRET_BYTES: usize = 32;
/// The fewest characters that a secret found in a file may have.
const MIN_CHARS: usize = 16;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// What is in it is too short to be a secret.
    #[error("{} must hold at least {MIN_CHARS} characters; remove it to have one made", path.display())]
    TooShort {
        /// The file.
        path: PathBuf,
    },
    /// None could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The secret in the file at `path`, white space around it ignored. Without the file, makes one of 32 random bytes in
/// base64url (RFC 4648, section 5), and the folders above it. Of several that start at once, all get the same secret.
pub fn load_or_create(path: &Path) -> Result<SecretString, SecretFileError> {
    if let Some(text) = private_file::read(path)? {
        return secret(&text, path);
    }
    private_file::ensure_folder(private_file::folder_of(path))?;
    let fresh = generate()?;
    match private_file::create(path, &fresh)? {
        Creation::Created => secret(&fresh, path),
        Creation::Existed => secret(&private_file::read(path)?.unwrap_or_default(), path),
    }
}

fn secret(text: &str, path: &Path) -> Result<SecretString, SecretFileError> {
    let text = text.trim();
    if text.chars().count() < MIN_CHARS {
        return Err(SecretFileError::TooShort { path: path.to_owned() });
    }
    Ok(SecretString::from(text))
}

fn generate() -> Result<Zeroizing<String>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    // Room for all of it at once: a text that grows leaves copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(2 * SECRET_BYTES));
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    text.push('\n');
    Ok(text)
}
