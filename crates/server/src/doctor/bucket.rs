//! The bucket that recordings are in, if they are in one.

use std::time::Duration;

use lectern_application::ports::{Clock as _, Ids as _};
use lectern_domain::time::Timestamp;
use lectern_media_adapter::{BucketReport, ConditionalWrites, examine_bucket};
use lectern_security_adapter::{SystemClock, UuidV7Ids};

use super::{Finding, chain, drift};
use crate::config::{AudioUrl, Settings};

const CHECK: &str = "recordings";
/// S3 refuses requests that are a quarter of an hour off.
const FAR: Duration = Duration::from_mins(5);

/// Looks at it, if there is one.
pub(super) async fn look(settings: &Settings) -> Option<Finding> {
    let AudioUrl::S3(bucket) = &settings.audio else { return None };
    Some(match examine_bucket(bucket, UuidV7Ids.next()).await {
        Ok(report) => judged(report, SystemClock.now()),
        Err(error) => Finding::problem(
            CHECK,
            format!("the bucket can't be used: {}", chain(&error)),
            "Correct that. Until then nothing can be uploaded or listened to, and requests for it are answered 503.",
        ),
    })
}

fn judged(report: BucketReport, now: Timestamp) -> Finding {
    let drift = drift(report.time, now);
    if drift > FAR {
        return Finding::problem(
            CHECK,
            format!("the clock of this machine is {} s away from that of S3", drift.as_secs()),
            "Set the machine's clock, and have it kept right (by NTP): S3 refuses what is 15 minutes off.",
        );
    }
    match report.conditional {
        ConditionalWrites::Heeded => Finding::ok(CHECK, "the bucket takes, gives back and deletes objects"),
        ConditionalWrites::Ignored => Finding::ok(
            CHECK,
            "the bucket takes, gives back and deletes objects; it does not heed If-None-Match, so a look before each \
             upload has to do",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_that_is_far_off_is_a_problem() {
        let time = Timestamp::from_micros(0).plus(Duration::from_hours(1));
        let report = BucketReport { conditional: ConditionalWrites::Heeded, time };
        for (now, verdict) in [
            (time, Verdict::Ok),
            (time.minus(FAR), Verdict::Ok),
            (time.plus(FAR), Verdict::Ok),
            (time.minus(FAR + Duration::from_secs(1)), Verdict::Problem),
            (time.plus(FAR + Duration::from_secs(1)), Verdict::Problem),
        ] {
            assert_eq!(judged(report, now).verdict, verdict);
        }
    }
}
