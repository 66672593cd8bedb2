//! Reports that cross what others do.

use lectern_application::jobs::StatusReport;
use lectern_domain::transcription::StateName;
use lectern_testkit::build::chunk;

use crate::Scene;

#[tokio::test]
async fn a_worker_whose_job_was_called_off_stores_its_last_chunk() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    scene.cancel().await;
    assert_eq!(scene.chunk(1).await, StateName::Cancelled, "and is told");
    let last = scene.report(Some(StateName::CompletedPartially), Some(2)).await.unwrap();
    assert_eq!(last.transcription.state(), StateName::CompletedPartially);
    assert_eq!(scene.texts().await.len(), 3);
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn what_was_called_off_before_any_chunk_can_end_with_one() {
    let scene = Scene::new().await;
    scene.state(StateName::InProgress).await;
    scene.cancel().await;
    let last = scene.report(Some(StateName::CompletedPartially), Some(0)).await.unwrap();
    assert_eq!(last.transcription.state(), StateName::CompletedPartially);
}

#[tokio::test]
async fn a_worker_that_did_nothing_acknowledges_that_it_was_called_off() {
    let scene = Scene::new().await;
    scene.state(StateName::InProgress).await;
    scene.cancel().await;
    assert_eq!(scene.state(StateName::Cancelled).await, StateName::Cancelled);
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn what_was_called_off_is_not_begun_again_by_a_report() {
    let scene = Scene::new().await;
    scene.cancel().await;
    assert_eq!(scene.refused(Some(StateName::InProgress), None).await, "illegal_transition");
    assert_eq!(scene.refused(Some(StateName::ProcessingError), None).await, "illegal_transition");
}

#[tokio::test]
async fn the_last_word_of_the_work_before_does_not_end_what_was_queued_again() {
    for word in [StateName::CompletedPartially, StateName::Completed, StateName::Cancelled] {
        let scene = Scene::new().await;
        scene.chunk(0).await;
        scene.cancel().await;
        scene.retry().await;
        assert_eq!(scene.refused(Some(word), Some(1)).await, "illegal_transition", "{word}");
        assert_eq!(scene.report(None, None).await.unwrap().transcription.state(), StateName::Queued);
        assert!(scene.job().await.is_some());
    }
}

#[tokio::test]
async fn a_worker_that_did_not_notice_that_it_was_called_off_goes_on_after_a_retry() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    scene.cancel().await;
    scene.retry().await;
    assert_eq!(scene.chunk(1).await, StateName::InProgress);
    assert_eq!(
        scene.report(Some(StateName::Completed), Some(2)).await.unwrap().transcription.state(),
        StateName::Completed
    );
}

#[tokio::test]
async fn a_worker_can_stop_what_was_never_queued_again_before_it_began() {
    let scene = Scene::new().await;
    assert_eq!(scene.state(StateName::Cancelled).await, StateName::Cancelled);
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn of_two_reports_at_once_none_is_lost() {
    let scene = Scene::new().await;
    let report_status = scene.world.report_status();
    let reports: Vec<_> = (0..3)
        .map(|number| StatusReport {
            state: Some(StateName::InProgress),
            chunk: Some(chunk(number, "words").build()),
        })
        .collect();
    let all = reports.iter().map(|report| report_status.execute(scene.number, report));
    for reported in futures::future::join_all(all).await {
        reported.unwrap();
    }
    assert_eq!(scene.texts().await.len(), 3);
    assert_eq!(scene.report(None, None).await.unwrap().transcription.parts().revision, 6);
}

#[tokio::test]
async fn of_an_end_and_a_cancel_one_wins_and_the_other_is_told() {
    let scene = Scene::new().await;
    for number in 0..3 {
        scene.chunk(number).await;
    }
    let cancel = scene.world.cancel();
    let (ended, cancelled) =
        tokio::join!(scene.report(Some(StateName::Completed), None), cancel.execute(&scene.ada, scene.id));
    assert!(ended.is_ok());
    assert!(cancelled.is_err(), "it was over");
    assert_eq!(scene.job().await, None);
}

#[tokio::test]
async fn a_report_on_what_was_deleted_meanwhile_finds_nothing() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    scene.world.delete().execute(&scene.ada, scene.id).await.unwrap();
    assert_eq!(scene.refused(None, Some(1)).await, "transcription_not_found");
}
