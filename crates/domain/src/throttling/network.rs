//! Where requests come from, as coarsely as addresses are handed out.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// One customer's worth of addresses: an IPv4 address, or an IPv6 network of 64 bits, as hosts choose the rest by
/// themselves (RFC 4291, section 2.5.4; RFC 8981). An IPv4 address that is written as IPv6 (RFC 4291, section 2.5.5.2)
/// is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(Prefix);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Prefix {
    Unknown,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

impl Network {
    /// The upper 64 bits.
    const PREFIX_64: u128 = !0 << 64;

    /// The network of an address. All requests whose address is unknown are of one network: better too strict for them
    /// than a way around the limits.
    pub fn of(address: Option<IpAddr>) -> Self {
        Self(match address.map(|address| address.to_canonical()) {
            None => Prefix::Unknown,
            Some(IpAddr::V4(address)) => Prefix::V4(address),
            Some(IpAddr::V6(address)) => Prefix::V6(Ipv6Addr::from_bits(address.to_bits() & Self::PREFIX_64)),
        })
    }
}

impl Network {
    /// Its first address; none if it isn't known.
    pub fn first_address(self) -> Option<IpAddr> {
        match self.0 {
            Prefix::Unknown => None,
            Prefix::V4(address) => Some(address.into()),
            Prefix::V6(address) => Some(address.into()),
        }
    }
}

/// In the notation of RFC 4632 and RFC 4291: `203.0.113.7/32`, `2001:db8::/64`; `unknown` if it is.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Prefix::Unknown => f.write_str("unknown"),
            Prefix::V4(address) => write!(f, "{address}/32"),
            Prefix::V6(address) => write!(f, "{address}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        Network::of(address.parse().ok()).to_string()
    }

    #[test]
    fn every_ipv4_address_is_a_network_of_its_own() {
        assert_eq!(network("203.0.113.7"), "203.0.113.7/32");
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
    }

    #[test]
    fn the_hosts_of_an_ipv6_network_are_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_is_the_ipv4_address() {
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7/32");
        assert_ne!(network("::ffff:203.0.113.7"), network("::ffff:203.0.113.8"));
    }

    #[test]
    fn unknown_addresses_are_one_network() {
        assert_eq!(network("no address"), "unknown");
    }
}
