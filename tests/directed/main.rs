// SPDX-License-Identifier: Apache-2.0
//! Directed tests of the firewall alone, on all shapes of data width 64 and 128 that are built.
mod rig;
mod suite;

use rig::Rig;
use suite::SUITE;

fn run(shape: &str, filters: usize, bytes: u16) {
    let mut failed = Vec::new();
    for (properties, name, test) in SUITE {
        let mut rig = Rig::new(shape, filters, bytes, 0);
        if let Err(why) = test(&mut rig) {
            failed.push(format!("{name} ({properties}): {why}"));
        }
        let broken = rig.pins.assertion_failures();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
    assert!(failed.is_empty(), "{shape}:\n{}", failed.join("\n"));
}

#[test]
fn check_latency_0() {
    run("f1r9a40w128i7l0x", 1, 16);
}

#[test]
fn check_latency_1() {
    run("f1r9a40w128i7l1x", 1, 16);
}

/// Two filters, 64 and 128 bits of data, tables of eight; the planted faults are all off.
#[cfg(feature = "planted-faults")]
#[test]
fn two_filters() {
    run("faulty0", 2, 8);
    run("faulty1", 2, 16);
}
