//! How long the log may be: the oldest entries go, and nothing counts that is not there.

use lectern_application::ports::{LogFilter, PageRequest};
use lectern_domain::{
    log::{LogEntry, LogLevel},
    time::Timestamp,
};

use super::StoreFixture;
use crate::build::{at, log_entry};

fn entries(seconds: impl IntoIterator<Item = u64>) -> Vec<LogEntry> {
    seconds.into_iter().map(|second| log_entry(LogLevel::Info, "x", at(second))).collect()
}

async fn left(fixture: &StoreFixture) -> Vec<Timestamp> {
    let page = PageRequest::new(1, 200).unwrap();
    let page = fixture.queries.log_entries(&LogFilter::default(), page).await.unwrap();
    page.items.iter().map(|entry| entry.at).collect()
}

/// As many of the oldest go as there are too many, in whatever order they came.
pub async fn a_log_that_is_too_long_loses_its_oldest_entries(fixture: &StoreFixture) {
    assert_eq!(fixture.log.purge_beyond(0, 10).await.unwrap(), 0);
    fixture.log.append(&entries([3, 1, 5, 2, 4])).await.unwrap();
    assert_eq!(fixture.log.purge_beyond(5, 10).await.unwrap(), 0);
    assert_eq!(fixture.log.purge_beyond(2, 10).await.unwrap(), 3);
    assert_eq!(left(fixture).await, [at(5), at(4)]);
    assert_eq!(fixture.log.purge_beyond(2, 10).await.unwrap(), 0);
}

/// At most `limit` go at once, and the answer says how many went.
pub async fn shortening_the_log_keeps_to_its_limit(fixture: &StoreFixture) {
    fixture.log.append(&entries(1..=5)).await.unwrap();
    assert_eq!(fixture.log.purge_beyond(1, 0).await.unwrap(), 0);
    assert_eq!(fixture.log.purge_beyond(1, 3).await.unwrap(), 3);
    assert_eq!(fixture.log.purge_beyond(1, 3).await.unwrap(), 1);
    assert_eq!(left(fixture).await, [at(5)]);
}

/// Who got no answer appends again, and the log is no longer for that.
pub async fn an_entry_that_is_appended_twice_counts_once(fixture: &StoreFixture) {
    let entries = entries(1..=3);
    fixture.log.append(&entries).await.unwrap();
    fixture.log.append(&entries).await.unwrap();
    assert_eq!(fixture.log.purge_beyond(3, 10).await.unwrap(), 0);
    assert_eq!(left(fixture).await.len(), 3);
}

/// What went because of its age is not among those that are too many.
pub async fn entries_that_were_purged_do_not_count(fixture: &StoreFixture) {
    fixture.log.append(&entries(1..=5)).await.unwrap();
    assert_eq!(fixture.log.purge(at(3), 10).await.unwrap(), 2);
    assert_eq!(fixture.log.purge_beyond(3, 10).await.unwrap(), 0);
    assert_eq!(fixture.log.purge_beyond(2, 10).await.unwrap(), 1);
    assert_eq!(left(fixture).await, [at(5), at(4)]);
}

/// None is forgotten when several append at once.
pub async fn entries_that_are_appended_at_once_all_count(fixture: &StoreFixture) {
    let appending = (0..20).map(|second| {
        let log = fixture.log.clone();
        tokio::spawn(async move { log.append(&entries([second, second])).await.unwrap() })
    });
    for appended in appending.collect::<Vec<_>>() {
        appended.await.unwrap();
    }
    assert_eq!(fixture.log.purge_beyond(30, 100).await.unwrap(), 10);
    assert_eq!(left(fixture).await.len(), 30);
}
