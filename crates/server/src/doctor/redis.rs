//! Redis, where replicas share one.

use std::time::Duration;

use lectern_redis_adapter::{RedisReport, examine};

use super::{Finding, chain};
use crate::config::Settings;

const CHECK: &str = "redis";
/// Every request asks Redis now and then; one that is further away than this costs more than it saves.
const FAR: Duration = Duration::from_millis(20);

/// Looks at it, if there is one.
pub(super) async fn look(settings: &Settings) -> Option<Finding> {
    let redis = settings.redis.clone()?;
    Some(match examine(redis).await {
        Ok(report) => judged(&report),
        Err(trouble) => Finding::problem(
            CHECK,
            chain(&trouble),
            "Check that Redis runs, that LECTERN_REDIS_URL names it with the right user and password, and that it takes \
             writes. Until then each replica remembers and counts for itself.",
        ),
    })
}

fn judged(report: &RedisReport) -> Finding {
    let RedisReport { version, latency, .. } = report;
    let answers = format!("version {version}, answers in {:.1} ms", latency.as_secs_f64() * 1e3);
    if report.memory_limit.is_some() && report.eviction != "noeviction" {
        return Finding::warning(
            CHECK,
            format!(
                "{answers}; when its memory is full it forgets keys before their time ({}), among them how often somebody \
                 guessed passwords",
                report.eviction
            ),
            "Set maxmemory-policy noeviction: Lectern does without Redis when it is full. All its keys expire by \
             themselves.",
        );
    }
    if *latency > FAR {
        return Finding::warning(
            CHECK,
            answers,
            "Put Redis nearer to the replicas: it is asked while requests wait.",
        );
    }
    Finding::ok(CHECK, answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn verdict(memory_limit: Option<u64>, eviction: &str, millis: u64) -> Verdict {
        let latency = Duration::from_millis(millis);
        let (version, eviction) = ("7.0.0".to_owned(), eviction.to_owned());
        judged(&RedisReport { version, latency, memory_limit, eviction }).verdict
    }

    #[test]
    fn keys_that_are_forgotten_before_their_time_are_a_warning() {
        assert_eq!(verdict(Some(1), "allkeys-lru", 1), Verdict::Warning);
        assert_eq!(verdict(Some(1), "volatile-ttl", 1), Verdict::Warning);
        assert_eq!(verdict(Some(1), "noeviction", 1), Verdict::Ok);
        assert_eq!(verdict(None, "allkeys-lru", 1), Verdict::Ok, "it never is full");
    }

    #[test]
    fn a_far_server_is_a_warning() {
        assert_eq!(verdict(None, "noeviction", 21), Verdict::Warning);
    }
}
