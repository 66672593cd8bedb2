//! `cargo xtask test`: installs what the tests need, starts the servers that they share, checks the rules, runs all
//! tests, and counts them.
//!
//! The last line is `N passed, N failed`, summed over the `test result:` lines of every test binary and of the
//! documentation's examples.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    process::Stdio,
};

use crate::{
    Outcome, dist, layers,
    programs::{cargo, locked, shown},
    python,
    services::{self, Kind, Servers},
    tidy,
    tools::{
        self, CHROMEDRIVER, CHROMIUM, CURL, FFMPEG, GIT, MOUNT, NGINX, POCKETSPHINX, POCKETSPHINX_MODEL,
        SETPRIV, SQLITE, SYSTEMD,
    },
};

const NOT_ROOT: &str = "the tests that fill a disk mount a small file system for it, which only root may do: run \
    this as root, or in a container that may mount (docker run --cap-add SYS_ADMIN). \
    `cargo xtask test --only PACKAGE` runs the tests of one package as anybody.";

/// How many tests ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs the tests of one package, or of all.
pub(crate) fn run(only: Option<&str>) -> Outcome {
    // Among all the tests are those; the tests of one package say so themselves where they need it.
    if only.is_none() && !tools::is_root() {
        return Err(NOT_ROOT.into());
    }
    tools::provide(&[GIT, CURL, SQLITE, SETPRIV, MOUNT, FFMPEG, POCKETSPHINX, POCKETSPHINX_MODEL])?;
    let needs = Needs::of(only);
    let built = services::provide(&needs.servers())?;
    if needs == Needs::Everything {
        tools::provide(&[NGINX, CHROMIUM, CHROMEDRIVER, SYSTEMD])?;
    }
    let interpreter = python::provide(&python::TESTS)?;
    let rules = layers::run().and_then(|()| tidy::run());
    if let Err(broken) = &rules {
        println!("{broken}; the tests are run all the same");
    }
    let mut command = cargo(["test", "--no-fail-fast"]);
    command.args(locked());
    match only {
        Some(package) => command.args(["--package", package]),
        None => command.arg("--workspace"),
    };
    let servers = Servers::start(&needs.servers(), &built)?;
    let mut tests = command
        .env(python::VARIABLE, interpreter)
        .envs(servers.environment())
        .envs(built.environment())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("can't run {}: {error}", shown(&command)))?;
    let tally = match tests.stdout.take() {
        Some(lines) => repeat_and_count(lines, &mut io::stdout().lock())?,
        None => Tally::default(),
    };
    let status = tests.wait()?;
    // The binary is built already. What it needs besides is known only where there is nothing else.
    let archive = if only.is_none() { dist::run(dist::Build::Dev, dist::Trial::Yes) } else { Ok(()) };
    if let Err(broken) = &archive {
        println!("the archive: {broken}");
    }
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    rules?;
    archive?;
    if status.success() && tally.failed == 0 {
        Ok(())
    } else {
        Err(format!("{} failed ({status})", shown(&command)).into())
    }
}

/// Which servers the tests need.
#[derive(Debug, PartialEq, Eq)]
enum Needs {
    /// None.
    Nothing,
    /// One that they share.
    One(Kind),
    /// All, and a load balancer.
    Everything,
}

impl Needs {
    /// What the tests of one package need, or of all. Of a package that isn't known here, it is everything.
    fn of(package: Option<&str>) -> Self {
        match package {
            Some("lectern-postgres-adapter") => Self::One(Kind::Postgres),
            Some("lectern-redis-adapter") => Self::One(Kind::Redis),
            Some("lectern-amqp-adapter") => Self::One(Kind::Rabbitmq),
            Some("lectern-media-adapter") => Self::One(Kind::S3),
            Some(package) if WITHOUT_SERVERS.contains(&package) => Self::Nothing,
            Some(_) | None => Self::Everything,
        }
    }

    /// Which servers those are.
    fn servers(&self) -> Vec<Kind> {
        match self {
            Self::Nothing => Vec::new(),
            Self::One(kind) => vec![*kind],
            Self::Everything => Kind::ALL.to_vec(),
        }
    }
}

/// Packages whose tests need no server.
const WITHOUT_SERVERS: [&str; 12] = [
    "lectern-domain",
    "lectern-application",
    "lectern-testkit",
    "lectern-sqlite-adapter",
    "lectern-speech-adapter",
    "lectern-security-adapter",
    "lectern-remote-adapter",
    "lectern-mail-adapter",
    "lectern-backup-adapter",
    "lectern-actix-http",
    "lectern-web-console",
    "xtask",
];

/// Writes every line of `from` to `to` as it comes, and adds up the results among them.
fn repeat_and_count(from: impl Read, to: &mut impl Write) -> io::Result<Tally> {
    let mut from = BufReader::new(from);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    // A test may print any bytes, so lines are not taken for UTF-8.
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(result) = result(&String::from_utf8_lossy(&line)) {
            tally.passed += result.passed;
            tally.failed += result.failed;
        }
        line.clear();
    }
    Ok(tally)
}

/// Reads a line such as `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
fn result(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |of: &str| {
        counts.split("; ").find_map(|part| part.trim().strip_suffix(of)?.trim_end().parse::<u64>().ok())
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 3 tests\n\
        test a ... ok\n\
        test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
        \n\
        test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s\n";

    #[test]
    fn results_are_summed_over_all_test_binaries() {
        let tally = repeat_and_count(OUTPUT.as_bytes(), &mut Vec::new()).unwrap();
        assert_eq!(tally, Tally { passed: 42, failed: 1 });
    }

    #[test]
    fn the_output_is_repeated_as_it_is_even_where_it_is_no_text() {
        let output = [OUTPUT.as_bytes(), &[0xff, 0xfe, b'\n'], b"no line end"].concat();
        let mut repeated = Vec::new();
        repeat_and_count(output.as_slice(), &mut repeated).unwrap();
        assert_eq!(repeated, output);
    }

    #[test]
    fn a_package_gets_the_servers_that_it_needs() {
        assert_eq!(Needs::of(Some("lectern-domain")).servers(), []);
        assert_eq!(Needs::of(Some("lectern-redis-adapter")).servers(), [Kind::Redis]);
        assert_eq!(Needs::of(Some("lectern-server")).servers(), Kind::ALL);
        assert_eq!(Needs::of(None).servers(), Kind::ALL);
    }

    #[test]
    fn only_lines_that_are_results_count() {
        assert_eq!(result("test prints_5 passed; 5 failed ... ok"), None);
        assert_eq!(result("test result: ok. none"), None);
    }
}
