//! The variables that are not ours, but those of everything that uses S3.

use super::{ConfigError, Variable, sources::read_secret_file};

/// What their names begin with.
const PREFIX: &str = "AWS_";
/// Those that are secret, or come with one. Each can also be given as the path of a file that holds it, in the variable
/// with [`FILE_SUFFIX`]. That is a custom of containers, and none of Amazon's: its own `AWS_WEB_IDENTITY_TOKEN_FILE` is not
/// of these.
const SECRET: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
const FILE_SUFFIX: &str = "_FILE";

/// Picks them out of an environment, and reads the files that hold secrets.
pub(super) fn aws_variables(environment: &[Variable]) -> Result<Vec<(String, String)>, ConfigError> {
    let texts = environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
    let ours: Vec<_> = texts.filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty()).collect();
    let mut read = Vec::new();
    for (name, value) in &ours {
        let secret =
            name.strip_suffix(FILE_SUFFIX).and_then(|of| SECRET.into_iter().find(|name| *name == of));
        let Some(secret) = secret else {
            read.push(((*name).to_owned(), (*value).to_owned()));
            continue;
        };
        let origin = format!("the environment variable {name}");
        if ours.iter().any(|(other, _)| *other == secret) {
            let reason = "has a value of its own; give only one of the two".to_owned();
            return Err(ConfigError::Invalid { name: secret.to_owned(), origin, reason });
        }
        read.push((secret.to_owned(), read_secret_file(secret, value, &origin)?));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn variable(name: &str, value: &str) -> Variable {
        (name.into(), value.into())
    }

    #[test]
    fn a_key_of_s3_can_be_in_a_file() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "s3cr3t\n").unwrap();
        let path = path.to_str().unwrap();
        let token = variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token");
        let read =
            aws_variables(&[variable("AWS_SECRET_ACCESS_KEY_FILE", path), token, variable("HOME", "/")]);
        let expected =
            [("AWS_SECRET_ACCESS_KEY", "s3cr3t"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")];
        assert_eq!(read.unwrap(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_the_variable() {
        let error = aws_variables(&[variable("AWS_ACCESS_KEY_ID_FILE", "/nowhere/id")]).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("AWS_ACCESS_KEY_ID_FILE") && said.contains("/nowhere/id"), "{said}");
    }

    #[test]
    fn a_key_that_is_given_twice_is_refused() {
        let twice = [
            variable("AWS_SECRET_ACCESS_KEY", "s3cr3t"),
            variable("AWS_SECRET_ACCESS_KEY_FILE", "/run/secrets/key"),
        ];
        let said = aws_variables(&twice).unwrap_err().to_string();
        assert!(said.contains("only one of the two") && !said.contains("s3cr3t"), "{said}");
    }
}
