//! What a server stands on. A test of behaviour over HTTP runs on both profiles: it is an `async fn` of a [`Profile`], and
//! [`on_both_profiles!`] makes two tests of it.

/// What is beneath the ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What is in the program: `SQLite`, files, memory.
    Embedded,
    /// `PostgreSQL`, Redis, `RabbitMQ` and S3.
    Scaled,
}

/// Makes tests `embedded::NAME` and `scaled::NAME` of each function. One that is not listed is dead code.
macro_rules! on_both_profiles {
    ($($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::profile::Profile::Embedded).await;
            })+
        }
        mod scaled {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::profile::Profile::Scaled).await;
            })+
        }
    };
}

pub(crate) use on_both_profiles;
