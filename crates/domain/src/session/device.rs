//! The device that a session lives on, as far as it tells about itself.

use std::net::IpAddr;

/// A `User-Agent` header, cut at 200 characters; empty if there was none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserAgent(String);

impl UserAgent {
    /// The most characters that are kept.
    pub const MAX_CHARS: usize = 200;

    /// Takes a header's value: control characters are dropped, the rest is cut.
    pub fn from_header(value: &str) -> Self {
        Self(value.chars().filter(|c| !c.is_control()).take(Self::MAX_CHARS).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that people recognise, such as `Firefox on Linux`; `Unknown device` for an empty header.
    pub fn label(&self) -> String {
        // Order matters: browsers name the browsers they descend from.
        let find = |names: &[(&'static str, &'static str)]| {
            names.iter().find(|(mark, _)| self.0.contains(mark)).map(|(_, name)| *name)
        };
        let program = find(&[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ]);
        let system = find(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ]);
        let other = || self.0.split(['/', ' ']).next().filter(|word| !word.is_empty());
        match (program.or_else(other), system) {
            (Some(program), Some(system)) => format!("{program} on {system}"),
            (Some(name), None) | (None, Some(name)) => name.to_owned(),
            (None, None) => "Unknown device".to_owned(),
        }
    }
}

/// Where a session was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// What the client calls itself.
    pub user_agent: UserAgent,
    /// The client's address, if known.
    pub ip: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_program_and_system() {
        for (header, label) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.14.1", "curl"),
            ("lecture-bot/2.1 (+https://example.org)", "lecture-bot"),
            ("", "Unknown device"),
        ] {
            assert_eq!(UserAgent::from_header(header).label(), label);
        }
    }

    #[test]
    fn a_header_is_cut_and_cleaned() {
        let long = UserAgent::from_header(&format!("a\u{7}b{}", "c".repeat(500)));
        assert_eq!(long.as_str().chars().count(), 200);
        assert!(long.as_str().starts_with("abc"));
    }
}
