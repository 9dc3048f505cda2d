// SPDX-License-Identifier: Apache-2.0
//! What a lend and a reclaim cost, by programming order and by what is drained.
//! `make firmware-update` prints the table, and docs/firmware-update.md holds it.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
mod common;

use common::{go, parse, shipped, summary, violations};
use ringfence::engine::RunLog;
use ringfence::engine::event::{
    Event, Party, PoolPhase, Update, UpdateEvent, Verdict, ViolationKind,
};
use ringfence::firmware::registers::GATE_KEEPER;
use std::fmt::Write as _;

const ORDERS: [&str; 4] = ["driver", "gated", "planned", "commit"];
const DRAINS: [&str; 3] = ["filter", "master", "both"];

fn run(order: &str, drain: &str) -> RunLog {
    let sets = [format!("firewall.order={order}"), format!("tee.drain={drain}")];
    go(&parse(&shipped("tuning/firmware-update.toml"), &sets))
}

/// The one lend and the one reclaim.
fn updates(log: &RunLog) -> [UpdateEvent; 2] {
    let updates = log.events.iter().filter_map(|event| match event {
        Event::Update(update) => Some(*update),
        _ => None,
    });
    let updates: Vec<_> = updates.collect();
    let [lend, reclaim] = updates[..] else { panic!("{updates:?}") };
    assert_eq!((lend.update, reclaim.update), (Update::Lend, Update::Reclaim));
    [lend, reclaim]
}

/// Times in which the gates were asked to be closed, in `[from, to]`, from the register bus alone.
fn closed(log: &RunLog, from: u64, to: u64) -> u64 {
    let mut since = None;
    let mut all = 0;
    for event in &log.events {
        let Event::Register(access) = event else { continue };
        let cycle = access.cycle.0;
        if !access.write || access.offset != GATE_KEEPER || !(from..=to).contains(&cycle) {
            continue;
        }
        if access.value == 0 {
            since = Some(cycle);
        } else if let Some(since) = since.take() {
            all += cycle - since;
        }
    }
    all
}

fn phase(log: &RunLog, wanted: PoolPhase) -> u64 {
    let found = log.events.iter().find_map(|event| match event {
        Event::Pool(pool) if pool.phase == wanted => Some(pool.cycle.0),
        _ => None,
    });
    found.expect("the pool reaches this phase")
}

fn line(order: &str, drain: &str) -> String {
    let log = run(order, drain);
    let [lend, reclaim] = updates(&log);
    let all = summary(&log);
    format!(
        "| {order} | {drain} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} / {} |\n",
        lend.visibility(),
        lend.completion(),
        lend.stalled,
        reclaim.quiesce,
        reclaim.drain,
        reclaim.visibility(),
        reclaim.completion(),
        reclaim.stalled,
        all.false_denies,
        all.late_admission,
        all.late_strong,
    )
}

#[test]
fn the_page_is_what_is_printed() {
    let mut text = String::from(
        "| order | drain | lend: visible | complete | stall | reclaim: quiesce | drain | visible \
         | complete | stall | bystander denied | late: admission / strong |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for order in ORDERS {
        for drain in DRAINS {
            let _ = write!(text, "{}", line(order, drain));
        }
    }
    println!("{text}");
    let page = include_str!("../docs/firmware-update.md");
    assert!(page.contains(&text), "docs/firmware-update.md is not what was printed");
}

#[test]
fn times_are_those_of_the_phases_and_of_the_register_bus() {
    for order in ORDERS {
        for drain in DRAINS {
            let log = run(order, drain);
            let [lend, reclaim] = updates(&log);
            assert_eq!(lend.requested.0, phase(&log, PoolPhase::LendRequested));
            assert_eq!(lend.programmed.0, phase(&log, PoolPhase::LendProgrammed));
            assert_eq!(reclaim.requested.0, phase(&log, PoolPhase::ReclaimRequested));
            assert_eq!(reclaim.programmed.0, phase(&log, PoolPhase::Opened));
            assert!(reclaim.cycle.0 >= phase(&log, PoolPhase::Returned));
            // The drain comes just before the request; gates are closed for all of it but for the
            // write that closes them, the poll that sees them open, and the fence.
            let waits = reclaim.quiesce + reclaim.drain;
            let begun = reclaim.requested.0 - waits;
            let shut = closed(&log, begun - 2, reclaim.requested.0);
            if drain == "master" {
                assert_eq!((reclaim.drain, shut), (0, 0), "{order}");
            } else {
                let rest = reclaim.drain.checked_sub(shut);
                assert!(rest.is_some_and(|rest| (4..=40).contains(&rest)), "{order} {drain}");
            }
            assert_eq!(reclaim.quiesce > 0, drain != "filter", "{order} {drain}");
            // A bystander waits for closed gates, and now and then for its turn.
            let shut = closed(&log, begun - 2, reclaim.programmed.0);
            assert!(reclaim.stalled <= shut + 20, "{order} {drain}: {shut}");
            assert_eq!(shut > 40, reclaim.stalled > 40, "{order} {drain}: {shut}");
        }
    }
}

#[test]
fn what_is_still_queued_in_a_master_is_late_and_its_drivers_fault() {
    for order in ORDERS {
        for drain in DRAINS {
            let log = run(order, drain);
            let all = summary(&log);
            let found = violations(&log);
            let late: Vec<_> =
                found.iter().filter(|v| v.violation == ViolationKind::LateLanding).collect();
            assert_eq!(late.is_empty(), drain != "filter", "{order} {drain}: {}", all.reason);
            assert!(late.iter().all(|v| v.who == "vdec" && v.fault[0] == Party::Driver));
            assert_eq!(all.late_strong, late.len() as u64);
            assert!(all.late_admission <= all.late_strong);
            // What was let in before the end and moves after it is late by the strong one alone.
            let after = late.iter().filter(|v| v.check == "after-reclaim").count();
            assert_eq!(all.late_admission, after as u64);
            let clean = drain != "filter" && order != "driver";
            assert_eq!(all.verdict == Verdict::Pass, clean, "{order} {drain}: {}", all.reason);
        }
    }
}

#[test]
fn a_descriptor_that_finds_its_region_closed_is_a_late_attempt() {
    let log = go(&parse(&shipped("review/late-descriptors.toml"), &[]));
    let all = summary(&log);
    let found = violations(&log);
    assert!(found.len() > 100, "{}", all.reason);
    for violation in &found {
        assert_eq!(violation.violation, ViolationKind::UndeclaredAttempt);
        assert_eq!((violation.who.as_str(), &violation.fault[..]), ("vdec", &[Party::Driver][..]));
        let after = violation.why.iter().any(|line| line.starts_with("note: after unmap"));
        assert!(after, "{:?}", violation.why);
    }
    // Nothing was let in after the end, but a handshake there was: only the strong definition
    // counts it.
    assert_eq!((all.late_admission, all.late_strong), (0, found.len() as u64));
}
