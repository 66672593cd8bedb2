//! RabbitMQ, where workers wait for messages.

use lectern_amqp_adapter::{BrokerReport, QueueReport, examine};

use super::{Finding, chain};
use crate::config::Settings;

const CHECK: &str = "rabbitmq";

/// Looks at it, if there is one.
pub(super) async fn look(settings: &Settings) -> Option<Finding> {
    let broker = settings.amqp.as_ref()?;
    let queue = settings.amqp_queue.as_str();
    Some(match examine(broker, &settings.amqp_queue).await {
        Ok(report) => judged(&report, queue),
        Err(error) => Finding::problem(
            CHECK,
            format!("{broker}: {}", chain(&error)),
            "Check that RabbitMQ runs, and that LECTERN_AMQP_URL names it with the right user, password and virtual host, \
             where the user may configure, write and read. Until then jobs wait in the database.",
        ),
    })
}

fn judged(report: &BrokerReport, name: &str) -> Finding {
    let Some(QueueReport { messages, consumers, difference }) = &report.queue else {
        return Finding::ok(CHECK, format!("there is no queue {name} yet; the server declares it"));
    };
    let state = format!("the queue {name} has {messages} messages and {consumers} workers");
    if let Some(difference) = difference {
        return Finding::warning(
            CHECK,
            format!("{state}; it was declared otherwise than workers do it: {difference}"),
            "Workers that declare the queue plainly are refused. Delete the queue, and the server declares it anew; give \
             it what it needs by a policy.",
        );
    }
    if *messages > 0 && *consumers == 0 {
        return Finding::warning(
            CHECK,
            format!("{state}, so nobody takes the messages"),
            "Start workers, or leave LECTERN_AMQP_URL unset if they ask for jobs over HTTP.",
        );
    }
    if !report.has_dead_letters {
        return Finding::warning(
            CHECK,
            format!("{state}; there is no queue {name}.dead for what workers reject"),
            "Let the user configure queues, and start the server, which declares it.",
        );
    }
    Finding::ok(CHECK, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn queue(messages: u32, consumers: u32, difference: Option<&str>) -> BrokerReport {
        let difference = difference.map(ToOwned::to_owned);
        BrokerReport { queue: Some(QueueReport { messages, consumers, difference }), has_dead_letters: true }
    }

    #[test]
    fn messages_that_nobody_takes_are_a_warning() {
        assert_eq!(judged(&queue(1, 0, None), "q").verdict, Verdict::Warning);
        assert_eq!(judged(&queue(1, 1, None), "q").verdict, Verdict::Ok);
        assert_eq!(judged(&queue(0, 0, None), "q").verdict, Verdict::Ok);
    }

    #[test]
    fn a_queue_that_workers_can_not_declare_is_a_warning() {
        let finding = judged(&queue(0, 1, Some("inequivalent arg 'x-queue-type'")), "q");
        assert!(finding.verdict == Verdict::Warning && finding.what.contains("x-queue-type"), "{finding}");
    }

    #[test]
    fn a_queue_that_is_not_there_yet_is_fine() {
        assert_eq!(judged(&BrokerReport { queue: None, has_dead_letters: false }, "q").verdict, Verdict::Ok);
    }
}
