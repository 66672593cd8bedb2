//! Why a command failed, for the person who gave it: what, why, and what to do.

use std::{error::Error, fmt, process::ExitCode};

use crate::config::ConfigError;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The command line's or the configuration's.
    Usage,
    /// Something that was needed didn't work.
    Operation,
}

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    what: String,
    why: Option<Box<dyn Error + Send + Sync>>,
    fix: Option<&'static str>,
}

impl Failure {
    /// Something that was needed didn't work.
    pub(crate) fn operation(what: impl Into<String>) -> Self {
        Self { kind: Kind::Operation, what: what.into(), why: None, fix: None }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::operation(what) }
    }

    /// The error beneath.
    pub(crate) fn because(self, why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// What to do about it, as a sentence.
    pub(crate) fn fix(self, fix: &'static str) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// 2 if the command line or the configuration is wrong, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Usage => ExitCode::from(2),
            Kind::Operation => ExitCode::FAILURE,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage("the configuration is wrong").because(error)
    }
}

/// One paragraph. This is where the chain of errors ends, so their sources are shown here.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut next = self.why.as_deref().map(|error| -> &(dyn Error + 'static) { error });
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        match self.fix {
            Some(fix) => write!(f, ". {fix}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let failure = Failure::operation("can't listen on 127.0.0.1:80")
            .because(std::io::Error::other("permission denied"))
            .fix("Choose another port with --listen.");
        let shown = "can't listen on 127.0.0.1:80: permission denied. Choose another port with --listen.";
        assert_eq!(failure.to_string(), shown);
    }
}
