//! Reads, of what was committed last.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_application::ports::{
    AccountView, Changes, Page, PageRequest, Queries, SessionView, StoreError, TranscriptionFilter,
    TranscriptionView,
};
use lectern_domain::{
    access::Role,
    account::{Login, User, UserId},
    session::{Session, SessionId},
    time::Timestamp,
    transcription::{AudioKey, Chunk, Transcription, TranscriptionId},
};

use super::{
    MemoryDatabase,
    search::finds,
    tables::{StoredTranscription, Tables, no_such_row},
};

impl MemoryDatabase {
    /// One statement.
    fn query<T>(&self, statement: impl FnOnce(&Tables) -> T) -> Result<T, StoreError> {
        self.check_reachable()?;
        Ok(statement(&self.committed()))
    }
}

/// An account with its role. One of a role that isn't there can't be viewed.
fn account_view(user: &User) -> Result<AccountView, StoreError> {
    let role = Role::built_in(&user.parts().role).ok_or_else(|| no_such_row("roles"))?;
    Ok(AccountView { user: user.clone(), role })
}

fn page<T>(request: PageRequest, rows: Vec<T>) -> Page<T> {
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(request.size()).unwrap_or(usize::MAX);
    Page { request, total, items: rows.into_iter().skip(offset).take(size).collect() }
}

fn chunks_of(tables: &Tables, id: TranscriptionId) -> Vec<Chunk> {
    let chunks = tables.transcriptions.get(&id).map(|row| row.chunks.values());
    chunks.into_iter().flatten().map(|(_, chunk)| chunk.clone()).collect()
}

#[async_trait]
impl Queries for MemoryDatabase {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| tables.users.get(&id).map(account_view).transpose())?
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| tables.user_by_login(login).map(account_view).transpose())?
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError> {
        let answer = self.query(|tables| {
            let Some(session) = tables.sessions.get(&id) else { return Ok(None) };
            let user = tables.users.get(&session.parts().user).ok_or_else(|| no_such_row("users"))?;
            let account = Arc::new(account_view(user)?);
            Ok(Some(Arc::new(SessionView { session: session.clone(), account })))
        })?;
        self.session_queries().wait().await;
        answer
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.query(|tables| {
            let mut live = tables.live_sessions(user, now);
            live.reverse();
            live
        })
    }

    async fn active_transcription(&self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.query(|tables| tables.active(owner).cloned())
    }

    async fn transcriptions(
        &self,
        filter: &TranscriptionFilter,
        request: PageRequest,
    ) -> Result<Page<TranscriptionView>, StoreError> {
        self.query(|tables| {
            let wanted = |row: &&StoredTranscription| {
                filter.state.is_none_or(|state| row.transcription.state() == state)
                    && filter.search.as_ref().is_none_or(|query| finds(query.as_str(), row))
            };
            let newest_first = tables.owned(filter.owner).into_iter().rev();
            page(request, newest_first.filter(wanted).map(StoredTranscription::view).collect())
        })
    }

    async fn transcription(&self, id: TranscriptionId) -> Result<Option<TranscriptionView>, StoreError> {
        self.query(|tables| tables.transcriptions.get(&id).map(StoredTranscription::view))
    }

    async fn chunks(&self, id: TranscriptionId, request: PageRequest) -> Result<Page<Chunk>, StoreError> {
        self.query(|tables| page(request, chunks_of(tables, id)))
    }

    async fn transcript(&self, id: TranscriptionId) -> Result<Vec<Chunk>, StoreError> {
        self.query(|tables| chunks_of(tables, id))
    }

    async fn changes_since(&self, id: TranscriptionId, revision: u32) -> Result<Option<Changes>, StoreError> {
        self.query(|tables| {
            let row = tables.transcriptions.get(&id)?;
            let later = row.chunks.values().filter(|(stored_at, _)| *stored_at > revision);
            let mut chunks: Vec<(u32, Chunk)> = later.cloned().collect();
            // Stable, so that chunks of one revision stay in the order of their numbers.
            chunks.sort_by_key(|(stored_at, _)| *stored_at);
            Some(Changes { view: row.view(), chunks })
        })
    }

    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError> {
        self.query(|tables| {
            let referenced = |key: &AudioKey| {
                tables.transcriptions.values().any(|row| row.transcription.parts().recording.key == *key)
            };
            keys.iter().copied().filter(|key| !referenced(key)).collect()
        })
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.query(|_| ())
    }
}
