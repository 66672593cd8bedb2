//! What the service counts and measures, for whoever watches over it.
//!
//! | module | what is there |
//! |---|---|
//! | [`catalogue`] | every metric there is: name, labels, and what it says |
//! | [`counted`] | ports that count what they answer |
//!
//! Whoever counts something names it by the catalogue: `catalogue::LOGINS.count(["ok"])`. So there is no metric without a
//! description, and none with labels that it does not have. Numbers go to the recorder that the process has set up
//! ([`metrics`]); where there is none they go nowhere.
//!
//! **Invariant:** values of labels are words of ours. None is ever made of what somebody sent, so the number of series is
//! bounded whatever is asked for.

pub mod catalogue;
pub mod counted;

use std::{borrow::Cow, time::Duration};

use lectern_domain::transcription::Transcription;

use crate::UseCaseError;

/// A label, and what its values can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub values: Values,
}

/// What the values of a label can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One of these.
    Closed(&'static [&'static str]),
    /// The pattern of a route, or `none`: as many as there are routes.
    Routes,
    /// A status of HTTP.
    Statuses,
    /// What this program is: one value for a process.
    Own,
}

impl Values {
    /// All of them, if they are a closed set.
    pub const fn all(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Closed(values) => Some(values),
            Self::Routes | Self::Statuses | Self::Own => None,
        }
    }
}

/// What a metric is, and how it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often it was at most so much; these are the bounds.
    Histogram(&'static [f64]),
}

/// Everything that is said of a metric.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Its name, as Prometheus has it: base units, and `_total` where it only grows.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says, in sentences.
    pub help: &'static str,
    /// What tells its series apart.
    pub labels: &'static [Label],
}

/// A counter with `N` labels.
#[derive(Debug, Clone, Copy)]
pub struct Counter<const N: usize>(Definition);

/// A gauge with `N` labels.
#[derive(Debug, Clone, Copy)]
pub struct Gauge<const N: usize>(Definition);

/// A histogram with `N` labels.
#[derive(Debug, Clone, Copy)]
pub struct Histogram<const N: usize>(Definition);

impl Definition {
    fn labels<const N: usize, V: Into<Cow<'static, str>>>(&self, values: [V; N]) -> Vec<metrics::Label> {
        let labels = self.labels.iter().zip(values);
        labels.map(|(label, value)| metrics::Label::new(label.name, value.into())).collect()
    }
}

impl<const N: usize> Counter<N> {
    /// The counter of those values, to be kept where it is counted often.
    pub fn of<V: Into<Cow<'static, str>>>(&self, values: [V; N]) -> metrics::Counter {
        metrics::counter!(self.0.name, self.0.labels(values))
    }

    /// One more.
    pub fn count(&self, values: [&'static str; N]) {
        self.of(values).increment(1);
    }

    /// What is said of it.
    pub const fn definition(&self) -> Definition {
        self.0
    }
}

impl Counter<1> {
    /// One more that came to this: `ok`, or the error's code where it is one of the label's values, else `error`.
    pub(crate) fn count_outcome<T, E: UseCaseError>(&self, outcome: &Result<T, E>) {
        match outcome {
            Ok(_) => self.count([OK]),
            Err(error) => self.count_failure(error),
        }
    }

    /// The same of what failed.
    pub(crate) fn count_failure(&self, error: &impl UseCaseError) {
        let code = error.code();
        let is_listed = |label: &Label| label.values.all().is_some_and(|values| values.contains(&code));
        self.count([if self.0.labels.first().is_some_and(is_listed) { code } else { ERROR }]);
    }
}

/// It worked.
pub(crate) const OK: &str = "ok";
/// It failed for a reason that has no value of its own.
pub(crate) const ERROR: &str = "error";

impl<const N: usize> Gauge<N> {
    /// The gauge of those values.
    pub fn of<V: Into<Cow<'static, str>>>(&self, values: [V; N]) -> metrics::Gauge {
        metrics::gauge!(self.0.name, self.0.labels(values))
    }

    /// It is so much.
    pub fn set(&self, values: [&'static str; N], to: f64) {
        self.of(values).set(to);
    }

    /// There are so many.
    pub fn set_count(&self, values: [&'static str; N], count: impl TryInto<u32>) {
        self.set(values, f64::from(count.try_into().unwrap_or(u32::MAX)));
    }

    /// What is said of it.
    pub const fn definition(&self) -> Definition {
        self.0
    }
}

impl<const N: usize> Histogram<N> {
    /// The histogram of those values, to be kept where something is measured often.
    pub fn of<V: Into<Cow<'static, str>>>(&self, values: [V; N]) -> metrics::Histogram {
        metrics::histogram!(self.0.name, self.0.labels(values))
    }

    /// It took so long.
    pub fn took(&self, values: [&'static str; N], span: Duration) {
        self.record(values, span.as_secs_f64());
    }

    /// It was so much.
    pub fn record(&self, values: [&'static str; N], value: f64) {
        self.of(values).record(value);
    }

    /// What is said of it.
    pub const fn definition(&self) -> Definition {
        self.0
    }
}

/// Counts a transcription that was saved, if it is finished by that.
pub(crate) fn finished(transcription: &Transcription) {
    let state = transcription.state();
    if !state.is_active() {
        catalogue::TRANSCRIPTIONS_FINISHED.count([state.as_str()]);
    }
}

/// Counts an error of a transcription that was saved, and its end if it was the last.
pub(crate) fn failed(transcription: &Transcription) {
    catalogue::JOB_ERRORS.count([]);
    finished(transcription);
}
