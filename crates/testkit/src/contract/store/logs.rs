//! The server's log: what was appended comes back, once, in order, in pages, by filters, until it is purged.

use std::time::Duration;

use lectern_application::ports::{LogFilter, PageRequest};
use lectern_domain::{
    log::{LogEntry, LogFields, LogLevel, LogText},
    time::Timestamp,
};

use super::StoreFixture;
use crate::build::{at, log_entry, request_log_entry};

async fn append(fixture: &StoreFixture, entries: &[LogEntry]) {
    fixture.log.append(entries).await.unwrap();
}

async fn listed(fixture: &StoreFixture, filter: &LogFilter) -> Vec<LogEntry> {
    let page = fixture.queries.log_entries(filter, PageRequest::new(1, 200).unwrap()).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap());
    page.items
}

async fn messages(fixture: &StoreFixture, filter: &LogFilter) -> Vec<String> {
    listed(fixture, filter).await.iter().map(|entry| entry.message.as_str().to_owned()).collect()
}

async fn total(fixture: &StoreFixture) -> u64 {
    let first = PageRequest::new(1, 1).unwrap();
    fixture.queries.log_entries(&LogFilter::default(), first).await.unwrap().total
}

/// An entry comes back with everything that it says.
pub async fn every_field_of_a_log_entry_comes_back(fixture: &StoreFixture) {
    let entry = LogEntry {
        level: LogLevel::Error,
        fields: LogFields::first_of([("code", "internal"), ("cause", "no room: no room left")]),
        duration: Some(Duration::from_micros(1)),
        at: at(1).plus(Duration::from_micros(1)),
        ..request_log_entry("/v1/users/{id}", 503, at(1))
    };
    append(fixture, std::slice::from_ref(&entry)).await;
    assert_eq!(listed(fixture, &LogFilter::default()).await, [entry]);
}

/// An entry that is about no request comes back, too.
pub async fn a_bare_log_entry_comes_back(fixture: &StoreFixture) {
    for level in LogLevel::ALL {
        append(fixture, &[log_entry(level, "", at(1))]).await;
        let bare = listed(fixture, &LogFilter { level: Some(level), ..LogFilter::default() }).await;
        assert_eq!(bare.len(), 1, "{level:?}");
        assert_eq!((bare[0].level, bare[0].request_id, bare[0].status), (level, None, None));
        assert_eq!((bare[0].duration, &bare[0].fields), (None, &LogFields::default()));
        assert_eq!(fixture.log.purge(at(2), 10).await.unwrap(), 1);
    }
}

/// No text is too strange to be kept.
pub async fn any_text_of_a_log_entry_comes_back(fixture: &StoreFixture) {
    let longest = "🦊".repeat(LogText::MAX_CHARS);
    for text in ["a\0b", "\u{1}\u{1b}[31m\r\n\t", "'; DROP TABLE users; --", "{\"a\": \"\\u0000\"}", &longest]
    {
        let text = LogText::cut(text);
        let entry = LogEntry {
            target: text.clone(),
            message: text.clone(),
            method: Some(text.clone()),
            fields: LogFields::first_of([(text.as_str(), text.as_str())]),
            ..request_log_entry("/", 200, at(1))
        };
        append(fixture, std::slice::from_ref(&entry)).await;
        assert_eq!(listed(fixture, &LogFilter::default()).await, [entry]);
        assert_eq!(fixture.log.purge(at(2), 10).await.unwrap(), 1);
    }
}

/// Appending what is there already changes nothing, alone or among others.
pub async fn a_log_entry_is_appended_once(fixture: &StoreFixture) {
    let [first, second] = [1, 2].map(|second| log_entry(LogLevel::Warn, "first", at(second)));
    let changed = LogEntry { message: LogText::cut("changed"), ..first.clone() };
    append(fixture, std::slice::from_ref(&first)).await;
    append(fixture, &[changed.clone(), second.clone()]).await;
    append(fixture, &[second.clone(), changed]).await;
    assert_eq!(listed(fixture, &LogFilter::default()).await, [second, first]);
}

/// Any number of entries is appended at once.
pub async fn any_number_of_log_entries_is_appended(fixture: &StoreFixture) {
    append(fixture, &[]).await;
    assert_eq!(total(fixture).await, 0);
    let entries: Vec<_> = (0..5000).map(|second| request_log_entry("/", 200, at(second))).collect();
    append(fixture, &entries).await;
    assert_eq!(total(fixture).await, 5000);
}

/// The newest comes first; of one moment, the last id.
pub async fn the_newest_log_entry_is_listed_first(fixture: &StoreFixture) {
    let entries = [("a", 1), ("b", 2), ("c", 2), ("d", 3)]
        .map(|(message, second)| log_entry(LogLevel::Info, message, at(second)));
    let [a, b, c, d] = entries;
    append(fixture, &[d, a, c, b]).await;
    assert_eq!(messages(fixture, &LogFilter::default()).await, ["d", "c", "b", "a"]);
}

/// Pages neither overlap nor leave anything out, and beyond the last one the total stays right.
pub async fn the_log_comes_in_pages(fixture: &StoreFixture) {
    let entries = [1, 2, 3].map(|second| log_entry(LogLevel::Info, &second.to_string(), at(second)));
    append(fixture, &entries).await;
    for (number, expected) in [(1, vec!["3", "2"]), (2, vec!["1"]), (3, vec![])] {
        let request = PageRequest::new(number, 2).unwrap();
        let page = fixture.queries.log_entries(&LogFilter::default(), request).await.unwrap();
        let messages: Vec<_> = page.items.iter().map(|entry| entry.message.as_str()).collect();
        assert_eq!(messages, expected);
        assert_eq!((page.total, page.request), (3, request));
    }
}

/// Each filter lets through what it names, and all of them have to hold.
pub async fn the_log_is_filtered(fixture: &StoreFixture) {
    let entries = [
        request_log_entry("/v1/me", 200, at(1)),
        log_entry(LogLevel::Warn, "the queue can't be reached", at(2)),
        request_log_entry("/v1/me", 401, at(3)),
        LogEntry { level: LogLevel::Error, ..request_log_entry("/v1/users", 500, at(4)) },
    ];
    append(fixture, &entries).await;
    let all = LogFilter::default;
    let route = Some(LogText::cut("/v1/me"));
    for (filter, expected) in [
        (LogFilter { level: Some(LogLevel::Info), ..all() }, vec![3, 2, 1, 0]),
        (LogFilter { level: Some(LogLevel::Warn), ..all() }, vec![3, 1]),
        (LogFilter { level: Some(LogLevel::Error), ..all() }, vec![3]),
        (LogFilter { since: Some(at(3)), ..all() }, vec![3, 2]),
        (LogFilter { until: Some(at(3)), ..all() }, vec![1, 0]),
        (LogFilter { request_id: entries[2].request_id, ..all() }, vec![2]),
        (LogFilter { route: route.clone(), ..all() }, vec![2, 0]),
        (LogFilter { status: Some(401), ..all() }, vec![2]),
        (LogFilter { message: Some(LogText::cut("queue")), ..all() }, vec![1]),
        (LogFilter { route: route.clone(), status: Some(200), ..all() }, vec![0]),
        (LogFilter { since: Some(at(2)), until: Some(at(4)), route: route.clone(), ..all() }, vec![2]),
        (
            LogFilter {
                level: Some(LogLevel::Error),
                since: Some(at(4)),
                until: Some(at(5)),
                request_id: entries[3].request_id,
                route: Some(LogText::cut("/v1/users")),
                status: Some(500),
                message: Some(LogText::cut("served")),
            },
            vec![3],
        ),
        (LogFilter { status: Some(500), level: Some(LogLevel::Error), route, ..all() }, vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|index: usize| entries[index].id).collect();
        let ids: Vec<_> = listed(fixture, &filter).await.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

/// A part of a message is found in whatever case of its ASCII letters, and nothing in it is a wildcard.
pub async fn a_part_of_a_message_is_found_as_it_is(fixture: &StoreFixture) {
    let entries =
        ["100% of \"IT\"", "100 of _it_", "Ada \\ ÄDA"].map(|text| log_entry(LogLevel::Warn, text, at(1)));
    append(fixture, &entries).await;
    for (part, expected) in [
        ("it", 2),
        ("100%", 1),
        ("1%0", 0),
        ("_IT_", 1),
        ("_t_", 0),
        ("\\ Ä", 1),
        ("ada", 1),
        ("äda", 0),
        ("\0", 0),
        ("'", 0),
    ] {
        let filter = LogFilter { message: Some(LogText::cut(part)), ..LogFilter::default() };
        assert_eq!(listed(fixture, &filter).await.len(), expected, "{part:?}");
    }
}

async fn append_at(fixture: &StoreFixture, times: &[Timestamp]) {
    let entries: Vec<_> = times.iter().map(|at| log_entry(LogLevel::Info, "x", *at)).collect();
    append(fixture, &entries).await;
}

/// Entries from before the cut-off are purged, those of that very moment are not.
pub async fn purging_the_log_spares_the_cut_off(fixture: &StoreFixture) {
    append_at(fixture, &[at(50).minus(Duration::from_micros(1)), at(50), at(51)]).await;
    for (before, left) in [(at(50), 2), (at(51), 1), (at(52), 0)] {
        assert_eq!(fixture.log.purge(before, 10).await.unwrap(), 1);
        assert_eq!(total(fixture).await, left);
    }
}

/// At most `limit` go at once, the oldest first, and the answer says how many went.
pub async fn purging_the_log_keeps_to_its_limit(fixture: &StoreFixture) {
    append_at(fixture, &[at(3), at(1), at(5), at(2), at(4)]).await;
    assert_eq!(fixture.log.purge(at(50), 0).await.unwrap(), 0);
    assert_eq!(fixture.log.purge(at(50), 3).await.unwrap(), 3);
    let left: Vec<_> = listed(fixture, &LogFilter::default()).await.iter().map(|entry| entry.at).collect();
    assert_eq!(left, [at(5), at(4)]);
    assert_eq!(fixture.log.purge(at(50), 3).await.unwrap(), 2);
    assert_eq!(fixture.log.purge(at(50), 3).await.unwrap(), 0);
}
