//! How the image of `docker/Dockerfile` starts, read from there, so that what is tried is what is written.

use crate::Outcome;

/// The stage that all others stand on.
const STAGE: &str = "base";

/// Its user, environment and commands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// `user:group`, as numbers.
    pub(super) user: String,
    /// `NAME=value`.
    pub(super) environment: Vec<String>,
    /// What it runs, with its arguments.
    pub(super) command: Vec<String>,
    /// What tells whether it is healthy.
    pub(super) healthcheck: Vec<String>,
    /// The folder that is not part of it.
    pub(super) volume: String,
}

impl Image {
    /// Reads it from a Dockerfile.
    pub(super) fn parse(dockerfile: &str) -> Outcome<Self> {
        let instructions = stage(dockerfile);
        let last = |name: &str| -> Outcome<String> {
            let of = |line: &String| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned);
            instructions
                .iter()
                .rev()
                .find_map(of)
                .ok_or_else(|| format!("the Dockerfile has no {name}").into())
        };
        let healthcheck = last("HEALTHCHECK")?;
        let (_, healthcheck) = healthcheck.split_once("CMD ").ok_or("HEALTHCHECK has no CMD")?;
        Ok(Self {
            user: last("USER")?,
            environment: last("ENV")?.split_whitespace().map(str::to_owned).collect(),
            command: [words(&last("ENTRYPOINT")?)?, words(&last("CMD")?)?].concat(),
            healthcheck: words(healthcheck)?,
            volume: last("VOLUME")?,
        })
    }
}

/// The instructions of the stage, each in one line.
fn stage(dockerfile: &str) -> Vec<String> {
    let lines = dockerfile.lines().filter(|line| !line.trim_start().starts_with('#'));
    let whole = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let name = format!(" AS {STAGE}");
    let stage =
        whole.lines().skip_while(|line| !(line.starts_with("FROM ") && line.ends_with(&name))).skip(1);
    stage.take_while(|line| !line.starts_with("FROM ")).map(str::to_owned).collect()
}

fn words(json: &str) -> Outcome<Vec<String>> {
    serde_json::from_str::<Vec<String>>(json).map_err(|error| format!("{json} is no list: {error}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_that_of_the_stage_that_all_stand_on() {
        let dockerfile = "FROM a AS builder\nUSER 1\nFROM b AS base\nENV A=1 \\\n    B=2\n# USER 7\nUSER 5:6\n\
            VOLUME /data\nHEALTHCHECK --interval=1s CMD [\"l\", \"healthcheck\"]\nENTRYPOINT [\"l\"]\n\
            CMD [\"serve\"]\nFROM base AS other\nUSER 0\n";
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expected = Image {
            user: "5:6".to_owned(),
            environment: list(&["A=1", "B=2"]),
            command: list(&["l", "serve"]),
            healthcheck: list(&["l", "healthcheck"]),
            volume: "/data".to_owned(),
        };
        assert_eq!(Image::parse(dockerfile).unwrap(), expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Image::parse("FROM b AS base\nHEALTHCHECK CMD [\"l\"]\n").unwrap_err();
        assert_eq!(error.to_string(), "the Dockerfile has no USER");
    }
}
