//! A database with a [`SessionCache`](crate::ports::SessionCache) in front of it.
//!
//! [`CachedQueries`] and [`CachedTransactions`] are the ports [`Queries`](crate::ports::Queries) and
//! [`Transactions`](crate::ports::Transactions) again, and keep all of their promises: within a process, a query sees
//! every commit that has answered, whether its answer was remembered or not. Both have to be given the same cache,
//! and everything that writes has to go through [`CachedTransactions`].
//!
//! To add a method to a store: pass it on here, and if it writes what a [`SessionView`](crate::ports::SessionView)
//! shows (sessions, accounts with their permissions and balances, roles), note what it touched.

mod pass_on;
mod queries;
mod unit;

pub use queries::CachedQueries;
pub use unit::CachedTransactions;
