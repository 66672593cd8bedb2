//! `lectern worker`: transcribes for a server on another machine.

use std::{env, fs, process, sync::Arc};

use lectern_application::worker::Worker;
use lectern_domain::transcription::WorkerName;
use lectern_remote_adapter::RemoteJobs;
use lectern_speech_adapter::Host;

use super::block_on;
use crate::{
    cli::WorkerArguments,
    compose::{Recognition, recognition, sound},
    config::Settings,
    failure::Failure,
    shutdown::{self, within_grace},
};

pub(super) fn run(arguments: &WorkerArguments, settings: &Settings) -> Result<(), Failure> {
    let token = settings.worker_token.as_ref().ok_or_else(|| {
        Failure::usage("there is no worker token").fix(
            "Copy the server's <data folder>/secrets/worker_token to this machine and name it with --token-file, \
             or set LECTERN_WORKER_TOKEN.",
        )
    })?;
    let source = RemoteJobs::new(&arguments.server, token, env::temp_dir())
        .map_err(|error| Failure::usage("can't work for this server").because(error))?;
    let recognizer = match recognition(&settings.recognizer, Host::current())? {
        Recognition::Here(recognizer) => recognizer,
        Recognition::Elsewhere { why } => {
            return Err(Failure::operation("a worker needs a recogniser").because(why));
        }
    };
    let name = worker_name(arguments.name.as_deref())?;
    block_on(async {
        let shutdown = shutdown::on_signals()?;
        let worker = Worker { name, source: Arc::new(source), decoder: sound(), recognizer };
        tracing::info!(
            worker = worker.name.as_str(),
            server = arguments.server,
            recognizer = worker.recognizer.name(),
            "waiting for jobs"
        );
        if within_grace(worker.run(shutdown.clone()), &shutdown).await.is_none() {
            tracing::warn!("the worker did not stop in time; its job goes to another when the lease expires");
        }
        Ok(())
    })
}

fn worker_name(given: Option<&str>) -> Result<WorkerName, Failure> {
    let name = given.map_or_else(
        || {
            let machine = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
            let machine = if machine.trim().is_empty() { "worker" } else { machine.trim() };
            format!("{machine}-{}", process::id())
        },
        str::to_owned,
    );
    WorkerName::parse(&name).map_err(|error| Failure::usage("the worker's name can't be used").because(error))
}
