//! A renderer that knows one format.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use lectern_application::ports::{Document, ExportFormat, RenderError, Transcript, TranscriptRenderer};

use crate::on_demand::OnDemand;

/// Writes the name of the format and the text of each chunk, a line each, whatever the format.
#[derive(Debug, Default)]
pub struct TextRenderer {
    broken_down: AtomicBool,
}

impl TextRenderer {
    /// From now on nothing can be rendered.
    pub fn break_down(&self) {
        self.broken_down.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl TranscriptRenderer for TextRenderer {
    async fn render(&self, transcript: Transcript, format: ExportFormat) -> Result<Document, RenderError> {
        if self.broken_down.load(Ordering::SeqCst) {
            return Err(RenderError { source: Box::new(OnDemand("the renderer broke down")) });
        }
        let lines = transcript.chunks.iter().map(|chunk| format!("{}\n", chunk.text()));
        let text = std::iter::once(format!("{}\n", format.as_str())).chain(lines).collect::<String>();
        Ok(Document { format, bytes: text.into_bytes() })
    }
}
