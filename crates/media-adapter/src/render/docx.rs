//! Office Open XML (ECMA-376): a title, a line about the recording, and a paragraph per chunk under its start time; bare,
//! the paragraphs of the chunks alone.

use std::io::Cursor;

use docx_rs::{BreakType, Docx, LineSpacing, Paragraph, Run, Style, StyleType};
use lectern_application::ports::{Source, Transcript};
use lectern_domain::transcription::{Chunk, Language, Title};

use super::{clock, span};

/// The styles that word processors know by name; they list headings for navigation. Every paragraph names its style,
/// because the library marks none as the default.
const TITLE: &str = "Title";
const HEADING: &str = "Heading1";
const TEXT: &str = "Normal";
const GREY: &str = "666666";
/// Documents are dated by the recording's data, not by the rendering: 1970 says "unknown".
const NO_DATE: &str = "1970-01-01T00:00:00Z";

pub(super) fn render(transcript: &Transcript) -> Result<Vec<u8>, Source> {
    let parts = transcript.transcription.parts();
    let unnamed = format!("Transcription {}", parts.number.0);
    let title = parts.title.as_ref().map_or(unnamed.as_str(), Title::as_str);
    let language = parts.language.as_ref().map(|language| Language::as_str(language).to_owned());
    let facts = [Some(format!("No. {}", parts.number.0)), Some(clock(parts.plan.duration())), language];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");

    let mut ids = ParagraphIds(0);
    let mut document = undated()
        .add_style(Style::new(TITLE, StyleType::Paragraph).name("Title").size(36).bold())
        .add_style(Style::new(HEADING, StyleType::Paragraph).name("heading 1").size(18).color(GREY))
        .add_paragraph(ids.paragraph(TITLE, lines(title)))
        .add_paragraph(ids.paragraph(TEXT, lines(&facts).size(20).color(GREY)));
    for chunk in transcript.chunks.iter().filter(|chunk| !chunk.text().is_empty()) {
        let heading = ids.paragraph(HEADING, lines(&clock(span(transcript, chunk).start)));
        document = document
            .add_paragraph(heading.keep_next(true).line_spacing(LineSpacing::new().before(200)))
            .add_paragraph(ids.paragraph(TEXT, lines(chunk.text())));
    }
    pack(document)
}

/// A paragraph for each chunk, and nothing else.
pub(super) fn bare(transcript: &Transcript) -> Result<Vec<u8>, Source> {
    let mut ids = ParagraphIds(0);
    let texts = transcript.chunks.iter().map(Chunk::text);
    pack(texts.fold(undated(), |document, text| document.add_paragraph(ids.paragraph(TEXT, lines(text)))))
}

fn undated() -> Docx {
    Docx::new().created_at(NO_DATE).updated_at(NO_DATE)
}

fn pack(document: Docx) -> Result<Vec<u8>, Source> {
    let mut file = Cursor::new(Vec::new());
    document.pack(&mut file)?;
    Ok(file.into_inner())
}

/// Numbers paragraphs: the library's own ids are counted over the life of the process, so that no two renderings
/// would be the same.
struct ParagraphIds(u32);

impl ParagraphIds {
    fn paragraph(&mut self, style: &str, run: Run) -> Paragraph {
        self.0 += 1;
        Paragraph::new().id(format!("{:08x}", self.0)).style(style).add_run(run)
    }
}

/// Text, in which a line break stays one.
fn lines(text: &str) -> Run {
    let mut lines = text.lines();
    let first = Run::new().add_text(lines.next().unwrap_or_default());
    lines.fold(first, |run, line| run.add_break(BreakType::TextWrapping).add_text(line))
}
