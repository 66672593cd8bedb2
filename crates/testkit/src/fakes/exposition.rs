//! Metrics that say one thing.

use lectern_application::ports::Exposition;

/// Metrics of which there is one.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneMetric;

impl OneMetric {
    /// What they say.
    pub const TEXT: &str = "# HELP one Always 1.\n# TYPE one gauge\none 1\n";
}

impl Exposition for OneMetric {
    fn text(&self) -> String {
        Self::TEXT.to_owned()
    }
}
