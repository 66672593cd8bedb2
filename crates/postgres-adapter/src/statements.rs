//! All SQL, as functions of a connection. Those that write run inside the caller's transaction.

pub(crate) mod account_lists;
pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod challenges;
pub(crate) mod chunks;
pub(crate) mod idempotency;
pub(crate) mod jobs;
pub(crate) mod ledger;
pub(crate) mod lists;
pub(crate) mod logs;
pub(crate) mod mails;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod shelved;
pub(crate) mod transcriptions;
pub(crate) mod waiting_jobs;
pub(crate) mod workload;
