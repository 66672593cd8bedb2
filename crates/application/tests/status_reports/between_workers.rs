//! Whose the job is, between those who report, those who lease, and those who wait for a message.

use std::time::Duration;

use lectern_application::{jobs::Relayed, ports::Clock};
use lectern_domain::transcription::{LeaseId, LeaseRules, StateName, WorkerName};
use lectern_testkit::build::chunk;

use crate::Scene;

async fn is_to_be_had(scene: &Scene) -> bool {
    let worker = WorkerName::parse("anna").unwrap();
    scene.world.lease_job().execute(&worker).await.unwrap().is_some()
}

#[tokio::test]
async fn a_job_that_somebody_reports_on_is_not_leased_to_another() {
    let scene = Scene::new().await;
    scene.state(StateName::InProgress).await;
    scene.world.clock.advance(LeaseRules::BETWEEN_REPORTS.saturating_sub(Duration::from_micros(1)));
    assert!(!is_to_be_had(&scene).await);
}

#[tokio::test]
async fn whoever_falls_silent_loses_the_job_and_it_is_announced_again() {
    let scene = Scene::new().await;
    scene.world.relay_jobs().execute().await.unwrap();
    scene.state(StateName::InProgress).await;
    scene.world.clock.advance(LeaseRules::BETWEEN_REPORTS);
    assert_eq!(scene.world.relay_jobs().execute().await.unwrap(), Relayed::Announced(1));
    assert!(is_to_be_had(&scene).await);
}

#[tokio::test]
async fn each_report_keeps_the_job_and_a_look_does_not() {
    let scene = Scene::new().await;
    scene.state(StateName::InProgress).await;
    let until = |now: lectern_domain::time::Timestamp| now.plus(LeaseRules::BETWEEN_REPORTS);
    let expiry = async || scene.job().await.unwrap().parts().lease.clone().unwrap().expires_at;
    for (state, number) in [(None, Some(0)), (Some(StateName::InProgress), None)] {
        scene.world.clock.advance(Duration::from_mins(1));
        scene.report(state, number).await.unwrap();
        assert_eq!(expiry().await, until(scene.world.clock.now()));
    }
    let kept = expiry().await;
    scene.world.clock.advance(Duration::from_mins(1));
    scene.report(None, None).await.unwrap();
    assert_eq!(expiry().await, kept);
}

#[tokio::test]
async fn a_job_that_somebody_leased_is_not_reported_on() {
    let scene = Scene::new().await;
    let leased = scene.world.lease().await;
    scene.world.store(&leased, 0, "theirs").await;
    for state in [
        StateName::InProgress,
        StateName::ProcessingError,
        StateName::Completed,
        StateName::CompletedPartially,
        StateName::Cancelled,
    ] {
        assert_eq!(scene.refused(Some(state), None).await, "job_held", "{state}");
    }
    assert_eq!(scene.refused(None, Some(0)).await, "job_held");
    assert_eq!(scene.texts().await, ["theirs"]);
    scene.world.complete_job().execute(leased.lease).await.unwrap();
}

#[tokio::test]
async fn the_last_word_of_who_leased_is_not_taken_from_another() {
    let scene = Scene::new().await;
    let leased = scene.world.lease().await;
    scene.cancel().await;
    assert_eq!(scene.refused(Some(StateName::CompletedPartially), Some(0)).await, "job_held");
    scene.world.store(&leased, 0, "the last one").await;
    assert_eq!(scene.texts().await, ["the last one"]);
}

#[tokio::test]
async fn a_lease_that_is_over_is_no_hindrance() {
    let scene = Scene::new().await;
    let lost = scene.world.lease().await;
    scene.world.clock.advance(scene.world.lease_rules.duration);
    assert_eq!(scene.state(StateName::InProgress).await, StateName::InProgress);
    let late = scene.world.store_chunk().execute(lost.lease, &chunk(0, "late").build()).await;
    assert_eq!(lectern_application::UseCaseError::code(&late.unwrap_err()), "lease_lost");
}

#[tokio::test]
async fn a_worker_that_reports_on_after_it_lost_the_job_to_nobody_goes_on() {
    let scene = Scene::new().await;
    scene.chunk(0).await;
    scene.world.clock.advance(LeaseRules::BETWEEN_REPORTS);
    assert_eq!(scene.state(StateName::Completed).await, StateName::CompletedPartially);
}

#[tokio::test]
async fn a_job_that_failed_is_announced_again_when_it_has_rested() {
    let scene = Scene::new().await;
    scene.world.relay_jobs().execute().await.unwrap();
    scene.state(StateName::ProcessingError).await;
    assert_eq!(scene.world.relay_jobs().execute().await.unwrap(), Relayed::Nothing);
    scene.world.clock.advance(scene.world.report_rules.error_delay);
    assert_eq!(scene.world.relay_jobs().execute().await.unwrap(), Relayed::Announced(1));
}

#[tokio::test]
async fn who_takes_its_message_back_goes_on_before_the_job_has_rested() {
    let scene = Scene::new().await;
    scene.world.relay_jobs().execute().await.unwrap();
    scene.state(StateName::ProcessingError).await;
    assert_eq!(scene.state(StateName::InProgress).await, StateName::InProgress);
    scene.world.clock.advance(scene.world.report_rules.error_delay);
    assert_eq!(scene.world.relay_jobs().execute().await.unwrap(), Relayed::Nothing, "it has it");
    assert!(!is_to_be_had(&scene).await);
}

#[tokio::test]
async fn a_recording_that_takes_its_workers_down_counts_as_an_error() {
    let scene = Scene::new().await;
    for _ in 0..scene.world.report_rules.max_attempts {
        scene.state(StateName::InProgress).await;
        scene.world.clock.advance(LeaseRules::BETWEEN_REPORTS);
    }
    assert_eq!(scene.refused(Some(StateName::InProgress), None).await, "job_exhausted");
    let status = scene.report(None, None).await.unwrap().transcription;
    assert_eq!((status.state(), status.parts().error_count), (StateName::ProcessingError, 1));
}

#[tokio::test]
async fn the_calls_of_leases_do_not_find_what_is_reported_on_by_another_lease() {
    let scene = Scene::new().await;
    scene.state(StateName::InProgress).await;
    let made_up = LeaseId(uuid::Uuid::from_u128(1));
    let lost = scene.world.heartbeat_job().execute(made_up).await.unwrap_err();
    assert_eq!(lectern_application::UseCaseError::code(&lost), "lease_lost");
}
