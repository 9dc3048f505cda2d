// SPDX-License-Identifier: Apache-2.0
//! What a violation tells.
use super::rig::{Rig, violations};
use super::scene::{self, CPU, DECODER, FRAMES, FRAMES_LEN};
use crate::engine::event::{Event, GrantPhase, Party, ViolationKind};
use crate::units::Cycle;

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
    assert_eq!((v.id.as_str(), v.rule.as_str(), v.who.as_str()), ("V1", "TZ013", "vdec"));
    assert_eq!(v.violation, ViolationKind::Overreach);
    assert_eq!((v.addr.map(|a| a.0), v.bytes, v.resp), (Some(FRAMES + 0x100), 32, Some(0)));
    assert_eq!(v.buffer, Some(("buffer[7]".into(), 0x100)));
    assert_eq!((v.pool.as_deref(), v.line), (Some("frames"), Some(scene::FRAMES_LINE)));
    assert_eq!(v.region.map(|r| (r.index, r.base.0)), Some((2, FRAMES)));
    assert_eq!(v.fault, [Party::Driver]);
    assert_eq!(v.nanoseconds, v.cycle.0 * 5 / 3);
    assert!(v.why[0].starts_with("fact: 32 bytes landed") && v.why[1].starts_with("rule: ALLOW"));
    assert!(v.why[2].contains("intent: DENY") && v.why[3].contains("invisible"));
    let history: Vec<&str> = v.history.iter().map(|line| line.what.as_str()).collect();
    assert!(history.iter().any(|h| h.contains("buffer[7] allocated")), "{history:?}");
    assert!(history.iter().any(|h| h.contains("grant 0 of buffer[7] to vdec:rw revoked")));
    assert!(history.iter().any(|h| h.starts_with("REGION_ID_ACCESS_2")));
    assert!(v.history.windows(2).all(|pair| pair[0].cycle <= pair[1].cycle));
    assert_eq!(v.fingerprint, "TZ013:overreach:vdec:w:frames");
    assert!(!v.next.is_empty());
    let first = log.iter().position(|e| matches!(e, Event::Violation(_)));
    assert!(first.is_some());
}

#[test]
fn a_broken_bus_rule_is_told_with_its_section() {
    let mut rig = Rig::ready(&scene::quiet());
    let (cycle, port) = (Cycle(rig.cycle), usize::from(CPU));
    rig.oracle.protocol(cycle, port, "AXI4_ERRM_WDATA_STABLE", "IHI 0022 A3.2.1", "W moved", false);
    rig.oracle.protocol(cycle, 8, "AXI4_ERRM_WDATA_STABLE", "IHI 0022 A3.2.1", "W moved", true);
    let (judgement, log) = rig.finish();
    let v = &violations(&log)[0];
    assert_eq!((v.rule.as_str(), v.check.as_str()), ("AX001", "AXI4_ERRM_WDATA_STABLE"));
    assert_eq!((v.who.as_str(), v.next.as_str()), ("cpu", "read IHI 0022 A3.2.1"));
    let counts = judgement.counts;
    assert_eq!((counts.protocol_errors, counts.protocol_provoked), (1, 1));
}
