//! The servers behind a scaled service.
//!
//! Those that tests share are named by environment variables; a service has a database, a queue and a prefix of its own on
//! them, which are removed with it. A server that a test kills or slows down is the test's own. So is every Redis: limits
//! count by network, and all tests are on one.

use std::{env, net::SocketAddr, sync::Arc, thread};

use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use lectern_services::{PostgreSql, Proxy, RabbitMq, Redis, S3, Service};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
    task::spawn_blocking,
};
use tokio_postgres::NoTls;
use url::Url;
use uuid::Uuid;

use super::recordings::Recordings;

/// Whose server a part is, and what stands before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stand {
    /// The one that all tests use.
    #[default]
    Shared,
    /// The test's own, to be killed.
    Own,
    /// Behind a proxy, to be slow or cut off.
    Proxied,
}

/// Where each part stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stands {
    pub(crate) postgresql: Stand,
    /// Never shared.
    pub(crate) redis: Stand,
    pub(crate) rabbitmq: Stand,
    pub(crate) s3: Stand,
}

/// The servers of one service.
pub(crate) struct Parts {
    pub(crate) postgresql: Part<PostgreSql>,
    pub(crate) redis: Part<Redis>,
    pub(crate) rabbitmq: Part<RabbitMq>,
    pub(crate) s3: Part<S3>,
    /// The name of the database, of the role that owns it, the queue and the prefix.
    name: String,
}

/// One of them.
pub(crate) struct Part<S> {
    own: Option<Arc<S>>,
    proxy: Option<Proxy>,
    /// Where the server is.
    url: String,
}

impl<S: Service + 'static> Part<S> {
    /// `variable` names a server that is shared.
    async fn stand(stand: Stand, variable: Option<&str>, start: fn() -> lectern_services::Result<S>) -> Self {
        let shared = variable.filter(|_| stand != Stand::Own).map(shared_url);
        let own = match shared {
            Some(_) => None,
            None => Some(Arc::new(spawn_blocking(start).await.unwrap().unwrap())),
        };
        let url = shared.or_else(|| own.as_ref().map(|own| own.url())).unwrap();
        let proxy = (stand == Stand::Proxied).then(|| Proxy::to(address(&url)).unwrap());
        Self { own, proxy, url }
    }

    /// Where the service finds it.
    fn url(&self) -> String {
        self.proxy.as_ref().map_or_else(|| self.url.clone(), |proxy| proxy.in_url(&self.url))
    }

    /// What stands before it.
    pub(crate) fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().unwrap()
    }

    /// Kills it, as a crash would.
    pub(crate) async fn kill(&self) {
        self.order(S::kill).await;
    }

    /// Starts it again, at the same address.
    pub(crate) async fn restart(&self) {
        self.order(S::restart).await;
    }

    /// Lets it take requests, and answer none.
    pub(crate) async fn pause(&self) {
        self.order(S::pause).await;
    }

    /// Ends that.
    pub(crate) async fn resume(&self) {
        self.order(S::resume).await;
    }

    /// Clients go on meanwhile.
    async fn order(&self, order: fn(&S) -> lectern_services::Result) {
        let server = self.own.clone().unwrap();
        spawn_blocking(move || order(&server)).await.unwrap().unwrap();
    }
}

impl Parts {
    /// All of them, with a database, a queue and a prefix that nobody else has. The service's role is no superuser; it may make
    /// databases, for backups are tried in one.
    pub(crate) async fn stand(stands: Stands) -> Self {
        let (postgresql, redis, rabbitmq, s3) = tokio::join!(
            Part::stand(stands.postgresql, Some("LECTERN_TEST_POSTGRES_URL"), PostgreSql::start),
            Part::stand(stands.redis, None, Redis::start),
            Part::stand(stands.rabbitmq, Some("LECTERN_TEST_AMQP_URL"), RabbitMq::start),
            Part::stand(stands.s3, Some("LECTERN_TEST_S3_ENDPOINT"), S3::start),
        );
        #[expect(clippy::disallowed_methods, reason = "tests that run at once must not meet")]
        let name = format!("lectern_test_{}", Uuid::now_v7().simple());
        let parts = Self { postgresql, redis, rabbitmq, s3, name };
        parts.administer(&format!("CREATE ROLE {} LOGIN CREATEDB", parts.name)).await;
        let database =
            format!("CREATE DATABASE {0} OWNER {0} TEMPLATE template0 ENCODING 'UTF8'", parts.name);
        parts.administer(&database).await;
        parts
    }

    /// What tells the program of them.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let mut database = Url::parse(&self.postgresql.url()).unwrap();
        database.set_path(&self.name);
        database.set_username(&self.name).unwrap();
        [
            ("LECTERN_DATABASE_URL", database.to_string()),
            ("LECTERN_REDIS_URL", self.redis.url()),
            ("LECTERN_AMQP_URL", self.rabbitmq.url()),
            ("LECTERN_AMQP_QUEUE", self.name.clone()),
            ("LECTERN_AUDIO_URL", format!("s3://{}/{}", S3::BUCKET, self.name)),
            ("AWS_ENDPOINT", self.s3.url()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", S3::KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", S3::SECRET.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The recordings in S3, past any proxy.
    pub(crate) fn recordings(&self) -> Recordings {
        Recordings::under(&self.s3.url, &self.name)
    }

    /// The queue's name.
    pub(crate) fn queue(&self) -> &str {
        &self.name
    }

    /// A connection to the broker, past any proxy.
    pub(crate) async fn broker(&self) -> Connection {
        Connection::connect(&self.rabbitmq.url, ConnectionProperties::default()).await.unwrap()
    }

    /// Gives Redis an order, which it has to follow.
    pub(crate) async fn redis_command(&self, words: &[&str]) {
        let mut redis = TcpStream::connect(address(&self.redis.url)).await.unwrap();
        redis.write_all(format!("{}\r\n", words.join(" ")).as_bytes()).await.unwrap();
        let mut answer = [0; 5];
        redis.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"+OK\r\n", "{words:?}");
    }

    /// Runs a statement as the superuser, outside the service's database and past any proxy.
    pub(crate) async fn administer(&self, statement: &str) {
        let (client, connection) = tokio_postgres::connect(&self.postgresql.url, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(statement).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    }

    /// Removes from the shared servers what was this service's.
    async fn leave(&self) {
        if self.postgresql.own.is_none() {
            self.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
            // There is no other database of its.
            self.administer(&format!("DROP ROLE {}", self.name)).await;
        }
        if self.s3.own.is_none() {
            self.recordings().remove_all().await;
        }
        if self.rabbitmq.own.is_none() {
            let broker = self.broker().await;
            let channel = broker.create_channel().await.unwrap();
            for queue in [self.name.clone(), format!("{}.dead", self.name)] {
                channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
            }
            broker.close(200, "done".into()).await.unwrap();
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // The test's own runtime can't be waited on from here, and may be ending.
        thread::scope(|scope| {
            let leaving = scope.spawn(|| {
                let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(self.leave());
            });
            // A test that fails has something else to say.
            let left = leaving.join();
            assert!(left.is_ok() || thread::panicking(), "what a test made could not be removed");
        });
    }
}

/// The URL of a server that all tests use.
pub(crate) fn shared_url(variable: &str) -> String {
    let url = env::var_os(variable).and_then(|url| url.into_string().ok());
    assert!(
        url.is_some(),
        "set {variable}, or run it by `cargo xtask services -- cargo test …`, which starts one"
    );
    url.unwrap()
}

fn address(url: &str) -> SocketAddr {
    let url = Url::parse(url).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap()
}
