// SPDX-License-Identifier: Apache-2.0
//! Region planning: from pools and the rights table to the regions of the firewall.
use super::registers::{ALL_FILTERS, ID_WRITE_SHIFT, SECURE_READ, SECURE_WRITE};
use crate::scenario::{Background, Master, Pool, Scenario};
use crate::tee::{Rights, rights};
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Regions that can be programmed beside the background (TZC-400: 8).
pub const PROGRAMMABLE: usize = 8;
/// Bits of an address on the board.
pub const ADDRESS_BITS: u32 = 40;

/// What a region lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionRights {
    /// Secure accesses, whatever their identity.
    pub secure: Rights,
    /// Identities that may read non-securely, a bit each.
    pub nsaid_read: u16,
    /// Identities that may write non-securely, a bit each.
    pub nsaid_write: u16,
}

impl RegionRights {
    /// Everybody, both ways.
    pub const ALL: Self =
        Self { secure: Rights::READ_WRITE, nsaid_read: 0xffff, nsaid_write: 0xffff };

    /// What the firewall needs to let `master` do `may`: it sees the world and the identity only.
    fn grant(&mut self, master: &Master, may: Rights) {
        if master.secure {
            self.secure = self.secure | may;
        } else {
            let bit = 1 << (master.nsaid.0 & 0xf);
            self.nsaid_read |= if may.read { bit } else { 0 };
            self.nsaid_write |= if may.write { bit } else { 0 };
        }
    }

    fn of(masters: &[Master], may: impl Fn(&Master) -> Rights) -> Self {
        let mut all = Self::default();
        for master in masters {
            all.grant(master, may(master));
        }
        all
    }
}

/// A region as it is to be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionSetting {
    /// Region number; 0 is the background, whose range is fixed to everything.
    pub index: u8,
    /// Where; whole pages, not empty.
    pub range: AddrRange,
    /// Who gets in.
    pub rights: RegionRights,
}

impl RegionSetting {
    /// Address of the last byte, as the top registers take it.
    pub const fn top(&self) -> PhysAddr {
        PhysAddr(self.range.end().0 - 1)
    }

    /// Value of `REGION_ATTRIBUTES`, enabled on every filter.
    pub const fn attributes(&self) -> u32 {
        let secure = self.rights.secure;
        ALL_FILTERS
            | if secure.read { SECURE_READ } else { 0 }
            | if secure.write { SECURE_WRITE } else { 0 }
    }

    /// Value of `REGION_ID_ACCESS`.
    pub const fn id_access(&self) -> u32 {
        self.rights.nsaid_read as u32 | (self.rights.nsaid_write as u32) << ID_WRITE_SHIFT
    }
}

/// A map that the firewall cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// More disjoint ranges than regions.
    #[error("{needed} regions needed, {available} available: pool {pool} does not fit")]
    TooManyRegions {
        /// Regions that the map takes.
        needed: usize,
        /// Regions that there are, the background not counted.
        available: usize,
        /// Index of the first pool that does not fit, or that cuts memory once too often.
        pool: usize,
    },
    /// Two pools share bytes; the firewall would deny both there.
    #[error("pools {first} and {second} overlap")]
    Overlap {
        /// Index of the lower pool.
        first: usize,
        /// Index of the upper pool.
        second: usize,
    },
    /// A range that is not whole pages, or beyond the address width.
    #[error("range at {base} is not whole 4 KiB pages below 2^40")]
    Range {
        /// First byte.
        base: PhysAddr,
    },
}

/// A stretch of equal rights, and the pool that it is or that it follows.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    range: AddrRange,
    rights: RegionRights,
    pool: Option<usize>,
}

/// Plans the regions of a scenario, the background first, then by address.
///
/// Default deny: the background lets nobody in, each pool is a region with the rights of its use
/// case and role, and the rest of DRAM is open to the masters of the board. Regions never
/// overlap; neighbours with equal rights are one. With [`Background::Allow`] the background lets
/// everybody in and is all there is.
///
/// # Errors
/// When the map needs more regions than there are, or has ranges that no region can have.
pub fn plan(scenario: &Scenario) -> Result<Vec<RegionSetting>, PlanError> {
    let everything = AddrRange { base: PhysAddr(0), len: ByteLen(1 << ADDRESS_BITS) };
    let background = |rights| RegionSetting { index: 0, range: everything, rights };
    if scenario.firewall.background == Background::Allow {
        return Ok(vec![background(RegionRights::ALL)]);
    }
    let stretches = coalesce(partition(scenario)?);
    if let Some(first_out) = stretches.get(PROGRAMMABLE) {
        let (needed, pool) = (stretches.len(), first_out.pool.unwrap_or(0));
        return Err(PlanError::TooManyRegions { needed, available: PROGRAMMABLE, pool });
    }
    let numbered = (1..).zip(&stretches);
    let regions =
        numbered.map(|(index, s)| RegionSetting { index, range: s.range, rights: s.rights });
    Ok(std::iter::once(background(RegionRights::default())).chain(regions).collect())
}

/// Pools and the DRAM between them, by address; touching, never overlapping, none empty.
fn partition(scenario: &Scenario) -> Result<Vec<Stretch>, PlanError> {
    let dram = scenario.memory.dram;
    check_range(dram)?;
    let open = RegionRights::of(&scenario.masters, |_| Rights::READ_WRITE);
    let mut pools: Vec<(usize, &Pool)> = scenario.pools.iter().enumerate().collect();
    pools.retain(|(_, pool)| pool.range.len.0 > 0);
    pools.sort_by_key(|(_, pool)| pool.range.base);

    let mut stretches = Vec::new();
    let mut below: Option<(usize, PhysAddr)> = None; // last pool and its end
    for (index, pool) in pools {
        check_range(pool.range)?;
        let base = pool.range.base;
        if let Some((first, end)) = below
            && end > base
        {
            return Err(PlanError::Overlap { first, second: index });
        }
        stretches.extend(gap(dram, below, base, open));
        let may = |master: &Master| rights(pool.use_case, pool.role, master.ip);
        let rights = RegionRights::of(&scenario.masters, may);
        stretches.push(Stretch { range: pool.range, rights, pool: Some(index) });
        below = Some((index, pool.range.end()));
    }
    stretches.extend(gap(dram, below, dram.end(), open));
    Ok(stretches)
}

/// DRAM between the pool below and `until`.
fn gap(
    dram: AddrRange,
    below: Option<(usize, PhysAddr)>,
    until: PhysAddr,
    rights: RegionRights,
) -> Option<Stretch> {
    let base = below.map_or(dram.base, |(_, end)| end.max(dram.base));
    let len = until.min(dram.end()).0.checked_sub(base.0).filter(|len| *len > 0)?;
    let range = AddrRange { base, len: ByteLen(len) };
    Some(Stretch { range, rights, pool: below.map(|(index, _)| index) })
}

fn check_range(range: AddrRange) -> Result<(), PlanError> {
    let whole = (range.base.0 | range.len.0).is_multiple_of(PAGE);
    if !whole || range.end().0 > 1 << ADDRESS_BITS {
        return Err(PlanError::Range { base: range.base });
    }
    Ok(())
}

fn coalesce(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let mut merged: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for next in stretches {
        match merged.last_mut() {
            Some(last) if last.rights == next.rights && last.range.end() == next.range.base => {
                last.range.len.0 += next.range.len.0;
            }
            _ => merged.push(next),
        }
    }
    merged
}
