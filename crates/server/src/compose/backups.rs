//! Backups of the database that the settings name.

use std::{env, path::Path, sync::Arc};

use lectern_application::{
    backups::{BackUpNightly, FindLatestBackup, PruneBackups, RestoreBackup, TakeBackup, VerifyBackup},
    ports::{Backups, Dumps, Duty, Transactions},
};
use lectern_backup_adapter::BackupFolder;
use lectern_postgres_adapter::{PostgresDumps, PostgresSettings};
use lectern_security_adapter::{SystemClock, UuidV7Ids};
use lectern_sqlite_adapter::SqliteDumps;
use tokio_util::sync::CancellationToken;

use super::{Adapters, adapters::audio_store, background::on_duty};
use crate::{
    config::{BackupSettings, DatabaseUrl, Settings},
    data_dir::staging_in,
    failure::Failure,
};

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is done with backups in one folder.
pub(crate) struct BackupUseCases {
    dumps: Arc<dyn Dumps>,
    backups: Arc<dyn Backups>,
    settings: BackupSettings,
}

impl BackupUseCases {
    /// In the folder of the settings, or in `folder`. Nothing is connected to, and nothing made.
    pub(crate) fn new(settings: &Settings, folder: Option<&Path>) -> Result<Self, Failure> {
        let folder = folder.unwrap_or(&settings.backups.folder);
        Ok(Self {
            dumps: dumps(settings)?,
            backups: Arc::new(BackupFolder::new(folder)),
            settings: settings.backups.clone(),
        })
    }

    /// Dumps of the database.
    pub(crate) fn dumps(&self) -> &dyn Dumps {
        &*self.dumps
    }

    pub(crate) fn take(&self, transactions: Arc<dyn Transactions>) -> TakeBackup {
        let prune = PruneBackups { backups: self.backups.clone(), keep: self.settings.keep };
        TakeBackup {
            dumps: self.dumps.clone(),
            backups: self.backups.clone(),
            prune,
            transactions,
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7Ids),
            lectern: VERSION,
        }
    }

    pub(crate) fn latest(&self) -> FindLatestBackup {
        FindLatestBackup { backups: self.backups.clone() }
    }

    pub(crate) fn verify(&self, settings: &Settings) -> Result<VerifyBackup, Failure> {
        let audio = audio_store(settings, &staging_in(&settings.data_dir))?;
        Ok(VerifyBackup { dumps: self.dumps.clone(), backups: self.backups.clone(), audio })
    }

    pub(crate) fn restore(&self) -> RestoreBackup {
        RestoreBackup {
            dumps: self.dumps.clone(),
            backups: self.backups.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7Ids),
        }
    }
}

fn dumps(settings: &Settings) -> Result<Arc<dyn Dumps>, Failure> {
    Ok(match &settings.database {
        DatabaseUrl::Sqlite(file) => Arc::new(SqliteDumps::new(file)),
        DatabaseUrl::Postgres(url) => {
            let postgres = PostgresSettings::at(url.clone());
            let dumps = PostgresDumps::new(postgres, &env::var_os("PATH").unwrap_or_default());
            Arc::new(dumps.map_err(|error| Failure::operation("can't use the database").because(error))?)
        }
    })
}

/// Takes a backup every night on one replica at a time, until `shutdown`, if the settings say so; and says at once how old
/// the newest is.
pub(crate) async fn back_up_nightly(
    of: &Adapters,
    settings: &BackupSettings,
    backups: &BackupUseCases,
    shutdown: CancellationToken,
) {
    if let Err(error) = backups.latest().execute().await {
        let failure = Failure::operation("can't look for backups").because(error);
        tracing::warn!("{failure}");
    }
    let Some(at) = settings.at else {
        tracing::warn!("NO BACKUPS ARE TAKEN BY THIS SERVER, as LECTERN_BACKUP_AT is off");
        return;
    };
    let nightly = BackUpNightly {
        take: backups.take(of.transactions.clone()),
        queries: of.queries.clone(),
        clock: of.clock.clone(),
        at,
    };
    on_duty(of, Duty::Backup)
        .run(shutdown, |stop| {
            let nightly = nightly.clone();
            async move { nightly.run(stop).await }
        })
        .await;
}
