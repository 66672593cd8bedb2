//! Adapters, and the use cases that are made of them.

mod adapters;
mod background;
mod backups;
mod certificate;
mod database;
mod operator;
mod use_cases;

pub(crate) use adapters::{Adapters, Recognition, mailer, recognition, sound};
pub(crate) use background::{
    announce_jobs, clear_shelf, deliver_mail, embedded_worker, measure_workload, purge_regularly, supervise,
    watch_keys,
};
pub(crate) use backups::{BackupUseCases, back_up_nightly};
pub(crate) use certificate::{certificate, watch_certificate};
pub(crate) use database::{Database, MIGRATE, alone_with};
pub(crate) use operator::{OperatorUseCases, SeedUseCases, ready_database};
pub(crate) use use_cases::{api, console, ensure_admin};
