// SPDX-License-Identifier: Apache-2.0
//! Golden register file of the firewall, fed by APB handshakes (tzasc.md sections 1 and 6).
use super::build::Build;
use super::extension::{Counter, EXTENSION, EXTENSION_END, Extension, Flag};
use super::rule::Verdict;
use crate::engine::event::RegionView;
use crate::units::PhysAddr;
use ringfence_sim::{Ax, MAX_FILTERS};

/// Most regions, the background included.
pub(super) const REGIONS: usize = 9;

pub(super) const ACTION: u16 = 0x004;
pub(super) const GATE_KEEPER: u16 = 0x008;
pub(super) const SPECULATION: u16 = 0x00c;
pub(super) const INT_STATUS: u16 = 0x010;
pub(super) const INT_CLEAR: u16 = 0x014;
const FAIL: u16 = 0x020;
const REGION: u16 = 0x100;
const REGION_STEP: u16 = 0x20;
const IDS: u16 = 0xfd0;
/// PID4..7, PID0..3, CID0..3.
const ID_VALUES: [u32; 12] = [0x04, 0, 0, 0, 0x60, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1];

/// One region: inclusive byte range, attributes and identities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) base: u64,
    pub(super) top: u64,
    pub(super) attributes: u32,
    pub(super) id_access: u32,
}

/// First failure of a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Failure {
    addr: u64,
    control: u32,
    id: u32,
}

/// A read's expected value; bits outside `care` have freedom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) value: u32,
    pub(super) care: u32,
}

/// All state that APB can see, but for the gates' status.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    pub(super) build: Build,
    pub(super) action: u32,
    pub(super) request: u32,
    pub(super) speculation: u32,
    status: u32,
    overrun: u32,
    overlap: u32,
    /// Overlap bits that a malformed burst in overlapping regions may or may not have set.
    overlap_free: u32,
    fail: [Failure; MAX_FILTERS],
    /// What decides.
    pub(super) region: [Region; REGIONS],
    /// What the bus sees: the same, but in shadow mode.
    staged: [Region; REGIONS],
    extension: Extension,
}

impl Registers {
    /// Reset values.
    pub(super) fn new(build: Build) -> Self {
        let closed = Region { top: 0xfff, ..Region::default() };
        let mut region = [closed; REGIONS];
        let top = (1 << build.address_bits) - 1;
        region[0] = Region { top, attributes: build.filter_mask(), ..Region::default() };
        Self {
            build,
            action: 0,
            request: 0,
            speculation: 0,
            status: 0,
            overrun: 0,
            overlap: 0,
            overlap_free: 0,
            fail: [Failure::default(); MAX_FILTERS],
            region,
            staged: region,
            extension: Extension::default(),
        }
    }

    /// Level of the interrupt (N9).
    pub(super) fn interrupt(&self) -> bool {
        self.action & 2 != 0 && self.status != 0
    }

    /// Expected read value; `gates` is the status of every gate and which of them are settled.
    pub(super) fn read(&self, offset: u16, gates: Expected) -> Expected {
        let mut care = u32::MAX;
        let value = match offset {
            0x000 => {
                let Build { filters, regions, address_bits, .. } = self.build;
                (regions as u32 - 1) | (address_bits - 1) << 8 | (filters as u32 - 1) << 24
            }
            ACTION => self.action,
            GATE_KEEPER => {
                care = !(!gates.care << 16 & 0x000f_0000);
                self.request | gates.value << 16
            }
            SPECULATION => self.speculation,
            INT_STATUS => {
                care = !(self.overlap_free << 16);
                self.status | self.overrun << 8 | self.overlap << 16
            }
            FAIL..0x060 => self.read_failure(offset - FAIL),
            REGION..0x220 => self.read_region(offset - REGION),
            EXTENSION..EXTENSION_END if self.build.extension => {
                self.extension.read(offset, self.build.filters)
            }
            IDS.. => ID_VALUES[usize::from(offset - IDS) / 4],
            _ => 0,
        };
        Expected { value, care }
    }

    fn read_failure(&self, offset: u16) -> u32 {
        let fail = &self.fail[usize::from(offset / 0x10)];
        match offset % 0x10 {
            0x0 => fail.addr as u32,
            0x4 => (fail.addr >> 32) as u32,
            0x8 => fail.control,
            _ => fail.id,
        }
    }

    fn read_region(&self, offset: u16) -> u32 {
        let index = usize::from(offset / REGION_STEP);
        if index >= self.build.regions {
            return 0;
        }
        let region = &self.staged[index];
        match offset % REGION_STEP {
            0x00 => region.base as u32,
            0x04 => (region.base >> 32) as u32,
            0x08 => region.top as u32,
            0x0c => (region.top >> 32) as u32,
            0x10 => region.attributes,
            0x14 => region.id_access,
            _ => 0,
        }
    }

    /// A secure write; read-only and reserved offsets ignore it. Returns the region it changed.
    pub(super) fn write(&mut self, offset: u16, data: u32, strobes: u8) -> Option<usize> {
        let bytes = (0..4).filter(|b| strobes >> b & 1 == 1).fold(0, |m, b| m | 0xffu32 << (8 * b));
        let merge = |old: u32| old & !bytes | data & bytes;
        match offset {
            ACTION => self.action = merge(self.action) & 3,
            GATE_KEEPER => self.request = merge(self.request) & self.build.filter_mask(),
            SPECULATION => self.speculation = merge(self.speculation) & 3,
            INT_CLEAR => {
                let kept = !(data & bytes);
                self.status &= kept;
                self.overrun &= kept;
                self.overlap &= kept;
                self.overlap_free &= kept;
            }
            REGION..0x220 => return self.write_region(offset - REGION, merge),
            EXTENSION..EXTENSION_END if self.build.extension => {
                self.write_extension(offset, data, bytes);
            }
            _ => {}
        }
        None
    }

    fn write_region(&mut self, offset: u16, merge: impl Fn(u32) -> u32) -> Option<usize> {
        let index = usize::from(offset / REGION_STEP);
        if index >= self.build.regions || self.extension.lock >> index & 1 == 1 {
            return None;
        }
        let (bits, filters) = (self.build.high_mask(), self.build.filter_mask());
        let region = &mut self.staged[index];
        let high = |old: u64, new: u32| old & 0xffff_ffff | u64::from(new & bits) << 32;
        let low = |old: u64, new: u32| old & !0xffff_ffff | u64::from(new);
        match offset % REGION_STEP {
            0x00 if index > 0 => region.base = low(region.base, merge(region.base as u32) & !0xfff),
            0x04 if index > 0 => region.base = high(region.base, merge((region.base >> 32) as u32)),
            0x08 if index > 0 => region.top = low(region.top, merge(region.top as u32) | 0xfff),
            0x0c if index > 0 => region.top = high(region.top, merge((region.top >> 32) as u32)),
            0x10 => {
                let enable = if index == 0 { filters } else { merge(region.attributes) };
                region.attributes = merge(region.attributes) & 0xc000_0000 | enable & filters;
            }
            0x14 => region.id_access = merge(region.id_access),
            _ => {}
        }
        self.extension.pending |= self.extension.shadow;
        let changes = !self.extension.shadow && self.region[index] != self.staged[index];
        if changes {
            self.region[index] = self.staged[index];
        }
        (offset % REGION_STEP < 0x18 && !self.extension.shadow).then_some(index)
    }

    fn write_extension(&mut self, offset: u16, data: u32, bytes: u32) {
        let Build { filters, regions, .. } = self.build;
        let orders = self.extension.write(offset, data, bytes, [filters, regions]);
        if orders.commit {
            for index in (0..regions).filter(|index| self.extension.lock >> index & 1 == 0) {
                self.region[index] = self.staged[index];
            }
        }
        if orders.leave {
            self.staged = self.region;
        }
    }

    /// The end of a cycle.
    #[inline]
    pub(super) fn settle(&mut self) {
        self.extension.settle();
    }

    /// Whether a write there clears what hardware sets, and so counts before what happens in its
    /// cycle; every other write counts after it.
    pub(super) fn clears(&self, offset: u16) -> bool {
        offset == INT_CLEAR || self.build.extension && self.extension.clears(offset)
    }

    /// An address handshake, for the extension's counters.
    pub(super) fn count(&mut self, filter: usize, write: bool, verdict: Verdict, crosses: bool) {
        let counter = match (verdict.allow, write) {
            (true, _) => Counter::Allow,
            (false, false) => Counter::DenyRead,
            (false, true) => Counter::DenyWrite,
        };
        self.extension.count(filter, counter);
        if crosses {
            self.extension.flag(filter, Flag::Crossing);
        }
    }

    /// A cycle in which an address waits at a filter's slave side.
    pub(super) fn stalled(&mut self, filter: usize) {
        self.extension.count(filter, Counter::Stall);
    }

    /// A data beat with a WLAST that AxLEN contradicts.
    pub(super) fn wrong_last(&mut self, filter: usize) {
        self.extension.flag(filter, Flag::Wlast);
    }

    /// Captures a denied address (N8); of a read and a write in one cycle the write comes first.
    pub(super) fn capture(&mut self, filter: usize, ax: &Ax, write: bool, verdict: Verdict) {
        let bit = 1 << filter;
        if verdict.overlap {
            if verdict.malformed {
                self.overlap_free |= bit;
            } else {
                self.overlap |= bit;
            }
        }
        if self.status & bit != 0 {
            self.overrun |= bit;
            return;
        }
        self.status |= bit;
        self.extension.nsaid[filter] = u32::from(ax.nsaid);
        self.fail[filter] = Failure {
            addr: ax.addr,
            control: u32::from(write) << 24
                | u32::from(ax.prot >> 1 & 1) << 21
                | u32::from(ax.prot & 1) << 20,
            id: u32::from(ax.id),
        };
    }

    /// A region as reports show it.
    pub(super) fn view(&self, index: usize) -> RegionView {
        let region = &self.region[index];
        RegionView {
            index: index as u8,
            base: PhysAddr(region.base),
            top: PhysAddr(region.top),
            attributes: region.attributes,
            id_access: region.id_access,
        }
    }
}

/// Name of a register, for reports.
pub(super) fn name(offset: u16) -> String {
    const REGION_NAMES: [&str; 6] =
        ["BASE_LOW", "BASE_HIGH", "TOP_LOW", "TOP_HIGH", "ATTRIBUTES", "ID_ACCESS"];
    const FAIL_NAMES: [&str; 4] = ["ADDRESS_LOW", "ADDRESS_HIGH", "CONTROL", "ID"];
    match offset {
        0 => "BUILD_CONFIG".into(),
        ACTION => "ACTION".into(),
        GATE_KEEPER => "GATE_KEEPER".into(),
        SPECULATION => "SPECULATION_CTRL".into(),
        INT_STATUS => "INT_STATUS".into(),
        INT_CLEAR => "INT_CLEAR".into(),
        FAIL..0x060 => {
            let at = offset - FAIL;
            format!("FAIL_{}_{}", FAIL_NAMES[usize::from(at % 0x10 / 4)], at / 0x10)
        }
        REGION..0x220 if (offset - REGION) % REGION_STEP < 0x18 => {
            let at = offset - REGION;
            let name = REGION_NAMES[usize::from(at % REGION_STEP / 4)];
            format!("REGION_{name}_{}", at / REGION_STEP)
        }
        _ => format!("offset 0x{offset:03x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLED: Expected = Expected { value: 0, care: u32::MAX };

    fn read(r: &Registers, offset: u16) -> u32 {
        r.read(offset, SETTLED).value
    }

    #[test]
    fn reset_values_are_those_of_the_manual() {
        let r = Registers::new(Build::board(2));
        assert_eq!(read(&r, 0x000), 0x0100_2708);
        assert_eq!(
            [0x100, 0x104, 0x108, 0x10c, 0x110, 0x114].map(|o| read(&r, o)),
            [0, 0, 0xffff_ffff, 0xff, 3, 0]
        );
        assert_eq!([0x120, 0x128, 0x130, 0x134].map(|o| read(&r, o)), [0, 0xfff, 0, 0]);
        assert_eq!([0xfe0, 0xfe4, 0xff0, 0xffc].map(|o| read(&r, o)), [0x60, 0xb4, 0x0d, 0xb1]);
    }

    /// Every word of the map with walking ones against the access types of the table.
    #[test]
    fn writable_bits_are_those_of_the_manual() {
        let build = Build { extension: false, ..Build::board(1) };
        let mask = |offset: u16| match offset {
            ACTION | SPECULATION => 3,
            GATE_KEEPER => 1,
            0x110 => 0xc000_0000,
            0x114 => u32::MAX,
            0x120..0x220 => match offset % 0x20 {
                0x00 | 0x08 => 0xffff_f000,
                0x04 | 0x0c => 0xff,
                0x10 => 0xc000_0001,
                0x14 => u32::MAX,
                _ => 0,
            },
            _ => 0,
        };
        for word in 0..1024u16 {
            for bit in 0..32 {
                let mut r = Registers::new(build);
                let offset = word * 4;
                let before = read(&r, offset);
                r.write(offset, 1 << bit, 0xf);
                let fixed = before & !mask(offset);
                assert_eq!(read(&r, offset), fixed | 1 << bit & mask(offset), "{offset:03x} {bit}");
            }
        }
    }

    #[test]
    fn strobes_pick_bytes() {
        let mut r = Registers::new(Build::board(1));
        r.write(0x134, 0x1122_3344, 0xf);
        r.write(0x134, 0xaabb_ccdd, 0b0101);
        assert_eq!(read(&r, 0x134), 0x11bb_33dd);
    }

    #[test]
    fn first_failure_stays_and_a_clear_lets_the_next_in() {
        let mut r = Registers::new(Build::board(1));
        let deny = Verdict { overlap: true, ..Verdict::default() };
        let a = Ax { addr: 0x12_3456_7000, id: 0x2b, prot: 3, ..Ax::default() };
        let b = Ax { addr: 0x1000, id: 1, prot: 0, ..Ax::default() };
        r.capture(0, &a, true, deny);
        r.capture(0, &b, false, Verdict::default());
        assert_eq!(read(&r, INT_STATUS), 0x0001_0101);
        assert_eq!(
            [0x20, 0x24, 0x28, 0x2c].map(|o| read(&r, o)),
            [0x3456_7000, 0x12, 0x0130_0000, 0x2b]
        );
        r.write(ACTION, 2, 0xf);
        assert!(r.interrupt());
        r.write(INT_CLEAR, 1, 0xf);
        assert!(!r.interrupt());
        assert_eq!((read(&r, INT_STATUS), read(&r, 0x20)), (0, 0x3456_7000));
        r.capture(0, &b, false, Verdict::default());
        assert_eq!((read(&r, INT_STATUS), read(&r, 0x20)), (1, 0x1000));
    }
}
