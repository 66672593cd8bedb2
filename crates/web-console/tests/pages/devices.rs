//! One's devices.

use lectern_testkit::world::World;

use crate::site::{Browser, register};

#[actix_web::test]
async fn every_device_is_listed_and_this_one_is_marked() {
    let world = World::new();
    register(&world, "ada").await;
    let body = Browser::of(&world, "ada").await.get("/console/sessions").await.body;
    assert_eq!(body.matches("<li id=\"session-").count(), 2, "{body}");
    assert_eq!(body.matches("this device").count(), 1, "{body}");
}

#[actix_web::test]
async fn only_other_devices_have_a_button_that_ends_them() {
    let world = World::new();
    let elsewhere = register(&world, "ada").await.principal.session.0;
    let body = Browser::of(&world, "ada").await.get("/console/sessions").await.body;
    assert_eq!(body.matches("action=\"/v1/me/sessions/").count(), 1, "{body}");
    assert!(body.contains(&format!("action=\"/v1/me/sessions/{elsewhere}\"")), "{body}");
}

#[actix_web::test]
async fn a_device_that_calls_itself_names_is_shown_as_text() {
    let world = World::new();
    register(&world, "ada").await;
    let mut origin = lectern_testkit::world::steps::origin();
    origin.user_agent = lectern_domain::session::UserAgent::from_header("<script>alert(1)</script>");
    let input = lectern_testkit::world::steps::login_input("ada", lectern_testkit::world::steps::PASSWORD);
    world.log_in().execute(input, &origin).await.unwrap();
    let body = Browser::of(&world, "ada").await.get("/console/sessions").await.body;
    assert!(!body.contains("<script>") && body.contains("&#60;script&#62;"), "{body}");
}
