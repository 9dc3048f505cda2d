// SPDX-License-Identifier: Apache-2.0
//! The other operations of existing drivers, with their accesses in their order: filters one by
//! one, a region's filters, the reaction, and reading back what is programmed.
use super::program::{Hardware, Op, write};
use super::regions::{ATTRIBUTES_WORD, ID_ACCESS_WORD, REGION_WORDS, RegionWords, offset_of};
use super::registers as reg;
use crate::units::Cycle;

/// Reaction to denied accesses: DECERR or OKAY, with or without the interrupt.
pub fn set_action(error: bool, interrupt: bool) -> Op {
    let error = if error { reg::ACTION_ERROR } else { 0 };
    write(reg::ACTION, error | if interrupt { reg::ACTION_INTERRUPT } else { 0 })
}

/// Filters on which a region is enabled, a bit each, its other attributes as they are.
pub fn update_filters(index: u8, now: &RegionWords, filters: u32) -> [Op; 2] {
    let (offset, attributes) = (offset_of(index, ATTRIBUTES_WORD), now.0[ATTRIBUTES_WORD]);
    let value = attributes & !reg::ALL_FILTERS | filters & reg::ALL_FILTERS;
    [Op::Check { offset, mask: u32::MAX, value: attributes }, write(offset, value)]
}

/// Opens every filter that is not in `open`, one by one; stops, before it touches any, when one is
/// open all the same: the sequence knows no other and would close it.
pub fn enable_filters(hw: Hardware, open: u32, budget: Cycle) -> Vec<Op> {
    let mut now = open;
    let mut ops = Vec::new();
    for filter in (0..hw.filters).filter(|filter| open >> filter & 1 == 0) {
        let (mask, value) = [hw.filter_mask(), now].map(|m| m << reg::GATE_STATUS_SHIFT).into();
        ops.push(Op::Check { offset: reg::GATE_KEEPER, mask, value });
        now |= 1 << filter;
        ops.extend(gate(hw, now, budget));
    }
    ops
}

/// Closes the filters of `close`, one by one, of those in `open`; each is drained when its status
/// falls. Existing firmware leaves the filter open behind which its own code runs.
pub fn disable_filters(hw: Hardware, open: u32, close: u32, budget: Cycle) -> Vec<Op> {
    let mut now = open;
    let mut ops = vec![Op::Read { offset: reg::GATE_KEEPER }];
    for filter in (0..hw.filters).filter(|filter| close >> filter & 1 != 0) {
        now &= !(1 << filter);
        ops.extend(gate(hw, now, budget));
    }
    ops
}

/// Reads the gates, asks for others and waits until they are so.
fn gate(hw: Hardware, open: u32, budget: Cycle) -> [Op; 3] {
    let (offset, mask) = (reg::GATE_KEEPER, hw.filter_mask() << reg::GATE_STATUS_SHIFT);
    let value = open << reg::GATE_STATUS_SHIFT;
    [Op::Read { offset }, write(offset, open), Op::Poll { offset, mask, value, budget }]
}

/// Reads one region: bounds, then identities, then attributes.
pub fn get_config(index: u8) -> [Op; REGION_WORDS] {
    [0, 1, 2, 3, ID_ACCESS_WORD, ATTRIBUTES_WORD]
        .map(|word| Op::Read { offset: offset_of(index, word) })
}

/// Reads all regions; [`RegionFile::from_dump`](super::RegionFile::from_dump) takes the values.
/// After a warm boot this is how firmware learns the old file.
pub fn dump(hw: Hardware) -> Vec<Op> {
    (0..hw.regions).flat_map(get_config).collect()
}
