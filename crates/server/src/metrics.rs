//! What was counted and measured, told in the text format of Prometheus.
//!
//! Everything that the catalogue has is described when a server starts, and what can be foreseen of it is there at zero: a
//! counter that appears with its first event hides that event from whoever computes rates.

use std::{sync::Arc, time::Duration};

use lectern_application::{
    metrics::{
        Definition, Kind,
        catalogue::{ALL, BUILD},
    },
    ports::{Exposition, Gauges},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{config::DatabaseUrl, failure::Failure};

/// How often what was recorded is sorted into buckets. Until then it takes room.
const UPKEEP: Duration = Duration::from_secs(5);

/// Where numbers go from the moment it is installed.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorded: PrometheusHandle,
    /// What is measured when somebody asks.
    gauges: Vec<Arc<dyn Gauges>>,
}

impl Metrics {
    /// Begins to record, for the whole process. Adapters keep hold of what they count often, so this comes before them.
    pub(crate) fn install(database: &DatabaseUrl) -> Result<Self, Failure> {
        let failed = || Failure::operation("can't record metrics");
        let mut builder = PrometheusBuilder::new();
        for (_, metric) in ALL {
            if let Kind::Histogram(bounds) = metric.kind {
                let of = Matcher::Full(metric.name.to_owned());
                builder =
                    builder.set_buckets_for_metric(of, bounds).map_err(|error| failed().because(error))?;
            }
        }
        let recorded = builder.install_recorder().map_err(|error| failed().because(error))?;
        for (_, metric) in ALL {
            introduce(metric);
        }
        let database = match database {
            DatabaseUrl::Sqlite(_) => "sqlite",
            DatabaseUrl::Postgres(_) => "postgres",
        };
        BUILD.set([env!("CARGO_PKG_VERSION"), database], 1.0);
        let gauges: Vec<Arc<dyn Gauges>> = vec![Arc::new(Process::default())];
        Ok(Self { recorded, gauges })
    }

    /// Measures this, too, whenever somebody asks.
    pub(crate) fn with(mut self, gauges: Arc<dyn Gauges>) -> Self {
        self.gauges.push(gauges);
        self
    }

    /// Keeps what was recorded in order, until `shutdown`.
    pub(crate) async fn keep_up(self, shutdown: CancellationToken) {
        let mut rounds = interval(UPKEEP);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = rounds.tick() => self.recorded.run_upkeep(),
            }
        }
    }
}

impl Exposition for Metrics {
    fn text(&self) -> String {
        for gauges in &self.gauges {
            gauges.measure();
        }
        self.recorded.render()
    }
}

/// Describes a metric, and begins each of its series that can be foreseen. Gauges are left out: one that nobody has set says
/// nothing, not zero.
fn introduce(metric: &Definition) {
    match metric.kind {
        Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
        Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
        Kind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
    }
    for labels in series(metric) {
        match metric.kind {
            Kind::Counter => metrics::counter!(metric.name, labels).increment(0),
            Kind::Histogram(_) => drop(metrics::histogram!(metric.name, labels)),
            Kind::Gauge => {}
        }
    }
}

/// Every series of a metric, if all of its labels are closed sets; else none.
fn series(metric: &Definition) -> Vec<Vec<metrics::Label>> {
    metric.labels.iter().fold(vec![Vec::new()], |series, label| {
        let values = label.values.all().unwrap_or_default();
        let longer = |shorter: &Vec<metrics::Label>, value: &'static str| {
            let mut longer = shorter.clone();
            longer.push(metrics::Label::new(label.name, value));
            longer
        };
        series.iter().flat_map(|shorter| values.iter().map(|value| longer(shorter, value))).collect()
    })
}

/// The process itself: memory, files, processor time.
struct Process(metrics_process::Collector);

impl Default for Process {
    fn default() -> Self {
        let collector = metrics_process::Collector::default();
        collector.describe();
        Self(collector)
    }
}

impl Gauges for Process {
    fn measure(&self) {
        self.0.collect();
    }
}

#[cfg(test)]
mod tests {
    use lectern_application::metrics::catalogue::{HTTP_REQUESTS, LOGINS, SLOW_QUERIES};

    use super::*;

    #[test]
    fn what_can_be_foreseen_begins_at_zero() {
        assert_eq!(series(&LOGINS.definition()).len(), 5);
        assert_eq!(series(&SLOW_QUERIES.definition()), [Vec::new()]);
        assert_eq!(series(&HTTP_REQUESTS.definition()), Vec::<Vec<metrics::Label>>::new());
    }
}
