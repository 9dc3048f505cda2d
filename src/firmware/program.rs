// SPDX-License-Identifier: Apache-2.0
//! Register sequences: what firmware does on the register bus, and in which order.
use super::operations::set_action;
use super::orders::{OrderError, commit_block, planned_boot};
use super::plan::RegionSetting;
use super::regions::{ATTRIBUTES_WORD, ID_ACCESS_WORD, RegionWords, offset_of};
use super::registers as reg;
use crate::scenario::{Firewall, Order};
use crate::units::Cycle;

/// One step on the register bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Writes a register.
    Write {
        /// Byte offset.
        offset: u16,
        /// Data.
        value: u32,
    },
    /// Reads a register for its value.
    Read {
        /// Byte offset.
        offset: u16,
    },
    /// Reads a register that must hold `value` under `mask`.
    Check {
        /// Byte offset.
        offset: u16,
        /// Bits that count.
        mask: u32,
        /// What they must be.
        value: u32,
    },
    /// Reads a register until it holds `value` under `mask`.
    Poll {
        /// Byte offset.
        offset: u16,
        /// Bits that count.
        mask: u32,
        /// What they must become.
        value: u32,
        /// Cycles after which it has failed.
        budget: Cycle,
    },
}

impl Op {
    /// Byte offset of the register.
    pub const fn offset(self) -> u16 {
        match self {
            Self::Write { offset, .. }
            | Self::Read { offset }
            | Self::Check { offset, .. }
            | Self::Poll { offset, .. } => offset,
        }
    }
}

/// What the firewall is built with, as firmware expects to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware {
    /// Regions, the background included, 2..=9.
    pub regions: u8,
    /// Bits of an address, 32..=64.
    pub address_bits: u8,
    /// Filters: 1, 2 or 4.
    pub filters: u8,
    /// Whether it has the extension block.
    pub extension: bool,
}

impl Hardware {
    /// The board's firewall with so many filters.
    pub const fn board(filters: u8) -> Self {
        let address_bits = super::plan::ADDRESS_BITS as u8;
        Self { regions: 9, address_bits, filters, extension: true }
    }

    /// Value of `BUILD_CONFIG`.
    pub const fn build_config(self) -> u32 {
        (self.regions as u32 - 1)
            | (self.address_bits as u32 - 1) << 8
            | (self.filters as u32 - 1) << 24
    }

    /// A bit a filter.
    pub const fn filter_mask(self) -> u32 {
        (1 << self.filters) - 1
    }
}

/// The sequence that makes a firewall out of reset into the planned one.
///
/// Speculation goes first, for a denied read may show at memory as long as it is on; the driver
/// order leaves it on, as existing drivers do. Regions are written behind closed gates and fenced
/// by a read before the gates open, whatever the order. `budget` bounds each poll.
///
/// # Errors
/// When the hardware has not what the order needs.
pub fn boot(
    hw: Hardware,
    firewall: Firewall,
    plan: &[RegionSetting],
    budget: Cycle,
) -> Result<Vec<Op>, OrderError> {
    let mut ops = identify(hw);
    if firewall.order != Order::Driver && !firewall.speculation {
        ops.push(write(reg::SPECULATION_CTRL, reg::SPECULATION_OFF));
    }
    ops.extend(close_gates(hw, budget));
    ops.push(set_action(firewall.action_error, firewall.action_interrupt));
    match firewall.order {
        Order::Planned => ops.extend(planned_boot(hw, plan)),
        Order::Commit => ops.extend(commit_block(hw, &all_regions(hw, Order::Gated, plan))?),
        order => ops.extend(all_regions(hw, order, plan)),
    }
    ops.push(fence());
    ops.extend(open_gates(hw, firewall.order, budget));
    ops.push(fence());
    Ok(ops)
}

/// Every register of every planned region. All orders but the drivers' turn off what is not
/// planned, which after a warm boot may be anything.
pub(super) fn all_regions(hw: Hardware, order: Order, plan: &[RegionSetting]) -> Vec<Op> {
    let mut ops = Vec::new();
    for region in plan {
        let words = RegionWords::of(region);
        match (region.index, order) {
            (0, _) => ops.extend(background(&words)),
            (index, Order::Driver) => ops.extend(region_driver(index, &words)),
            (index, Order::DisableFirst) => ops.extend(region_disable_first(index, &words)),
            (index, _) => ops.extend(region_enabled_last(index, &words)),
        }
    }
    if order != Order::Driver {
        let planned = |index: &u8| plan.iter().any(|region| region.index == *index);
        let unused = (1..hw.regions).filter(|index| !planned(index));
        ops.extend(unused.map(|index| write(offset_of(index, ATTRIBUTES_WORD), 0)));
    }
    ops
}

/// Checks that this is a TZC-400 of the expected build.
pub fn identify(hw: Hardware) -> Vec<Op> {
    let part = reg::PART.map(|(offset, value, mask)| Op::Check { offset, mask, value });
    let component = (0..).zip(reg::COMPONENT);
    let component = component.map(|(word, value)| {
        Op::Check { offset: reg::CID0 + 4 * word, mask: 0xff, value } // a byte a word
    });
    let (mask, value) = (u32::MAX, hw.build_config());
    let build = Op::Check { offset: reg::BUILD_CONFIG, mask, value };
    part.into_iter().chain(component).chain([build]).collect()
}

/// Stops new accesses and waits until none is left; the wait ends when the budget does.
pub fn close_gates(hw: Hardware, budget: Cycle) -> [Op; 2] {
    let mask = hw.filter_mask() << reg::GATE_STATUS_SHIFT;
    [write(reg::GATE_KEEPER, 0), Op::Poll { offset: reg::GATE_KEEPER, mask, value: 0, budget }]
}

/// Opens every filter: one after the other as existing drivers do, else all at once.
pub fn open_gates(hw: Hardware, order: Order, budget: Cycle) -> Vec<Op> {
    let wait = hw.filter_mask() << reg::GATE_STATUS_SHIFT;
    let step = |open: u32| {
        let value = open << reg::GATE_STATUS_SHIFT;
        [
            write(reg::GATE_KEEPER, open),
            Op::Poll { offset: reg::GATE_KEEPER, mask: wait, value, budget },
        ]
    };
    match order {
        Order::Driver => (1..=hw.filters).flat_map(|filters| step((1 << filters) - 1)).collect(),
        _ => step(hw.filter_mask()).to_vec(),
    }
}

/// Reading `BUILD_CONFIG` guarantees that the writes before it have taken effect.
pub const fn fence() -> Op {
    Op::Read { offset: reg::BUILD_CONFIG }
}

/// Region 0, of which only the rights can be written.
pub fn background(words: &RegionWords) -> [Op; 2] {
    let [.., attributes, id_access] = words.0;
    [
        write(offset_of(0, ATTRIBUTES_WORD), attributes & !reg::ALL_FILTERS),
        write(offset_of(0, ID_ACCESS_WORD), id_access),
    ]
}

/// A region in the order of existing drivers: enabled before its identities are written.
pub fn region_driver(index: u8, words: &RegionWords) -> [Op; 6] {
    [0, 1, 2, 3, ATTRIBUTES_WORD, ID_ACCESS_WORD].map(|word| word_write(index, words, word))
}

/// A region that is enabled by its last write; nothing is said about what it is until then.
pub fn region_enabled_last(index: u8, words: &RegionWords) -> [Op; 6] {
    [0, 1, 2, 3, ID_ACCESS_WORD, ATTRIBUTES_WORD].map(|word| word_write(index, words, word))
}

/// A region that is off until all of it is written.
pub fn region_disable_first(index: u8, words: &RegionWords) -> [Op; 7] {
    let off = write(offset_of(index, ATTRIBUTES_WORD), 0);
    let [a, b, c, d, e, f] = region_enabled_last(index, words);
    [off, a, b, c, d, e, f]
}

fn word_write(index: u8, words: &RegionWords, word: usize) -> Op {
    write(offset_of(index, word), words.0[word])
}

pub(super) const fn write(offset: u16, value: u32) -> Op {
    Op::Write { offset, value }
}
