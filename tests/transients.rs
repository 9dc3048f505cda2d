// SPDX-License-Identifier: Apache-2.0
//! The transient study on the RTL: what stands behind each register write, from the pins.
#[path = "../benches/transients/study/mod.rs"]
mod study;

use study::{orders, rows};

/// Counts of one row: states, leaking, overlapping, denying live memory, overlapping live memory.
fn counts(row: &rows::Row) -> (&str, [usize; 5]) {
    let holds = [rows::leaks, rows::overlaps, rows::denies, rows::live_overlaps];
    let [leaks, overlaps, denies, live] = holds.map(|holds| row.places(holds).len());
    (row.name, [row.states.len(), leaks, overlaps, denies, live])
}

#[test]
fn the_rows_are_those_of_the_published_study() {
    let rows = rows::rows();
    let found: Vec<_> = rows.iter().map(counts).collect();
    let want = [
        ("A", [18, 4, 4, 9, 0]),
        ("B", [18, 2, 0, 9, 0]),
        ("C", [6, 3, 0, 0, 0]),
        ("D", [7, 1, 0, 0, 0]),
        ("E", [6, 4, 0, 0, 2]),
    ];
    assert_eq!(found, want);
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
fn planned_and_gated_leak_nothing_and_deny_nothing() {
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

#[test]
fn the_page_holds_what_is_printed() {
    let page = include_str!("../docs/transients.md");
    let rows = study::rows_table(&rows::rows(), &rows::boot());
    assert!(page.contains(&rows), "docs/transients.md lacks:\n{rows}");
    let (orders, _) = study::orders_table();
    assert!(page.contains(&orders), "docs/transients.md lacks:\n{orders}");
}
