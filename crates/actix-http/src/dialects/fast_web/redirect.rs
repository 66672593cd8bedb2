//! Where a browser is sent back to after its cookies were renewed.
//!
//! The address comes from the request, so it may be anybody's invention. A browser takes more for the address of another
//! site than begins with a scheme: `//host` and, as it reads `\` as `/`, `/\host`; and it drops tabs and line breaks
//! before it looks (WHATWG URL, section 4.4). What could be any of these is not followed (OWASP, Unvalidated Redirects).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// Where everybody may be sent to.
const HOME: &str = "/";
/// Where one signs in.
pub(super) const LOGIN: &str = "/login";

/// What can't be written in a `Location` as it is; the rest was encoded by whoever asked.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// `wanted` if that is a path on this site, with whatever query and fragment; else `/`.
pub(super) fn on_this_site(wanted: Option<&str>) -> Cow<'_, str> {
    match wanted {
        Some(wanted) if is_path(wanted) => utf8_percent_encode(wanted, UNSAFE).into(),
        _ => HOME.into(),
    }
}

fn is_path(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    // Some proxies undo percent-encoding, so it is looked through here.
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let is_clean = |text: &str| !text.contains(|c: char| c.is_control() || c == '\\' || c == '\u{fffd}');
    [path, &decoded].into_iter().all(begins_on_this_site) && is_clean(text) && is_clean(&decoded)
}

/// One slash, and not another.
fn begins_on_this_site(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| !rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led_to(wanted: &str) -> String {
        on_this_site(Some(wanted)).into_owned()
    }

    #[test]
    fn without_an_address_it_is_home() {
        assert_eq!(on_this_site(None), "/");
        assert_eq!(led_to(""), "/");
    }

    #[test]
    fn a_path_is_kept_with_query_and_fragment() {
        for path in [
            "/",
            "/console/sessions",
            "/?search=a%20b&page=2",
            "/a?next=//evil.example&at=user@host#part",
            "/a?redirect_url=https%3A%2F%2Fevil.example",
            "/a//b",
            "/?search=a%0Ab%5C",
        ] {
            assert_eq!(led_to(path), path);
        }
    }

    #[test]
    fn no_address_leads_to_another_site() {
        for attack in [
            "//evil.example",
            "///evil.example",
            "////evil.example/%2e%2e",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/a\\b",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%2fevil.example",
            "%2f%2fevil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            " /console",
            "/%09/evil.example",
            "/%0d%0aSet-Cookie:x=y",
            "/a?b\r\nSet-Cookie: x=y",
            "/\u{0}/evil.example",
            "/\u{85}/evil.example",
            "https://evil.example",
            "https:/evil.example",
            "https:evil.example",
            "HTTPS://evil.example",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "@evil.example",
            "user@evil.example",
            "evil.example",
            "?x",
            "#x",
            ".",
            "../console",
        ] {
            assert_eq!(led_to(attack), "/", "{attack:?}");
        }
    }

    #[test]
    fn what_a_header_can_not_hold_is_encoded() {
        assert_eq!(led_to("/поиск?q=a b"), "/%D0%BF%D0%BE%D0%B8%D1%81%D0%BA?q=a%20b");
        assert_eq!(led_to("/a?q=\"<x>"), "/a?q=%22%3Cx%3E");
    }

    #[test]
    fn what_leads_back_here_once_more_is_still_on_this_site() {
        assert_eq!(led_to("/auth/refresh?redirect_url=%2F"), "/auth/refresh?redirect_url=%2F");
    }
}
