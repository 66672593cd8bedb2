//! Plain text: chunks separated by a blank line. Silent chunks leave no trace, but where the text is to be bare.

use lectern_application::ports::Transcript;
use lectern_domain::transcription::Chunk;

pub(super) fn render(transcript: &Transcript) -> String {
    let texts = transcript.chunks.iter().map(Chunk::text).filter(|text| !text.is_empty());
    let mut page = texts.collect::<Vec<_>>().join("\n\n");
    if !page.is_empty() {
        page.push('\n');
    }
    page
}

/// Every chunk as it is, and a blank line between each two.
pub(super) fn bare(transcript: &Transcript) -> String {
    transcript.chunks.iter().map(Chunk::text).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{plain, transcript};

    #[test]
    fn chunks_are_separated_by_a_blank_line() {
        let chunks = vec![plain(0, "One."), plain(1, ""), plain(2, "Two & <three>.")];
        assert_eq!(render(&transcript(None, chunks)), "One.\n\nTwo & <three>.\n");
    }

    #[test]
    fn bare_text_has_nothing_but_the_chunks_and_what_joins_them() {
        let chunks = vec![plain(0, "One."), plain(1, ""), plain(2, "Two.")];
        assert_eq!(bare(&transcript(Some("Numbers"), chunks)), "One.\n\n\n\nTwo.");
    }

    #[test]
    fn nothing_said_is_an_empty_file() {
        assert_eq!(render(&transcript(None, vec![plain(0, "")])), "");
    }
}
