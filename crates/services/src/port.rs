//! Ports of the loopback interface that stay ours while a server is down.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr as UnixAddress, UnixListener},
    },
};

use crate::{Error, Result};

/// Below 32768, from where Linux numbers outgoing connections. A client that tries a port of those again and again while
/// its server is down is connected to itself sooner or later, and the server can't come back.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_767;

/// A port that no other [`Port`] on this machine has. It is free again when this is dropped, or its process is gone.
pub struct Port {
    number: u16,
    /// A name in the kernel that only one can have.
    _claim: UnixListener,
}

impl fmt::Debug for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Port({})", self.number)
    }
}

impl Port {
    /// One on which nobody listens.
    pub fn free() -> Result<Self> {
        let count = LAST - FIRST + 1;
        let random = RandomState::new().build_hasher().finish() % u64::from(count);
        let start = u16::try_from(random).unwrap_or_default();
        (0..count)
            .map(|step| FIRST + (start + step) % count)
            .find_map(Self::claim)
            .ok_or_else(|| Error::new(format!("all ports from {FIRST} to {LAST} are in use")))
    }

    /// That one, if it is free.
    fn claim(number: u16) -> Option<Self> {
        let name = UnixAddress::from_abstract_name(format!("lectern-services-port-{number}")).ok()?;
        let claim = UnixListener::bind_addr(&name).ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(Self { number, _claim: claim })
    }

    /// Its number.
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// `127.0.0.1` with it.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_free_and_not_among_those_of_outgoing_connections() {
        let port = Port::free().unwrap();
        assert!((FIRST..=LAST).contains(&port.number()));
        TcpListener::bind(port.address()).unwrap();
    }

    #[test]
    fn a_claimed_port_is_nobody_elses_even_while_nobody_listens() {
        let port = Port::free().unwrap();
        assert!(Port::claim(port.number()).is_none());
    }

    #[test]
    fn a_port_is_free_again_after_its_owner() {
        // Not one that others get by chance.
        let port = Port::claim(FIRST - 1).unwrap();
        drop(port);
        assert!(Port::claim(FIRST - 1).is_some());
    }

    #[test]
    fn a_port_on_which_somebody_listens_is_not_free() {
        let port = Port::free().unwrap();
        let number = port.number();
        let listener = TcpListener::bind(port.address()).unwrap();
        drop(port);
        assert!(Port::claim(number).is_none());
        drop(listener);
    }
}
