//! Whether the service can serve.

use std::sync::Arc;

use crate::ports::{AudioStore, AudioStoreError, Part, Queries, Reach, StoreError};

/// Asks the parts that nothing works without, and looks at the others.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CheckReadiness {
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
    pub parts: Vec<Arc<dyn Part>>,
}

/// What the parts answered.
#[derive(Debug)]
pub struct Readiness {
    /// The database.
    pub database: Result<(), StoreError>,
    /// The audio store.
    pub audio: Result<(), AudioStoreError>,
    /// The parts that the service can do without for a while, by their names.
    pub parts: Vec<(&'static str, Reach)>,
}

impl Readiness {
    /// Whether requests should come here.
    pub fn is_ready(&self) -> bool {
        self.database.is_ok() && self.audio.is_ok()
    }
}

impl CheckReadiness {
    /// Asks them.
    pub async fn execute(&self) -> Readiness {
        Readiness {
            database: self.queries.ping().await,
            audio: self.audio.ping().await,
            parts: self.parts.iter().map(|part| (part.name(), part.reach())).collect(),
        }
    }
}
