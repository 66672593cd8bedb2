//! As much of Markdown as the documents use.

use std::{collections::HashMap, fs, path::Path};

/// A document in Markdown.
pub(super) struct Document {
    /// From the project's folder, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// A fenced block.
pub(super) struct Block {
    /// The line of its fence, counted from 1.
    pub(super) line: usize,
    /// The first word behind the fence.
    pub(super) language: String,
    /// The other words.
    pub(super) argument: String,
    /// What the comment before it says, if it is one about running.
    pub(super) mark: Option<Mark>,
    /// What is in it, without the indentation of the fence, with a line break at the end.
    pub(super) text: String,
}

/// Why nobody runs a block here. A comment of its own, on the line before the block or with empty lines between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// `<!-- not run: needs … -->`
    NotRun(String),
    /// `<!-- run by .ci/run: … -->`
    RunByCi(String),
}

impl Document {
    pub(super) fn read(root: &Path, path: &Path) -> Self {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        Self { path: name, text: fs::read_to_string(path).unwrap() }
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut mark = None;
        let mut lines = self.text.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            let inner = line.trim_start();
            if let Some(info) = inner.strip_prefix("```") {
                let indentation = line.len() - inner.len();
                let within = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
                let text = within.map(|line| line.get(indentation..).unwrap_or_default().to_owned() + "\n");
                let (language, argument) = info.split_once(' ').unwrap_or((info, ""));
                blocks.push(Block {
                    line: index + 1,
                    language: language.to_owned(),
                    argument: argument.trim().to_owned(),
                    mark: mark.take(),
                    text: text.collect(),
                });
            } else if !inner.is_empty() {
                mark = Mark::parse(inner);
            }
        }
        blocks
    }

    /// The lines outside of blocks, with their numbers.
    pub(super) fn prose(&self) -> Vec<(usize, &str)> {
        let mut fenced = false;
        let mut prose = Vec::new();
        for (index, line) in self.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                prose.push((index + 1, line));
            }
        }
        prose
    }

    /// What a link can lead to within it: its headings, named as GitHub names them.
    pub(super) fn anchors(&self) -> Vec<String> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let headings = self.prose().into_iter().filter(|(_, line)| line.starts_with('#'));
        let anchor = |(_, line): (usize, &str)| {
            let anchor = anchor_of(line.trim_start_matches('#').trim());
            let count = seen.entry(anchor.clone()).or_default();
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        };
        headings.map(anchor).collect()
    }
}

impl Block {
    /// Where it is, for whoever has to correct it.
    pub(super) fn place(&self, document: &Document) -> String {
        format!("{}:{}", document.path, self.line)
    }
}

impl Mark {
    fn parse(line: &str) -> Option<Self> {
        let comment = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
        if let Some(rest) = comment.strip_prefix("not run") {
            return Some(Self::NotRun(rest.trim_start_matches(':').trim().to_owned()));
        }
        let command = comment.strip_prefix("run by .ci/run")?;
        Some(Self::RunByCi(command.trim_start_matches(':').trim().to_owned()))
    }
}

fn anchor_of(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document { path: "it.md".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_mark_goes_with_the_block_after_it_and_no_other() {
        let text = "<!-- not run: needs a moon -->\n\n```sh\na\n```\n```sh server\nb\n```\n\
                    <!-- run by .ci/run: cargo x -->\nwords\n```text\n```\n";
        let blocks = document(text).blocks();
        let marks: Vec<_> = blocks.iter().map(|block| block.mark.clone()).collect();
        assert_eq!(marks, [Some(Mark::NotRun("needs a moon".to_owned())), None, None]);
        let second = blocks.get(1).unwrap();
        assert_eq!((second.line, second.language.as_str(), second.argument.as_str()), (6, "sh", "server"));
        assert_eq!(second.text, "b\n");
    }

    #[test]
    fn a_block_in_a_list_loses_the_indentation_of_its_fence() {
        let blocks = document("- one\n\n  ```json\n  {\n    1\n  ```\n").blocks();
        assert_eq!(blocks.first().unwrap().text, "{\n  1\n");
    }

    #[test]
    fn anchors_are_those_of_github() {
        let text = "# Moving to Lectern\n## Why `x`, and how?\n```sh\n# no heading\n```\n## A\n## A\n";
        assert_eq!(document(text).anchors(), ["moving-to-lectern", "why-x-and-how", "a", "a-1"]);
    }
}
