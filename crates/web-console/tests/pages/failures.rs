//! What is shown when there is no page.

use actix_web::http::StatusCode;
use lectern_testkit::world::World;

use crate::site::{Browser, register};

#[actix_web::test]
async fn a_search_that_is_too_long_says_so() {
    let world = World::new();
    register(&world, "ada").await;
    let path = format!("/?search={}", "x".repeat(201));
    let answer = Browser::of(&world, "ada").await.get(&path).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("A search must be at most 200 characters long."), "{}", answer.body);
}

#[actix_web::test]
async fn a_page_that_is_none_is_not_there() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    for path in
        ["/?page=0", "/?page=-1", "/?page=x", "/console/transcriptions/1", "/console/transcriptions/%00"]
    {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("There is nothing here."), "{path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn whoever_may_not_read_is_told_why() {
    let world = World::new();
    world.holder("ada", &[]).await;
    let answer = Browser::of(&world, "ada").await.get("/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("This needs the permission"), "{}", answer.body);
}
