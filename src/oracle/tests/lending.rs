// SPDX-License-Identifier: Apache-2.0
//! Memory of a dynamic pool over time: before the lend, while it is lent, after the reclaim.
use super::rig::{Rig, objections, violations};
use super::scene::{self, CPU, CRYPTO, DECODER, FRAMES, FRAMES_LEN, GPU};
use crate::engine::event::{
    Event, GrantPhase, Party, PoolEvent, PoolPhase, Upkeep, UpkeepEvent, Violation, ViolationKind,
};
use crate::oracle::Oracle;
use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};

/// `REGION_ID_ACCESS` of the frames' region.
pub(super) const FRAMES_ID_ACCESS: u16 = 0x154;

/// A board whose frame pool is dynamic; its region is open to all until it is said otherwise.
pub(super) fn board() -> Rig {
    let scenario = scene::quiet();
    let mut pools = scene::pools();
    pools[1].range = None;
    let mut rig = Rig::new(&scenario);
    rig.oracle = Oracle::new(&scenario, 1, pools);
    rig.program(&scene::regions());
    rig.apb_write(FRAMES_ID_ACCESS, u32::MAX);
    rig
}

impl Rig {
    pub(super) fn pool(&mut self, phase: PoolPhase) {
        let (base, len) = (PhysAddr(FRAMES), ByteLen(FRAMES_LEN));
        let cycle = Cycle(self.cycle);
        self.oracle.intent(&Event::Pool(PoolEvent { cycle, pool: 1, base, len, phase }));
    }

    pub(super) fn lend(&mut self) {
        self.pool(PoolPhase::LendRequested);
        self.pool(PoolPhase::LendProgrammed);
    }

    pub(super) fn upkeep(&mut self, what: Upkeep, master: u8, len: u64, begins: bool) {
        self.oracle.intent(&Event::Upkeep(UpkeepEvent {
            cycle: Cycle(self.cycle),
            what,
            master: MasterId(master),
            base: PhysAddr(FRAMES),
            len: ByteLen(len),
            begins,
        }));
    }

    /// A buffer that the decoder has filled.
    fn frame(&mut self) {
        self.buffer(0, 1, FRAMES, 0x4000, true);
        self.grant(0, DECODER, "rw");
        self.write(DECODER, FRAMES, 4, 7);
    }
}

pub(super) fn end(rig: Rig) -> Vec<Violation> {
    violations(&rig.finish().1)
}

pub(super) fn one(found: &[Violation]) -> (ViolationKind, &str, &[Party], u64) {
    let [v] = found else { panic!("one violation is due: {found:?}") };
    (v.violation, &v.check, &v.fault, v.bytes)
}

#[test]
fn a_pool_is_nobodys_business_until_it_is_lent() {
    let mut rig = board();
    rig.write(CPU, FRAMES, 4, 1);
    rig.pool(PoolPhase::LendRequested);
    rig.read(GPU, FRAMES + 0x1000, 4);
    assert_eq!(objections(&rig.log), []);
    rig.pool(PoolPhase::LendProgrammed);
    rig.read(GPU, FRAMES + 0x1000, 4);
    let (judgement, log) = rig.finish();
    assert_eq!(judgement.counts.in_transition, 4);
    assert_eq!(one(&violations(&log)).0, ViolationKind::Escape);
}

#[test]
fn a_stale_address_after_the_reclaim_is_late_and_ordinary_use_is_not() {
    for drained in [false, true] {
        let mut rig = board();
        rig.lend();
        rig.frame();
        rig.pool(PoolPhase::ReclaimRequested);
        rig.write(DECODER, FRAMES, 1, 9);
        if drained {
            rig.pool(PoolPhase::Drained);
        }
        rig.pool(PoolPhase::Opened);
        rig.pool(PoolPhase::Returned);
        rig.buffer(0, 1, FRAMES, 0x4000, false);
        rig.write(CPU, FRAMES, 4, 1);
        rig.write(GPU, FRAMES, 4, 1);
        assert_eq!(objections(&rig.log), []);
        rig.write(DECODER, FRAMES + 0x100, 2, 3);
        let found = end(rig);
        let hasty: &[Party] = &[Party::Driver, Party::AllocatorKernel];
        let fault = if drained { &hasty[..1] } else { hasty };
        assert_eq!(one(&found), (ViolationKind::LateLanding, "after-reclaim", fault, 32));
    }
}

#[test]
fn what_is_in_flight_as_the_memory_returns_is_late() {
    let mut rig = board();
    rig.lend();
    rig.frame();
    let mut flight = rig.open(Rig::ax(DECODER, 5, FRAMES, 2), true);
    rig.write_beat(&mut flight, [3; 16], 0xffff);
    rig.pool(PoolPhase::ReclaimRequested);
    rig.pool(PoolPhase::Returned);
    rig.idle(1);
    rig.write_beat(&mut flight, [3; 16], 0xffff);
    rig.response(&flight);
    let found = end(rig);
    assert_eq!((found[0].violation, found[0].bytes), (ViolationKind::LateLanding, 16));
}

#[test]
fn what_was_not_scrubbed_is_residue_to_the_next_owner() {
    let mut rig = board();
    rig.lend();
    rig.frame();
    rig.buffer(0, 1, FRAMES, 0x4000, false);
    rig.pool(PoolPhase::ReclaimRequested);
    rig.upkeep(Upkeep::Scrub, CRYPTO, FRAMES_LEN, true);
    rig.write(CRYPTO, FRAMES, 3, 0); // one beat of four is forgotten
    rig.upkeep(Upkeep::Scrub, CRYPTO, FRAMES_LEN, false);
    rig.pool(PoolPhase::Opened);
    rig.pool(PoolPhase::Returned);
    rig.read(CPU, FRAMES, 4);
    let found = end(rig);
    let fault: &[Party] = &[Party::AllocatorTee, Party::AllocatorKernel];
    assert_eq!(one(&found), (ViolationKind::Residue, "residue", fault, 16));
    assert_eq!(found[0].addr.map(|a| a.0), Some(FRAMES + 0x30));
}

#[test]
fn a_scrubber_has_a_right_only_while_it_scrubs() {
    let mut rig = board();
    rig.lend();
    rig.upkeep(Upkeep::Scrub, CRYPTO, 0x1000, true);
    rig.write(CRYPTO, FRAMES, 1, 0);
    assert_eq!(objections(&rig.log), []);
    rig.write(CRYPTO, FRAMES + 0x1000, 1, 0);
    rig.upkeep(Upkeep::Scrub, CRYPTO, 0x1000, false);
    rig.write(CRYPTO, FRAMES, 1, 0);
    let found = end(rig);
    let kinds: Vec<_> = found.iter().map(|v| v.violation).collect();
    assert_eq!(kinds, [ViolationKind::Escape; 2], "it has no right of its own to frames");
}

#[test]
fn cleared_pages_show_nothing_of_anybody() {
    let mut rig = board();
    rig.write(CPU, FRAMES, 4, 5);
    rig.upkeep(Upkeep::Clear, CPU, FRAMES_LEN, true);
    rig.write(CPU, FRAMES, 2, 0);
    rig.upkeep(Upkeep::Clear, CPU, FRAMES_LEN, false);
    rig.lend();
    rig.buffer(0, 1, FRAMES, 0x4000, true);
    rig.grant(0, DECODER, "rw");
    rig.read(DECODER, FRAMES, 2);
    assert_eq!(objections(&rig.log), []);
    rig.read(DECODER, FRAMES, 4);
    assert_eq!(one(&end(rig)).3, 32, "the two beats that were not cleared");
}

#[test]
fn pages_that_come_back_shut_are_the_secure_worlds_fault() {
    for opened in [false, true] {
        let mut rig = board();
        rig.lend();
        rig.apb_write(FRAMES_ID_ACCESS, 0);
        rig.pool(PoolPhase::ReclaimRequested);
        if opened {
            rig.pool(PoolPhase::Opened);
        }
        rig.pool(PoolPhase::Returned);
        rig.write(CPU, FRAMES, 1, 1);
        let found = end(rig);
        let failed: &[Party] = &[Party::AllocatorTee, Party::AllocatorKernel];
        let fault = if opened { &[Party::Firmware][..] } else { failed };
        assert_eq!(one(&found), (ViolationKind::FalseDeny, "false-deny", fault, 0));
    }
}

#[test]
fn a_bounce_copy_that_is_denied_is_self_inflicted() {
    let mut rig = board();
    rig.lend();
    rig.apb_write(FRAMES_ID_ACCESS, 0);
    rig.upkeep(Upkeep::Bounce, CPU, 0x1000, true);
    rig.read(CPU, FRAMES, 1);
    let found = end(rig);
    let kernel: &[Party] = &[Party::AllocatorKernel];
    assert_eq!(one(&found), (ViolationKind::SelfInflicted, "self-inflicted", kernel, 0));
}

#[test]
fn both_definitions_of_revoke_are_counted() {
    let late = |rig: Rig| {
        let counts = rig.finish().0.counts;
        (counts.late_admission, counts.late_strong)
    };
    let lent = || {
        let mut rig = board();
        rig.lend();
        rig.frame();
        rig
    };
    // In time by either.
    assert_eq!(late(lent()), (0, 0));
    // Let in before the memory returns, over after it: only the strong one objects.
    let mut rig = lent();
    let mut flight = rig.open(Rig::ax(DECODER, 5, FRAMES, 2), true);
    rig.pool(PoolPhase::ReclaimRequested);
    rig.pool(PoolPhase::Returned);
    rig.idle(1);
    rig.write_beat(&mut flight, [3; 16], 0xffff);
    rig.write_beat(&mut flight, [3; 16], 0xffff);
    rig.response(&flight);
    assert_eq!(late(rig), (0, 1));
    // Let in afterwards.
    let mut rig = lent();
    rig.pool(PoolPhase::ReclaimRequested);
    rig.pool(PoolPhase::Returned);
    rig.write(DECODER, FRAMES, 1, 1);
    rig.write(CPU, FRAMES, 1, 1);
    assert_eq!(late(rig), (1, 1));
    // After an unmap: let in, then denied. Only the latter is no matter of admission.
    let mut rig = lent();
    rig.phase(0, 0, DECODER, "rw", GrantPhase::Revoked);
    rig.write(DECODER, FRAMES, 1, 1);
    rig.apb_write(FRAMES_ID_ACCESS, 0);
    rig.write(DECODER, FRAMES, 1, 1);
    assert_eq!(late(rig), (1, 2));
    // Who never had the right is no late one.
    let mut rig = lent();
    rig.grant(0, GPU, "");
    rig.read(GPU, FRAMES, 1);
    rig.apb_write(FRAMES_ID_ACCESS, 0);
    rig.read(GPU, FRAMES, 1);
    assert_eq!(late(rig), (0, 0));
}
