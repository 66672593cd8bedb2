//! What the suites of the store do again and again.

use lectern_application::ports::{Constraint, StoreError, TranscriptionView, UnitOfWork};
use lectern_domain::{
    account::{NewUser, User, UserId},
    transcription::{
        Chunk, Job, NewTranscription, State, Transcription, TranscriptionId, TranscriptionParts,
    },
};

use super::StoreFixture;
use crate::build;

/// A user name that nobody has.
pub(super) fn unique_name() -> String {
    format!("u{}", build::fresh_id().simple())
}

/// Asserts that a call met that rule of the database.
#[track_caller]
pub(super) fn assert_conflict<T: std::fmt::Debug>(result: &Result<T, StoreError>, expected: &Constraint) {
    let found = match result {
        Err(StoreError::Conflict { constraint }) => Some(constraint),
        _ => None,
    };
    assert_eq!(found, Some(expected), "{result:?}");
}

/// The same transcription in another state.
pub(super) fn in_state(transcription: &Transcription, state: State) -> Transcription {
    Transcription::from_parts(TranscriptionParts { state, ..transcription.parts().clone() })
}

/// Each is a unit of its own.
impl StoreFixture {
    pub(super) async fn unit(&self) -> Box<dyn UnitOfWork> {
        self.transactions.begin().await.unwrap()
    }

    pub(super) async fn insert_user(&self, user: NewUser) -> User {
        let mut work = self.unit().await;
        let user = work.insert_user(user).await.unwrap();
        work.commit().await.unwrap();
        user
    }

    /// Some account.
    pub(super) async fn account(&self) -> UserId {
        self.insert_user(build::user(&unique_name()).build()).await.id()
    }

    pub(super) async fn save_user(&self, user: &User) {
        let mut work = self.unit().await;
        work.save_user(user).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn insert_transcription(&self, transcription: NewTranscription) -> Transcription {
        let mut work = self.unit().await;
        let transcription = work.insert_transcription(transcription).await.unwrap();
        work.commit().await.unwrap();
        transcription
    }

    /// The same, called off at once, so that its owner may have another.
    pub(super) async fn insert_finished(&self, transcription: NewTranscription) -> Transcription {
        let at = transcription.created_at;
        let mut work = self.unit().await;
        let transcription = work.insert_transcription(transcription).await.unwrap();
        let transcription = in_state(&transcription, State::Cancelled { at });
        work.save_transcription(&transcription).await.unwrap();
        work.commit().await.unwrap();
        transcription
    }

    /// Some queued transcription of some account.
    pub(super) async fn queued(&self) -> Transcription {
        let owner = self.account().await;
        self.insert_transcription(build::transcription(owner).build()).await
    }

    pub(super) async fn save_transcription(&self, transcription: &Transcription) {
        let mut work = self.unit().await;
        work.save_transcription(transcription).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn delete_transcription(&self, id: TranscriptionId) {
        let mut work = self.unit().await;
        work.delete_transcription(id).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn put_chunk(&self, id: TranscriptionId, chunk: &Chunk, revision: u32) {
        let mut work = self.unit().await;
        work.put_chunk(id, chunk, revision).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn put_job(&self, job: &Job) {
        let mut work = self.unit().await;
        work.put_job(job).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(super) async fn job(&self, id: TranscriptionId) -> Option<Job> {
        self.unit().await.job(id).await.unwrap()
    }

    pub(super) async fn view(&self, id: TranscriptionId) -> TranscriptionView {
        self.queries.transcription(id).await.unwrap().unwrap()
    }
}
