//! What workers may do, and how they hear that there is something to do. A worker names its lease in every call; see
//! [`Job`](lectern_domain::transcription::Job) for why that is enough. Those that know nothing of leases name the
//! transcription ([`ReportStatus`]), and find the recording on a shelf ([`ShelveRecordings`]).

mod complete;
mod fail;
mod heartbeat;
mod held;
mod lease;
mod open_audio;
mod read_status;
mod relay;
mod release;
mod report_status;
mod shelve;
mod store_chunk;

pub use complete::CompleteJob;
pub use fail::FailJob;
pub use heartbeat::HeartbeatJob;
pub use held::JobError;
pub use lease::LeaseJob;
pub use open_audio::{OpenJobAudio, OpenJobAudioError};
pub use read_status::{ReadStatus, StatusError, TranscriptionStatus};
pub use relay::{RelayJobs, RelayJobsError, Relayed};
pub use release::ReleaseJob;
pub use report_status::{ReportStatus, ReportStatusError, StatusReport};
pub use shelve::{ShelveError, ShelveRecordings};
pub use store_chunk::StoreChunk;
