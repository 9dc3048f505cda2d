// SPDX-License-Identifier: Apache-2.0
//! The region file: the region registers of a firewall as they read back, old, new or on the way
//! from one to the other.
use super::plan::RegionSetting;
use super::program::Hardware;
use super::registers as reg;
use crate::units::PhysAddr;

/// Regions that the register map has room for, the background included (DDI 0504, chapter 3).
pub const MAX_REGIONS: usize = 9;
/// Registers of a region, in the order of their offsets.
pub const REGION_WORDS: usize = 6;
/// Index of `REGION_ATTRIBUTES` among the registers of a region.
pub(super) const ATTRIBUTES_WORD: usize = 4;
/// Index of `REGION_ID_ACCESS` among the registers of a region.
pub(super) const ID_ACCESS_WORD: usize = 5;
/// Bits of a page offset, which bases lack and tops have set.
const PAGE_MASK: u32 = 0xfff;

/// What one region lets through, a bit each: non-secure reads by identity from bit 0, non-secure
/// writes from bit 16, secure reads at bit 32, secure writes at bit 33.
pub type Grants = u64;

/// The six registers of one region, by increasing offset, as they read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionWords(pub [u32; REGION_WORDS]);

impl RegionWords {
    /// A region as planned, enabled on every filter that there may be.
    pub const fn of(region: &RegionSetting) -> Self {
        let (base, top) = (region.range.base.0, region.top().0);
        let (base_high, top_high) = ((base >> 32) as u32, (top >> 32) as u32);
        let (attributes, id_access) = (region.attributes(), region.id_access());
        Self([base as u32, base_high, top as u32, top_high, attributes, id_access])
    }

    /// First byte.
    pub const fn base(&self) -> PhysAddr {
        PhysAddr(self.0[0] as u64 | (self.0[1] as u64) << 32)
    }

    /// Last byte; below the base the region matches nothing (N13).
    pub const fn top(&self) -> PhysAddr {
        PhysAddr(self.0[2] as u64 | (self.0[3] as u64) << 32)
    }

    /// Filters on which it is enabled, a bit each.
    pub const fn filters(&self) -> u32 {
        self.0[ATTRIBUTES_WORD] & reg::ALL_FILTERS
    }

    /// Who gets in.
    pub const fn grants(&self) -> Grants {
        self.0[ID_ACCESS_WORD] as u64 | (self.0[ATTRIBUTES_WORD] as u64 >> 30) << 32
    }
}

/// The region registers of a firewall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionFile {
    hw: Hardware,
    regions: [RegionWords; MAX_REGIONS],
}

impl RegionFile {
    /// The values of reset: the background lets nobody in, all else is off.
    pub fn reset(hw: Hardware) -> Self {
        let off = RegionWords([0, 0, PAGE_MASK, 0, 0, 0]);
        let mut regions = [off; MAX_REGIONS];
        let last = u64::MAX >> (64 - u32::from(hw.address_bits));
        regions[0] = RegionWords([0, 0, last as u32, (last >> 32) as u32, hw.filter_mask(), 0]);
        Self { hw, regions }
    }

    /// This file after `plan`: its regions as planned, those it does not name off. The background
    /// keeps what it has where the plan does not name it.
    #[must_use]
    pub fn with(&self, plan: &[RegionSetting]) -> Self {
        let mut file = *self;
        for index in 1..self.hw.regions {
            if !plan.iter().any(|region| region.index == index) {
                file.write(reg::region(reg::REGION_ATTRIBUTES, index), 0);
            }
        }
        for region in plan {
            for (word, value) in RegionWords::of(region).0.into_iter().enumerate() {
                file.write(offset_of(region.index, word), value);
            }
        }
        file
    }

    /// The file that the values of [`dump`](super::dump) describe, in their order.
    pub fn from_dump(hw: Hardware, values: &[u32]) -> Self {
        let mut file = Self::reset(hw);
        for (region, words) in file.regions.iter_mut().zip(values.chunks_exact(REGION_WORDS)) {
            let [base_low, base_high, top_low, top_high, id_access, attributes] = words else {
                continue;
            };
            region.0 = [*base_low, *base_high, *top_low, *top_high, *attributes, *id_access];
        }
        file
    }

    /// What it is built for.
    pub const fn hardware(&self) -> Hardware {
        self.hw
    }

    /// The regions, the background first.
    pub fn regions(&self) -> &[RegionWords] {
        &self.regions[..usize::from(self.hw.regions)]
    }

    /// Writes a register as the hardware does: bits that are not there stay, read-only registers
    /// and all that is no region register ignore it.
    pub fn write(&mut self, offset: u16, value: u32) {
        let Some((index, word)) = self.place(offset) else { return };
        let sides = reg::SECURE_READ | reg::SECURE_WRITE;
        let high = (u64::MAX >> (64 - u32::from(self.hw.address_bits)) >> 32) as u32;
        let stored = match (index, word) {
            (0, ATTRIBUTES_WORD) => value & sides | self.hw.filter_mask(),
            (0, 0..ATTRIBUTES_WORD) => return,
            (_, 0) => value & !PAGE_MASK,
            (_, 2) => value | PAGE_MASK,
            (_, 1 | 3) => value & high,
            (_, ATTRIBUTES_WORD) => value & (sides | self.hw.filter_mask()),
            _ => value,
        };
        self.regions[index].0[word] = stored;
    }

    /// The registers that differ from those of `new`: byte offset and the value of `new`.
    pub fn missing(&self, new: &Self) -> Vec<(u16, u32)> {
        let mut found = Vec::new();
        for (index, (old, new)) in (0..).zip(self.regions().iter().zip(new.regions())) {
            for (word, (old, new)) in old.0.iter().zip(new.0).enumerate() {
                if *old != new {
                    found.push((offset_of(index, word), new));
                }
            }
        }
        found
    }

    /// Region and word of a region register that exists.
    fn place(&self, offset: u16) -> Option<(usize, usize)> {
        let from = offset.checked_sub(reg::REGION_BASE_LOW)?;
        let (index, word) = (from / reg::REGION_STRIDE, from % reg::REGION_STRIDE / 4);
        let exists = index < u16::from(self.hw.regions) && usize::from(word) < REGION_WORDS;
        exists.then_some((usize::from(index), usize::from(word)))
    }
}

/// Byte offset of a region's register by its place.
pub(super) const fn offset_of(index: u8, word: usize) -> u16 {
    reg::region(reg::REGION_BASE_LOW, index) + 4 * word as u16
}
