//! The server's log: who may read it, and how long it is kept.

use std::time::Duration;

use lectern_application::{
    ErrorKind, UseCaseError,
    ports::{LogFilter, LogSink, PageRequest},
};
use lectern_domain::{access::Permission, log::LogLevel};
use lectern_testkit::{
    build::{log_entry, request_log_entry},
    clock::START,
    world::World,
};

#[tokio::test]
async fn whoever_may_view_the_audit_log_may_read_the_log() {
    let world = World::new();
    let ada = world.holder("ada", &[Permission::AUDIT_VIEW]).await;
    let entry = request_log_entry("/v1/me", 200, START);
    world.database.append(std::slice::from_ref(&entry)).await.unwrap();
    let page = world.list_logs().execute(&ada, LogFilter::default(), PageRequest::FIRST).await.unwrap();
    assert_eq!(page.items, [entry]);
}

#[tokio::test]
async fn nobody_else_may_read_the_log() {
    let world = World::new();
    let eve = world.holder("eve", &[Permission::USERS_VIEW, Permission::BALANCE_ADJUST]).await;
    let read = world.list_logs().execute(&eve, LogFilter::default(), PageRequest::FIRST).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_line_of_the_log_is_purged_after_two_weeks() {
    let world = World::new();
    world.database.append(&[log_entry(LogLevel::Warn, "x", START)]).await.unwrap();
    world.clock.advance(Duration::from_hours(14 * 24));
    assert_eq!(world.purge().execute().await.unwrap().log, 0, "not before its time");
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(world.purge().execute().await.unwrap().log, 1);
}

#[tokio::test]
async fn however_long_the_log_is_all_that_is_due_is_purged() {
    let world = World::new();
    let entries: Vec<_> = (0..1_201).map(|_| log_entry(LogLevel::Info, "x", START)).collect();
    world.database.append(&entries).await.unwrap();
    world.clock.advance(world.retention.log + Duration::from_secs(1));
    assert_eq!(world.purge().execute().await.unwrap().log, 1_201);
}
