// SPDX-License-Identifier: Apache-2.0
//! The transient study on the RTL: what stands behind each register write, from the pins.
#[path = "../benches/transients/study/mod.rs"]
mod study;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use ringfence::firmware::{Op, RegionFile, change};
use ringfence::scenario::Order;
use study::firewall::{BUDGET, Firewall};
use study::orders::Probe;
use study::poll::Poller;
use study::{orders, region, rows};

/// Counts of one row: states, leaking, overlapping, denying live memory, overlapping live memory.
fn counts(row: &rows::Row) -> (&str, [usize; 5]) {
    let holds = [rows::leaks, rows::overlaps, rows::denies, rows::live_overlaps];
    let [leaks, overlaps, denies, live] = holds.map(|holds| row.places(holds).len());
    (row.name, [row.states.len(), leaks, overlaps, denies, live])
}

#[test]
fn the_rows_are_those_of_the_published_study() {
    let rows = rows::rows(0);
    let found: Vec<_> = rows.iter().map(counts).collect();
    let want = [
        ("A", [18, 4, 4, 9, 0]),
        ("B", [18, 2, 0, 9, 0]),
        ("C", [6, 3, 0, 0, 0]),
        ("D", [7, 1, 0, 0, 0]),
        ("E", [6, 4, 0, 0, 2]),
    ];
    assert_eq!(found, want);
    // A verdict is taken at the handshake, however long it takes to be known.
    let later = rows::rows(1);
    assert_eq!(later.iter().map(counts).collect::<Vec<_>>(), want);
    let places = |at: usize, holds: fn(&rows::State) -> bool| rows[at].places(holds);
    // In A and B the range was ordinary memory before: open until it is protected is no leak yet.
    let until_enabled = ["R2.BASE_LOW", "R2.BASE_HIGH", "R2.TOP_LOW", "R2.TOP_HIGH"];
    assert_eq!(places(0, rows::leaks), until_enabled);
    let both = ["R2.ATTRIBUTES", "R2.ID_ACCESS", "R1.BASE_LOW", "R1.BASE_HIGH"];
    assert_eq!(places(0, rows::overlaps), both);
    assert_eq!(places(1, rows::leaks), ["R1.BASE_LOW", "R1.BASE_HIGH"]);
    assert_eq!(places(2, rows::leaks), ["R2.TOP_LOW", "R2.TOP_HIGH", "R2.ATTRIBUTES"]);
    assert_eq!(places(3, rows::leaks), ["R2.ATTRIBUTES"]);
    let above = ["R2.BASE_HIGH", "R2.TOP_LOW", "R2.TOP_HIGH", "R2.ATTRIBUTES"];
    assert_eq!(places(4, rows::leaks), above);
    assert_eq!(places(4, rows::live_overlaps), ["R2.BASE_HIGH", "R2.TOP_LOW"]);
    for row in &rows {
        let one_way =
            |s: &rows::State| s.range.read != s.range.write || s.live.read != s.live.write;
        assert!(row.places(one_way).is_empty(), "rights go both ways in every row");
    }
}

#[test]
fn the_boot_order_exposes_nothing_and_stalls_the_ordinary_world() {
    let boot = rows::boot();
    assert_eq!(boot.writes, 72);
    assert_eq!((boot.exposed, boot.overlaps, boot.unusable), (0, 0, 63));
}

#[test]
fn planned_gated_and_commit_leak_nothing_and_deny_nothing() {
    let mut drivers = 0;
    for transition in orders::transitions() {
        for (name, order) in orders::ORDERS {
            let cost = orders::measure(&transition, name, order);
            let wrong = cost.leaked.iter().chain(&cost.denied).sum::<u64>();
            let stalled = cost.stalled.iter().sum::<u64>();
            match name {
                "gated" => assert!(wrong == 0 && stalled > 0, "{cost:?}"),
                "planned" => {
                    assert_eq!(wrong, 0, "{cost:?}");
                    assert_eq!(stalled > 0, cost.fallback.is_some(), "{cost:?}");
                }
                "commit" => assert_eq!((wrong, stalled), (0, 0), "{cost:?}"),
                "driver" => {
                    drivers += cost.leaked.iter().sum::<u64>();
                    assert_eq!(stalled, 0, "{cost:?}");
                }
                _ => assert_eq!((cost.leaked, stalled), ([0, 0], 0), "{cost:?}"),
            }
        }
    }
    assert!(drivers > 0, "the drivers' order leaks when a slot is re-used");
}

/// Three regions of some pages around 4 GiB, for identities 0 and 1.
fn some_file(rng: &mut ChaCha8Rng) -> RegionFile {
    let mut plan = Vec::new();
    for index in 1..=3 {
        let (base, pages) = (rng.random_range(0..8_u64), rng.random_range(1..4));
        let top = (FIRST + base + pages) * 0x1000 - 1;
        if rng.random_range(0..4) != 0 {
            let nsaids = [1, 2, 3][rng.random_range(0..3)];
            plan.push(region(index, (FIRST + base) * 0x1000, top, nsaids));
        }
    }
    RegionFile::reset(Firewall::hardware()).with(&plan)
}

/// The lowest page that [`some_file`] has; the fifth one is at 4 GiB.
const FIRST: u64 = 0x10_0000 - 4;

#[test]
fn no_random_change_leaks_or_denies_when_planned_gated_or_committed() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut planned, mut leaky) = (0, 0);
    for _ in 0..40 {
        let (old, new) = (some_file(&mut rng), some_file(&mut rng));
        let [before, after] = [&old, &new].map(|file| {
            let mut firewall = Firewall::new(0, file);
            let mut read =
                |page: u64, id| firewall.look(&[page * 0x1000], |at| Poller::new(id, at)).read;
            let pages = (FIRST - 1..FIRST + 12).flat_map(|page| [(page, 0), (page, 1)]);
            pages.map(|(page, id)| (page, id, read(page, id))).collect::<Vec<_>>()
        });
        for order in [Order::Planned, Order::Gated, Order::Commit, Order::Driver] {
            let change = change(order, &old, &new, BUDGET).expect("the hardware has all");
            planned += usize::from(order == Order::Planned && change.fallback.is_none());
            for ((page, nsaid, was), (_, _, is)) in before.iter().zip(&after) {
                let wrong = wrong_beats(&old, &change.ops, *page, *nsaid, [*was, *is]);
                leaky += wrong * u64::from(order == Order::Driver);
                let sound = order == Order::Driver || wrong == 0;
                assert!(sound, "{order:?}: page {page:#x}, id {nsaid}\n{old:x?}\n{new:x?}");
            }
        }
    }
    assert!((5..35).contains(&planned) && leaky > 100, "{planned} of 40, {leaky} beats");
}

/// Beats that got what neither file allows, or did not get what both do.
fn wrong_beats(old: &RegionFile, ops: &[Op], page: u64, nsaid: u8, ends: [bool; 2]) -> u64 {
    if ends[0] != ends[1] {
        return 0;
    }
    let probe = Probe { nsaid, addr: page * 0x1000 };
    let (seen, _) = orders::watch(old, ops, probe, Some(ends[0]));
    seen.iter().map(|seen| if ends[0] { seen.denied } else { seen.allowed }).sum()
}

#[test]
fn the_page_holds_what_is_printed() {
    let page = include_str!("../docs/transients.md");
    let rows = study::rows_table(&rows::rows(0), &rows::boot());
    assert!(page.contains(&rows), "docs/transients.md lacks:\n{rows}");
    let (orders, _) = study::orders_table();
    assert!(page.contains(&orders), "docs/transients.md lacks:\n{orders}");
}
