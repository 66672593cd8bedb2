//! What the demo shows: ticked steps, a bar on a terminal and lines elsewhere, and how to go on.

use std::time::Duration;

use console::{Term, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::story::{RECORDING, Story};
use crate::programs::root;

/// The widest line of running text.
const WIDTH: usize = 76;

/// What this is.
pub(crate) fn title() {
    println!("\n  {}\n", style("Lectern: from a recording to its transcript").bold());
}

/// Something that is done.
pub(crate) fn step(what: &str) {
    println!("  {} {what}", style("✓").green().bold());
}

/// An address.
pub(crate) fn link(url: &str) -> String {
    style(url).cyan().to_string()
}

/// A transcript.
pub(crate) fn quote(text: &str) {
    println!();
    for paragraph in text.lines() {
        for line in wrapped(paragraph, WIDTH) {
            println!("    {}", style(line).italic());
        }
    }
    println!();
}

/// What to try next, and how to end.
pub(crate) fn invitation(url: &str, story: &Story, docs_password: &str) {
    let Story { token, transcription, .. } = story;
    println!("\n  {}", style("Your turn").bold());
    println!("  The API's documentation is at {}", link(&format!("{url}/docs")));
    println!("  user {}, password {}\n", style("docs").bold(), style(docs_password).bold());
    println!("  {}", style("Ask who you are, read the subtitles, upload a recording of yours:").dim());
    let recording = root().join(RECORDING);
    let curl = "curl -H \"Authorization: Bearer $TOKEN\"";
    println!("TOKEN={token}");
    println!("{curl} {url}/v1/me");
    println!("{curl} '{url}{transcription}/export?format=vtt'");
    println!("{curl} -F title=Mine -F audio=@'{}' {url}/v1/transcriptions", recording.display());
    println!("\n  {} stops the server and removes what it kept.", style("Ctrl-C").bold());
}

/// The end.
pub(crate) fn farewell() {
    println!();
    step("stopped and removed; lecture.docx and lecture.srt are yours");
}

/// How far the transcription is.
pub(crate) enum Progress {
    /// On a terminal: one line that moves.
    Bar(ProgressBar),
    /// Elsewhere: a line for every change.
    Lines {
        /// What was shown last.
        done: Option<u64>,
    },
}

impl Progress {
    /// Nothing is known yet.
    pub(crate) fn begin() -> Self {
        if !Term::stdout().is_term() {
            return Self::Lines { done: None };
        }
        // Dropped, it makes room for what comes next.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout())
            .with_finish(ProgressFinish::AndClear);
        let template = "  {spinner:.cyan} transcribing {bar:30.cyan/blue.dim} {pos}/{len} chunks {msg:.dim}";
        // The template is a constant; with indicatif's own it would still be a bar.
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.enable_steady_tick(Duration::from_millis(100));
        Self::Bar(bar)
    }

    /// Shows that `done` of `planned` chunks are transcribed.
    pub(crate) fn show(&mut self, done: u64, planned: u64, left: Option<Duration>) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(planned);
                bar.set_position(done);
                bar.set_message(
                    left.map(|left| format!("about {} s left", left.as_secs())).unwrap_or_default(),
                );
            }
            Self::Lines { done: shown } => {
                if shown.replace(done) != Some(done) {
                    println!("    {done} of {planned} chunks");
                }
            }
        }
    }
}

/// Lines of whole words, none wider than `width` characters unless a single word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrapped("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrapped("  naïve  café ", 10), ["naïve café"]);
        assert_eq!(wrapped("incomprehensible word", 5), ["incomprehensible", "word"]);
        assert_eq!(wrapped("", 5), [""; 0]);
    }
}
