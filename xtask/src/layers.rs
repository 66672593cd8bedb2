//! `cargo xtask layers`: dependencies go inwards only.
//!
//! Three questions, each with its module: which crates name which ([`edges`]), what the inner crates reach through the
//! crates that they name ([`reach`]), and what their sources name whether or not it would compile ([`sources`]).

mod edges;
mod reach;
mod sources;

use crate::{
    Outcome,
    programs::{cargo, output, root},
};

/// A crate that must stay free of some others.
struct Pure {
    package: &'static str,
    /// Its folder, from the workspace's root.
    folder: &'static str,
    /// Families of crates: the one of that name, and all whose names continue it after a hyphen or an underscore.
    banned: &'static [&'static str],
    reason: &'static str,
}

const PURE: [Pure; 2] = [
    Pure {
        package: "lectern-domain",
        folder: "crates/domain",
        banned: &["tokio", "actix", "diesel", "redis", "lapin", "serde", "metrics"],
        reason: "the domain knows no I/O, no async, no format and counts nothing; put it into an adapter",
    },
    Pure {
        package: "lectern-application",
        folder: "crates/application",
        banned: &["actix", "diesel", "redis", "lapin", "serde"],
        reason: "use cases know ports, not what is behind them; put it into an adapter",
    },
];

impl Pure {
    /// Whether the crate of that name is banned, in either spelling.
    fn bans(&self, name: &str) -> bool {
        self.banned.iter().any(|family| belongs(name, family))
    }
}

/// Whether `family` is the crate's name, or the beginning of it up to a hyphen or an underscore.
fn belongs(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// Prints every violation; errs if there is any.
pub(crate) fn run() -> Outcome {
    let metadata = output(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let mut violations = edges::violations(&serde_json::from_str(&metadata)?)?;
    for pure in &PURE {
        // Named alone, a package gets the features that it asks for itself, and not those that others turn on.
        let tree = output(&mut cargo([
            "tree",
            "--package",
            pure.package,
            "--edges",
            "normal",
            "--all-features",
            "--prefix",
            "none",
        ]))?;
        violations.extend(reach::violations(pure, &tree));
        violations.extend(sources::violations(pure, root())?);
    }
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => {
            println!("layers: every dependency goes inwards");
            Ok(())
        }
        count => Err(format!("layers: {count} dependencies go where they must not").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_its_crate_and_those_that_continue_its_name() {
        let [domain, _] = &PURE;
        for name in ["serde", "serde_json", "serde-xml", "actix-web", "tokio_util"] {
            assert!(domain.bans(name), "{name}");
        }
        for name in ["serdes", "uuid", "lectern-redis-adapter"] {
            assert!(!domain.bans(name), "{name}");
        }
    }
}
