// SPDX-License-Identifier: Apache-2.0
//! What a region file allows on the way from an old one to a new one, against what both allow and
//! what both forbid.
use super::regions::{Grants, MAX_REGIONS, RegionFile, RegionWords};
use crate::units::{FilterId, PhysAddr};
use ringfence_sim::MAX_FILTERS;

/// Which way an intermediate region file is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It allows what the old and the new one forbid.
    Leak,
    /// It denies what the old and the new one allow.
    Denial,
}

/// The first place at which an intermediate region file is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which way.
    pub wrong: Wrong,
    /// First byte of the pages for which it holds.
    pub addr: PhysAddr,
    /// At which filter.
    pub filter: FilterId,
    /// For whom.
    pub who: Grants,
}

/// Judges every region file that can stand between two others when their registers are written
/// one by one.
///
/// Exact: an address is two registers, so a base or a top has at most four values between old and
/// new. Cut at all of them, address space falls into intervals in which no state of the registers
/// tells one page from another, and a page of each is asked, at every filter, for every identity,
/// both worlds and both directions.
#[derive(Clone, Debug)]
pub struct Judge {
    /// First byte of every interval, ascending; the first is 0.
    cells: Vec<u64>,
    /// Filters that some region tells apart, a representative each.
    filters: Vec<u8>,
    /// What old or new allow, by filter, then interval.
    may: Vec<Grants>,
    /// What old and new allow.
    must: Vec<Grants>,
}

impl Judge {
    /// Between `old` and `new`, which are of the same hardware.
    pub fn new(old: &RegionFile, new: &RegionFile) -> Self {
        let mut cells = vec![0];
        for (old, new) in old.regions().iter().zip(new.regions()).skip(1) {
            let either = |word: usize| [old.0[word], new.0[word]].map(u64::from);
            for high in either(1) {
                cells.extend(either(0).map(|low| high << 32 | low));
            }
            for high in either(3) {
                cells.extend(either(2).into_iter().filter_map(|l| (high << 32 | l).checked_add(1)));
            }
        }
        let bits = u32::from(old.hardware().address_bits);
        cells.retain(|cell| *cell <= u64::MAX >> (64 - bits));
        cells.sort_unstable();
        cells.dedup();
        let filters = distinct_filters(old, new);
        let mut judge = Self { cells, filters, may: Vec::new(), must: Vec::new() };
        let (before, after) = (judge.table(old), judge.table(new));
        judge.may = before.iter().zip(&after).map(|(a, b)| a | b).collect();
        judge.must = before.iter().zip(&after).map(|(a, b)| a & b).collect();
        judge
    }

    /// Whether `now` allows nothing that both forbid and denies nothing that both allow.
    ///
    /// # Errors
    /// With the first place, by filter, then address, at which it does not hold.
    pub fn check(&self, now: &RegionFile) -> Result<(), Breach> {
        for (at, filter) in self.filters.iter().enumerate() {
            let first = at * self.cells.len();
            let enabled = Enabled::new(now, *filter);
            for (cell, addr) in self.cells.iter().enumerate() {
                let grants = enabled.grants(*addr);
                let (leak, denial) =
                    (grants & !self.may[first + cell], self.must[first + cell] & !grants);
                if leak | denial != 0 {
                    let (wrong, who) =
                        if leak != 0 { (Wrong::Leak, leak) } else { (Wrong::Denial, denial) };
                    let (addr, filter) = (PhysAddr(*addr), FilterId(*filter));
                    return Err(Breach { wrong, addr, filter, who });
                }
            }
        }
        Ok(())
    }

    fn table(&self, file: &RegionFile) -> Vec<Grants> {
        let enabled = self.filters.iter().map(|filter| Enabled::new(file, *filter));
        enabled.flat_map(|on| self.cells.iter().map(move |addr| on.grants(*addr))).collect()
    }
}

/// The regions that one filter looks at.
#[derive(Clone, Copy)]
struct Enabled {
    ranges: [(u64, u64, Grants); MAX_REGIONS],
    count: usize,
    background: Grants,
}

impl Enabled {
    fn new(file: &RegionFile, filter: u8) -> Self {
        let background = file.regions()[0].grants();
        let mut on = Self { ranges: [(0, 0, 0); MAX_REGIONS], count: 0, background };
        let looks = |region: &&RegionWords| region.filters() >> filter & 1 != 0;
        for region in file.regions()[1..].iter().filter(looks) {
            on.ranges[on.count] = (region.base().0, region.top().0, region.grants());
            on.count += 1;
        }
        on
    }

    /// N2: one region decides, none leaves it to the background, several deny.
    fn grants(&self, addr: u64) -> Grants {
        let mut hit = None;
        for (base, top, grants) in &self.ranges[..self.count] {
            if *base <= addr && addr <= *top {
                if hit.is_some() {
                    return 0;
                }
                hit = Some(*grants);
            }
        }
        hit.unwrap_or(self.background)
    }
}

/// One filter of each kind: filters that every region treats alike need one look.
fn distinct_filters(old: &RegionFile, new: &RegionFile) -> Vec<u8> {
    let kind = |filter: u8| {
        let words = old.regions()[1..].iter().chain(&new.regions()[1..]);
        words.fold(0_u32, |kind, region| kind << 1 | region.filters() >> filter & 1)
    };
    let mut found: Vec<u8> = Vec::with_capacity(MAX_FILTERS);
    for filter in 0..old.hardware().filters {
        if !found.iter().any(|other| kind(*other) == kind(filter)) {
            found.push(filter);
        }
    }
    found
}
