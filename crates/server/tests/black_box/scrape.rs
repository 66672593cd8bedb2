//! What `/metrics` says, read by a parser that is not ours.

use std::collections::{BTreeMap, BTreeSet};

use openmetrics_parser::{PrometheusType, PrometheusValue, prometheus::parse_prometheus};

use crate::server::Server;

/// A series: its name, and its labels by name.
pub(crate) type Series = (String, BTreeMap<String, String>);

/// What was said at one moment.
pub(crate) struct Scrape {
    /// As it came.
    pub(crate) text: String,
    /// Counters, gauges, and how often each histogram was recorded.
    pub(crate) values: BTreeMap<Series, f64>,
    /// Names of metrics that lack help or type.
    pub(crate) undescribed: BTreeSet<String>,
    /// All names.
    pub(crate) names: BTreeSet<String>,
}

impl Scrape {
    /// What a server says now.
    pub(crate) async fn of(server: &Server) -> Self {
        let answer = server.client.get(server.url("/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", server.log());
        Self::read(answer.text().await.unwrap())
    }

    fn read(text: String) -> Self {
        let exposition = parse_prometheus(&text);
        assert!(exposition.is_ok(), "{}\n{text}", exposition.unwrap_err());
        let mut scrape =
            Self { text, values: BTreeMap::new(), undescribed: BTreeSet::new(), names: BTreeSet::new() };
        for (name, family) in exposition.unwrap().families {
            if family.help.is_empty() || family.family_type == PrometheusType::Unknown {
                scrape.undescribed.insert(name.clone());
            }
            for sample in family.iter_samples() {
                let labels = sample.get_labelset().unwrap();
                let labels = labels.iter().map(|(name, value)| (name.clone(), value.clone()));
                let value = match &sample.value {
                    PrometheusValue::Unknown(value) | PrometheusValue::Gauge(value) => value.as_f64(),
                    PrometheusValue::Counter(counter) => counter.value.as_f64(),
                    PrometheusValue::Histogram(histogram) => {
                        f64::from(u32::try_from(histogram.count.unwrap()).unwrap())
                    }
                    PrometheusValue::Summary(_) => {
                        unreachable!("{name} is a summary, which can't be added up")
                    }
                };
                scrape.values.insert((name.clone(), labels.collect()), value);
            }
            scrape.names.insert(name);
        }
        scrape
    }

    /// The value of a series; `None` if it is not there.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.values.get(&(name.to_owned(), labels)).copied()
    }

    /// The names and labels of all series.
    pub(crate) fn series(&self) -> BTreeSet<Series> {
        self.values.keys().cloned().collect()
    }
}
