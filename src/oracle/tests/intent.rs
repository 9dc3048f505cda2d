// SPDX-License-Identifier: Apache-2.0
//! Fact and rule against intent: programming, allocator, driver and wiring faults.
use super::rig::{Rig, objections, violations};
use super::scene::{self, BITSTREAM, CPU, CRYPTO, DECODER, DISPLAY, FRAMES, FRAMES_LEN, GPU};
use crate::engine::event::{GrantPhase, Party, Violation, ViolationKind};
use crate::oracle::Counts;
use crate::units::{Direction, Nsaid};
use ringfence_sim::Ax;

/// A board with a frame buffer that the decoder may fill and the display may read.
fn board(scenario: &crate::scenario::Scenario) -> Rig {
    let mut rig = Rig::ready(scenario);
    rig.buffer(0, 1, FRAMES, 0x4000, true);
    rig.grant(0, DECODER, "rw");
    rig.grant(0, DISPLAY, "r");
    rig
}

fn end(rig: Rig) -> (Vec<Violation>, Counts) {
    let (judgement, log) = rig.finish();
    (violations(&log), judgement.counts)
}

fn one(found: &[Violation]) -> (ViolationKind, &[Party], u64) {
    let [v] = found else { panic!("one violation is due: {found:?}") };
    (v.violation, &v.fault, v.bytes)
}

#[test]
fn an_open_background_is_an_escape_that_firmware_made() {
    let mut rig = Rig::new(&scene::scenario());
    rig.program(&[]);
    rig.apb_write(0x114, u32::MAX);
    rig.buffer(0, 1, FRAMES, 0x4000, true);
    rig.grant(0, DECODER, "rw");
    rig.write(DECODER, FRAMES, 4, 9);
    let got = rig.read(GPU, FRAMES + 8, 3);
    assert_ne!(got[1], [0; 16]);
    let (found, counts) = end(rig);
    assert_eq!(one(&found), (ViolationKind::Escape, &[Party::Firmware][..], 40));
    assert_eq!(
        (counts.escapes, counts.escaped_bytes_read, counts.escaped_bytes_written),
        (1, 40, 0)
    );
    assert!(found[0].next.contains("background"), "{}", found[0].next);
    assert_eq!(found[0].addr.map(|a| a.0), Some(FRAMES + 8));
    assert_eq!(found[0].line, Some(scene::INTRUDER_LINE));
}

#[test]
fn only_strobed_bytes_of_an_escaped_write_count() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.apb_write(0x154, u32::MAX);
    let mut flight = rig.open(Rig::ax(GPU, 0, FRAMES, 2), true);
    rig.write_beat(&mut flight, [1; 16], 0x0ff0);
    rig.write_beat(&mut flight, [1; 16], 0);
    rig.response(&flight);
    let (found, counts) = end(rig);
    assert_eq!(one(&found), (ViolationKind::Escape, &[Party::Firmware][..], 8));
    assert_eq!(found[0].addr.map(|a| a.0), Some(FRAMES + 4));
    assert!(found[0].next.contains("region 2 gives NSAID 5"), "{}", found[0].next);
    assert_eq!(counts.escaped_bytes_written, 8);
}

#[test]
fn a_wrong_identity_is_the_integration_s() {
    let mut rig = board(&scene::quiet());
    let ax = Ax { nsaid: DECODER + 1, ..Rig::ax(GPU, 0, FRAMES, 1) };
    rig.run_read(ax);
    let (found, _) = end(rig);
    let checks: Vec<_> = found.iter().map(|v| (v.check.as_str(), v.fault[0])).collect();
    assert_eq!(checks, [("identity", Party::Integration), ("escape", Party::Integration)]);
}

#[test]
fn a_secure_access_by_a_non_secure_master_is_the_integration_s() {
    let mut rig = board(&scene::quiet());
    rig.run_read(Ax { prot: 0, ..Rig::ax(CPU, 0, 0x8000_0000, 1) });
    let (found, _) = end(rig);
    let checks: Vec<_> = found.iter().map(|v| (v.check.as_str(), v.fault[0])).collect();
    assert_eq!(checks, [("identity", Party::Integration), ("false-deny", Party::Integration)]);
}

#[test]
fn two_masters_with_one_identity_cannot_be_told_apart() {
    let mut scenario = scene::quiet();
    scenario.masters[usize::from(GPU)].nsaid = Nsaid(DECODER + 1);
    let mut rig = board(&scenario);
    rig.run_read(Ax { nsaid: DECODER + 1, ..Rig::ax(GPU, 0, FRAMES, 1) });
    let (found, _) = end(rig);
    assert_eq!(one(&found).1, [Party::Integration, Party::Firmware]);
    assert!(found[0].next.contains("gpu and vdec carry one NSAID"), "{}", found[0].next);
}

#[test]
fn a_denied_access_that_nobody_declared() {
    let mut rig = board(&scene::quiet());
    rig.write(CPU, FRAMES, 1, 1);
    let (found, counts) = end(rig);
    assert_eq!(one(&found), (ViolationKind::UndeclaredAttempt, &[Party::Driver][..], 0));
    assert_eq!((counts.blocked_unexpected, counts.blocked_expected), (1, 0));
}

#[test]
fn an_intruder_is_blocked_as_expected_but_not_on_ordinary_memory() {
    let mut rig = board(&scene::scenario());
    rig.apb_write(0x170, 0);
    let ax = Rig::ax(GPU, 0, BITSTREAM, 1);
    rig.attempt(Direction::Read, ax);
    rig.run_read(ax);
    rig.read(GPU, BITSTREAM - 0x10, 1);
    rig.read(GPU, BITSTREAM + 0x1_0000, 1);
    let (found, counts) = end(rig);
    assert_eq!(one(&found), (ViolationKind::FalseDeny, &[Party::Firmware][..], 0));
    assert!(found[0].next.contains("region 0"), "{}", found[0].next);
    assert_eq!((counts.blocked_expected, counts.false_denies), (1, 1));
    // The region between the pools stayed open, the one in front of them did not.
    assert_eq!(found[0].addr.map(|a| a.0), Some(BITSTREAM - 0x10));
}

#[test]
fn overlapping_regions_deny_a_permitted_master_and_firmware_is_to_blame() {
    let mut rig = board(&scene::quiet());
    rig.apb_write(0x168, FRAMES as u32);
    rig.apb_write(0x188, (FRAMES + 0xfff) as u32);
    let got = rig.read(DECODER, FRAMES, 1);
    assert_eq!(got, [[0; 16]]);
    let (found, _) = end(rig);
    let deny = found.iter().find(|v| v.violation == ViolationKind::FalseDeny).expect("denied");
    assert_eq!(deny.fault, [Party::Firmware]);
    assert!(deny.next.contains("two enabled regions"), "{}", deny.next);
}

#[test]
fn a_pool_right_without_a_grant_is_an_overreach() {
    let mut rig = board(&scene::quiet());
    rig.read(DISPLAY, FRAMES + 0x8000, 2);
    rig.buffer(5, 1, FRAMES + 0x1_0000, 0x20, true);
    rig.grant(5, DISPLAY, "r");
    rig.read(DISPLAY, FRAMES + 0x1_0000, 4);
    let (found, counts) = end(rig);
    assert_eq!(counts.overreach, 2);
    assert_eq!(found.iter().map(|v| v.bytes).collect::<Vec<_>>(), [32, 32]);
    assert_eq!(found[1].addr.map(|a| a.0), Some(FRAMES + 0x1_0020));
    assert!(found.iter().all(|v| v.fault == [Party::Driver] && v.why[3].contains("invisible")));
}

#[test]
fn a_grant_has_a_direction_and_a_beginning_and_an_end() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.buffer(0, 1, FRAMES, 0x4000, true);
    rig.phase(0, 0, DECODER, "r", GrantPhase::Requested);
    rig.read(DECODER, FRAMES, 4);
    rig.phase(0, 0, DECODER, "r", GrantPhase::Programmed);
    rig.read(DECODER, FRAMES, 4);
    assert_eq!(objections(&rig.log), []);
    rig.write(DECODER, FRAMES, 4, 1);
    assert_eq!(objections(&rig.log).len(), 1);
    rig.phase(0, 0, DECODER, "r", GrantPhase::RevokeRequested);
    rig.read(DECODER, FRAMES, 2);
    rig.phase(0, 0, DECODER, "r", GrantPhase::Revoked);
    rig.read(DECODER, FRAMES, 4);
    let (found, counts) = end(rig);
    assert_eq!((counts.overreach, counts.in_transition, found.len()), (2, 6, 2));
}

#[test]
fn beats_after_revoke_returned_are_late() {
    for write in [false, true] {
        let mut rig = board(&scene::quiet());
        let mut flight = rig.open(Rig::ax(DECODER, 5, FRAMES, 4), write);
        let beat = |rig: &mut Rig, flight: &mut super::rig::Flight| {
            if write {
                rig.write_beat(flight, [3; 16], 0xffff);
            } else {
                rig.read_beat(flight);
            }
        };
        beat(&mut rig, &mut flight);
        rig.phase(0, 0, DECODER, "rw", GrantPhase::RevokeRequested);
        beat(&mut rig, &mut flight);
        rig.phase(0, 0, DECODER, "rw", GrantPhase::Revoked);
        rig.idle(1);
        beat(&mut rig, &mut flight);
        beat(&mut rig, &mut flight);
        if write {
            rig.response(&flight);
        }
        let (found, counts) = end(rig);
        assert_eq!(one(&found), (ViolationKind::LateLanding, &[Party::Driver][..], 32));
        assert_eq!((counts.late_landings, counts.in_transition), (2, 0));
    }
}

#[test]
fn another_live_grant_keeps_a_transaction_in_order() {
    let mut rig = board(&scene::quiet());
    let second = rig.grant(0, DECODER, "rw");
    let mut flight = rig.open(Rig::ax(DECODER, 5, FRAMES, 2), false);
    rig.phase(0, 0, DECODER, "rw", GrantPhase::Revoked);
    rig.idle(1);
    rig.read_beat(&mut flight);
    rig.phase(second, 0, DECODER, "rw", GrantPhase::Revoked);
    rig.idle(1);
    rig.read_beat(&mut flight);
    let (found, counts) = end(rig);
    assert_eq!((found.len(), counts.late_landings), (1, 1));
}

#[test]
fn a_buffer_freed_under_a_running_master() {
    let mut rig = board(&scene::quiet());
    let mut flight = rig.open(Rig::ax(DECODER, 5, FRAMES, 1), false);
    rig.buffer(0, 1, FRAMES, 0x4000, false);
    rig.idle(1);
    rig.read_beat(&mut flight);
    let (found, _) = end(rig);
    assert_eq!(one(&found).0, ViolationKind::LateLanding);
}

#[test]
fn bytes_of_an_earlier_owner_are_residue_until_they_are_overwritten() {
    let mut rig = board(&scene::quiet());
    rig.write(DECODER, FRAMES, 4, 7);
    for (grant, master, rights) in [(0, DECODER, "rw"), (1, DISPLAY, "r")] {
        rig.phase(grant, 0, master, rights, GrantPhase::Revoked);
    }
    rig.buffer(0, 1, FRAMES, 0x4000, false);
    rig.buffer(1, 1, FRAMES + 0x10, 0x1000, true);
    rig.grant(1, DECODER, "rw");
    rig.write(DECODER, FRAMES + 0x10, 1, 8);
    rig.read(DECODER, FRAMES + 0x10, 1);
    assert_eq!(objections(&rig.log), []);
    rig.read(DECODER, FRAMES + 0x10, 4);
    let (found, counts) = end(rig);
    assert_eq!(one(&found), (ViolationKind::Residue, &[Party::AllocatorKernel][..], 32));
    assert_eq!(found[0].addr.map(|a| a.0), Some(FRAMES + 0x20));
    assert_eq!(counts.residue_bytes, 32);
}

#[test]
fn a_burst_over_a_pool_edge_is_judged_byte_by_byte() {
    let edge = FRAMES;
    let crossing = Rig::ax(GPU, 1, edge - 0x20, 4);
    // Honest: denied whole, an attempt for its protected bytes.
    let mut rig = board(&scene::scenario());
    rig.attempt(Direction::Write, crossing);
    rig.run_write(crossing, 1);
    rig.oracle.protocol(
        crate::units::Cycle(rig.cycle),
        usize::from(GPU),
        "AXI4_ERRM_AWADDR_BOUNDARY",
        "IHI 0022 A3.4.1",
        "crosses",
        true,
    );
    let (found, counts) = end(rig);
    assert_eq!((found.len(), counts.blocked_expected, counts.protocol_provoked), (0, 1, 1));
    // The same on ordinary memory only is refused as well, and was provoked too.
    let mut rig = board(&scene::scenario());
    rig.read(GPU, 0x8000_0ff0, 2);
    let (found, counts) = end(rig);
    assert_eq!((found.len(), counts.blocked_expected), (0, 1));
}

#[test]
fn an_allocation_over_a_live_buffer_or_outside_a_pool() {
    let mut rig = board(&scene::quiet());
    rig.buffer(1, 1, FRAMES + 0x3000, 0x2000, true);
    rig.buffer(2, 1, FRAMES + FRAMES_LEN - 0x1000, 0x2000, true);
    let (found, _) = end(rig);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|v| v.check == "allocation" && v.fault == [Party::AllocatorKernel]));
    assert_eq!(found[0].addr.map(|a| a.0), Some(FRAMES + 0x3000));
}

#[test]
fn pool_rights_without_the_direction_are_an_escape_not_an_overreach() {
    let mut rig = board(&scene::quiet());
    rig.apb_write(0x134, u32::MAX);
    rig.buffer(1, 0, BITSTREAM, 0x1000, true);
    rig.grant(1, CRYPTO, "rw");
    rig.read(CRYPTO, BITSTREAM, 1);
    let (found, counts) = end(rig);
    assert_eq!((one(&found).0, counts.escapes), (ViolationKind::Escape, 1));
}
