//! Finding bytes in a stream that comes in pieces.

use std::ops::Range;

/// How much of what has passed is remembered: a pattern has at most one byte more.
const REMEMBERED: usize = 1_023;

/// Where in `piece` the pattern is. It must end there, and may begin in what came before; then the range begins at 0.
pub(super) fn find(pattern: &[u8], before: &[u8], piece: &[u8]) -> Option<Range<usize>> {
    if pattern.is_empty() {
        return None;
    }
    let stream = [before, piece].concat();
    stream
        .windows(pattern.len())
        .enumerate()
        .map(|(start, window)| (start, start + pattern.len(), window))
        .find(|(_, end, window)| *end > before.len() && *window == pattern)
        .map(|(start, end, _)| start.saturating_sub(before.len())..end - before.len())
}

/// Remembers a piece that has passed.
pub(super) fn remember(before: &mut Vec<u8>, piece: &[u8]) {
    before.extend_from_slice(piece);
    before.drain(..before.len().saturating_sub(REMEMBERED));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_within_a_piece() {
        assert_eq!(find(b"COMMIT", b"", b"; COMMIT;"), Some(2..8));
    }

    #[test]
    fn a_pattern_is_found_across_pieces() {
        assert_eq!(find(b"COMMIT", b"BEGIN; COM", b"MIT;"), Some(0..3));
    }

    #[test]
    fn a_pattern_that_has_passed_is_not_found_again() {
        assert_eq!(find(b"COMMIT", b"COMMIT", b";"), None);
    }

    #[test]
    fn a_pattern_that_has_passed_does_not_hide_the_next_one() {
        assert_eq!(find(b"COMMIT", b"COMMIT", b"; COMMIT"), Some(2..8));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert_eq!(find(b"COMMIT", b"COM", b"PLETE"), None);
        assert_eq!(find(b"", b"COM", b"MIT"), None);
        assert_eq!(find(b"COMMIT", b"", b"C"), None);
    }

    #[test]
    fn no_more_is_remembered_than_a_pattern_can_need() {
        let mut before = Vec::new();
        remember(&mut before, &[b'a'; 900]);
        remember(&mut before, &[b'b'; 900]);
        assert_eq!(before, [vec![b'a'; REMEMBERED - 900], vec![b'b'; 900]].concat());
    }
}
