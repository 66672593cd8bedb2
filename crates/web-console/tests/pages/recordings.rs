//! One's recordings, and the page of each.

use std::time::Duration;

use actix_web::http::StatusCode;
use lectern_domain::transcription::Title;
use lectern_testkit::world::World;

use crate::site::{Browser, register};

#[actix_web::test]
async fn the_console_says_who_is_signed_in_and_lists_their_recordings() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id().0;
    let body = Browser::of(&world, "ada").await.get("/").await.body;
    assert!(body.contains("<strong id=\"who\">ada</strong>"), "{body}");
    assert!(body.contains(&format!("href=\"/console/transcriptions/{id}\"")), "{body}");
}

#[actix_web::test]
async fn an_active_recording_shows_its_progress_and_where_news_come_from() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id().0;
    let job = world.lease().await;
    world.store(&job, 0, "first").await;
    let body = Browser::of(&world, "ada").await.get("/").await.body;
    assert!(body.contains("<progress max=\"2\" value=\"1\""), "{body}");
    assert!(body.contains(&format!("data-events=\"/v1/transcriptions/{id}/events\"")), "{body}");
}

#[actix_web::test]
async fn what_is_done_has_its_text_and_no_progress() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 60).await.transcription.id().0;
    let job = world.lease().await;
    world.store(&job, 0, "the whole lecture").await;
    world.complete_job().execute(job.lease).await.unwrap();
    let body = Browser::of(&world, "ada").await.get(&format!("/console/transcriptions/{id}")).await.body;
    assert!(body.contains("<p>the whole lecture</p>"), "{body}");
    assert!(body.contains("class=\"state completed\">Done<") && !body.contains("data-events"), "{body}");
}

#[actix_web::test]
async fn a_recording_that_was_removed_is_neither_offered_nor_tried_again() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    world.cancel().execute(&ada, id).await.unwrap();
    let offers = async || {
        let page = format!("/console/transcriptions/{}", id.0);
        let body = Browser::of(&world, "ada").await.get(&page).await.body;
        (body.contains(&format!("{page}/audio")), body.contains("id=\"retry\""))
    };
    assert_eq!(offers().await, (true, true));
    world.clock.advance(Duration::from_hours(24 * 366));
    world.purge().execute().await.unwrap();
    assert_eq!(offers().await, (false, false));
}

#[actix_web::test]
async fn what_people_and_recognisers_wrote_is_shown_as_text() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id();
    let attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    world.rename().execute(&ada, id, Title::parse(attack).ok()).await.unwrap();
    let job = world.lease().await;
    world.store(&job, 0, attack).await;
    let browser = Browser::of(&world, "ada").await;
    for path in ["/".to_owned(), format!("/console/transcriptions/{}", id.0)] {
        let body = browser.get(&path).await.body;
        assert!(!body.contains("<script>") && !body.contains("<img"), "{path}: {body}");
        assert!(body.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{path}: {body}");
    }
}

#[actix_web::test]
async fn what_was_searched_for_is_shown_as_text() {
    let world = World::new();
    register(&world, "ada").await;
    let body = Browser::of(&world, "ada").await.get("/?search=%22%3E%3Cscript%3Ealert(1)").await.body;
    assert!(!body.contains("<script>"), "{body}");
    assert!(body.contains("value=\"&#34;&#62;&#60;script&#62;alert(1)\""), "{body}");
}

#[actix_web::test]
async fn a_search_finds_words_of_titles() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id();
    world.rename().execute(&ada, id, Title::parse("Oceans").ok()).await.unwrap();
    let browser = Browser::of(&world, "ada").await;
    assert!(browser.get("/?search=oceans").await.body.contains("Oceans</a>"));
    assert!(browser.get("/?search=parliament").await.body.contains("Nothing has all of these words."));
}

#[actix_web::test]
async fn a_long_list_has_pages_that_keep_the_search() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    for number in 0..21 {
        let id = world.upload(&ada, 60).await.transcription.id();
        world.rename().execute(&ada, id, Title::parse(&format!("a b {number}")).ok()).await.unwrap();
        world.cancel().execute(&ada, id).await.unwrap();
    }
    let browser = Browser::of(&world, "ada").await;
    let first = browser.get("/?search=a+b").await.body;
    assert!(first.contains("href=\"?search=a+b&#38;page=2\"") && first.contains("Page 1 of 2"), "{first}");
    let second = browser.get("/?search=a+b&page=2").await.body;
    assert!(
        second.contains("href=\"?search=a+b&#38;page=1\"") && !second.contains("rel=\"next\""),
        "{second}"
    );
}

#[actix_web::test]
async fn anothers_recording_is_not_there() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id().0;
    register(&world, "bob").await;
    let answer = Browser::of(&world, "bob").await.get(&format!("/console/transcriptions/{id}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("There is no such transcription."), "{}", answer.body);
}

#[actix_web::test]
async fn downloads_lead_to_the_api() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let id = world.upload(&ada, 90).await.transcription.id().0;
    let browser = Browser::of(&world, "ada").await;
    for (path, to) in [("export?format=docx", "export?format=docx"), ("audio", "audio")] {
        let answer = browser.get(&format!("/console/transcriptions/{id}/{path}")).await;
        assert_eq!(answer.leads_to(), Some(format!("/v1/transcriptions/{id}/{to}").as_str()));
    }
}

#[actix_web::test]
async fn a_download_leads_nowhere_else() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    for path in ["%2F%2Fevil.example/audio", "..%2F..%2Fme/audio", "x/export?format=txt"] {
        let answer = browser.get(&format!("/console/transcriptions/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn whoever_waits_for_approval_is_told_so_and_has_no_form() {
    let world = World { registration: lectern_domain::account::Registration::Approve, ..World::new() };
    register(&world, "ada").await;
    let body = Browser::of(&world, "ada").await.get("/").await.body;
    assert!(body.contains("waits to be approved") && !body.contains("id=\"upload\""), "{body}");
}
