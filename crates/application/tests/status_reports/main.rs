//! Workers that report by the transcription's number, and know nothing of leases.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod between_workers;
mod meanwhile;

use lectern_application::{
    Caller, UseCaseError,
    jobs::{ReportStatusError, StatusReport, TranscriptionStatus},
};
use lectern_domain::transcription::{Job, StateName, TranscriptionId, TranscriptionNumber};
use lectern_testkit::{build::chunk, world::World};

/// A world with one recording of three chunks.
struct Scene {
    world: World,
    ada: Caller,
    id: TranscriptionId,
    number: TranscriptionNumber,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let ada = world.register_user("ada").await;
        let uploaded = world.upload(&ada, 150).await.transcription;
        Self { world, ada, id: uploaded.id(), number: uploaded.parts().number }
    }

    async fn report(
        &self,
        state: Option<StateName>,
        number: Option<u32>,
    ) -> Result<TranscriptionStatus, ReportStatusError> {
        let chunk = number.map(|number| chunk(number, &format!("words of chunk {number}")).build());
        self.world.report_status().execute(self.number, &StatusReport { state, chunk }).await
    }

    async fn state(&self, state: StateName) -> StateName {
        self.report(Some(state), None).await.unwrap().transcription.state()
    }

    async fn chunk(&self, number: u32) -> StateName {
        self.report(None, Some(number)).await.unwrap().transcription.state()
    }

    /// Why a report is refused.
    async fn refused(&self, state: Option<StateName>, number: Option<u32>) -> &'static str {
        self.report(state, number).await.unwrap_err().code()
    }

    async fn texts(&self) -> Vec<String> {
        let chunks = self.world.queries().transcript(self.id).await.unwrap();
        chunks.iter().map(|chunk| chunk.text().to_owned()).collect()
    }

    async fn job(&self) -> Option<Job> {
        self.world.transactions().begin().await.unwrap().job(self.id).await.unwrap()
    }

    async fn cancel(&self) {
        self.world.cancel().execute(&self.ada, self.id).await.unwrap();
    }

    async fn retry(&self) {
        self.world.clock.advance(std::time::Duration::from_secs(1));
        self.world.retry().execute(&self.ada, self.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_reports_brings_a_transcription_to_its_end() {
    let scene = Scene::new().await;
    assert_eq!(scene.state(StateName::InProgress).await, StateName::InProgress);
    for number in 0..3 {
        assert_eq!(scene.chunk(number).await, StateName::InProgress);
    }
    assert_eq!(scene.state(StateName::Completed).await, StateName::Completed);
    assert_eq!(scene.texts().await, ["words of chunk 0", "words of chunk 1", "words of chunk 2"]);
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn a_report_answers_what_it_led_to_and_whose_the_transcription_is() {
    let scene = Scene::new().await;
    let status = scene.report(Some(StateName::InProgress), Some(0)).await.unwrap();
    let stored = scene.world.read().execute(&scene.ada, scene.id).await.unwrap().transcription;
    assert_eq!(status.transcription, stored);
    let owner = &scene.world.read_own_account().execute(&scene.ada).await.unwrap().user;
    assert_eq!(status.owner, owner.parts().number);
}

#[tokio::test]
async fn a_report_of_nothing_is_a_look() {
    let scene = Scene::new().await;
    let looked = scene.report(None, None).await.unwrap();
    assert_eq!(looked.transcription.state(), StateName::Queued);
    assert_eq!(looked, scene.world.read_status().execute(scene.number).await.unwrap());
    assert_eq!(scene.job().await.unwrap().parts().lease, None);
}

#[tokio::test]
async fn a_number_that_nothing_has_is_not_found() {
    let scene = Scene::new().await;
    let unknown = TranscriptionNumber(scene.number.0 + 1);
    let read = scene.world.read_status().execute(unknown).await;
    assert_eq!(read.unwrap_err().code(), "transcription_not_found");
    let report = StatusReport { state: Some(StateName::InProgress), chunk: None };
    let reported = scene.world.report_status().execute(unknown, &report).await;
    assert_eq!(reported.unwrap_err().code(), "transcription_not_found");
}

#[tokio::test]
async fn a_chunk_alone_is_a_beginning() {
    let scene = Scene::new().await;
    assert_eq!(scene.chunk(1).await, StateName::InProgress);
    assert!(
        !scene.job().await.unwrap().is_available(lectern_application::ports::Clock::now(&*scene.world.clock))
    );
}

#[tokio::test]
async fn the_same_chunk_again_replaces_its_text() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    let chunk = chunk(0, "heard better").build();
    let report = StatusReport { state: None, chunk: Some(chunk) };
    scene.world.report_status().execute(scene.number, &report).await.unwrap();
    assert_eq!(scene.texts().await, ["heard better"]);
}

#[tokio::test]
async fn chunks_are_numbered_up_to_the_quotient() {
    let scene = Scene::new().await;
    assert_eq!(scene.chunk(2).await, StateName::InProgress);
    let refused = scene.report(None, Some(3)).await.unwrap_err();
    assert_eq!(refused.to_string(), "chunk 3 is not in the plan: the last one is 2");
}

#[tokio::test]
async fn a_chunk_is_stored_before_the_state_is_looked_at() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    scene.chunk(1).await;
    let ended = scene.report(Some(StateName::Completed), Some(2)).await.unwrap();
    assert_eq!(ended.transcription.state(), StateName::Completed);
}

#[tokio::test]
async fn nothing_of_a_refused_report_is_stored() {
    let scene = Scene::new().await;
    assert_eq!(scene.refused(Some(StateName::ProcessingFail), Some(0)).await, "illegal_transition");
    assert_eq!(scene.texts().await, [""; 0]);
    assert_eq!(scene.job().await.unwrap().parts().lease, None);
}

#[tokio::test]
async fn who_says_completed_with_chunks_missing_has_completed_partially() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    assert_eq!(scene.state(StateName::Completed).await, StateName::CompletedPartially);
}

#[tokio::test]
async fn what_has_not_begun_is_not_completed() {
    let scene = Scene::new().await;
    assert_eq!(scene.refused(Some(StateName::Completed), None).await, "illegal_transition");
}

#[tokio::test]
async fn the_third_error_is_a_failure_and_ends_the_job() {
    let scene = Scene::new().await;
    for _ in 0..2 {
        scene.state(StateName::InProgress).await;
        assert_eq!(scene.state(StateName::ProcessingError).await, StateName::ProcessingError);
    }
    scene.state(StateName::InProgress).await;
    let failed = scene.report(Some(StateName::ProcessingError), None).await.unwrap().transcription;
    assert_eq!((failed.state(), failed.parts().error_count), (StateName::ProcessingFail, 3));
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn a_worker_that_could_not_even_begin_reports_an_error() {
    let scene = Scene::new().await;
    assert_eq!(scene.state(StateName::ProcessingError).await, StateName::ProcessingError);
}

#[tokio::test]
async fn a_worker_that_stops_leaves_what_it_has() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    assert_eq!(scene.state(StateName::Cancelled).await, StateName::CompletedPartially);
    assert_eq!(scene.job().await, None);

    let nothing = Scene::new().await;
    nothing.state(StateName::InProgress).await;
    assert_eq!(nothing.state(StateName::Cancelled).await, StateName::Cancelled);
}

#[tokio::test]
async fn watchers_hear_of_every_report_and_see_each_revision() {
    let scene = Scene::new().await;
    let before = scene.world.read_status().execute(scene.number).await.unwrap();
    let mut news = lectern_application::ports::EventBus::watch(&*scene.world.events, scene.id);
    scene.report(Some(StateName::InProgress), Some(0)).await.unwrap();
    news.changed().await;
    let revision = before.transcription.parts().revision;
    let changes = scene.world.queries().changes_since(scene.id, revision).await.unwrap().unwrap();
    assert_eq!(changes.chunks, [(revision + 1, chunk(0, "words of chunk 0").build())]);
    assert_eq!(changes.view.transcription.parts().revision, revision + 2);
}
