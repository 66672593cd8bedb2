//! TLS, before a server that speaks it: here a door of its own, with the real server behind.

use std::{net::SocketAddr, sync::Arc};

use lectern_application::ports::Queries;
use lectern_postgres_adapter::{OpenError, PostgresDatabase, PostgresSettings};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_postgres::config::{Config, Host};
use tokio_rustls::TlsAcceptor;

use crate::fixture::{Fixture, migrated};

/// What clients send first who want TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A door with a certificate for `localhost`.
struct Door {
    address: SocketAddr,
    folder: TempDir,
}

impl Door {
    async fn before(fixture: &Fixture) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let tls = rustls::ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
        let server = fixture.test.url.parse::<Config>().unwrap();
        let host = match &server.get_hosts()[0] {
            Host::Tcp(host) => host.clone(),
            Host::Unix(_) => "localhost".to_owned(),
        };
        let behind = (host, server.get_ports()[0]);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, TlsAcceptor::from(Arc::new(tls.clone())), behind.clone()));
            }
        });
        Self { address, folder }
    }

    fn settings(&self, fixture: &Fixture, host: &str, options: &str) -> PostgresSettings {
        let server = fixture.test.url.parse::<Config>().unwrap();
        let (user, database) = (server.get_user().unwrap(), server.get_dbname().unwrap());
        let password =
            server.get_password().map(|it| format!(":{}", String::from_utf8_lossy(it))).unwrap_or_default();
        let (port, folder) = (self.address.port(), self.folder.path().display());
        let options = options.replace("CA", &format!("{folder}/ca.pem"));
        PostgresSettings::at(format!("postgres://{user}{password}@{host}:{port}/{database}?{options}").into())
    }
}

/// Takes a client in that asks for TLS, and nobody else.
async fn pass(mut client: TcpStream, tls: TlsAcceptor, behind: (String, u16)) {
    let mut first = [0; 8];
    client.read_exact(&mut first).await.unwrap();
    if first != SSL_REQUEST {
        return;
    }
    client.write_all(b"S").await.unwrap();
    // A client that does not like the certificate goes away.
    if let Ok(mut client) = tls.accept(client).await {
        let mut server = TcpStream::connect(behind).await.unwrap();
        let _ended = copy_bidirectional(&mut client, &mut server).await;
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_that_is_trusted_is_used() {
    let fixture = migrated().await;
    let door = Door::before(&fixture).await;
    for mode in ["require", "verify-full"] {
        let settings = door.settings(&fixture, "localhost", &format!("sslmode={mode}&sslrootcert=CA"));
        PostgresDatabase::open(&settings).await.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_of_nobody_knows_whom_is_refused() {
    let fixture = migrated().await;
    let door = Door::before(&fixture).await;
    for (host, options) in
        [("localhost", "sslmode=require"), ("127.0.0.1", "sslmode=verify-full&sslrootcert=CA")]
    {
        let refused = PostgresDatabase::open(&door.settings(&fixture, host, options)).await;
        assert!(matches!(refused, Err(OpenError::Unusable { .. })), "{host} {options}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_used_where_tls_is_asked_for() {
    let fixture = migrated().await;
    // A server that says no, whatever the real one says.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        client.read_exact(&mut [0; 8]).await.unwrap();
        client.write_all(b"N").await.unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        assert!(rest.is_empty(), "nothing is said in the clear");
    });
    let url = format!("postgres://ada:s3cr3t@localhost:{port}/lectern?sslmode=verify-full");
    let refused = PostgresDatabase::open(&PostgresSettings::at(url.into())).await;
    assert!(matches!(refused, Err(OpenError::Unusable { .. })));
    drop(fixture);
}

#[tokio::test]
async fn a_file_without_authorities_is_named() {
    let url = "postgres://localhost/lectern?sslmode=verify-full&sslrootcert=/dev/null";
    let refused = PostgresDatabase::open(&PostgresSettings::at(url.into())).await.err().unwrap();
    assert!(matches!(refused, OpenError::Tls(_)) && refused.to_string().contains("/dev/null"), "{refused}");
}
