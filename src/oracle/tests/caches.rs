// SPDX-License-Identifier: Apache-2.0
//! What the processor's cache does without being asked, and what it hides.
use super::lending::{board, end, one};
use super::rig::objections;
use super::scene::{CPU, FRAMES, FRAMES_LEN};
use crate::engine::event::{
    CacheHitEvent, Event, Party, PoolPhase, Upkeep, Violation, ViolationKind,
};
use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};

const KERNEL: &[Party] = &[Party::AllocatorKernel];

fn note(found: &Violation, words: &str) -> bool {
    found.why.iter().any(|line| line.contains(words))
}

#[test]
fn an_eviction_is_announced_and_its_write_is_its_end() {
    let mut rig = board();
    rig.lend();
    rig.apb_write(super::lending::FRAMES_ID_ACCESS, 0);
    rig.upkeep(Upkeep::Evict, CPU, 0x40, true);
    rig.read(CPU, FRAMES, 4);
    assert_eq!(objections(&rig.log).len(), 1, "a read is no eviction");
    rig.write(CPU, FRAMES, 4, 0);
    rig.write(CPU, FRAMES, 4, 0);
    let found = end(rig);
    let kinds: Vec<_> = found.iter().map(|v| (v.violation, v.fault.as_slice())).collect();
    let undeclared = (ViolationKind::UndeclaredAttempt, &[Party::Driver][..]);
    assert_eq!(kinds, [undeclared, (ViolationKind::SelfInflicted, KERNEL), undeclared]);
    assert!(note(&found[1], "evicts a dirty line") && note(&found[1], "what was in it is lost"));
}

#[test]
fn a_speculative_read_that_is_denied_is_an_abort_or_a_line_of_zeros() {
    for (action, words) in [(3, "an external abort"), (0, "a line of zeros")] {
        let mut rig = board();
        rig.lend();
        rig.apb_write(super::lending::FRAMES_ID_ACCESS, 0);
        rig.apb_write(4, action);
        rig.upkeep(Upkeep::Speculate, CPU, 0x40, true);
        rig.read(CPU, FRAMES, 4);
        let found = end(rig);
        assert_eq!(one(&found), (ViolationKind::SelfInflicted, "self-inflicted", KERNEL, 0));
        assert!(note(&found[0], words), "{:?}", found[0].why);
    }
}

#[test]
fn what_is_let_through_is_an_escape_however_it_came_about() {
    let mut rig = board();
    rig.lend();
    rig.upkeep(Upkeep::Speculate, CPU, 0x40, true);
    rig.read(CPU, FRAMES, 4);
    assert_eq!(one(&end(rig)).0, ViolationKind::Escape);
}

#[test]
fn maintenance_is_self_inflicted_as_long_as_it_lasts() {
    let mut rig = board();
    rig.lend();
    rig.apb_write(super::lending::FRAMES_ID_ACCESS, 0);
    rig.upkeep(Upkeep::Maintain, CPU, FRAMES_LEN, true);
    rig.write(CPU, FRAMES, 4, 0);
    rig.write(CPU, FRAMES + 0x40, 4, 0);
    rig.upkeep(Upkeep::Maintain, CPU, FRAMES_LEN, false);
    rig.write(CPU, FRAMES + 0x80, 4, 0);
    let kinds: Vec<_> = end(rig).iter().map(|v| v.violation).collect();
    use ViolationKind::{SelfInflicted, UndeclaredAttempt};
    assert_eq!(kinds, [SelfInflicted, SelfInflicted, UndeclaredAttempt]);
}

#[test]
fn zeros_that_come_out_of_the_cache_later_clear_pages_too() {
    let mut rig = board();
    rig.write(CPU, FRAMES, 4, 5);
    rig.upkeep(Upkeep::Clear, CPU, FRAMES_LEN, true);
    rig.upkeep(Upkeep::Maintain, CPU, FRAMES_LEN, true);
    rig.write(CPU, FRAMES, 2, 0);
    rig.upkeep(Upkeep::Maintain, CPU, FRAMES_LEN, false);
    rig.upkeep(Upkeep::Evict, CPU, 0x40, true);
    rig.write(CPU, FRAMES + 0x20, 2, 0);
    rig.lend();
    rig.upkeep(Upkeep::Clear, CPU, FRAMES_LEN, false);
    rig.buffer(0, 1, FRAMES, 0x4000, true);
    rig.grant(0, super::scene::DECODER, "rw");
    rig.read(super::scene::DECODER, FRAMES, 4);
    assert_eq!(end(rig), []);
}

#[test]
fn a_line_that_is_older_than_the_memory_it_stands_for_is_stale() {
    for (oldest, stale) in [(0, true), (10_000, false)] {
        let mut rig = board();
        let hit = |cycle: u64| {
            Event::CacheHit(CacheHitEvent {
                cycle: Cycle(cycle),
                master: MasterId(CPU),
                base: PhysAddr(FRAMES + 0x100),
                len: ByteLen(0x40),
                oldest: Cycle(oldest),
            })
        };
        rig.lend();
        let event = hit(rig.cycle);
        rig.oracle.intent(&event); // lent, or not yet: nothing has come back
        rig.pool(PoolPhase::ReclaimRequested);
        rig.pool(PoolPhase::Returned);
        let event = hit(rig.cycle);
        rig.oracle.intent(&event);
        rig.write(CPU, FRAMES + FRAMES_LEN, 1, 1);
        let found = end(rig);
        if stale {
            assert_eq!(one(&found), (ViolationKind::Integrity, "stale-line", KERNEL, 0x40));
        } else {
            assert_eq!(found, []);
        }
    }
}
