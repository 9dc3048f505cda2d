// SPDX-License-Identifier: Apache-2.0
//! Quantities with their unit in the type; no bare integer crosses a signature.
use serde::{Deserialize, Serialize};
use std::fmt;

/// A fabric clock cycle since reset of the run; cycle 0 is the first after reset.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Cycle(pub u64);

/// A length in bytes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ByteLen(pub u64);

/// A physical (system) address; written as hexadecimal text outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhysAddr(pub u64);

/// A master port of the board, 0..8.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MasterId(pub u8);

/// A filter of the firewall, which is a DRAM channel, 0..4.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct FilterId(pub u8);

/// A non-secure access identity, 0..16 (TZC-400).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Nsaid(pub u8);

/// A clock frequency in hertz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hertz(pub u64);

/// Bytes a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteRate(pub u64);

/// Which way data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Memory to master.
    Read,
    /// Master to memory.
    Write,
}

/// The half-open range `[base, base + len)`; never wraps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AddrRange {
    /// First byte.
    pub base: PhysAddr,
    /// Bytes.
    pub len: ByteLen,
}

/// The page of Linux and of the firewall's granule.
pub const PAGE: u64 = 4096;

impl AddrRange {
    /// `None` if the range would pass the end of the 64-bit space.
    pub const fn new(base: PhysAddr, len: ByteLen) -> Option<Self> {
        match base.0.checked_add(len.0) {
            Some(_) => Some(Self { base, len }),
            None => None,
        }
    }
    /// First byte after the range.
    pub const fn end(self) -> PhysAddr {
        PhysAddr(self.base.0 + self.len.0)
    }
    /// Whether the byte at `addr` is inside.
    pub const fn contains(self, addr: PhysAddr) -> bool {
        addr.0 >= self.base.0 && addr.0 - self.base.0 < self.len.0
    }
    /// Whether any byte is shared.
    pub const fn overlaps(self, other: Self) -> bool {
        self.base.0 < other.end().0 && other.base.0 < self.end().0
    }
    /// Whether all of `other` is inside.
    pub const fn covers(self, other: Self) -> bool {
        self.base.0 <= other.base.0 && other.end().0 <= self.end().0
    }
}

impl fmt::Display for PhysAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (high, mid, low) = (self.0 >> 32, (self.0 >> 16) & 0xffff, self.0 & 0xffff);
        write!(f, "0x{high:x}_{mid:04x}_{low:04x}")
    }
}

impl Serialize for PhysAddr {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("0x{:010x}", self.0))
    }
}

impl<'de> Deserialize<'de> for PhysAddr {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        u64::from_str_radix(text.trim_start_matches("0x"), 16)
            .map(PhysAddr)
            .map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

impl Hertz {
    /// Picoseconds of one cycle, rounded down.
    pub const fn period_ps(self) -> u64 {
        1_000_000_000_000 / self.0
    }
    /// Time of a cycle in nanoseconds, rounded down; exact integers only.
    pub const fn nanoseconds(self, cycle: Cycle) -> u64 {
        (cycle.0 as u128 * 1_000_000_000 / self.0 as u128) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_half_open() {
        let range = AddrRange::new(PhysAddr(0x1000), ByteLen(0x1000)).expect("no wrap");
        assert!(range.contains(PhysAddr(0x1000)) && range.contains(PhysAddr(0x1fff)));
        assert!(!range.contains(PhysAddr(0x0fff)) && !range.contains(PhysAddr(0x2000)));
        let next = AddrRange::new(PhysAddr(0x2000), ByteLen(1)).expect("no wrap");
        assert!(!range.overlaps(next) && !next.overlaps(range));
        assert!(AddrRange::new(PhysAddr(u64::MAX), ByteLen(2)).is_none());
    }

    #[test]
    fn addresses_keep_their_text_form() {
        assert_eq!(PhysAddr(0x1_9003_4b00).to_string(), "0x1_9003_4b00");
        let json = serde_json::to_string(&PhysAddr(0x9003_4b00)).expect("serializes");
        assert_eq!(json, "\"0x0090034b00\"");
        assert_eq!(serde_json::from_str::<PhysAddr>(&json).expect("parses"), PhysAddr(0x9003_4b00));
    }
}
