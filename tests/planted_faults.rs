// SPDX-License-Identifier: Apache-2.0
//! One-line faults in a patched copy of the RTL (sim/faults.txt): each is found by a named check,
//! attributed to the RTL, with address and cycle.
#![cfg(feature = "planted-faults")]
#![allow(clippy::print_stdout, reason = "each fault's finding, for a reader with --nocapture")]
mod common;
use common::{go, playback, summary, violations};
use ringfence::engine::event::{Party, Verdict, Violation};
use std::collections::BTreeSet;

/// Runs the playback on the faulty board: all violations blame the RTL, and the named check is one
/// of those that object.
fn caught(fault: u32, sets: &[&str], check: &str) {
    let clean = go(&playback(sets, ""));
    assert_eq!(
        summary(&clean).verdict,
        Verdict::Pass,
        "without the fault: {}",
        summary(&clean).reason
    );
    let plant = format!("[[plant]]\nkind = \"rtl\"\nfault = {fault}\n");
    let log = go(&playback(sets, &plant));
    assert_eq!(summary(&log).verdict, Verdict::Fail, "fault {fault} went unnoticed");
    let all = violations(&log);
    assert!(all.iter().all(|v| v.fault.first() == Some(&Party::Rtl)), "{:?}", all.first());
    let named = |v: &&&Violation| v.addr.is_some() && v.check == check;
    let hit = all.iter().find(named).unwrap_or_else(|| {
        let checks: BTreeSet<_> = all.iter().map(|v| (&v.check, v.addr.is_some())).collect();
        panic!("fault {fault} was found by {checks:?}, not by {check}")
    });
    assert!(hit.cycle.0 > 0);
    println!("fault {fault}: {check} at {:?}, cycle {}: {}", hit.addr, hit.cycle.0, hit.title);
}

#[test]
fn top_of_region_exclusive() {
    caught(1, &[], "allowed-forwarded");
}

#[test]
fn read_and_write_permission_swapped() {
    caught(2, &[], "allowed-forwarded");
}

#[test]
fn denied_read_data_not_zeroed() {
    // A denied read has data to hide only where it is forwarded.
    caught(3, &["firewall.speculation=true"], "denied-read-zero");
}

#[test]
fn one_strobe_lost() {
    caught(4, &[], "write-strobe");
}

#[test]
fn one_beat_swapped_between_two_ids() {
    caught(5, &[], "read-data");
}

#[test]
fn valid_dropped_on_a_register_write() {
    // Interrupts make the fault handler write INT_CLEAR while others' addresses pass.
    caught(6, &[], "allowed-forwarded");
}
