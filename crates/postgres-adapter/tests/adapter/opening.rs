//! Opening a database, and what is said if that fails.

use std::error::Error;

use lectern_application::ports::Queries;
use lectern_postgres_adapter::{OpenError, PostgresDatabase, PostgresSettings};
use tokio_postgres::config::Config;

use crate::{
    databases::{TestDatabase, connect, server},
    fixture::migrated,
};

async fn refused(url: &str) -> OpenError {
    PostgresDatabase::open(&PostgresSettings::at(url.into())).await.err().unwrap()
}

/// All that is ever said of an error.
fn told(error: &OpenError) -> String {
    let mut told = vec![format!("{error} {error:?}")];
    let mut source = error.source();
    while let Some(error) = source {
        told.push(format!("{error} {error:?}"));
        source = error.source();
    }
    told.join(" ")
}

#[tokio::test]
async fn no_error_and_no_setting_shows_the_password() {
    for url in [
        "postgres://ada:s3cr3t@127.0.0.1:1/lectern",
        "postgres://ada:s3cr3t@127.0.0.1:none/lectern",
        "postgres://ada@127.0.0.1:1/lectern?password=s3cr3t&sslmode=maybe",
    ] {
        let error = refused(url).await;
        assert!(!told(&error).contains("s3cr3t"), "{error:?}");
        assert!(!format!("{:?}", PostgresSettings::at(url.into())).contains("s3cr3t"));
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let url = crate::databases::url_of("lectern_of_nobody");
    assert!(told(&refused(&url).await).contains("lectern_of_nobody"));
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let fixture = TestDatabase::empty().await;
    let name = format!("{}_latin1", fixture.url.parse::<Config>().unwrap().get_dbname().unwrap());
    let server = connect(&server()).await;
    server
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"))
        .await
        .unwrap();
    let error = refused(&crate::databases::url_of(&name)).await;
    server.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    assert!(matches!(&error, OpenError::Encoding { encoding } if encoding == "LATIN1"), "{error:?}");
}

#[tokio::test]
async fn a_database_is_reached_over_its_socket() {
    let fixture = migrated().await;
    let folder = fixture
        .lines("SELECT split_part(current_setting('unix_socket_directories'), ',', 1)")
        .await
        .remove(0);
    let config = fixture.test.url.parse::<Config>().unwrap();
    let (user, database) = (config.get_user().unwrap(), config.get_dbname().unwrap());
    let url =
        format!("postgres://{user}@{}:{}/{database}", folder.replace('/', "%2F"), config.get_ports()[0]);
    PostgresDatabase::open(&PostgresSettings::at(url.into())).await.unwrap().ping().await.unwrap();
}
