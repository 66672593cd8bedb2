//! Listing one's own transcriptions.

use std::sync::Arc;

use lectern_domain::transcription::{SearchText, StateName};

use super::{ReadError, ownership::may_read};
use crate::{
    Caller,
    ports::{Page, PageRequest, Queries, TranscriptionFilter, TranscriptionView},
};

/// Lists the caller's transcriptions, newest first. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListTranscriptions {
    pub queries: Arc<dyn Queries>,
}

impl ListTranscriptions {
    /// One page of them, narrowed down by state and by words in title or text.
    pub async fn execute(
        &self,
        caller: &Caller,
        state: Option<StateName>,
        search: Option<SearchText>,
        page: PageRequest,
    ) -> Result<Page<TranscriptionView>, ReadError> {
        may_read(caller)?;
        let filter = TranscriptionFilter { owner: caller.principal.user, state, search };
        Ok(self.queries.transcriptions(&filter, page).await?)
    }
}
