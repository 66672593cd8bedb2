//! Reads, of what was committed last.

use std::{cmp::Reverse, sync::Arc};

use async_trait::async_trait;
use lectern_application::ports::{
    AccountFilter, AccountView, AuditEntry, AuditFilter, Changes, LastAnnounced, LedgerMismatch, LogFilter,
    Page, PageRequest, Queries, SessionView, ShelvedRecording, StoreError, TranscriptionFilter,
    TranscriptionView, WaitingJob, Workload,
};
use lectern_domain::{
    access::Role,
    account::{Login, User, UserId, UserNumber},
    audit::AuditEvent,
    idempotency::{IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    log::LogEntry,
    session::{Session, SessionId},
    time::Timestamp,
    transcription::{AudioKey, Chunk, Transcription, TranscriptionId, TranscriptionNumber},
};

use super::{
    MemoryDatabase, lists, queue,
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
fn account_view(tables: &Tables, user: &User) -> Result<AccountView, StoreError> {
    let role = tables.roles.0.get(&user.parts().role).ok_or_else(|| no_such_row("roles"))?;
    Ok(AccountView { user: user.clone(), role: role.clone() })
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

fn audit_entry(event: &AuditEvent) -> AuditEntry {
    let details = event.kind.details().into_iter();
    AuditEntry {
        id: event.id,
        at: event.at,
        kind: event.kind.name().to_owned(),
        actor: event.actor,
        subject: event.subject,
        object: event.kind.object(),
        ip: event.origin.ip,
        user_agent: event.origin.user_agent.as_str().to_owned(),
        request_id: event.origin.request_id,
        details: details.map(|(name, text)| (name.to_owned(), text)).collect(),
    }
}

#[async_trait]
impl Queries for MemoryDatabase {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| tables.users.get(&id).map(|user| account_view(tables, user)).transpose())?
    }

    async fn account_by_number(&self, number: UserNumber) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| {
            let user = tables.users.values().find(|user| user.parts().number == number);
            user.map(|user| account_view(tables, user)).transpose()
        })?
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| tables.user_by_login(login).map(|user| account_view(tables, user)).transpose())?
    }

    async fn last_account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        self.query(|tables| {
            let user = tables.user_by_login(login).or_else(|| tables.last_deleted_by_login(login));
            user.map(|user| account_view(tables, user)).transpose()
        })?
    }

    async fn accounts(
        &self,
        filter: &AccountFilter,
        request: PageRequest,
    ) -> Result<Page<AccountView>, StoreError> {
        self.query(|tables| {
            let users = lists::accounts(tables, filter);
            let views = users.into_iter().map(|user| account_view(tables, user));
            Ok(page(request, views.collect::<Result<_, StoreError>>()?))
        })?
    }

    async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        self.query(|tables| tables.roles.0.values().cloned().collect())
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError> {
        let answer = self.query(|tables| {
            let Some(session) = tables.sessions.get(&id) else { return Ok(None) };
            let user = tables.users.get(&session.parts().user).ok_or_else(|| no_such_row("users"))?;
            let account = Arc::new(account_view(tables, user)?.into());
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

    async fn active_recordings(&self) -> Result<Vec<ShelvedRecording>, StoreError> {
        self.query(|tables| {
            let active = tables.transcriptions.values().map(|row| row.transcription.parts());
            let active = active.filter(|parts| parts.state.name().is_active());
            let shelved = active.filter_map(|parts| {
                let owner = tables.users.get(&parts.owner)?.parts().number;
                Some(ShelvedRecording { owner, key: parts.recording.key })
            });
            shelved.collect()
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

    async fn transcription_by_number(
        &self,
        number: TranscriptionNumber,
    ) -> Result<Option<TranscriptionView>, StoreError> {
        self.query(|tables| {
            let mut rows = tables.transcriptions.values();
            rows.find(|row| row.transcription.parts().number == number).map(StoredTranscription::view)
        })
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

    async fn ledger(&self, user: UserId, request: PageRequest) -> Result<Page<LedgerEntry>, StoreError> {
        self.query(|tables| {
            let newest_first = tables.ledger.iter().rev();
            page(request, newest_first.filter(|entry| entry.parts().user == user).cloned().collect())
        })
    }

    async fn ledger_mismatches(&self) -> Result<Vec<LedgerMismatch>, StoreError> {
        self.query(|tables| {
            let compared = tables.users.values().map(|account| {
                let (user, balance) = (account.id(), account.parts().balance);
                let entries = tables.ledger.iter().filter(|entry| entry.parts().user == user);
                let sum = entries.map(|entry| i128::from(entry.parts().amount.get())).sum();
                LedgerMismatch { user, balance, sum }
            });
            compared.filter(|mismatch| i128::from(mismatch.balance) != mismatch.sum).collect()
        })
    }

    async fn key_record(&self, used: &KeyUse) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.query(|tables| tables.keys.get(used).cloned())
    }

    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError> {
        self.query(|tables| {
            let referenced = |key: &AudioKey| {
                tables.transcriptions.values().any(|row| {
                    let parts = row.transcription.parts();
                    parts.recording.key == *key && parts.audio_removed_at.is_none()
                })
            };
            keys.iter().copied().filter(|key| !referenced(key)).collect()
        })
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        request: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        self.query(|tables| {
            let wanted = |event: &&AuditEvent| {
                filter.kind.is_none_or(|kind| event.kind.name() == kind)
                    && filter.actor.is_none_or(|actor| event.actor == Some(actor))
                    && filter.subject.is_none_or(|subject| event.subject == Some(subject))
                    && filter.since.is_none_or(|since| event.at >= since)
                    && filter.until.is_none_or(|until| event.at < until)
            };
            let mut events: Vec<&AuditEvent> = tables.audit.iter().filter(wanted).collect();
            events.sort_by_key(|event| Reverse((event.at, event.id.0)));
            page(request, events.into_iter().map(audit_entry).collect())
        })
    }

    async fn log_entries(
        &self,
        filter: &LogFilter,
        request: PageRequest,
    ) -> Result<Page<LogEntry>, StoreError> {
        self.query(|_| page(request, self.log().listed(filter)))
    }

    async fn waiting_jobs(
        &self,
        now: Timestamp,
        announced: LastAnnounced,
        limit: u32,
    ) -> Result<Vec<WaitingJob>, StoreError> {
        self.query(|tables| queue::waiting_jobs(tables, now, announced, limit))?
    }

    async fn count_waiting_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.query(|tables| queue::count_waiting(tables, now))
    }

    async fn workload(&self, now: Timestamp) -> Result<Workload, StoreError> {
        self.query(|tables| queue::workload(tables, now))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.query(|_| ())
    }
}
