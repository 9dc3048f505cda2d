// SPDX-License-Identifier: Apache-2.0
//! One fault of the hardware at a time: the named check objects, and blames the hardware.
use super::rig::{Fault, Rig, halves, objections, violations};
use super::scene::{self, CPU, DECODER, DISPLAY, FRAMES, FRAMES_LEN};
use crate::engine::event::{Event, GrantPhase, Party, Violation, ViolationKind};
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
    let hit = found
        .iter()
        .find(|v| v.check == check && v.violation == kind);
    let checks: Vec<_> = found.iter().map(|v| (&v.check, v.violation)).collect();
    assert_eq!(
        hit.map(|v| &v.fault[..]),
        Some(&[Party::Rtl][..]),
        "{check}: {checks:?}"
    );
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
    let escape = found
        .iter()
        .find(|v| v.check == "escape")
        .expect("found above");
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
    let escape = found
        .iter()
        .find(|v| v.check == "escape")
        .expect("data got out");
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
    let later = found
        .iter()
        .find(|v| v.check == "integrity")
        .expect("the byte is old");
    assert_eq!(
        (later.addr.map(|a| a.0), later.bytes),
        (Some(FRAMES + 5), 1)
    );
}

#[test]
fn a_read_beat_swapped_between_two_ids() {
    let found = with(Fault::None, |rig| {
        let a = rig.open(Rig::ax(DECODER, 1, FRAMES, 1), false);
        let b = rig.open(Rig::ax(DECODER, 2, FRAMES + 16, 1), false);
        for (flight, other) in [(a, b), (b, a)] {
            let data = halves(rig.cell(flight.ax.addr));
            let truth = R {
                data,
                id: flight.ax.id,
                resp: 0,
                last: true,
            };
            rig.r(MEMORY_SIDE, truth);
            rig.r(
                FILTER_SIDE,
                R {
                    id: other.ax.id,
                    ..truth
                },
            );
            rig.r(
                usize::from(DECODER),
                R {
                    id: other.ax.id & 15,
                    ..truth
                },
            );
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
            let channel = if write {
                &mut rig.out.aw
            } else {
                &mut rig.out.ar
            };
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
        (
            Fault::AllowedDenied,
            read,
            "allowed-forwarded",
            RuleMismatch,
        ),
        (
            Fault::AllowedDenied,
            write,
            "allowed-forwarded",
            RuleMismatch,
        ),
        (Fault::AddressChanged, read, "address", RuleMismatch),
        (Fault::AddressChanged, write, "address", RuleMismatch),
        (Fault::LastEarly, read, "beat-count", RuleMismatch),
        (Fault::LastEarly, write, "write-last", RuleMismatch),
        (Fault::BlankingOff, speculative, "write-strobe", Integrity),
        (Fault::BlankingOff, speculative, "escape", Escape),
        (Fault::FabricRead, read, "fabric-read-data", Integrity),
        (Fault::FabricWrite, write, "fabric-write-data", Integrity),
        (Fault::FabricResponse, read, "fabric-response", RuleMismatch),
        (
            Fault::FabricResponse,
            write,
            "fabric-response",
            RuleMismatch,
        ),
        (Fault::FabricNsaid, read, "fabric-identity", RuleMismatch),
        (Fault::FailId, log, "fail-registers", RuleMismatch),
        (Fault::NoOverrun, log, "int-status", RuleMismatch),
        (Fault::NoInterrupt, log, "interrupt", RuleMismatch),
    ] {
        assert_objects(&with(fault, act), check, kind);
    }
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
    assert_eq!(
        objections(&log),
        [("undeclared-attempt".to_owned(), Party::Driver)]
    );
}

#[test]
fn an_answer_before_its_turn() {
    let found = with(Fault::None, |rig| {
        // Denied, then allowed, one ID: the allowed one's data comes first.
        let denied = rig.open(Rig::ax(DISPLAY, 1, 0x8010_0000, 1), false);
        let allowed = rig.open(Rig::ax(DISPLAY, 1, FRAMES, 1), false);
        let data = halves(rig.cell(FRAMES));
        let truth = R {
            data,
            id: allowed.ax.id,
            resp: 0,
            last: true,
        };
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
    rig.r(
        MEMORY_SIDE,
        R {
            id: 0x21,
            ..R::default()
        },
    );
    rig.idle(1);
    let (_, log) = rig.finish();
    assert_eq!(
        objections(&log),
        [("memory-answer".to_owned(), Party::Integration)]
    );
}

#[test]
fn a_full_record_says_who_what_where_when_why_and_what_next() {
    let mut rig = Rig::ready(&scene::scenario());
    rig.buffer(7, 1, FRAMES, FRAMES_LEN, true);
    let grant = rig.grant(7, DECODER, "rw");
    rig.write(DECODER, FRAMES, 4, 0x40);
    rig.phase(grant, 7, DECODER, "rw", GrantPhase::Revoked);
    rig.idle(10);
    rig.write(DECODER, FRAMES + 0x100, 2, 0x41);
    let (_, log) = rig.finish();
    let v = &violations(&log)[0];
    assert_eq!(
        (v.id.as_str(), v.rule.as_str(), v.who.as_str()),
        ("V1", "TZ013", "vdec")
    );
    assert_eq!(v.violation, ViolationKind::Overreach);
    assert_eq!(
        (v.addr.map(|a| a.0), v.bytes, v.resp),
        (Some(FRAMES + 0x100), 32, Some(0))
    );
    assert_eq!(v.buffer, Some(("buffer[7]".into(), 0x100)));
    assert_eq!(
        (v.pool.as_deref(), v.line),
        (Some("frames"), Some(scene::FRAMES_LINE))
    );
    assert_eq!(v.region.map(|r| (r.index, r.base.0)), Some((2, FRAMES)));
    assert_eq!(v.fault, [Party::Driver]);
    assert_eq!(v.nanoseconds, v.cycle.0 * 5 / 3);
    assert!(v.why[0].starts_with("fact: 32 bytes landed") && v.why[1].starts_with("rule: ALLOW"));
    assert!(v.why[2].contains("intent: DENY") && v.why[3].contains("invisible"));
    let history: Vec<&str> = v.history.iter().map(|line| line.what.as_str()).collect();
    assert!(
        history.iter().any(|h| h.contains("buffer[7] allocated")),
        "{history:?}"
    );
    assert!(
        history
            .iter()
            .any(|h| h.contains("grant 0 of buffer[7] to vdec:rw revoked"))
    );
    assert!(history.iter().any(|h| h.starts_with("REGION_ID_ACCESS_2")));
    assert!(
        v.history
            .windows(2)
            .all(|pair| pair[0].cycle <= pair[1].cycle)
    );
    assert_eq!(v.fingerprint, "TZ013:overreach:vdec:w:frames");
    assert!(!v.next.is_empty());
    let first = log.iter().position(|e| matches!(e, Event::Violation(_)));
    assert!(first.is_some());
}
