//! The client's address behind reverse proxies, from `X-Forwarded-For`.
//!
//! Each proxy appends the address it was asked from. So the right end was written by the proxy that asks us, and each
//! entry is only worth as much as who wrote it: the walk goes from right to left, for as long as the addresses are those
//! of proxies that we know. The first other one is the client; what is to its left is the client's own invention.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net};

/// Networks that something is allowed to; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks(Vec<IpNet>);

/// The networks of the reverse proxies whose `X-Forwarded-For` counts; none by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies(Networks);

/// A network that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be networks such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1, separated by commas; '{0}' is none"
)]
pub struct NotANetwork(String);

impl FromStr for TrustedProxies {
    type Err = NotANetwork;

    /// Reads networks as [`Networks`] are read.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        text.parse().map(Self)
    }
}

impl FromStr for Networks {
    type Err = NotANetwork;

    /// Reads networks in the notation of RFC 4632 and RFC 4291, or single addresses, separated by commas.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        text.split(',').map(str::trim).map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<IpNet, NotANetwork> {
    let network: Option<IpNet> = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network.map(canonical).ok_or_else(|| NotANetwork(text.to_owned()))
}

/// The bits before the address in an IPv4 address that is written as IPv6 (RFC 4291, section 2.5.5.2).
const MAPPED_BITS: u8 = 96;

/// Clients' addresses are compared as IPv4 if they can be, so networks must be too.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V4(_) => None,
        IpNet::V6(network) => {
            let (address, bits) = (network.addr().to_ipv4_mapped(), network.prefix_len());
            address.zip(bits.checked_sub(MAPPED_BITS)).and_then(|(a, bits)| Ipv4Net::new(a, bits).ok())
        }
    };
    mapped.map_or(network, IpNet::V4)
}

impl TrustedProxies {
    /// Whether an address is that of a proxy.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// The client's address: `peer` unless that is a trusted proxy, else what `forwarded` says. These are the values of
    /// the `X-Forwarded-For` headers in the order they came in, which together are one list (RFC 9110, section 5.3).
    ///
    /// If all entries are trusted, the first of them is the client. An entry that is no address ends the walk, and the
    /// one to its right is taken.
    pub(super) fn client<'a, I>(&self, peer: IpAddr, forwarded: I) -> IpAddr
    where
        I: DoubleEndedIterator<Item = &'a [u8]>,
    {
        let entries = forwarded.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        let mut client = peer.to_canonical();
        for entry in entries {
            if !self.0.contains(client) {
                break;
            }
            let Some(address) = address(entry) else { break };
            client = address;
        }
        client
    }
}

impl Networks {
    /// Whether an address is in one of them. An IPv4 address that is written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An entry's address. Some proxies add the port, and IPv6 addresses then have brackets.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let address = text.parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    address.or_else(|| bracketed().map(IpAddr::V6)).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    /// The client, as seen by a server that trusts 10.0.0.0/8 and `2001:db8:ff::/48`.
    fn client(peer: &str, lines: &[&str]) -> String {
        let proxies: TrustedProxies = "10.0.0.0/8, 2001:db8:ff::/48".parse().unwrap();
        let lines = lines.iter().map(|line| line.as_bytes());
        proxies.client(peer.parse().unwrap(), lines).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_is_ignored() {
        let forwarded = [b"198.51.100.1".as_slice()];
        let client = TrustedProxies::default().client(PROXY.parse().unwrap(), forwarded.into_iter());
        assert_eq!(client.to_string(), PROXY);
    }

    #[test]
    fn who_is_no_proxy_can_not_say_who_they_are() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_says_who_asked_it() {
        assert_eq!(client(PROXY, &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("2001:db8:ff::1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(client(PROXY, &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["10.0.0.9, 10.0.0.8, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["garbage, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
    }

    #[test]
    fn several_header_lines_are_one_list() {
        assert_eq!(client(PROXY, &["1.1.1.1", "198.51.100.1, 10.0.0.3", "10.0.0.2"]), "198.51.100.1");
    }

    #[test]
    fn a_request_from_among_the_proxies_is_from_the_first_of_them() {
        assert_eq!(client(PROXY, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(client(PROXY, &[]), PROXY);
    }

    #[test]
    fn what_is_no_address_ends_the_walk_at_the_last_good_one() {
        for garbage in
            ["", " ", "unknown", "unix:", "1.2.3", "1.2.3.4.5", "01.2.3.4", "::1%eth0", "[::1", "\"1.1.1.1\""]
        {
            assert_eq!(client(PROXY, &[garbage]), PROXY, "{garbage}");
            assert_eq!(client(PROXY, &[&format!("1.1.1.1, {garbage}, 10.0.0.2")]), "10.0.0.2", "{garbage}");
        }
        let lines = [b"1.1.1.1, \xff, 10.0.0.2".as_slice()];
        let proxies: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        let client = proxies.client(PROXY.parse().unwrap(), lines.into_iter());
        assert_eq!(client.to_string(), "10.0.0.2");
    }

    #[test]
    fn entries_may_have_ports_and_brackets() {
        for (entry, address) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("\t198.51.100.1 ", "198.51.100.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(client(PROXY, &[entry]), address, "{entry}");
        }
    }

    #[test]
    fn a_thousand_entries_change_nothing() {
        let spoofed = "10.0.0.7, ".repeat(1000);
        assert_eq!(client(PROXY, &[&format!("{spoofed}198.51.100.1")]), "198.51.100.1");
        assert_eq!(client(PROXY, &[&format!("198.51.100.1, {spoofed}10.0.0.2")]), "198.51.100.1");
        assert_eq!(client("203.0.113.9", &[&spoofed]), "203.0.113.9");
    }

    #[test]
    fn networks_and_single_addresses_can_be_trusted() {
        for (text, trusted, other) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/24,2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("::ffff:192.0.2.0/120", "192.0.2.7", "192.0.3.7"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.1"),
        ] {
            let networks: Networks = text.parse().unwrap();
            assert!(networks.contains(trusted.parse().unwrap()), "{text}");
            assert!(!networks.contains(other.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/8,", "example.org", "10.0.0.0/8;10.0.0.1"] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
        let error = "10.0.0.0/8, proxy".parse::<TrustedProxies>().unwrap_err().to_string();
        assert!(error.ends_with("'proxy' is none"), "{error}");
    }
}
