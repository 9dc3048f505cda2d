// SPDX-License-Identifier: Apache-2.0
//! Region planning: from pools and the rights table to the regions of the firewall.
use super::registers::{ALL_FILTERS, ID_WRITE_SHIFT, SECURE_READ, SECURE_WRITE};
use crate::scenario::{Background, Master, Pool, Scenario};
use crate::tee::{PoolRights, Rights};
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};
use ringfence_sim::MASTERS;

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

/// Protected memory and who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protected {
    /// Where; whole pages.
    pub range: AddrRange,
    /// For whom, by master port.
    pub rights: [Rights; MASTERS],
    /// Index of its pool in the scenario.
    pub pool: usize,
}

/// No master may do anything.
pub const NOBODY: [Rights; MASTERS] = [Rights::NONE; MASTERS];

/// What each master port may do where the rights table says `rights`.
pub fn by_port(scenario: &Scenario, rights: PoolRights) -> [Rights; MASTERS] {
    let mut ports = NOBODY;
    for (port, master) in ports.iter_mut().zip(&scenario.masters) {
        *port = rights.of_ip(master.ip);
    }
    ports
}

/// What is protected from boot on: the static pools, or their memory without any rights where
/// every buffer is to be a region of its own.
pub fn protected_at_boot(scenario: &Scenario) -> Vec<Protected> {
    let pools = scenario.pools.iter().enumerate();
    let fixed = pools.filter(|(_, pool)| pool.is_static() && pool.range.len.0 > 0);
    let one = |(index, pool): (usize, &Pool)| {
        let rights = if scenario.tee.region_per_buffer {
            NOBODY
        } else {
            by_port(scenario, PoolRights::of(pool.use_case, &pool.roles))
        };
        Protected { range: pool.range, rights, pool: index }
    };
    fixed.map(one).collect()
}

/// Plans the regions that a scenario boots with; as [`plan_for`].
///
/// # Errors
/// As [`plan_for`].
pub fn plan(scenario: &Scenario) -> Result<Vec<RegionSetting>, PlanError> {
    plan_for(scenario, &protected_at_boot(scenario), &[])
}

/// Plans the regions for what is `protected`, the background first, then by address.
///
/// Default deny: the background lets nobody in, each protected range is a region with its rights,
/// and the rest of DRAM is open to the masters of the board. A range without rights needs no
/// region; what lies inside one is protected on its own. Regions never overlap; neighbours with
/// equal rights are one. A region keeps the number that `now` gives to its range or else to its
/// base, so that a change touches few registers. With [`Background::Allow`] the background lets
/// everybody in and is all there is.
///
/// # Errors
/// When the map needs more regions than there are, or has ranges that no region can have.
pub fn plan_for(
    scenario: &Scenario,
    protected: &[Protected],
    now: &[RegionSetting],
) -> Result<Vec<RegionSetting>, PlanError> {
    plan_confined(scenario, protected, now, 0)
}

/// As [`plan_for`], where the masters in `confined`, a bit each, may read ordinary memory and not
/// write it. One that shares its identity with another master writes as long as that one may.
///
/// # Errors
/// As [`plan_for`].
pub fn plan_confined(
    scenario: &Scenario,
    protected: &[Protected],
    now: &[RegionSetting],
    confined: u8,
) -> Result<Vec<RegionSetting>, PlanError> {
    let everything = AddrRange { base: PhysAddr(0), len: ByteLen(1 << ADDRESS_BITS) };
    let background = |rights| RegionSetting { index: 0, range: everything, rights };
    if scenario.firewall.background == Background::Allow {
        return Ok(vec![background(RegionRights::ALL)]);
    }
    let stretches = coalesce(partition(scenario, protected, confined)?);
    if let Some(first_out) = stretches.get(PROGRAMMABLE) {
        let (needed, pool) = (stretches.len(), first_out.pool.unwrap_or(0));
        return Err(PlanError::TooManyRegions { needed, available: PROGRAMMABLE, pool });
    }
    let numbered = numbers(&stretches, now).into_iter().zip(&stretches);
    let regions =
        numbered.map(|(index, s)| RegionSetting { index, range: s.range, rights: s.rights });
    Ok(std::iter::once(background(RegionRights::default())).chain(regions).collect())
}

/// A number for each stretch: the one that its range has now, else that of its base, else the
/// lowest that is left.
fn numbers(stretches: &[Stretch], now: &[RegionSetting]) -> Vec<u8> {
    let mut found = vec![0; stretches.len()];
    let same: [fn(&AddrRange, &AddrRange) -> bool; 2] = [|a, b| a == b, |a, b| a.base == b.base];
    for fits in same {
        for at in 0..stretches.len() {
            let has = |region: &&RegionSetting| {
                region.index > 0 && fits(&region.range, &stretches[at].range)
            };
            let kept = now.iter().find(has).map_or(0, |region| region.index);
            if found[at] == 0 && !found.contains(&kept) {
                found[at] = kept;
            }
        }
    }
    for at in 0..found.len() {
        if found[at] == 0 {
            found[at] = (1..).find(|index| !found.contains(index)).unwrap_or(u8::MAX);
        }
    }
    found
}

/// Protected memory and the DRAM between, by address; never overlapping, none empty.
fn partition(
    scenario: &Scenario,
    protected: &[Protected],
    confined: u8,
) -> Result<Vec<Stretch>, PlanError> {
    let dram = scenario.memory.dram;
    check_range(dram)?;
    let open = RegionRights::of(&scenario.masters, |master| {
        let shut = confined >> (master.id.0 & 7) & 1 == 1;
        if shut { Rights::READ } else { Rights::READ_WRITE }
    });
    let mut shut: Vec<&Protected> = protected.iter().filter(|p| p.range.len.0 > 0).collect();
    // A range without rights comes before what lies inside it.
    shut.sort_by_key(|p| (p.range.base, p.rights != NOBODY));
    let mut stretches = Vec::new();
    let mut below: Option<(usize, PhysAddr)> = None; // pool and end of what is shut so far
    let mut region: Option<(usize, PhysAddr)> = None; // pool and end of the last region
    for one in shut {
        check_range(one.range)?;
        let (base, end) = (one.range.base, one.range.end());
        if below.is_none_or(|(_, below)| below <= base) {
            stretches.extend(gap(dram, below, base, open));
        }
        below = Some((one.pool, below.map_or(end, |(_, below)| below.max(end))));
        if one.rights == NOBODY {
            continue;
        }
        if let Some((first, last)) = region
            && last > base
        {
            return Err(PlanError::Overlap { first, second: one.pool });
        }
        let may = |master: &Master| one.rights[usize::from(master.id.0) % MASTERS];
        let rights = RegionRights::of(&scenario.masters, may);
        stretches.push(Stretch { range: one.range, rights, pool: Some(one.pool) });
        region = Some((one.pool, end));
    }
    stretches.extend(gap(dram, below, dram.end(), open));
    Ok(stretches)
}

/// DRAM between what is shut below and `until`.
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
