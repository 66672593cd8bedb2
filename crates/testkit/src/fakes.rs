//! The other ports: predictable, and observable where a test wants to know what was asked of them.
//!
//! Each is held as `Arc<Fake>` by the test and as `Arc<dyn Port>` by the use case.

mod announcer;
mod decoder;
mod exposition;
mod hasher;
mod mailer;
mod part;
mod probe;
mod random;
mod recognizer;
mod renderer;
mod shelf;
mod signer;

pub use announcer::CollectingAnnouncer;
pub use decoder::FakeDecoder;
pub use exposition::OneMetric;
pub use hasher::PlainHasher;
pub use mailer::CollectingMailer;
pub use part::SparePart;
pub use probe::FakeProbe;
pub use random::CountingRandom;
pub use recognizer::ScriptedRecognizer;
pub use renderer::TextRenderer;
pub use shelf::MemoryShelf;
pub use signer::PlainSigner;
