//! What owners do with their transcriptions, and what others can't.

use std::time::Duration;

use futures::{StreamExt, pin_mut};
use lectern_application::{
    ErrorKind, UseCaseError,
    ports::{ExportFormat, PageRequest},
    transcriptions::{ChangeError, ExportError, Progress, ReadError, RetryError},
};
use lectern_domain::{
    audit::AuditKind,
    transcription::{StateName, Title, TranscriptionNumber},
};
use lectern_testkit::world::World;

#[tokio::test]
async fn anothers_transcription_is_answered_like_one_that_does_not_exist() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let eve = world.register_user("eve").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let page = PageRequest::new(1, 10).unwrap();

    assert!(matches!(world.read().execute(&eve, id).await, Err(ReadError::NotFound)));
    assert!(matches!(world.read_chunks().execute(&eve, id, page).await, Err(ReadError::NotFound)));
    assert!(world.watch().execute(&eve, id, None).await.is_err());
    assert_eq!(world.listen().execute(&eve, id, None).await.err().unwrap().kind(), ErrorKind::NotFound);
    let exported = world.export().execute(&eve, id, ExportFormat::Txt).await;
    assert_eq!(exported.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(matches!(world.cancel().execute(&eve, id).await, Err(ChangeError::NotFound)));
    assert!(matches!(world.rename().execute(&eve, id, None).await, Err(ChangeError::NotFound)));
    assert!(matches!(world.delete().execute(&eve, id).await, Err(ChangeError::NotFound)));
    let retried = world.retry().execute(&eve, id).await;
    assert!(matches!(retried, Err(RetryError::Change(ChangeError::NotFound))));
    assert_eq!(world.list().execute(&eve, None, None, page).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_number_finds_ones_own_transcription_and_nobody_elses() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let eve = world.register_user("eve").await;
    let view = world.upload(&ada, 60).await;
    let (id, number) = (view.transcription.id(), view.transcription.parts().number);
    let page = PageRequest::new(1, 10).unwrap();

    assert!(matches!(world.read().execute(&eve, number).await, Err(ReadError::NotFound)));
    assert!(matches!(world.read_chunks().execute(&eve, number, page).await, Err(ReadError::NotFound)));
    let exported = world.export().execute(&eve, number, ExportFormat::BareTxt).await;
    assert_eq!(exported.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(matches!(world.cancel().execute(&eve, number).await, Err(ChangeError::NotFound)));
    let unknown = TranscriptionNumber(number.0 + 1);
    assert!(matches!(world.cancel().execute(&ada, unknown).await, Err(ChangeError::NotFound)));

    let found = world.read().execute(&ada, number).await.unwrap();
    assert_eq!((found.transcription.id(), found.owner_number), (id, ada.principal.number));
    let cancelled = world.cancel().execute(&ada, number).await.unwrap();
    assert_eq!(cancelled.transcription.id(), id);
}

#[tokio::test]
async fn a_cancelled_one_that_nobody_works_on_leaves_no_job() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let view = world.cancel().execute(&ada, id).await.unwrap();
    assert_eq!(view.transcription.state(), StateName::Cancelled);
    let worker = lectern_domain::transcription::WorkerName::parse("w").unwrap();
    assert_eq!(world.lease_job().execute(&worker).await.unwrap(), None);
}

#[tokio::test]
async fn a_finished_one_cannot_be_cancelled() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    world.transcribe_next().await;
    let refused = world.cancel().execute(&ada, id).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("illegal_transition", ErrorKind::Conflict));
    assert_eq!(refused.to_string(), "a transcription that is completed can't become cancelled");
}

#[tokio::test]
async fn a_retry_keeps_the_chunks_and_goes_on_with_the_missing_ones() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let job = world.lease().await;
    world.store(&job, 0, "kept").await;
    world.cancel().execute(&ada, id).await.unwrap();
    world.retry().execute(&ada, id).await.unwrap();
    let again = world.lease().await;
    assert_eq!(again.missing.iter().map(|number| number.0).collect::<Vec<_>>(), [1, 2]);
    let lost = world.heartbeat_job().execute(job.lease).await;
    assert_eq!(lost.unwrap_err().code(), "lease_lost", "whoever had it before has lost it");
}

#[tokio::test]
async fn a_retry_beside_another_active_one_is_refused() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let first = world.upload(&ada, 60).await.transcription.id();
    world.cancel().execute(&ada, first).await.unwrap();
    world.upload(&ada, 60).await;
    let refused = world.retry().execute(&ada, first).await.unwrap_err();
    assert_eq!(refused.code(), "transcription_active");
}

#[tokio::test]
async fn deleting_takes_text_job_and_recording_with_it() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let job = world.lease().await;
    world.delete().execute(&ada, id).await.unwrap();
    assert_eq!(world.audio.kept(), []);
    assert_eq!(world.heartbeat_job().execute(job.lease).await.unwrap_err().code(), "lease_lost");
    assert!(matches!(world.read().execute(&ada, id).await, Err(ReadError::NotFound)));
}

#[tokio::test]
async fn a_title_is_given_and_taken_in_every_state() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    world.transcribe_next().await;
    let title = Title::parse("Oceans").unwrap();
    let view = world.rename().execute(&ada, id, Some(title.clone())).await.unwrap();
    assert_eq!(view.transcription.parts().title, Some(title));
    let view = world.rename().execute(&ada, id, None).await.unwrap();
    assert_eq!(view.transcription.parts().title, None);
}

#[tokio::test]
async fn an_export_needs_text_and_is_audited() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let early = world.export().execute(&ada, id, ExportFormat::Txt).await;
    assert!(matches!(early, Err(ExportError::NoChunks)));
    world.transcribe_next().await;
    world.export().execute(&ada, id, ExportFormat::Txt).await.unwrap();
    let last = world.database.audit_log().pop().unwrap();
    assert_eq!(last.kind, AuditKind::TranscriptExported(id));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_sees_every_chunk_once_and_the_end() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let watcher = world.watch().execute(&ada, id, None).await.unwrap();
    let worker = tokio::spawn({
        let world = world.clone();
        async move { world.transcribe_next().await }
    });
    let batches: Vec<_> = watcher.map(Result::unwrap).collect().await;
    worker.await.unwrap();
    let mut chunks = Vec::new();
    let mut last = None;
    for progress in batches.into_iter().flatten() {
        match progress {
            Progress::Chunk { chunk, .. } => chunks.push(chunk.number().0),
            Progress::State { view, .. } => last = Some((view.transcription.state(), view.chunks_done)),
        }
    }
    assert_eq!(chunks, [0, 1, 2]);
    assert_eq!(last, Some((StateName::Completed, 3)));
}

#[tokio::test]
async fn a_watcher_that_comes_back_gets_what_it_missed() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let job = world.lease().await;
    world.store(&job, 0, "seen").await;
    let seen = world.read().execute(&ada, id).await.unwrap().transcription.parts().revision;
    world.store(&job, 1, "missed").await;
    let watcher = world.watch().execute(&ada, id, Some(seen)).await.unwrap();
    pin_mut!(watcher);
    let batch = watcher.next().await.unwrap().unwrap();
    let [Progress::Chunk { chunk, .. }, Progress::State { .. }] = batch.as_slice() else {
        panic!("{batch:?}")
    };
    assert_eq!(chunk.text(), "missed");
}

#[tokio::test(start_paused = true)]
async fn a_watcher_whose_session_ends_sees_no_more() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let job = world.lease().await;
    let watcher = world.watch().execute(&ada, id, None).await.unwrap();
    pin_mut!(watcher);
    assert!(watcher.next().await.is_some());
    world.log_out().execute(&ada).await.unwrap();
    world.store(&job, 0, "not for everybody").await;
    assert!(watcher.next().await.is_none());
}

#[tokio::test]
async fn the_estimate_follows_the_pace() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 240).await.transcription.id();
    let job = world.lease().await;
    let watcher = world.watch().execute(&ada, id, None).await.unwrap();
    pin_mut!(watcher);
    let eta = |batch: Vec<Progress>| match batch.into_iter().last() {
        Some(Progress::State { eta, .. }) => eta,
        other => panic!("{other:?}"),
    };
    assert_eq!(eta(watcher.next().await.unwrap().unwrap()), None, "nothing is known yet");
    world.clock.advance(Duration::from_secs(20));
    world.store(&job, 0, "x").await;
    let left = eta(watcher.next().await.unwrap().unwrap());
    assert_eq!(left, Some(Duration::from_mins(1)), "three more at 20 s each");
}
