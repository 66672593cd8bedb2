//! `lectern user`: accounts, by the use cases that requests call too, as the operator of the machine.

use std::fmt::Display;

use lectern_application::{
    ErrorKind, UseCaseError,
    accounts::{CreateAccountInput, FindAccountError, PermissionChange, UpdateAccountInput},
    auth::RegisterInput,
    ports::{AccountFilter, AccountView, Page, PageRequest},
};
use lectern_domain::{
    access::{Permission, PermissionSet},
    account::{AccountSearch, EmailAddress, PasswordPolicy, Username},
    surface::Surface,
};
use secrecy::ExposeSecret as _;

use super::{
    block_on,
    password::{NewPassword, new_password},
};
use crate::{
    account_report,
    cli::{CreateArguments, ListArguments, PasswordFlags, UserAction},
    compose::{OperatorUseCases, ready_database},
    config::Settings,
    failure::Failure,
    output,
};

pub(super) fn run(action: &UserAction, settings: &Settings) -> Result<(), Failure> {
    block_on(async {
        let database = ready_database(settings).await?;
        let accounts = Accounts(OperatorUseCases::new(settings, database)?);
        accounts.act(action).await
    })
}

struct Accounts(OperatorUseCases);

impl Accounts {
    async fn act(&self, action: &UserAction) -> Result<(), Failure> {
        match action {
            UserAction::Create(arguments) => self.create(arguments).await,
            UserAction::List(arguments) => self.list(arguments).await,
            UserAction::Show { who, json } => self.show(who, *json).await,
            UserAction::SetPassword { who, password } => self.set_password(who, *password).await,
            UserAction::Grant(arguments) => {
                let change = PermissionChange::Grant(arguments.permissions.iter().cloned().collect());
                self.change_permissions(&arguments.who, change).await
            }
            UserAction::Revoke(arguments) => {
                let change = PermissionChange::Withdraw(arguments.permissions.iter().cloned().collect());
                self.change_permissions(&arguments.who, change).await
            }
            UserAction::SetRole { who, role } => {
                let set =
                    self.0.set_role.execute(&self.0.operator, self.find(who).await?.user.id(), role.clone());
                said("has the role", &changed(who, set.await)?, role)
            }
            UserAction::Approve { who } => {
                let input = UpdateAccountInput { can_interact: Some(true), ..UpdateAccountInput::default() };
                let update = self.0.update.execute(&self.0.operator, self.find(who).await?.user.id(), input);
                said("is approved", &changed(who, update.await)?, "")
            }
            UserAction::Block { who } => {
                let block = self.0.block.execute(&self.0.operator, self.find(who).await?.user.id());
                said("is blocked", &changed(who, block.await)?, "")
            }
            UserAction::Unblock { who } => {
                let unblock = self.0.unblock.execute(&self.0.operator, self.find(who).await?.user.id());
                said("is not blocked", &changed(who, unblock.await)?, "")
            }
            UserAction::Delete { who } => {
                let account = self.find(who).await?;
                changed(who, self.0.delete.execute(&self.0.operator, account.user.id()).await)?;
                let number = account.user.parts().number.0;
                said("is deleted; to bring it back: lectern user restore", &account, format!("#{number}"))
            }
            UserAction::Restore { who } => {
                let restore = self.0.restore.execute(&self.0.operator, self.find(who).await?.user.id());
                said("is not deleted", &changed(who, restore.await)?, "")
            }
        }
    }

    async fn find(&self, who: &str) -> Result<AccountView, Failure> {
        let found = self.0.find.execute(&self.0.operator, who).await;
        found.map_err(|error| {
            let fix = match &error {
                FindAccountError::NotFound => Some(
                    "`lectern user list` lists those there are; deleted ones, which \
                     `lectern user list --standing deleted` lists, are found by their number or UUID alone.",
                ),
                FindAccountError::Ambiguous => {
                    Some("Say #NUMBER for a number, or the UUID, which `lectern user list --json` tells.")
                }
                FindAccountError::Denied(_) | FindAccountError::Store(_) => None,
            };
            let failure = Failure::operation(format!("can't find the account '{who}'")).because(error);
            match fix {
                Some(fix) => failure.fix(fix),
                None => failure,
            }
        })
    }

    async fn create(&self, arguments: &CreateArguments) -> Result<(), Failure> {
        let CreateArguments { username, email, first_name, last_name, role, no_interact, password } =
            arguments;
        let name = username.as_ref().map(Username::as_str);
        let name = name.or(email.as_ref().map(EmailAddress::as_str)).unwrap_or_default();
        let NewPassword { password, made_up } = new_password(*password, name)?;
        let account = RegisterInput {
            username: username.clone(),
            email: email.clone(),
            password,
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            surface: Surface::V1,
            policy: PasswordPolicy::V1,
            idempotency_key: None,
        };
        let input = CreateAccountInput {
            account,
            role: role.clone(),
            permissions: PermissionSet::default(),
            can_interact: !no_interact,
        };
        let made = self.0.create.execute(&self.0.operator, input).await;
        let made = made.map_err(|error| refused(format!("can't make the account '{name}'"), error))?;
        said("is made, with the role", &made, &made.role.name)?;
        print_made_up(made_up.as_ref())
    }

    async fn list(&self, arguments: &ListArguments) -> Result<(), Failure> {
        let search = arguments.search.as_deref().map(AccountSearch::parse).transpose();
        let search = search.map_err(|error| Failure::usage("the text to search for").because(error))?;
        let filter = AccountFilter {
            search: search.flatten(),
            role: arguments.role.clone(),
            standing: arguments.standing.map(Into::into).unwrap_or_default(),
            ..AccountFilter::default()
        };
        // The command line's grammar has checked both.
        let page = PageRequest::new(arguments.page, arguments.size).unwrap_or(PageRequest::FIRST);
        let listed = self.0.list.execute(&self.0.operator, &filter, page).await;
        let listed = listed.map_err(|error| refused("can't list accounts", error))?;
        if arguments.json { output::json(&account_report::page(&listed)) } else { print_table(&listed) }
    }

    async fn show(&self, who: &str, json: bool) -> Result<(), Failure> {
        let account = self.find(who).await?;
        if json {
            return output::json(&account_report::account(&account));
        }
        let lines = account_report::lines(&account);
        lines.iter().try_for_each(|(name, value)| output::line(&format!("{name:<12} {value}")))
    }

    async fn change_permissions(&self, who: &str, change: PermissionChange) -> Result<(), Failure> {
        let id = self.find(who).await?.user.id();
        let set = self.0.set_permissions.execute(&self.0.operator, id, change).await;
        let account = changed(who, set)?;
        let held = account.user.parts().permissions.iter().map(Permission::as_str).collect::<Vec<_>>();
        let held = if held.is_empty() { "none".to_owned() } else { held.join(" ") };
        said("holds besides its role's permissions:", &account, held)
    }

    async fn set_password(&self, who: &str, flags: PasswordFlags) -> Result<(), Failure> {
        let account = self.find(who).await?;
        let NewPassword { password, made_up } = new_password(flags, &account_report::name(&account))?;
        let set = self.0.set_password.execute(&self.0.operator, account.user.id(), password).await;
        said("has another password, and all of its sessions have ended", &changed(who, set)?, "")?;
        print_made_up(made_up.as_ref())
    }
}

/// What came of a change.
fn changed<T>(who: &str, outcome: Result<T, impl UseCaseError>) -> Result<T, Failure> {
    outcome.map_err(|error| refused(format!("can't change the account '{who}'"), error))
}

/// Wrong input is a matter of the command line.
fn refused(what: impl Into<String>, error: impl UseCaseError) -> Failure {
    let failure = match error.kind() {
        ErrorKind::Invalid => Failure::usage(what),
        _ => Failure::operation(what),
    };
    failure.because(error)
}

/// Says what became of an account.
fn said(what: &str, account: &AccountView, more: impl Display) -> Result<(), Failure> {
    let (name, number) = (account_report::name(account), account.user.parts().number.0);
    output::line(format!("{name} (#{number}) {what} {more}").trim_end())
}

fn print_made_up(password: Option<&secrecy::SecretString>) -> Result<(), Failure> {
    password.map_or(Ok(()), |password| output::line(&format!("password: {}", password.expose_secret())))
}

fn print_table(listed: &Page<AccountView>) -> Result<(), Failure> {
    if listed.items.is_empty() {
        return output::line(&format!("no accounts on this page; {} in all", listed.total));
    }
    output::table(&account_report::COLUMNS, listed.items.iter().map(account_report::row))?;
    let (page, pages) = (listed.request.page(), listed.pages());
    output::line(&format!("page {page} of {pages}, accounts in all: {}", listed.total))
}
