//! Plain text: chunks separated by a blank line. Silent chunks leave no trace.

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
    fn nothing_said_is_an_empty_file() {
        assert_eq!(render(&transcript(None, vec![plain(0, "")])), "");
    }
}
