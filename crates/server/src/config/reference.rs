//! The reference of the configuration: a page for people, in Markdown.

use std::fmt::Write as _;

use super::{
    flags::flag_of,
    key::{Key, Kind, Unset},
    keys::ALL,
};

const HEAD: &str = r#"# Configuration

<!-- Written by `lectern config docs`, from the same lines of code that read the settings. -->

Lectern runs without any configuration. What is to be different is written

1. in a file: `lectern.toml` in the folder that Lectern is started in, or the one that `--config PATH` or the variable
   `LECTERN_CONFIG` names,
2. in variables of the environment, which win over the file; one that is empty counts as not set,
3. in flags, which win over both.

All three name the same settings.

```sh
lectern config init
```

```text
wrote lectern.toml
```

writes a `lectern.toml` ([like this one](lectern.toml)) with every setting as a comment; flags such as `--data-dir /srv/lectern` are
in force in it.

```sh
lectern config check
```

```text
listen = "127.0.0.1:8080"  # the default
…
```

prints what is in force and where it comes from, secrets masked, or says what is wrong and ends with 2. A name that is no setting
is refused, wherever it is written, and the nearest one is suggested:

```sh
LECTERN_REGISTRATON=closed lectern config check 2>&1 | grep -o "did you mean .*"
```

```text
did you mean registration?
```

**Secrets**, and URLs that may hold a password, can be given as the path of a file that holds them, so that they are
neither in the environment nor in `lectern.toml`: under the setting's name with `_file` at its end, or the variable with
`_FILE`. The end of the file's last line doesn't belong to the secret. Give one of the two only. No error, log or report shows them.
Those that nobody gives are made on first start, at random, in files that only the server's user can read.

"#;

/// All settings, by group.
pub(crate) fn reference() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| setting | default |\n|---|---|\n");
    for key in ALL {
        // Writing to a string can't fail.
        let _ = writeln!(page, "| [`{name}`](#{name}) | {} |", unset(*key), name = key.name);
    }
    let mut group = "";
    for key in ALL {
        if key.group != group {
            group = key.group;
            let _ = write!(page, "\n## {group}\n");
        }
        let _ = write!(page, "\n{}", entry(*key));
    }
    page
}

fn entry(key: Key) -> String {
    let mut entry = format!("### `{}`\n\n", key.name);
    for line in key.lines() {
        let _ = writeln!(entry, "{line}");
    }
    let _ = writeln!(entry, "\n- {}; default: {}", kind(key), unset(key));
    let flag = flag_of(key.name).map(|flag| format!(", flag `{flag}`")).unwrap_or_default();
    let _ = writeln!(entry, "- variable `{}`{flag}", key.variable());
    if key.kind.may_be_a_file() {
        let _ = writeln!(entry, "- in a file: `{}`, variable `{}`", key.file_name(), key.file_variable());
    }
    if let Some(example) = key.example.filter(|_| key.kind != Kind::Secret) {
        let _ = writeln!(entry, "- such as `{example}`");
    }
    entry
}

const fn kind(key: Key) -> &'static str {
    match key.kind {
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Url => "a URL, which may hold a password",
        Kind::Secret => "a secret",
    }
}

fn unset(key: Key) -> String {
    let named =
        |text: &str| text.replace("{data_dir}", "<data_dir>").replace("{secrets_dir}", "<secrets_dir>");
    match key.unset {
        Unset::Default(text) => format!("`{}`", named(text)),
        // Angle brackets would be a tag outside of code.
        Unset::Means(text) => named(text)
            .split(' ')
            .map(|word| if word.contains('<') { format!("`{word}`") } else { word.to_owned() })
            .collect::<Vec<_>>()
            .join(" "),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_copy_in_the_documentation_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
        assert!(
            fs::read_to_string(path).unwrap_or_default() == reference(),
            "docs/configuration.md is another; write it anew: cargo run -- config docs > docs/configuration.md"
        );
    }

    #[test]
    fn a_secret_says_how_it_is_given_as_a_file() {
        let page = reference();
        let entry = page.split("### ").find(|entry| entry.starts_with("`smtp_url`")).unwrap();
        assert!(entry.contains("`smtp_url_file`, variable `LECTERN_SMTP_URL_FILE`"), "{entry}");
        assert!(!entry.contains("such as"), "{entry}");
    }

    #[test]
    fn a_setting_says_which_flag_it_is() {
        let page = reference();
        let entry = page.split("### ").find(|entry| entry.starts_with("`data_dir`")).unwrap();
        assert!(entry.contains("variable `LECTERN_DATA_DIR`, flag `--data-dir`"), "{entry}");
    }

    #[test]
    fn what_a_setting_is_for_is_said_in_sentences() {
        for key in ALL {
            let about: Vec<_> = key.lines().collect();
            let about = about.join(" ");
            assert!(about.len() > 20 && about.ends_with('.'), "{}: {about}", key.name);
            assert!(key.lines().all(|line| line.trim() == line), "{}: {about}", key.name);
        }
    }
}
