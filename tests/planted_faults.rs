// SPDX-License-Identifier: Apache-2.0
//! One-line faults in a patched copy of the RTL (sim/faults.txt): each is found by a named check,
//! attributed to the RTL, with address and cycle.
#![cfg(feature = "planted-faults")]
mod common;
use common::{go, playback, summary, violations};
use ringfence::engine::event::{Party, Verdict};

/// Runs the playback on the faulty board; the first violation must be found by one of `checks`.
fn caught(fault: u32, sets: &[&str], checks: &[&str]) {
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
    let first = all.first().unwrap_or_else(|| panic!("fault {fault}: no violation"));
    println!(
        "fault {fault}: {} at {:?}, cycle {}: {}",
        first.check, first.addr, first.cycle.0, first.title
    );
    assert_eq!(first.fault.first(), Some(&Party::Rtl), "{first:?}");
    assert!(first.addr.is_some() && first.cycle.0 > 0, "{first:?}");
    assert!(checks.contains(&first.check.as_str()), "fault {fault} found by {}", first.check);
}

#[test]
fn top_of_region_exclusive() {
    caught(1, &[], &["allowed-forwarded"]);
}

#[test]
fn read_and_write_permission_swapped() {
    caught(2, &[], &["allowed-forwarded", "denied-not-forwarded"]);
}

#[test]
fn denied_read_data_not_zeroed() {
    // A denied read has data to hide only where it is forwarded.
    caught(3, &["firewall.speculation=true"], &["denied-read-zero"]);
}

#[test]
fn one_strobe_lost() {
    caught(4, &[], &["write-strobes"]);
}

#[test]
fn one_beat_swapped_between_two_ids() {
    caught(5, &[], &["read-data", "r-order"]);
}

#[test]
fn valid_dropped_on_a_register_write() {
    // An address waits only where memory is slow to take it.
    caught(6, &["memory.bandwidth=2 GB/s", "expect.underruns.max=1000000"], &["address-held"]);
}
