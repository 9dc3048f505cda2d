// SPDX-License-Identifier: Apache-2.0
//! The operations beside the orders, by the accesses that existing drivers make.
use super::model::Model;
use crate::firmware::*;
use crate::units::{AddrRange, ByteLen, Cycle, PAGE, PhysAddr};

const BUDGET: Cycle = Cycle(500);

/// Plays operations and gives every access as `R` or `W` with its offset; a poll is as many reads
/// as it takes.
fn accesses(model: &mut Model, ops: &[Op]) -> Vec<(char, u16)> {
    let mut trace = Vec::new();
    for op in ops {
        match *op {
            Op::Write { offset, value } => {
                model.write(offset, value);
                trace.push(('W', offset));
            }
            Op::Read { offset } => {
                model.read(offset);
                trace.push(('R', offset));
            }
            Op::Check { offset, mask, value } => {
                assert_eq!(model.read(offset) & mask, value, "check of {offset:#x}");
                trace.push(('R', offset));
            }
            Op::Poll { offset, mask, value, .. } => loop {
                trace.push(('R', offset));
                if model.read(offset) & mask == value {
                    break;
                }
                assert!(trace.len() < 100, "never");
            },
        }
    }
    trace
}

#[test]
fn filters_open_and_close_one_by_one() {
    let mut model = Model::new(4);
    model.gate_delay = 1; // two polls
    let hw = Hardware::board(4);
    let trace = accesses(&mut model, &enable_filters(hw, 0, BUDGET));
    assert_eq!(trace.len(), 20, "as measured of an existing driver");
    assert_eq!(trace[..5], [('R', 8), ('R', 8), ('W', 8), ('R', 8), ('R', 8)]);
    let values: Vec<u32> = model.writes.iter().map(|write| write.1).collect();
    assert_eq!(values, [1, 3, 7, 15]);
    assert!((0..4).all(|filter| model.gate_is_open(filter)));

    let trace = accesses(&mut model, &disable_filters(hw, 0xf, 0xe, BUDGET));
    assert_eq!(trace.len(), 13, "as measured of an existing driver");
    assert_eq!(model.word(8), 0x1_0001, "the filter of firmware's own memory stays open");
    accesses(&mut model, &disable_filters(hw, 1, 0xf, BUDGET));
    assert_eq!(model.word(8), 0);
}

#[test]
fn a_filter_that_is_open_already_is_told() {
    let mut model = Model::new(2);
    assert!(model.play(&open_gates(Hardware::board(2), crate::scenario::Order::Gated, BUDGET)));
    let ops = enable_filters(Hardware::board(2), 0, BUDGET);
    assert!(!model.clone().play(&ops), "nobody opened it as far as we know");
    assert!(enable_filters(Hardware::board(2), 0b11, BUDGET).is_empty());
}

#[test]
fn the_filters_of_a_region_change_alone() {
    let mut model = Model::new(4);
    let region = RegionWords([0x8000_0000, 0, 0x8fff_ffff, 0, 0xc000_000f, 0x0200_0200]);
    assert!(model.play(&region_driver(2, &region)));
    let ops = update_filters(2, &region, 0b0101);
    assert_eq!(accesses(&mut model, &ops), [('R', 0x150), ('W', 0x150)]);
    assert_eq!(model.word(0x150), 0xc000_0005);
    assert!(!model.play(&ops), "it is no longer what it is taken for");
}

#[test]
fn the_reaction_has_four_values() {
    let actions = [(false, false), (true, false), (false, true), (true, true)];
    for (value, (error, interrupt)) in (0..).zip(actions) {
        assert_eq!(set_action(error, interrupt), Op::Write { offset: 4, value });
    }
}

#[test]
fn what_was_programmed_is_read_back() {
    let offsets = get_config(3).map(Op::offset);
    assert_eq!(offsets, [0x160, 0x164, 0x168, 0x16c, 0x174, 0x170]);
    let hw = Hardware::board(2);
    let ops = dump(hw);
    assert_eq!(ops.len(), 54, "nine regions, always");
    let range = AddrRange { base: PhysAddr(0x8_8000_0000), len: ByteLen(16 * PAGE) };
    let rights = RegionRights { nsaid_read: 8, ..RegionRights::default() };
    let file = RegionFile::reset(hw).with(&[RegionSetting { index: 8, range, rights }]);
    let mut model = Model::new(2);
    let read =
        |model: &mut Model| -> Vec<u32> { ops.iter().map(|op| model.read(op.offset())).collect() };
    for (offset, value) in RegionFile::reset(hw).missing(&file) {
        model.write(offset, value);
    }
    let mut want = file;
    want.write(0x110, 0);
    let values = read(&mut model);
    let found = RegionFile::from_dump(hw, &values);
    assert_eq!(found.regions()[1..], want.regions()[1..]);
    assert_eq!(found.regions()[8].top(), PhysAddr(0x8_8000_ffff));
}

#[test]
fn read_only_and_absent_registers_ignore_writes() {
    let hw = Hardware { regions: 3, ..Hardware::board(2) };
    let reset = RegionFile::reset(hw);
    let mut file = reset;
    for offset in [0x000, 0x008, 0x0fc, 0x100, 0x104, 0x108, 0x10c, 0x118, 0x160, 0x21c, 0xe00] {
        file.write(offset, u32::MAX);
    }
    assert_eq!(file, reset);
    for offset in (0x120..0x138).step_by(4) {
        file.write(offset, u32::MAX);
    }
    let words = [0xffff_f000, 0xff, u32::MAX, 0xff, 0xc000_0003, u32::MAX];
    assert_eq!(file.regions()[1], RegionWords(words));
    let background = RegionWords([0, 0, u32::MAX, 0xff, 3, 0]);
    assert_eq!(file.regions()[0], background);
}
