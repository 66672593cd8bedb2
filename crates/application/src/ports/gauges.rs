//! What is measured when somebody asks, and how they are answered.

/// Something whose state is measured when somebody asks: there is no moment at which it changes.
pub trait Gauges: Send + Sync {
    /// Sets its gauges. MUST take no longer than a look at memory does.
    fn measure(&self);
}

/// Tells what was counted and measured.
pub trait Exposition: Send + Sync {
    /// All metrics, in the text format of Prometheus
    /// (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
    fn text(&self) -> String;
}
