//! What the operator of the machine works with: the database of a server that may run at the same time.

use std::{sync::Arc, time::Duration};

use lectern_application::{
    MachineOperator,
    accounts::{
        BlockAccount, CreateAccount, DeleteAccount, FindAccount, ListAccounts, RestoreAccount, SetPassword,
        SetPermissions, SetRole, UnblockAccount, UpdateAccount,
    },
    auth::{Authenticate, LogIn, TokenIssuer},
    balance::AdjustBalance,
    in_process::{LocalFailureLimiter, LocalLoginThrottle},
    ports::{
        AudioStore, Clock, FailureLimiter, Ids, LoginThrottle, PasswordHasher, Queries, TokenSigner,
        Transactions,
    },
    roles::EnsureBuiltInRoles,
    transcriptions::ImportTranscript,
};
use lectern_security_adapter::{KeyRing, SystemClock, UuidV7Ids};

use super::{
    Database, MIGRATE,
    adapters::{audio_store, hasher, sound},
    alone_with,
    use_cases::of_ports,
};
use crate::{
    config::Settings,
    data_dir::{keys_in, staging_in},
    failure::Failure,
};

/// The database, up to date. One that is not there is made, under the locks of a server; one that is there is used as it
/// is, beside its server: the database itself keeps the two apart.
pub(crate) async fn ready_database(settings: &Settings) -> Result<Database, Failure> {
    if !settings.database.exists() {
        let _locked = alone_with(settings)?;
        let database = Database::open(settings).await?;
        database.migrate().await?;
        tracing::info!(database = %settings.database, "made the database");
        return Ok(database);
    }
    let database = Database::open(settings).await?;
    if database.pending().await? > 0 {
        let what = format!("the database {} is not up to date", settings.database);
        return Err(Failure::operation(what).fix(MIGRATE));
    }
    Ok(database)
}

/// The ports.
struct Ports {
    transactions: Arc<dyn Transactions>,
    queries: Arc<dyn Queries>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    throttle: Arc<dyn LoginThrottle>,
    failures: Arc<dyn FailureLimiter>,
}

impl Ports {
    fn new(settings: &Settings, database: Database) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Ok(Self {
            transactions: database.transactions,
            queries: database.queries,
            hasher: Arc::new(hasher(settings)?),
            clock: clock.clone(),
            ids: Arc::new(UuidV7Ids),
            throttle: Arc::new(LocalLoginThrottle::new(clock.clone())),
            failures: Arc::new(LocalFailureLimiter::new(clock)),
        })
    }
}

/// What the operator does with accounts.
pub(crate) struct OperatorUseCases {
    pub(crate) operator: MachineOperator,
    pub(crate) create: CreateAccount,
    pub(crate) find: FindAccount,
    pub(crate) list: ListAccounts,
    pub(crate) update: UpdateAccount,
    pub(crate) set_role: SetRole,
    pub(crate) set_permissions: SetPermissions,
    pub(crate) set_password: SetPassword,
    pub(crate) block: BlockAccount,
    pub(crate) unblock: UnblockAccount,
    pub(crate) delete: DeleteAccount,
    pub(crate) restore: RestoreAccount,
    pub(crate) ensure_roles: EnsureBuiltInRoles,
}

impl OperatorUseCases {
    /// On a database that is ready.
    pub(crate) fn new(settings: &Settings, database: Database) -> Result<Self, Failure> {
        Ok(Self::on(&Ports::new(settings, database)?))
    }

    fn on(of: &Ports) -> Self {
        Self {
            operator: MachineOperator::at_the_command_line(),
            create: of_ports!(of, CreateAccount { transactions, queries, hasher, clock, ids }),
            find: of_ports!(of, FindAccount { queries }),
            list: of_ports!(of, ListAccounts { queries }),
            update: of_ports!(of, UpdateAccount { transactions, clock, ids }),
            set_role: of_ports!(of, SetRole { transactions, clock, ids }),
            set_permissions: of_ports!(of, SetPermissions { transactions, clock, ids }),
            set_password: of_ports!(of, SetPassword { transactions, queries, hasher, clock, ids }),
            block: of_ports!(of, BlockAccount { transactions, clock, ids }),
            unblock: of_ports!(of, UnblockAccount { transactions, clock, ids }),
            delete: of_ports!(of, DeleteAccount { transactions, clock, ids }),
            restore: of_ports!(of, RestoreAccount { transactions, clock, ids }),
            ensure_roles: of_ports!(of, EnsureBuiltInRoles { transactions, clock, ids }),
        }
    }
}

/// What is needed to add something to look at.
pub(crate) struct SeedUseCases {
    pub(crate) accounts: OperatorUseCases,
    pub(crate) queries: Arc<dyn Queries>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audio: Arc<dyn AudioStore>,
    pub(crate) log_in: LogIn,
    pub(crate) authenticate: Authenticate,
    pub(crate) adjust_balance: AdjustBalance,
    pub(crate) import: ImportTranscript,
}

impl SeedUseCases {
    /// On a database that is ready. Recordings are cut into chunks of `chunk_size`.
    pub(crate) fn new(
        settings: &Settings,
        database: Database,
        chunk_size: Duration,
    ) -> Result<Self, Failure> {
        // Nobody ever sees the tokens that are made on the way.
        const ISSUER: &str = "urn:lectern:seed";
        let of = &Ports::new(settings, database)?;
        let audio = audio_store(settings, &staging_in(&settings.data_dir))?;
        let keys = KeyRing::open(&keys_in(&settings.secrets_dir), settings.key_ring(), of.clock.clone())
            .map_err(|error| Failure::operation("can't use the keys that sign tokens").because(error))?;
        let signer: Arc<dyn TokenSigner> = Arc::new(keys);
        let tokens = TokenIssuer { signer: signer.clone(), ids: of.ids.clone(), issuer: ISSUER.to_owned() };
        Ok(Self {
            accounts: OperatorUseCases::on(of),
            queries: of.queries.clone(),
            clock: of.clock.clone(),
            log_in: of_ports!(of, LogIn {
                transactions, queries, hasher, throttle, failures, clock, ids;
                tokens: tokens, rules: settings.sessions
            }),
            authenticate: of_ports!(of, Authenticate {
                transactions, queries, clock; signer: signer, issuer: ISSUER.to_owned()
            }),
            adjust_balance: of_ports!(of, AdjustBalance { transactions, clock, ids }),
            import: of_ports!(of, ImportTranscript {
                transactions, clock, ids; audio: audio.clone(), probe: sound(), chunk_size: chunk_size
            }),
            audio,
        })
    }
}
