//! `lectern seed`.

use super::block_on;
use crate::{
    cli::SeedArguments,
    compose::{OperatorUseCases, SeedUseCases, ready_database},
    config::Settings,
    demo,
    failure::Failure,
    output,
};

pub(super) fn run(arguments: &SeedArguments, settings: &Settings) -> Result<(), Failure> {
    block_on(async {
        let database = ready_database(settings).await?;
        if !arguments.demo {
            return ensure_roles(&OperatorUseCases::new(settings, database)?).await;
        }
        let of = SeedUseCases::new(settings, database, demo::CHUNK_SIZE)?;
        ensure_roles(&of.accounts).await?;
        if !arguments.yes && demo::has_others(&of).await? {
            return Err(Failure::operation("there are accounts that are not the demonstration's")
                .fix("If everybody who knows its passwords may sign in here, say so with --yes."));
        }
        let added = demo::add(&of).await?;
        added.lines.iter().try_for_each(|line| output::line(line))?;
        if added.lines.is_empty() {
            output::line("everything of the demonstration was there; nothing was changed")?;
        }
        if !added.logins.is_empty() {
            output::line(&format!("all of them sign in with the password: {}", demo::PASSWORD))?;
        }
        Ok(())
    })
}

async fn ensure_roles(accounts: &OperatorUseCases) -> Result<(), Failure> {
    let ensured = accounts.ensure_roles.execute(&accounts.operator).await;
    let ensured =
        ensured.map_err(|error| Failure::operation("can't make sure of the roles").because(error))?;
    if ensured.is_empty() {
        return output::line("the built-in roles are as they should be");
    }
    ensured.iter().try_for_each(|role| output::line(&format!("put the built-in role {role} back")))
}
