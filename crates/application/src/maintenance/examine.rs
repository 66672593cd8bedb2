//! Whether what is stored is sound, and fits the machine and the network around it.

use std::{net::IpAddr, sync::Arc, time::Duration};

use lectern_domain::{
    access::{BUILT_IN_ROLES, Role, RoleName},
    time::Timestamp,
};

use crate::ports::{
    AccountFilter, AuditFilter, Clock, LedgerMismatch, PageRequest, Queries, StandingFilter, StoreError,
};

/// Clocks of machines that share a database may differ by so much.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(10);
/// No clock that is right shows a time before this: the beginning of 2026.
const EARLIEST: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);
/// Nor one after this: the beginning of 2100.
const LATEST: Timestamp = Timestamp::from_micros(4_102_444_800_000_000);
/// So many sign-ins are looked at.
const SIGN_INS: u32 = 100;
/// Fewer say nothing about where people come from.
const FEWEST_SIGN_INS: usize = 3;

/// Reads all of the ledgers, and some of everything else.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct Examine {
    pub queries: Arc<dyn Queries>,
    pub clock: Arc<dyn Clock>,
}

/// What was found. Each part for itself, as a broken database may still answer the others.
#[derive(Debug)]
pub struct Examination {
    /// The accounts whose balance is not the sum of their entries.
    pub ledgers: Result<Vec<LedgerMismatch>, StoreError>,
    /// The built-in roles that are missing, or allow something else than they come with.
    pub broken_roles: Result<Vec<RoleName>, StoreError>,
    /// How many administrators can sign in.
    pub administrators: Result<u64, StoreError>,
    /// What the clock shows.
    pub clock: Result<ClockReading, StoreError>,
    /// From where people signed in of late.
    pub sign_ins: Result<SignIns, StoreError>,
}

/// The clock, compared with what was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockReading {
    /// It may be right.
    Plausible,
    /// Something was written down at a time that has not come yet: the clock was set back.
    SetBack {
        /// How far ahead that time is.
        by: Duration,
    },
    /// It shows a time in another age.
    OfAnotherAge,
}

/// From where people signed in of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIns {
    /// Too few signed in to tell.
    Few,
    /// All from one address that is no address of the internet: perhaps a proxy's, which hides theirs.
    FromOnePrivateAddress(IpAddr),
    /// From several addresses, or from one of the internet.
    FromElsewhere,
}

impl Examine {
    /// Looks at everything.
    pub async fn execute(&self) -> Examination {
        Examination {
            ledgers: self.queries.ledger_mismatches().await,
            broken_roles: self.broken_roles().await,
            administrators: self.administrators().await,
            clock: self.clock().await,
            sign_ins: self.sign_ins().await,
        }
    }

    async fn broken_roles(&self) -> Result<Vec<RoleName>, StoreError> {
        let roles = self.queries.roles().await?;
        let as_they_come = BUILT_IN_ROLES.iter().filter_map(Role::built_in);
        Ok(as_they_come.filter(|role| !roles.contains(role)).map(|role| role.name).collect())
    }

    async fn administrators(&self) -> Result<u64, StoreError> {
        let filter = AccountFilter {
            role: Some(RoleName::ADMIN),
            standing: StandingFilter::Active,
            ..AccountFilter::default()
        };
        Ok(self.queries.accounts(&filter, PageRequest::FIRST).await?.total)
    }

    async fn clock(&self) -> Result<ClockReading, StoreError> {
        let newest = self.queries.audit_events(&AuditFilter::default(), PageRequest::FIRST).await?;
        let now = self.clock.now();
        let ahead = newest.items.first().map_or(Duration::ZERO, |event| event.at.since(now));
        Ok(if !(EARLIEST..LATEST).contains(&now) {
            ClockReading::OfAnotherAge
        } else if ahead > CLOCK_TOLERANCE {
            ClockReading::SetBack { by: ahead }
        } else {
            ClockReading::Plausible
        })
    }

    async fn sign_ins(&self) -> Result<SignIns, StoreError> {
        let filter = AuditFilter { kind: Some("logged_in"), ..AuditFilter::default() };
        let page = PageRequest::first(SIGN_INS);
        let events = self.queries.audit_events(&filter, page).await?.items;
        let mut addresses = events.iter().filter_map(|event| event.ip).map(|ip| ip.to_canonical());
        let (count, first) = (addresses.clone().count(), addresses.next());
        Ok(match first {
            Some(first) if count >= FEWEST_SIGN_INS => {
                if is_private(first) && addresses.all(|address| address == first) {
                    SignIns::FromOnePrivateAddress(first)
                } else {
                    SignIns::FromElsewhere
                }
            }
            Some(_) | None => SignIns::Few,
        })
    }
}

/// Whether nobody on the internet has that address (RFC 1918, RFC 4193, loopback, link-local).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }
}
