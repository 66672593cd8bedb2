//! The outbox: what is in it, and who gets which mail.

use std::{collections::HashSet, time::Duration};

use futures::future::join_all;
use lectern_domain::{
    account::EmailAddress,
    challenge::Code,
    mail::{Mail, MailContent, MailId, MailParts, MailRules},
    time::Timestamp,
};

use super::StoreFixture;
use crate::{
    build::{at, fresh_id},
    contract::without_hanging,
};

const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

/// A mail to `ada@example.org`, due from `not_before` on.
fn mail(not_before: Timestamp) -> Mail {
    let content = MailContent::PasswordReset { code: Code::parse("012345").unwrap() };
    let recipient = EmailAddress::parse("ada@example.org").ok();
    Mail::new(MailId(fresh_id()), recipient, content, not_before, at(600))
}

async fn put(fixture: &StoreFixture, mail: &Mail) {
    let mut work = fixture.unit().await;
    work.put_mail(mail).await.unwrap();
    work.commit().await.unwrap();
}

async fn stored(fixture: &StoreFixture, id: MailId) -> Option<Mail> {
    fixture.unit().await.mail(id).await.unwrap()
}

/// The next mail, which is left where it is. A unit that is dropped may hold it for a moment longer, so this one commits.
async fn next(fixture: &StoreFixture, now: Timestamp) -> Option<Mail> {
    let mut work = fixture.unit().await;
    let mail = work.next_due_mail(now).await.unwrap();
    work.commit().await.unwrap();
    mail
}

/// Every field of a mail comes back, the address letter by letter.
pub async fn every_field_of_a_mail_comes_back(fixture: &StoreFixture) {
    let longest = format!("{}@{}.{}.{}.ORG", "É".repeat(32), "a".repeat(63), "b".repeat(63), "c".repeat(54));
    let code = Code::parse("000007").unwrap();
    let contents = [
        MailContent::PasswordReset { code: code.clone() },
        MailContent::EmailVerification { code: code.clone() },
    ];
    for content in contents {
        for recipient in [None, EmailAddress::parse(&longest).ok()] {
            let mail = Mail::from_parts(MailParts {
                id: MailId(fresh_id()),
                recipient,
                content: content.clone(),
                attempts: u32::MAX,
                created_at: PRECISE,
                not_before: PRECISE.plus(Duration::from_micros(1)),
                useful_until: PRECISE.plus(Duration::from_micros(2)),
            });
            put(fixture, &mail).await;
            let found = stored(fixture, mail.id()).await.unwrap();
            let written = |mail: &Mail| mail.parts().recipient.as_ref().map(|to| to.as_str().to_owned());
            assert_eq!(written(&found), written(&mail));
            assert_eq!(found, mail);
        }
    }
}

/// Putting a mail of the same id replaces it, and leaves others alone.
pub async fn putting_a_mail_replaces_it(fixture: &StoreFixture) {
    let (other, first) = (mail(at(1)), mail(at(1)));
    put(fixture, &other).await;
    put(fixture, &first).await;
    let taken = first.take(at(2), MailRules::default());
    put(fixture, &taken).await;
    assert_eq!(stored(fixture, taken.id()).await, Some(taken));
    assert_eq!(stored(fixture, other.id()).await, Some(other));
}

/// An id that no mail has is no error.
pub async fn a_missing_mail_is_none(fixture: &StoreFixture) {
    assert_eq!(stored(fixture, MailId(fresh_id())).await, None);
}

/// A mail of a unit that is rolled back is never sent.
pub async fn mails_are_part_of_their_unit(fixture: &StoreFixture) {
    let mail = mail(at(0));
    let mut work = fixture.unit().await;
    work.put_mail(&mail).await.unwrap();
    drop(work);
    assert_eq!(next(fixture, at(1)).await, None);
}

/// A removed mail is gone; removing one that isn't there MUST be no error, and dooms nothing.
pub async fn a_removed_mail_is_gone(fixture: &StoreFixture) {
    let (mail, other) = (mail(at(0)), mail(at(0)));
    put(fixture, &mail).await;
    put(fixture, &other).await;
    let mut work = fixture.unit().await;
    work.remove_mail(mail.id()).await.unwrap();
    work.remove_mail(mail.id()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(stored(fixture, mail.id()).await, None);
    assert_eq!(stored(fixture, other.id()).await, Some(other));
}

/// The mail that has been due longest goes first, whatever the order in which mails were put.
pub async fn the_mail_that_is_due_longest_goes_first(fixture: &StoreFixture) {
    for seconds in [3, 1, 2] {
        put(fixture, &mail(at(seconds))).await;
    }
    for seconds in [1, 2, 3] {
        let first = next(fixture, at(10)).await.unwrap();
        assert_eq!(first.parts().not_before, at(seconds));
        put(fixture, &first.take(at(10), MailRules::default())).await;
    }
    assert_eq!(next(fixture, at(10)).await, None);
}

/// A mail that was taken or postponed is due again from that very moment on.
pub async fn a_mail_is_due_from_its_very_moment(fixture: &StoreFixture) {
    let rules = MailRules::default();
    let taken = mail(at(0)).take(at(0), rules);
    put(fixture, &taken).await;
    let due = at(0).plus(rules.lease);
    assert_eq!(next(fixture, due.minus(Duration::from_micros(1))).await, None);
    assert_eq!(next(fixture, due).await, Some(taken));
}

/// Two units at once MUST NOT get the same mail, and together they get them all.
pub async fn concurrent_units_never_get_the_same_mail(fixture: &StoreFixture) {
    let mut expected = HashSet::new();
    for seconds in 0..20 {
        let mail = mail(at(seconds));
        put(fixture, &mail).await;
        expected.insert(mail.id().0);
    }
    let replicas = (0..4).map(|_| {
        let transactions = fixture.transactions.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            // With every other replica holding one, there may be none to get at the moment: five are one's share.
            while taken.len() < 5 {
                let mut work = transactions.begin().await.unwrap();
                if let Some(mail) = work.next_due_mail(at(100)).await.unwrap() {
                    taken.push(mail.id().0);
                    work.put_mail(&mail.take(at(100), MailRules::default())).await.unwrap();
                    work.commit().await.unwrap();
                }
            }
            taken
        })
    });
    let taken = without_hanging(join_all(replicas)).await;
    let taken: Vec<_> = taken.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(taken.len(), 20);
    assert_eq!(taken.into_iter().collect::<HashSet<_>>(), expected);
}
