//! Whose a request is, for limits: the peer's address, or the one that a trusted proxy tells.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use serde::{Deserialize, Deserializer};

/// The peer of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// An address, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: u128,
    mask: u128,
}

impl Network {
    /// Reads `10.0.0.0/8`, or one address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let bits = match (address, bits) {
            (_, None) => 128,
            (IpAddr::V4(_), Some(bits)) if bits <= 32 => 96 + bits,
            (IpAddr::V6(_), Some(bits)) if bits <= 128 => bits,
            _ => return None,
        };
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        Some(Self { base: number(address) & mask, mask })
    }

    /// Whether an address is in it.
    pub fn contains(self, address: IpAddr) -> bool {
        number(address) & self.mask == self.base
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no address and no network")))
    }
}

/// The client of a request. Of `X-Forwarded-For` only what trusted proxies wrote is believed: the last entry that is
/// not one of theirs.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return owner(peer);
    }
    let mut client = peer;
    let told = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let told: Vec<&str> = told.flat_map(|line| line.split(',')).map(str::trim).collect();
    for entry in told.iter().rev() {
        let Ok(address) = entry.parse() else {
            break;
        };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    owner(client)
}

/// Whoever has an address of IPv6 has the whole network around it.
fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address => address,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;
    use axum::http::HeaderValue;

    fn seen(peer: &str, forwarded: &'static str) -> String {
        let trusted = [Network::parse("10.0.0.0/8").expect("a network")];
        let headers: HeaderMap =
            [("x-forwarded-for".parse().expect("a name"), HeaderValue::from_static(forwarded))].into_iter().collect();
        client(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("198.51.100.1", "192.0.2.1"), "198.51.100.1");
        assert_eq!(seen("10.1.2.3", "192.0.2.1"), "192.0.2.1");
        assert_eq!(seen("10.1.2.3", "203.0.113.9, 192.0.2.1, 10.9.9.9"), "192.0.2.1");
        assert_eq!(seen("10.1.2.3", "nonsense"), "10.1.2.3");
        assert_eq!(seen("10.1.2.3", "192.0.2.1, nonsense"), "10.1.2.3");
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_network() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", ""), "2001:db8:1:2::");
    }

    #[test]
    fn networks_are_read_or_refused() {
        for text in ["10.0.0.0/33", "10.0.0/8", "::/129", "", "a/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        assert!(Network::parse("::/0").is_some());
    }
}
