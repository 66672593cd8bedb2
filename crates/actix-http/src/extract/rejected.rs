//! What serde says about input that doesn't fit, as we pass it on: never the rejected value, which may be a secret, and
//! never more of a name than it takes to know it again.

/// The most characters of an unknown field's name that are repeated.
const NAME_CHARS: usize = 64;

/// As much of a name as it takes to know it again.
pub(super) fn known_by(name: &str) -> String {
    name.chars().take(NAME_CHARS).collect()
}

/// What is wrong, without the value it is wrong with.
pub(super) fn without_value(said: &str) -> String {
    let beginning = |text: &str| said.starts_with(text);
    let (before, expected) = said.rsplit_once(", expected ").unwrap_or((said, ""));
    if beginning("invalid type: ") || beginning("invalid value: ") {
        return format!("must be {}", if expected.is_empty() { "another type" } else { expected });
    }
    if beginning("unknown variant ") {
        return format!("must be {expected}");
    }
    if let Some(name) = before.strip_prefix("unknown field `") {
        return format!("unknown field `{}`, expected {expected}", known_by(name.trim_end_matches('`')));
    }
    said.to_owned()
}

/// The name of the field that is missing, if that is what is wrong.
pub(crate) fn missing_field(said: &str) -> Option<&str> {
    said.strip_prefix("missing field `")?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_repeated() {
        for (said, passed_on) in [
            ("invalid type: integer `5`, expected a string", "must be a string"),
            ("invalid type: string \"s, expected a\", expected a bool", "must be a bool"),
            ("unknown variant `secret`, expected one of `asc`, `desc`", "must be one of `asc`, `desc`"),
            ("unknown variant `secret`, expected `asc` or `desc`", "must be `asc` or `desc`"),
            ("missing field `login`", "missing field `login`"),
            ("unknown field `role`, expected `login`", "unknown field `role`, expected `login`"),
        ] {
            assert_eq!(without_value(said), passed_on);
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        let said = format!("unknown field `{}`, expected `login`", "x".repeat(10_000));
        assert!(without_value(&said).len() < 120);
    }
}
