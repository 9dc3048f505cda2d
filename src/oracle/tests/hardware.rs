// SPDX-License-Identifier: Apache-2.0
//! One fault of the hardware at a time: the named check objects, and blames the hardware.
use super::rig::{Fault, Rig, halves, objections, violations};
use super::scene::{self, CPU, DECODER, DISPLAY, FRAMES, FRAMES_LEN};
use crate::engine::event::{Party, Violation, ViolationKind};
use ringfence_sim::{FILTER_SIDE, MEMORY_SIDE, R};

/// Ordinary use with a fault; the objections.
fn with(fault: Fault, act: impl FnOnce(&mut Rig)) -> Vec<Violation> {
    let mut rig = Rig::ready(&scene::scenario());
    rig.buffer(0, 1, FRAMES, FRAMES_LEN, true);
    rig.grant(0, DECODER, "rw");
    rig.grant(0, DISPLAY, "r");
    rig.write(DECODER, FRAMES, 4, 0x40);
    rig.write(DECODER, FRAMES + FRAMES_LEN - 0x1000, 4, 0x50);
    rig.fault = fault;
    act(&mut rig);
    rig.fault = Fault::None;
    rig.idle(2);
    violations(&rig.finish().1)
}

fn assert_objects(found: &[Violation], check: &str, kind: ViolationKind) {
    let hit = found.iter().find(|v| v.check == check && v.violation == kind);
    let checks: Vec<_> = found.iter().map(|v| (&v.check, v.violation)).collect();
    assert_eq!(hit.map(|v| &v.fault[..]), Some(&[Party::Rtl][..]), "{check}: {checks:?}");
}

#[test]
fn a_region_whose_top_is_exclusive() {
    let found = with(Fault::TopExclusive, |rig| {
        rig.read(DISPLAY, FRAMES + FRAMES_LEN - 0x1000, 4);
    });
    assert_objects(&found, "allowed-forwarded", ViolationKind::RuleMismatch);
    assert_objects(&found, "false-deny", ViolationKind::FalseDeny);
}

#[test]
fn read_and_write_permission_swapped() {
    let found = with(Fault::RightsSwapped, |rig| {
        rig.write(DISPLAY, FRAMES, 4, 0x99);
    });
    assert_objects(&found, "denied-not-forwarded", ViolationKind::RuleMismatch);
    assert_objects(&found, "escape", ViolationKind::Escape);
    let escape = found.iter().find(|v| v.check == "escape").expect("found above");
    assert_eq!(escape.bytes, 64);
    let found = with(Fault::RightsSwapped, |rig| {
        rig.read(DISPLAY, FRAMES, 4);
    });
    assert_objects(&found, "allowed-forwarded", ViolationKind::RuleMismatch);
}

#[test]
fn denied_read_data_not_zeroed() {
    let found = with(Fault::ReadNotZeroed, |rig| {
        rig.read(CPU, FRAMES, 4);
    });
    assert_objects(&found, "denied-read-zero", ViolationKind::TaintLeak);
    let escape = found.iter().find(|v| v.check == "escape").expect("data got out");
    assert_eq!((escape.bytes, escape.fault.clone()), (64, vec![Party::Rtl]));
}

#[test]
fn a_lost_strobe_is_seen_at_once_and_again_when_the_byte_is_read() {
    let found = with(Fault::StrobeLost, |rig| {
        rig.write(DECODER, FRAMES, 1, 0x13);
        rig.fault = Fault::None;
        rig.read(DISPLAY, FRAMES, 1);
    });
    assert_objects(&found, "write-strobe", ViolationKind::Integrity);
    let later = found.iter().find(|v| v.check == "integrity").expect("the byte is old");
    assert_eq!((later.addr.map(|a| a.0), later.bytes), (Some(FRAMES + 5), 1));
}

#[test]
fn a_read_beat_swapped_between_two_ids() {
    let found = with(Fault::None, |rig| {
        let a = rig.open(Rig::ax(DECODER, 1, FRAMES, 1), false);
        let b = rig.open(Rig::ax(DECODER, 2, FRAMES + 16, 1), false);
        for (flight, other) in [(a, b), (b, a)] {
            let data = halves(rig.cell(flight.ax.addr));
            let truth = R { data, id: flight.ax.id, resp: 0, last: true };
            rig.r(MEMORY_SIDE, truth);
            rig.r(FILTER_SIDE, R { id: other.ax.id, ..truth });
            rig.r(usize::from(DECODER), R { id: other.ax.id & 15, ..truth });
            rig.idle(1);
        }
    });
    let checks: Vec<&str> = found.iter().map(|v| v.check.as_str()).collect();
    assert_eq!(checks, ["r-order", "read-data"]);
    assert!(found.iter().all(|v| v.fault == [Party::Rtl]));
}

#[test]
fn an_address_taken_back_when_a_register_is_written() {
    for write in [false, true] {
        let found = with(Fault::None, |rig| {
            let ax = Rig::ax(DECODER, 1, FRAMES, 1);
            let port = &mut rig.out.port[MEMORY_SIDE];
            (port.ar, port.aw) = (ax, ax);
            let channel = if write { &mut rig.out.aw } else { &mut rig.out.ar };
            channel.valid = 1 << MEMORY_SIDE;
            rig.idle(1);
            rig.apb_write(0x00c, 3);
        });
        assert_objects(&found, "address-held", ViolationKind::RuleMismatch);
    }
}

#[test]
fn every_other_fault_has_its_check() {
    use ViolationKind::{Escape, Integrity, RuleMismatch};
    type Act = fn(&mut Rig);
    let read: Act = |rig| drop(rig.read(DISPLAY, FRAMES, 4));
    let refused: Act = |rig| drop(rig.read(CPU, FRAMES, 4));
    let write: Act = |rig| rig.write(DECODER, FRAMES, 4, 0x21);
    let speculative: Act = |rig| {
        rig.apb_write(0x00c, 0);
        rig.write(DISPLAY, FRAMES, 4, 0x21);
    };
    let log: Act = |rig| {
        rig.read(CPU, FRAMES, 1);
        rig.read(CPU, FRAMES, 1);
        for offset in [0x010, 0x020, 0x024, 0x028, 0x02c] {
            rig.apb_read(offset);
        }
    };
    for (fault, act, check, kind) in [
        (Fault::DataChanged, read, "read-data", Integrity),
        (Fault::DataChanged, write, "write-data", Integrity),
        (Fault::DenyResponse, refused, "response", RuleMismatch),
        (Fault::AllowedDenied, read, "allowed-forwarded", RuleMismatch),
        (Fault::AllowedDenied, write, "allowed-forwarded", RuleMismatch),
        (Fault::AddressChanged, read, "address", RuleMismatch),
        (Fault::AddressChanged, write, "address", RuleMismatch),
        (Fault::LastEarly, read, "beat-count", RuleMismatch),
        (Fault::LastEarly, write, "write-last", RuleMismatch),
        (Fault::BlankingOff, speculative, "write-strobe", Integrity),
        (Fault::BlankingOff, speculative, "escape", Escape),
        (Fault::FabricRead, read, "fabric-read-data", Integrity),
        (Fault::FabricWrite, write, "fabric-write-data", Integrity),
        (Fault::FabricResponse, read, "fabric-response", RuleMismatch),
        (Fault::FabricResponse, write, "fabric-response", RuleMismatch),
        (Fault::FabricNsaid, read, "fabric-identity", RuleMismatch),
        (Fault::FabricAddress, read, "fabric-address", RuleMismatch),
        (Fault::FabricLast, read, "fabric-beat-count", RuleMismatch),
        (Fault::FailId, log, "fail-registers", RuleMismatch),
        (Fault::NoOverrun, log, "int-status", RuleMismatch),
        (Fault::NoInterrupt, log, "interrupt", RuleMismatch),
    ] {
        assert_objects(&with(fault, act), check, kind);
    }
}

#[test]
fn four_filters_share_one_region_file_and_have_a_log_each() {
    let mut rig = Rig::with_filters(&scene::quiet(), 4);
    rig.program(&scene::regions());
    for page in 0..4u64 {
        rig.write(CPU, 0x8000_0000 + 0x1000 * page, 2, page as u8);
        rig.read(CPU, 0x8000_0000 + 0x1000 * page, 2);
    }
    assert_eq!(objections(&rig.log), []);
    for page in [1, 3, 3] {
        rig.read(CPU, FRAMES + 0x1000 * page, 1);
    }
    for offset in [0x010, 0x020, 0x030, 0x03c, 0x050, 0x05c, 0x130] {
        rig.apb_read(offset);
    }
    assert_eq!(rig.apb_read(0x010), 0x80a);
    let undeclared = ("undeclared-attempt".to_owned(), Party::Driver);
    assert_eq!(objections(&rig.log), [undeclared]);
    rig.log.clear();
    rig.fault = Fault::WrongRoute;
    rig.read(CPU, 0x8000_0000, 1);
    let (_, log) = rig.finish();
    assert_eq!(objections(&log), [("fabric-route".to_owned(), Party::Rtl)]);
}

#[test]
fn a_region_on_one_filter_only_denies_on_the_others() {
    let mut rig = Rig::with_filters(&scene::quiet(), 4);
    rig.program(&scene::regions());
    rig.apb_write(0x170, 1);
    rig.read(CPU, 0x8000_0000, 1);
    assert_eq!(objections(&rig.log), []);
    rig.read(CPU, 0x8000_1000, 1);
    let (_, log) = rig.finish();
    assert_eq!(objections(&log), [("false-deny".to_owned(), Party::Firmware)]);
}

/// The twin of the tests above: the same acts on an honest board raise nothing but what is due.
#[test]
fn the_same_acts_without_a_fault() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.buffer(0, 1, FRAMES, FRAMES_LEN, true);
    rig.grant(0, DECODER, "rw");
    rig.grant(0, DISPLAY, "r");
    rig.write(DECODER, FRAMES + FRAMES_LEN - 0x40, 4, 0x50);
    rig.read(DISPLAY, FRAMES + FRAMES_LEN - 0x40, 4);
    assert_eq!(objections(&rig.log), []);
    rig.read(CPU, FRAMES, 4);
    let (_, log) = rig.finish();
    assert_eq!(objections(&log), [("undeclared-attempt".to_owned(), Party::Driver)]);
}

#[test]
fn a_crossing_burst_that_is_let_through_escapes_with_its_protected_bytes_only() {
    for write in [false, true] {
        let found = with(Fault::CrossingAllowed, |rig| {
            let ax = Rig::ax(CPU, 0, FRAMES - 0x20, 4);
            if write {
                rig.run_write(ax, 1);
            } else {
                rig.run_read(ax);
            }
        });
        assert_objects(&found, "denied-not-forwarded", ViolationKind::RuleMismatch);
        assert_objects(&found, "straddle", ViolationKind::Escape);
        let escape = found.iter().find(|v| v.check == "straddle").expect("found above");
        assert_eq!((escape.bytes, escape.addr.map(|a| a.0)), (32, Some(FRAMES)));
        assert_eq!(escape.rule, "TZ006");
    }
}

#[test]
fn an_answer_before_its_turn() {
    let found = with(Fault::None, |rig| {
        // Denied, then allowed, one ID: the allowed one's data comes first.
        let denied = rig.open(Rig::ax(DISPLAY, 1, 0x8010_0000, 1), false);
        let allowed = rig.open(Rig::ax(DISPLAY, 1, FRAMES, 1), false);
        let data = halves(rig.cell(FRAMES));
        let truth = R { data, id: allowed.ax.id, resp: 0, last: true };
        rig.r(MEMORY_SIDE, truth);
        rig.r(FILTER_SIDE, truth);
        rig.r(usize::from(DISPLAY), R { id: 1, ..truth });
        rig.idle(1);
        assert!(!denied.allowed);
    });
    assert_objects(&found, "r-order", ViolationKind::RuleMismatch);
}

#[test]
fn a_wrong_beat_at_memory_is_the_memory_s() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.r(MEMORY_SIDE, R { id: 0x21, ..R::default() });
    rig.idle(1);
    let (_, log) = rig.finish();
    assert_eq!(objections(&log), [("memory-answer".to_owned(), Party::Integration)]);
}
