// SPDX-License-Identifier: Apache-2.0
//! The judge and the search against definitions of a few lines, page by page and write by write.
use crate::firmware::*;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Two regions beside the background, two filters, 33 bits of address.
const TINY: Hardware = Hardware { regions: 3, address_bits: 33, filters: 2, extension: false };
/// Pages low enough to be a base or a top of the tiny space, the first page beyond, and the last.
const LOW_PAGES: [u64; 6] = [0, 1, 2, 3, 4, 0xf_ffff];

/// A firewall by the words of the manual: six registers a region, numbers for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Words([[u32; 6]; 3]);

impl Words {
    fn of(file: &RegionFile) -> Self {
        let mut words = [[0; 6]; 3];
        for (to, from) in words.iter_mut().zip(file.regions()) {
            *to = from.0;
        }
        Self(words)
    }

    fn write(&mut self, (offset, value): (u16, u32)) {
        let (region, word) = ((offset - 0x100) / 0x20, (offset % 0x20) / 4);
        self.0[usize::from(region)][usize::from(word)] = value;
    }

    /// Non-secure reads, non-secure writes, secure read, secure write: a bit each, of one page.
    fn allowed(&self, addr: u64, filter: u32) -> u64 {
        let (mut hits, mut decides) = (0, &self.0[0]);
        for region in &self.0[1..] {
            let [base_low, base_high, top_low, top_high, attributes, _] = region;
            let base = u64::from(*base_high) << 32 | u64::from(*base_low);
            let top = u64::from(*top_high) << 32 | u64::from(*top_low);
            if attributes >> filter & 1 == 1 && base <= addr && addr <= top {
                (hits, decides) = (hits + 1, region);
            }
        }
        let [.., attributes, ids] = decides;
        if hits > 1 {
            return 0;
        }
        u64::from(*ids) | u64::from(attributes >> 30) << 32
    }

    /// The definition: nothing that both forbid is allowed, nothing that both allow is denied.
    fn right_at(&self, old: &Self, new: &Self, addr: u64) -> bool {
        (0..2).all(|filter| {
            let [a, b, now] = [old, new, self].map(|words| words.allowed(addr, filter));
            now & !(a | b) == 0 && a & b & !now == 0
        })
    }

    fn right(&self, old: &Self, new: &Self) -> bool {
        let pages = [0_u64, 1].into_iter().flat_map(|high| LOW_PAGES.map(|low| high << 20 | low));
        pages.into_iter().all(|page| self.right_at(old, new, page << 12))
    }
}

/// Every order there is, by brute force: whether one is right in every state.
fn some_order(old: &Words, new: &Words) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(*old, [false; 3])];
    while let Some((now, disabled)) = open.pop() {
        if !seen.insert((now, disabled)) || !now.right(old, new) {
            continue;
        }
        if now == *new {
            return true;
        }
        for region in 0..3 {
            for word in 0..6 {
                let mut next = now;
                next.0[region][word] = new.0[region][word];
                open.push((next, disabled));
            }
            // Disabling is for what is as old, on, and to be on again.
            let on = now.0[region][4] & 3 != 0 && now.0[region][4] == old.0[region][4];
            if region > 0 && on && !disabled[region] && new.0[region][4] & 3 != 0 {
                let (mut next, mut disabled) = (now, disabled);
                next.0[region][4] = 0;
                disabled[region] = true;
                open.push((next, disabled));
            }
        }
    }
    false
}

/// A region of the tiny space; identities 0 and 1 only, so that rights often agree.
fn region() -> impl Strategy<Value = [u32; 6]> {
    let ids = prop::sample::select(vec![0, 1, 2, 3, 0x1_0001, 0x2_0003]);
    let attributes = prop::sample::select(vec![0, 1, 2, 3, 3, 3, 0x4000_0003, 0xc000_0003]);
    let ends = (0_u32..4, 0_u32..2, 0_u32..4, 0_u32..2);
    (ends, attributes, ids).prop_map(|((bl, bh, tl, th), attributes, ids)| {
        [bl << 12, bh, tl << 12 | 0xfff, th, attributes, ids]
    })
}

fn file(regions: [[u32; 6]; 2], background: u32) -> RegionFile {
    let mut file = RegionFile::reset(TINY);
    file.write(0x114, background);
    for (index, words) in (1..).zip(regions) {
        for (word, value) in (0..).zip(words) {
            file.write(0x100 + 0x20 * index + 4 * word, value);
        }
    }
    file
}

/// An old file, and a new one that takes some of its registers from elsewhere.
fn change_of_file() -> impl Strategy<Value = (RegionFile, RegionFile)> {
    let background = || prop::sample::select(vec![0, 0, 0, 1, 2]);
    let two = || [region(), region()];
    (two(), two(), any::<[[bool; 6]; 2]>(), background(), background()).prop_map(
        |(old, other, taken, before, after)| {
            let mut new = old;
            for (region, words) in taken.iter().enumerate() {
                for word in (0..6).filter(|word| words[*word]) {
                    new[region][word] = other[region][word];
                }
            }
            (file(old, before), file(new, after))
        },
    )
}

/// Plays writes one by one and looks at every state.
fn replay(old: &RegionFile, new: &RegionFile, writes: &[RegisterWrite]) -> Result<(), String> {
    let (from, to) = (Words::of(old), Words::of(new));
    let mut now = from;
    for (step, write) in writes.iter().enumerate() {
        now.write(*write);
        if !now.right(&from, &to) {
            return Err(format!("wrong after write {step} of {writes:x?}"));
        }
    }
    if now == to { Ok(()) } else { Err(format!("{writes:x?} do not make the new file")) }
}

fn runner(cases: u32) -> TestRunner {
    let rng = proptest::test_runner::TestRng::deterministic_rng(
        proptest::test_runner::RngAlgorithm::ChaCha,
    );
    TestRunner::new_with_rng(Config { failure_persistence: None, cases, ..Config::default() }, rng)
}

#[test]
fn a_plan_is_right_in_every_state_and_is_found_when_there_is_one() {
    let (found, none) = (Cell::new(0), Cell::new(0));
    let check = |(old, new): (RegionFile, RegionFile)| {
        let exists = some_order(&Words::of(&old), &Words::of(&new));
        match search(&old, &new, usize::MAX) {
            Ok(writes) => {
                found.set(found.get() + 1);
                prop_assert!(exists, "a way that brute force has not: {:x?}", writes);
                prop_assert_eq!(replay(&old, &new, &writes), Ok(()));
                let mut played = old;
                writes.iter().for_each(|(offset, value)| played.write(*offset, *value));
                prop_assert_eq!(played, new);
            }
            Err(NoOrder::Exhausted { .. }) => {
                none.set(none.get() + 1);
                prop_assert!(!exists, "brute force found an order");
            }
            Err(budget) => prop_assert!(false, "{}", budget),
        }
        Ok(())
    };
    runner(20_000).run(&change_of_file(), check).expect("holds");
    assert!(found.get() > 1000 && none.get() > 1000, "{} and {}", found.get(), none.get());
}

/// A region that must be off meanwhile although its attributes are to stay, as brute force found it:
/// both of its ways lead through memory that the other region has on another filter.
#[test]
fn a_region_is_off_meanwhile_where_its_attributes_stay() {
    let one = |words| [words, [0x1000, 0, 0x3fff, 0, 2, 0]];
    let old = file(one([0x2000, 0, 0xfff, 1, 3, 1]), 0);
    let new = file([[0, 0, 0xfff, 1, 3, 2], [0x2000, 0, 0x3fff, 0, 1, 0]], 0);
    let writes = search(&old, &new, STATE_BUDGET).expect("brute force has one");
    assert_eq!(replay(&old, &new, &writes), Ok(()));
    let attributes: Vec<u32> =
        writes.iter().filter(|(offset, _)| *offset == 0x130).map(|(_, value)| *value).collect();
    assert_eq!(attributes, [0, 3], "off, and on as before");
}

/// Some state between two files, or beside: each register as in the old one, as in the new one, or
/// a region off.
fn between() -> impl Strategy<Value = (RegionFile, RegionFile, RegionFile)> {
    (change_of_file(), any::<[[u8; 6]; 3]>()).prop_map(|((old, new), taken)| {
        let mut now = old;
        for (index, words) in (0..).zip(taken) {
            for (word, pick) in (0..).zip(words) {
                let value = match pick % 4 {
                    0 | 1 => new.regions()[usize::from(index)].0[usize::from(word)],
                    2 if word == 4 => 0,
                    _ => continue,
                };
                now.write(0x100 + 0x20 * index + 4 * word, value);
            }
        }
        (old, new, now)
    })
}

/// Compares the judge with the definition at some pages; says whether the state is wrong.
fn judged(
    (old, new, now): &(RegionFile, RegionFile, RegionFile),
    mut pages: impl Iterator<Item = u64>,
) -> Result<bool, TestCaseError> {
    let [from, to, at] = [old, new, now].map(Words::of);
    let bad = pages.find(|page| !at.right_at(&from, &to, page << 12));
    let judged = Judge::new(old, new).check(now);
    prop_assert_eq!(judged.is_err(), bad.is_some(), "page {:x?}, {:x?}", bad, judged);
    if let Err(breach) = judged {
        prop_assert!(!at.right_at(&from, &to, breach.addr.0), "not at {}", breach.addr);
    }
    Ok(judged.is_err())
}

#[test]
fn the_judge_agrees_with_every_page() {
    let wrong = Cell::new(0);
    let count = |yes: bool| wrong.set(wrong.get() + u32::from(yes));
    let every = |files| judged(&files, 0..1 << (33 - 12)).map(count);
    runner(16).run(&between(), every).expect("holds");
    assert!((3..=13).contains(&wrong.get()), "{} of 16 are wrong", wrong.get());
}

#[test]
fn the_judge_agrees_where_bases_and_tops_can_be() {
    let wrong = Cell::new(0);
    let count = |yes: bool| wrong.set(wrong.get() + u32::from(yes));
    let pages = || [0, 1].into_iter().flat_map(|high| LOW_PAGES.map(|low| high << 20 | low));
    let some = |files| judged(&files, pages()).map(count);
    runner(20_000).run(&between(), some).expect("holds");
    assert!((4000..=16_000).contains(&wrong.get()), "{} of 20000 are wrong", wrong.get());
}

const GIB: u64 = 1 << 30;

fn setting(index: u8, base: u64, end: u64, nsaid: u32) -> RegionSetting {
    let range = AddrRange { base: PhysAddr(base), len: ByteLen(end - base) };
    let bit = 1 << nsaid;
    let rights = RegionRights { nsaid_read: bit, nsaid_write: bit, ..RegionRights::default() };
    RegionSetting { index, range, rights }
}

fn board(plan: &[RegionSetting]) -> RegionFile {
    RegionFile::reset(Hardware::board(1)).with(plan)
}

#[test]
fn a_slot_is_reused_without_a_gate() {
    let old = board(&[setting(2, 2 * GIB, 3 * GIB, 9)]);
    let new = board(&[setting(2, 3 * GIB, 4 * GIB - PAGE, 7)]);
    // Base above top matches nothing; identities change meanwhile.
    let want = [(0x140, 0xc000_0000), (0x154, 0x0080_0080), (0x148, 0xffff_efff)];
    let mut found = search(&old, &new, STATE_BUDGET).expect("there is one");
    assert_eq!(replay_board(&old, &new, &found), Ok(()));
    found.sort_unstable();
    let mut sorted = want;
    sorted.sort_unstable();
    assert_eq!(found, sorted, "no register is written twice");
}

#[test]
fn shared_memory_cannot_change_hands_without_a_gate() {
    let old = board(&[setting(1, 2 * GIB, 4 * GIB, 9)]);
    let new = board(&[setting(1, 2 * GIB, 3 * GIB, 9), setting(2, 3 * GIB, 4 * GIB, 9)]);
    let why = search(&old, &new, STATE_BUDGET).expect_err("a gap or an overlap");
    assert!(matches!(why, NoOrder::Exhausted { .. }), "{why}");
    let few = search(&old, &new, 5).expect_err("cut short");
    assert_eq!(few, NoOrder::Budget { states: 5 });
    assert_eq!(few.to_string(), "no safe order found within 5 states");
    let change = change(crate::scenario::Order::Planned, &old, &new, crate::units::Cycle(9));
    let change = change.expect("gated needs nothing");
    assert_eq!(change.fallback, Some(why));
    assert_eq!(change.ops[0], Op::Write { offset: 0x008, value: 0 });
}

#[test]
fn a_top_across_4_gib_has_no_order() {
    let old = board(&[setting(1, 2 * GIB, 4 * GIB, 9)]);
    let new = board(&[setting(1, 2 * GIB, 6 * GIB, 9)]);
    // Low first takes the region away, high first gives 6 to 8 GiB.
    assert_eq!(search(&old, &new, STATE_BUDGET), Err(NoOrder::Exhausted { states: 3 }));
}

/// As [`replay`], with the judge of the board's width; the tiny tests hold the judge to account.
fn replay_board(
    old: &RegionFile,
    new: &RegionFile,
    writes: &[RegisterWrite],
) -> Result<(), Breach> {
    let judge = Judge::new(old, new);
    let mut now = *old;
    for (offset, value) in writes {
        now.write(*offset, *value);
        judge.check(&now)?;
    }
    assert_eq!(now, *new);
    Ok(())
}

#[test]
fn a_whole_map_moves_within_the_budget() {
    // Eight pools slide by a quarter of their distance, and all change hands.
    let map = |shift: u64, nsaid: u32| -> Vec<RegionSetting> {
        let at = |n: u8| 2 * GIB + u64::from(n) * 256 * PAGE + shift * PAGE;
        (1..=8).map(|n| setting(n, at(n), at(n) + 32 * PAGE, nsaid)).collect()
    };
    let (old, new) = (board(&map(0, 3)), board(&map(64, 4)));
    let writes = search(&old, &new, 1000).expect("a straight way");
    assert_eq!(replay_board(&old, &new, &writes), Ok(()));
    assert!(writes.len() <= 5 * 8, "{} writes", writes.len());
}

#[test]
fn a_search_without_end_stops_at_the_budget() {
    // Six pools that could move in any order, and memory that cannot change hands.
    let at = |n: u8, shift: u64| 4 * GIB + u64::from(n) * 256 * PAGE + shift * PAGE;
    let pools = |shift| (3..=8).map(move |n| setting(n, at(n, shift), at(n, shift + 32), 3));
    let old = [setting(1, 2 * GIB, 4 * GIB, 9)].into_iter().chain(pools(0));
    let new = [setting(1, 2 * GIB, 3 * GIB, 9), setting(2, 3 * GIB, 4 * GIB, 9)];
    let new = new.into_iter().chain(pools(64));
    let (old, new) = (board(&old.collect::<Vec<_>>()), board(&new.collect::<Vec<_>>()));
    assert_eq!(search(&old, &new, STATE_BUDGET), Err(NoOrder::Budget { states: STATE_BUDGET }));
}
