//! Where passwords come from that the operator sets.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use lectern_domain::account::Password;
use lectern_security_adapter::generate_password;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{cli::PasswordFlags, failure::Failure};

/// The most bytes that are read. A password of so many is too long anyway.
const MOST_BYTES: u64 = 4096;

/// A password to set.
#[derive(Debug)]
pub(super) struct NewPassword {
    pub(super) password: Password,
    /// The same, if it was made up: to be printed, as nobody knows it yet.
    pub(super) made_up: Option<SecretString>,
}

/// The password for `whom`, from where the flags say; without any, whoever is at the terminal is asked for it.
pub(super) fn new_password(flags: PasswordFlags, whom: &str) -> Result<NewPassword, Failure> {
    let secret = match flags {
        PasswordFlags { generate_password: true, .. } => {
            let made_up = generate_password()
                .map_err(|error| Failure::operation("can't make a password up").because(error))?;
            return Ok(NewPassword { password: password(made_up.clone())?, made_up: Some(made_up) });
        }
        PasswordFlags { password_stdin: true, .. } => first_line()?,
        PasswordFlags { .. } => asked(whom)?,
    };
    Ok(NewPassword { password: password(secret)?, made_up: None })
}

fn password(secret: SecretString) -> Result<Password, Failure> {
    Password::new(secret).map_err(|error| Failure::usage("the password").because(error))
}

fn first_line() -> Result<SecretString, Failure> {
    // Room for all of it at once: a text that grows leaves copies of itself behind.
    let mut line = String::with_capacity(8192);
    let read = io::BufReader::new(io::stdin().take(MOST_BYTES)).read_line(&mut line);
    read.map_err(|error| {
        Failure::operation("can't read the password from the standard input").because(error)
    })?;
    while line.ends_with(['\n', '\r']) {
        line.pop();
    }
    let line = SecretString::from(line);
    if line.expose_secret().is_empty() {
        return Err(Failure::usage("there is no password on the standard input")
            .fix("Its first line is taken, as in `lectern user … --password-stdin < FILE`."));
    }
    Ok(line)
}

fn asked(whom: &str) -> Result<SecretString, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("there is no terminal to ask for the password at")
            .fix("Give it with --password-stdin, or have one made up with --generate-password."));
    }
    let ask = |prompt: String| {
        let typed = rpassword::prompt_password(prompt);
        typed
            .map(SecretString::from)
            .map_err(|error| Failure::operation("can't ask for the password at the terminal").because(error))
    };
    let first = ask(format!("Password for {whom}: "))?;
    let second = ask("The same again: ".to_owned())?;
    if first.expose_secret() != second.expose_secret() {
        return Err(Failure::usage("the two passwords differ").fix("Nothing was changed; try again."));
    }
    Ok(first)
}
