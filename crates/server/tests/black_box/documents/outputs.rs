//! What a command printed, compared with what a document says that it prints.

/// Whether the whole of `printed` is what `expected` says, where `…` stands for any text. White space at the end is no
/// difference.
pub(super) fn fit(expected: &str, printed: &str) -> bool {
    let (expected, mut rest) = (expected.trim_end(), printed.trim_end());
    let mut pieces = expected.split('…');
    let Some(after) = pieces.next().and_then(|first| rest.strip_prefix(first)) else { return false };
    rest = after;
    let mut pieces: Vec<_> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn dots_stand_for_any_text() {
    for (expected, printed) in [
        ("200\n", "200"),
        ("", ""),
        (r#"{"id":"…","state":"queued"…}"#, r#"{"id":"7","state":"queued","x":[]}"#),
        ("one\n…\nthree", "one\ntwo\nand a half\nthree\n"),
        ("…", ""),
    ] {
        assert!(fit(expected, printed), "{expected} / {printed}");
    }
    for (expected, printed) in
        [("200", "2000"), ("", "x"), ("a…c", "ab"), ("a…b…", "ac"), ("ab…bc", "abc"), ("…x", "xy")]
    {
        assert!(!fit(expected, printed), "{expected} / {printed}");
    }
}
