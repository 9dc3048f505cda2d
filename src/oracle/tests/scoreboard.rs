// SPDX-License-Identifier: Apache-2.0
use super::*;
use crate::units::ByteLen;
use proptest::prelude::*;
use std::collections::BTreeMap;

const BASE: u64 = 0x8000_0000;

fn board() -> Scoreboard {
    let dram = AddrRange::new(PhysAddr(BASE), ByteLen(0x10_0000)).expect("does not wrap");
    Scoreboard::new(dram, u64::MAX)
}

#[test]
fn a_racing_read_may_see_old_or_new_but_nothing_else() {
    let (old, new) = ([1, 2], [3, 4]);
    let mut board = board();
    let first = board.begin_write();
    board.write(BASE, old, 0xffff, first, 10);
    board.end_write(first, 12, false);
    let second = board.begin_write();
    board.write(BASE, new, 0xffff, second, 20);
    // Address taken before the response: either.
    for since in [15, 20, 25] {
        assert_eq!(board.read(BASE, old, 0xffff, since).1, None);
        assert_eq!(board.read(BASE, new, 0xffff, since).1, None);
        assert_eq!(board.read(BASE, [1, 4], 0xffff, since).1, None);
    }
    board.end_write(second, 30, false);
    assert_eq!(board.read(BASE, old, 0xffff, 30).1, None);
    let wrong = board.read(BASE, old, 0xffff, 31).1.expect("too old");
    assert_eq!((wrong.addr.0, wrong.bytes, wrong.expected, wrong.found), (BASE, 2, 3, 1));
    // What was reported is taken as it is from then on.
    assert_eq!(board.read(BASE, old, 0xffff, 40).1, None);
}

#[test]
fn an_unknown_byte_is_learnt_and_then_held() {
    let mut board = board();
    assert_eq!(board.read(BASE + 16, [7, 7], 0x00f0, 0).1, None);
    assert_eq!(board.read(BASE + 16, [7 ^ 1, 7], 0x000f, 0).1, None);
    let wrong = board.read(BASE + 16, [7 ^ 1 ^ 1 << 32, 7], 0xffff, 0).1.expect("byte 4 differs");
    assert_eq!(wrong.addr.0, BASE + 16 + 4);
    // Outside of DRAM nothing is known.
    assert_eq!(board.read(0, [1, 1], 0xffff, 0).1, None);
    assert_eq!(board.read(0, [2, 1], 0xffff, 0), (0, None));
}

#[test]
fn a_write_that_memory_refused_is_unlearnt() {
    let mut board = board();
    let write = board.begin_write();
    board.write(BASE, [9, 9], 0x00ff, write, 5);
    board.end_write(write, 6, true);
    assert_eq!(board.read(BASE, [8, 8], 0xffff, 10).1, None);
}

#[test]
fn a_race_with_an_unknown_byte_is_given_the_doubt() {
    let mut board = board();
    let write = board.begin_write();
    board.write(BASE, [9, 9], 0xffff, write, 5);
    assert_eq!(board.read(BASE, [0, 0], 0xffff, 4).1, None);
}

#[test]
fn pages_not_shown_are_named() {
    let mut board = board();
    let write = board.begin_write();
    board.write(BASE + 0x2000, [9, 9], 0x0003, write, 5);
    board.read(BASE + 0x1000, [1, 1], 0xffff, 4);
    assert_eq!(board.not_shown(), Some(PhysAddr(BASE + 0x2000)));
    let mut chunk = [1; 17];
    chunk[16] = 9;
    assert_eq!(board.compare(PhysAddr(BASE + 0x1ff0), &chunk), []);
    assert_eq!(board.not_shown(), Some(PhysAddr(BASE + 0x2000)));
    let found = board.compare(PhysAddr(BASE + 0x2001), &[1]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].expected, found[0].found), (0, 1));
    assert_eq!(board.not_shown(), None);
}

proptest! {
    /// Against a map of bytes: values, staleness, and single flips.
    #[test]
    fn the_shadow_is_a_map_of_bytes(
        steps in prop::collection::vec((0u8..4, 0u64..24, any::<u16>(), any::<u64>()), 1..200)
    ) {
        let mut board = board();
        let mut bytes: BTreeMap<u64, (u8, bool)> = BTreeMap::new();
        for (cycle, (act, beat, lanes, value)) in (0u64..).zip(steps) {
            // Two pages, so that the page edge is crossed.
            let cell = BASE + 0xf40 + 16 * beat;
            let data = [value, value.rotate_left(7)];
            let at = |lane: u32| cell + u64::from(lane);
            let set = (0..16).filter(|lane| lanes >> lane & 1 == 1);
            match act {
                0 | 1 => {
                    let write = board.begin_write();
                    board.write(cell, data, lanes, write, 2 * cycle);
                    board.end_write(write, 2 * cycle, false);
                    for lane in set {
                        bytes.insert(at(lane), (byte(data, lane), false));
                    }
                }
                2 => {
                    let range = AddrRange::new(PhysAddr(cell + 3), ByteLen(u64::from(lanes % 40)));
                    let range = range.expect("does not wrap");
                    board.changes_hands(range);
                    for (_, entry) in bytes.range_mut(range.base.0..range.end().0) {
                        entry.1 = true;
                    }
                }
                _ => {
                    let mut truth = data;
                    let mut stale = 0u16;
                    for lane in 0..16 {
                        if let Some(&(value, old)) = bytes.get(&at(lane)) {
                            truth = merge(truth, [u64::from(value) << (8 * (lane % 8)); 2], 1 << lane);
                            stale |= u16::from(old) << lane;
                        }
                    }
                    let known: Vec<u32> = set.filter(|&lane| bytes.contains_key(&at(lane))).collect();
                    // Only lanes that were written are read, so that nothing is learnt here.
                    let mask = known.iter().fold(0u16, |m, lane| m | 1 << lane);
                    prop_assert_eq!(board.read(cell, truth, mask, 2 * cycle + 1), (stale & mask, None));
                    if let Some(&lane) = known.first() {
                        let mut bent = truth;
                        bent[lane as usize / 8] ^= 1 << (8 * (lane % 8));
                        let (_, found) = board.read(cell, bent, mask, 2 * cycle + 1);
                        prop_assert_eq!(found.map(|m| (m.addr.0, m.bytes)), Some((at(lane), 1)));
                        board.read(cell, truth, mask, 2 * cycle + 1);
                    }
                }
            }
        }
    }
}
