//! `lectern doctor`: reads, and changes nothing.

use super::block_on;
use crate::{
    cli::DoctorArguments,
    config::Settings,
    doctor::{self, Verdict},
    failure::Failure,
    output,
};

pub(super) fn run(arguments: &DoctorArguments, settings: &Settings) -> Result<(), Failure> {
    let findings = block_on(async { Ok(doctor::look(settings, arguments.url.as_deref()).await) })?;
    if arguments.json {
        output::json(&findings.iter().map(doctor::Finding::to_json).collect())?;
    } else {
        findings.iter().try_for_each(|finding| output::line(&finding.to_string()))?;
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Problem).count() {
        0 => Ok(()),
        1 => Err(Failure::operation("there is a problem")),
        count => Err(Failure::operation(format!("there are {count} problems"))),
    }
}
