// SPDX-License-Identifier: Apache-2.0
//! One-line faults in a patched copy of the RTL: each is found by a named check, attributed to
//! the RTL, with address and cycle.
#![cfg(feature = "planted-faults")]
mod common;
use common::{go, playback, summary, violations};
use ringfence::engine::event::{Party, Verdict, Violation};

/// Runs the playback on the faulty board and returns the first violation that blames the RTL.
fn caught(fault: u32, checks: &[&str]) -> Violation {
    let plant = format!("[[plant]]\nkind = \"rtl\"\nfault = {fault}\n");
    let log = go(&playback(&[], &plant));
    assert_eq!(summary(&log).verdict, Verdict::Fail, "fault {fault} went unnoticed");
    let all = violations(&log);
    let hit = all.iter().find(|v| v.fault.first() == Some(&Party::Rtl));
    let hit = (*hit.unwrap_or_else(|| panic!("fault {fault}: {:?}", all.first()))).clone();
    println!(
        "fault {fault}: {} at {:?}, cycle {}: {}",
        hit.check, hit.addr, hit.cycle.0, hit.title
    );
    assert!(hit.addr.is_some(), "{hit:?}");
    assert!(checks.contains(&hit.check.as_str()), "fault {fault} found by {}", hit.check);
    hit
}

#[test]
fn without_a_fault_the_patched_copy_passes() {
    let log = go(&playback(&[], ""));
    assert_eq!(summary(&log).verdict, Verdict::Pass);
}

#[test]
fn top_of_region_exclusive() {
    caught(1, &["allowed-forwarded"]);
}

#[test]
fn read_and_write_permission_swapped() {
    caught(2, &["allowed-forwarded", "denied-not-forwarded"]);
}

#[test]
fn denied_read_data_not_zeroed() {
    caught(3, &["denied-read-zero"]);
}

#[test]
fn one_strobe_lost() {
    caught(4, &["write-strobes"]);
}

#[test]
fn one_beat_swapped_between_two_ids() {
    caught(5, &["read-data", "r-order"]);
}

#[test]
fn valid_dropped_on_a_register_write() {
    caught(6, &["address-held"]);
}
