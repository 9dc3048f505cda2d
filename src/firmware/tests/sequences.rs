// SPDX-License-Identifier: Apache-2.0
//! Register sequences: their order, and what each state between two writes would let through.
use super::model::Model;
use super::*;
use crate::firmware::*;
use crate::scenario::{Firewall, Order};
use crate::tee::Rights;
use crate::units::{AddrRange, ByteLen, Cycle, PhysAddr};

const BUDGET: Cycle = Cycle(500);

fn firewall(order: Order) -> Firewall {
    Firewall { order, ..playback().firewall }
}

fn sequence(order: Order, filters: u8) -> Vec<Op> {
    let plan = plan(&playback()).expect("fits");
    boot(Hardware::board(filters), firewall(order), &plan, BUDGET).expect("has all it needs")
}

fn writes(ops: &[Op]) -> Vec<(u16, u32)> {
    let written = |op: &Op| match *op {
        Op::Write { offset, value } => Some((offset, value)),
        _ => None,
    };
    ops.iter().filter_map(written).collect()
}

#[test]
fn the_firewall_is_identified_before_it_is_touched() {
    let ops = sequence(Order::DisableFirst, 4);
    let first_write = ops.iter().position(|op| matches!(op, Op::Write { .. })).expect("writes");
    let checks = ops[..first_write].iter().map(|op| op.offset()).collect::<Vec<_>>();
    assert_eq!(checks, [0xfe0, 0xfe4, 0xff0, 0xff4, 0xff8, 0xffc, 0x000]);
    assert!(Model::new(4).play(&ops));
    for (offset, value) in [
        (0xfe0, 0x61),
        (0xfe4, 0xb5),
        (0xff4, 0),
        (0x000, 0x0300_2708 - 1),
        (0x000, 0x0300_1f08),
        (0x000, 0x0100_2708),
    ] {
        let mut other = Model::new(4);
        other.set(offset, value);
        assert!(!other.play(&ops), "{offset:#x} holds {value:#x}");
        assert!(other.writes.is_empty(), "an unknown firewall is not written to");
    }
}

#[test]
fn speculation_goes_first_but_not_in_the_driver_order() {
    let first = |order, speculation| {
        let firewall = Firewall { speculation, ..firewall(order) };
        writes(&boot(Hardware::board(1), firewall, &[], BUDGET).expect("fits"))[0]
    };
    assert_eq!(first(Order::DisableFirst, false), (0x00c, 3));
    assert_eq!(first(Order::DisableFirst, true), (0x008, 0));
    assert_eq!(first(Order::Driver, false), (0x008, 0));
    assert_eq!(first(Order::Driver, true), (0x008, 0));
}

#[test]
fn action_follows_the_scenario() {
    for (error, interrupt, want) in
        [(false, false, 0), (true, false, 1), (false, true, 2), (true, true, 3)]
    {
        let action = Firewall {
            action_error: error,
            action_interrupt: interrupt,
            ..firewall(Order::Driver)
        };
        let ops = boot(Hardware::board(1), action, &[], BUDGET).expect("fits");
        assert!(writes(&ops).contains(&(0x004, want)));
    }
}

#[test]
fn driver_order_enables_before_it_names() {
    let writes = writes(&sequence(Order::Driver, 4));
    let region: Vec<u16> = writes.iter().map(|w| w.0).filter(|o| *o >= 0x120).collect();
    let want =
        (1..=5).flat_map(|n| [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14].map(|r| 0x100 + 0x20 * n + r));
    assert_eq!(region, want.collect::<Vec<u16>>());
    let gates: Vec<u32> = writes.iter().filter(|w| w.0 == 8).map(|w| w.1).collect();
    assert_eq!(gates, [0, 1, 3, 7, 15], "closed, then opened one by one");
}

#[test]
fn disable_first_enables_last() {
    let writes = writes(&sequence(Order::DisableFirst, 4));
    let region: Vec<u16> = writes.iter().map(|w| w.0).filter(|o| *o >= 0x120).collect();
    let planned = (1..=5)
        .flat_map(|n| [0x10, 0x00, 0x04, 0x08, 0x0c, 0x14, 0x10].map(|r| 0x100 + 0x20 * n + r));
    let want: Vec<u16> = planned.chain([0x1d0, 0x1f0, 0x210]).collect();
    assert_eq!(region, want, "and the regions not planned are off");
    let gates: Vec<u32> = writes.iter().filter(|w| w.0 == 8).map(|w| w.1).collect();
    assert_eq!(gates, [0, 15]);
}

#[test]
fn gates_open_last_behind_a_fence() {
    for order in [Order::Driver, Order::DisableFirst] {
        for filters in [1, 2, 4] {
            let ops = sequence(order, filters);
            let opens = |op: &Op| matches!(op, Op::Write { offset: 8, value } if *value != 0);
            let open = ops.iter().position(opens).expect("opens");
            assert_eq!(ops[open - 1], Op::Read { offset: 0 });
            assert_eq!(ops.last(), Some(&Op::Read { offset: 0 }));
            let later = writes(&ops[open..]).iter().all(|w| w.0 == 8);
            assert!(later, "nothing but gates behind the first open one");
            let mut model = Model::new(u32::from(filters));
            model.gate_delay = 3;
            assert!(model.play(&ops), "polls wait for a slow gate");
            assert_eq!(model.word(8), 0x1_0001 * ((1 << filters) - 1));
        }
    }
}

#[test]
fn polls_carry_the_budget() {
    let ops = sequence(Order::Driver, 2);
    let polls = ops.iter().filter_map(|op| match op {
        Op::Poll { budget, .. } => Some(*budget),
        _ => None,
    });
    assert_eq!(polls.collect::<Vec<_>>(), [BUDGET; 3]);
}

/// Whether some state behind a write gives a master more than both its end states would, whatever
/// the gates are.
fn over_permits(model: &mut Model, ops: &[Op], filters: u32) -> bool {
    over_permits_behind(model, ops, filters, |_| true)
}

/// As [`over_permits`], in the states in which `open` says that a master gets that far.
fn over_permits_behind(
    model: &mut Model,
    ops: &[Op],
    filters: u32,
    open: impl Fn(&Model) -> bool,
) -> bool {
    let masters = playback().masters;
    let table = |model: &Model| -> Vec<Rights> {
        let pages = (0..DRAM_PAGES).map(|page| DRAM_BASE + page * PAGE);
        let asked = pages.flat_map(|addr| masters.iter().map(move |master| (addr, master)));
        asked
            .flat_map(|(addr, m)| (0..filters).map(move |f| (addr, m, f)))
            .map(|(addr, m, f)| model.rights(addr, f, m))
            .collect()
    };
    let before = table(model);
    let mut end = model.clone();
    assert!(end.play(ops));
    let after = table(&end);
    let allowed: Vec<Rights> = before.iter().zip(&after).map(|(b, a)| *b | *a).collect();
    ops.iter().any(|op| {
        assert!(model.step(*op));
        open(model) && table(model).iter().zip(&allowed).any(|(now, may)| (*now & *may) != *now)
    })
}

#[test]
fn boot_never_gives_more_than_it_ends_with() {
    for order in [Order::Driver, Order::DisableFirst] {
        assert!(!over_permits(&mut Model::new(2), &sequence(order, 2), 2), "{order:?}");
    }
}

#[test]
fn a_warm_boot_with_stale_regions_ends_exact() {
    let mut model = Model::new(1);
    for n in 1..=8 {
        model.write(0x10c + 0x20 * n, 0xff); // top
        model.write(0x114 + 0x20 * n, u32::MAX);
        model.write(0x110 + 0x20 * n, 0xc000_000f);
    }
    assert!(model.play(&sequence(Order::DisableFirst, 1)));
    let gpu = &playback().masters[4];
    let frame = DRAM_BASE + 20 * PAGE;
    assert_eq!(model.rights(frame, 0, gpu), Rights::NONE);
    assert_eq!(model.rights(DRAM_BASE, 0, gpu), Rights::READ_WRITE);
    assert_eq!(model.rights(0, 0, gpu), Rights::NONE, "stale regions 6 to 8 are off");
}

/// Moving a region slot from memory that everybody may use onto a protected pool, gates open:
/// the known window of the drivers' order, and none when the region is off meanwhile.
#[test]
fn reusing_a_slot_leaks_in_driver_order_only() {
    let plan = plan(&playback()).expect("fits");
    let (open, frame) = (plan[1], plan[4]);
    let shared = RegionSetting { index: 1, ..open };
    let target = RegionSetting {
        range: AddrRange { base: PhysAddr(DRAM_BASE), len: ByteLen(36 * PAGE) },
        index: 1,
        rights: frame.rights,
    };
    let start = || {
        let mut model = Model::new(1);
        assert!(model.play(&region_driver(1, &RegionWords::of(&shared))));
        model
    };
    assert!(over_permits(&mut start(), &region_driver(1, &RegionWords::of(&target)), 1));
    assert!(!over_permits(&mut start(), &region_disable_first(1, &RegionWords::of(&target)), 1));
}

#[test]
fn every_order_boots_to_the_same_map() {
    let plan = plan(&playback()).expect("fits");
    let hw = Hardware::board(2);
    let mut maps = Vec::new();
    for order in [Order::Driver, Order::DisableFirst, Order::Gated, Order::Planned, Order::Commit] {
        let mut model = Model::new(2);
        let ops = boot(hw, firewall(order), &plan, BUDGET).expect("has all it needs");
        assert!(model.play(&ops), "{order:?}");
        let region = |n: u16| [0, 4, 8, 12, 16, 20].map(|r| model.word(0x100 + 0x20 * n + r));
        maps.push((1..=8).map(region).collect::<Vec<_>>());
        assert_eq!(model.word(8), 0x3_0003, "{order:?}");
    }
    assert!(maps.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn planned_boot_writes_what_differs_from_reset_and_checks_that_it_is_reset() {
    let ops = sequence(Order::Planned, 1);
    let count = |order| {
        writes(&sequence(order, 1)).iter().filter(|(at, _)| (0x100..0x220).contains(at)).count()
    };
    assert!(count(Order::Planned) < count(Order::Gated), "no register is written in vain");
    let mut warm = Model::new(1);
    warm.write(0x1f0, 1);
    assert!(!warm.play(&ops), "a stale region is not what was planned from");
    assert!(warm.writes.iter().all(|(at, _)| *at < 0x100 || *at == 0x1f0), "and nothing is done");
    let mut model = Model::new(2);
    assert!(!over_permits(&mut model, &sequence(Order::Planned, 2), 2));
}

#[test]
fn commit_needs_the_extension_block() {
    let plan = plan(&playback()).expect("fits");
    let hw = Hardware::board(1);
    let bare = Hardware { extension: false, ..hw };
    let refused = boot(bare, firewall(Order::Commit), &plan, BUDGET);
    assert_eq!(refused, Err(OrderError::NoExtension));
    let file = RegionFile::reset(bare);
    assert_eq!(change(Order::Commit, &file, &file, BUDGET), Err(OrderError::NoExtension));
    let text = OrderError::NoExtension.to_string();
    assert!(text.contains("`commit` needs the extension block"), "{text}");
    assert!(text.contains("`gated` and `planned` need nothing"), "{text}");
    let ops = boot(hw, firewall(Order::Commit), &plan, BUDGET).expect("has it");
    let mut absent = Model::new(1);
    absent.ext = false;
    assert!(!absent.play(&ops), "the block does not say its name");
    assert!(absent.writes.iter().all(|(at, _)| !(0x100..0x220).contains(at)));
    let block: Vec<(u16, u32)> =
        writes(&ops).into_iter().filter(|(at, _)| (0xe00..0xf00).contains(at)).collect();
    assert_eq!(block, [(0xe00, 1), (0xe0c, 1), (0xe0c, 3), (0xe0c, 0)]);
    let place = |value| writes(&ops).iter().position(|write| *write == (0xe0c, value));
    let regions = writes(&ops)[place(1).expect("on") + 1..place(3).expect("commit")].to_vec();
    assert!(regions.iter().all(|(at, _)| (0x100..0x220).contains(at)) && regions.len() > 30);
}

/// A change under way: what a state lets through beyond both ends, and where it ends.
#[test]
fn a_slot_is_reused_in_every_order() {
    let plan = plan(&playback()).expect("fits");
    let (open, frame) = (plan[1], plan[4]);
    let shared = RegionSetting { index: 1, ..open };
    let range = AddrRange { base: PhysAddr(DRAM_BASE), len: ByteLen(36 * PAGE) };
    let target = RegionSetting { range, index: 1, rights: frame.rights };
    let hw = Hardware::board(1);
    let old = RegionFile::reset(hw).with(&[shared]);
    let new = RegionFile::reset(hw).with(&[target]);
    for order in [Order::Driver, Order::DisableFirst, Order::Gated, Order::Planned, Order::Commit] {
        let mut model = Model::new(1);
        assert!(model.play(&region_driver(1, &RegionWords::of(&shared))));
        assert!(model.play(&open_gates(hw, Order::Gated, BUDGET)));
        let change = change(order, &old, &new, BUDGET).expect("has all it needs");
        assert_eq!(change.fallback, None, "there is an order: identities, secure side, top");
        let open = |model: &Model| model.gate_is_open(0);
        let leaks = over_permits_behind(&mut model.clone(), &change.ops, 1, open);
        assert_eq!(leaks, order == Order::Driver, "{order:?}");
        assert!(model.play(&change.ops), "{order:?}");
        let region = [0, 4, 8, 12, 16, 20].map(|r| model.word(0x120 + r));
        assert_eq!(RegionWords(region), new.regions()[1], "{order:?}");
        assert!(model.gate_is_open(0));
    }
}
