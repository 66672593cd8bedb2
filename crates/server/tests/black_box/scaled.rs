//! The scaled profile: several replicas of the real program on real servers, over real HTTP, while those servers fail.
//!
//! [`cluster`] starts it all, [`keen`] is a client that goes on whatever happens and remembers what it was promised, and
//! [`traffic`] is some of those at once. Each fault has a module.

pub(crate) mod answer;
pub(crate) mod cluster;
pub(crate) mod keen;
pub(crate) mod parts;
pub(crate) mod recordings;
pub(crate) mod traffic;

mod lost_answer;
mod postgresql_gone;
mod rabbitmq_gone;
mod redis_gone;
mod replicas;
mod s3_gone;
mod watching;
