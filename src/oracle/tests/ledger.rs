// SPDX-License-Identifier: Apache-2.0
use super::*;
use crate::oracle::Rights;
use crate::units::{ByteLen, Cycle};
use proptest::prelude::*;

const DRAM: u64 = 0x1000;
const POOL: u64 = 0x2000;
const OTHER: u64 = 0x2400;

fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("does not wrap")
}

fn ledger() -> Ledger {
    let mut rights = [Rights::default(); MASTERS];
    rights[0] = Rights { read: true, write: true };
    rights[1] = Rights { read: true, write: false };
    let pools = vec![
        PoolIntent { range: Some(range(POOL, 0x400)), rights },
        PoolIntent { range: Some(range(OTHER, 0x100)), rights: [Rights::default(); MASTERS] },
    ];
    Ledger::new(range(DRAM, 0x2000), u64::MAX, pools)
}

fn allocation(buffer: u32, base: u64, len: u64, allocated: bool) -> BufferEvent {
    BufferEvent {
        cycle: Cycle(0),
        buffer,
        name: format!("b{buffer}"),
        pool: 0,
        base: PhysAddr(base),
        len: ByteLen(len),
        allocated,
    }
}

fn grant(number: u32, buffer: u32, master: u8, rights: u8, phase: GrantPhase) -> GrantEvent {
    GrantEvent {
        cycle: Cycle(0),
        grant: number,
        buffer,
        master: MasterId(master),
        read: rights & 1 == 1,
        write: rights & 2 == 2,
        phase,
    }
}

/// A plain list of intervals and grants, asked byte by byte.
#[derive(Default)]
struct Plain {
    buffers: Vec<(u32, u64, u64)>,
    grants: Vec<GrantEvent>,
}

impl Plain {
    fn class(&self, master: u8, write: bool, at: u64) -> Class {
        if !(DRAM..DRAM + 0x2000).contains(&at) {
            return Class::Nowhere;
        }
        if (OTHER..OTHER + 0x100).contains(&at) {
            return Class::Forbidden;
        }
        if !(POOL..POOL + 0x400).contains(&at) {
            return Class::Open;
        }
        if master > 1 || master == 1 && write {
            return Class::Forbidden;
        }
        let holder = self.buffers.iter().find(|(_, base, len)| (*base..base + len).contains(&at));
        let Some((buffer, _, _)) = holder else {
            return Class::Ungranted;
        };
        let mut class = Class::Ungranted;
        for grant in &self.grants {
            let covers = if write { grant.write } else { grant.read };
            if grant.buffer == *buffer && grant.master.0 == master && covers {
                class = class.min(match grant.phase {
                    GrantPhase::Programmed => Class::Granted,
                    GrantPhase::Revoked => Class::Ungranted,
                    _ => Class::Transition,
                });
            }
        }
        class
    }
}

proptest! {
    #[test]
    fn the_ledger_is_an_interval_list(
        steps in prop::collection::vec((0u8..8, 0u32..6, 0u64..0x400, 1u64..0x90, 0u8..3, 0u8..4, 0usize..5), 1..80)
    ) {
        let mut ledger = ledger();
        let mut plain = Plain::default();
        let mut next = 0;
        let phases = [
            GrantPhase::Requested, GrantPhase::Programmed, GrantPhase::RevokeRequested,
            GrantPhase::Drained, GrantPhase::Revoked,
        ];
        for (act, which, base, len, master, rights, phase) in steps {
            let live = plain.buffers.get(which as usize % plain.buffers.len().max(1)).copied();
            match (act, live) {
                (0..=2, _) => {
                    let (base, len) = (POOL + base, len.min(0x400 - base));
                    let free = plain.buffers.iter().all(|&(_, b, l)| b + l <= base || base + len <= b);
                    if free {
                        prop_assert_eq!(ledger.buffer(&allocation(next, base, len, true)), Ok(vec![]));
                        plain.buffers.push((next, base, len));
                        next += 1;
                    }
                }
                (3, Some((number, base, len))) => {
                    ledger.buffer(&allocation(number, base, len, false)).expect("no clash");
                    plain.buffers.retain(|b| b.0 != number);
                    plain.grants.retain(|g| g.buffer != number);
                }
                (4..=5, Some((buffer, _, _))) => {
                    let event = grant(1000 + next, buffer, master, rights, phases[phase]);
                    next += 1;
                    ledger.phase(&event);
                    plain.grants.push(event);
                }
                _ => if let Some(index) = plain.grants.len().checked_sub(1) {
                    let event = &mut plain.grants[which as usize % (index + 1)];
                    event.phase = phases[phase];
                    ledger.phase(event);
                }
            }
            for write in [false, true] {
                let direction = if write { Direction::Write } else { Direction::Read };
                let (from, to) = (POOL + base - 0x10, POOL + base + len + 0x10);
                let classes: Vec<Class> = (from..to).map(|at| plain.class(master, write, at)).collect();
                let claim = ledger.claim(master, direction, from, to);
                prop_assert_eq!(Some(claim.class), classes.iter().max().copied());
                prop_assert_eq!(claim.mixed, classes.iter().any(|c| *c != classes[0]));
                for (at, class) in (from..to).zip(&classes) {
                    let byte = ledger.claim(master, direction, at, at + 1);
                    prop_assert_eq!((byte.class, byte.mixed), (*class, false), "{:x}", at);
                    let lanes = ledger.lanes_of(*class, master, direction, at & !15, 1 << (at & 15));
                    prop_assert_eq!(lanes, 1 << (at & 15));
                }
            }
        }
    }
}

#[test]
fn the_edges_of_dram_and_pools_are_exact() {
    let ledger = ledger();
    let class = |at| ledger.claim(0, Direction::Read, at, at + 1).class;
    assert_eq!(class(DRAM - 1), Class::Nowhere);
    assert_eq!(class(DRAM), Class::Open);
    assert_eq!(class(POOL - 1), Class::Open);
    assert_eq!(class(POOL), Class::Ungranted);
    assert_eq!(class(OTHER), Class::Forbidden);
    assert_eq!(class(OTHER + 0x100), Class::Open);
    assert_eq!(class(DRAM + 0x2000), Class::Nowhere);
    let claim = ledger.claim(0, Direction::Read, POOL - 16, POOL + 16);
    assert_eq!((claim.class, claim.mixed, claim.pool), (Class::Ungranted, true, 0));
}

#[test]
fn a_release_gives_back_the_grants_that_it_cuts_off() {
    let mut ledger = ledger();
    ledger.buffer(&allocation(3, POOL, 0x100, true)).expect("free");
    ledger.phase(&grant(8, 3, 0, 3, GrantPhase::Programmed));
    ledger.phase(&grant(9, 3, 1, 1, GrantPhase::Revoked));
    assert_eq!(ledger.buffer(&allocation(3, POOL, 0x100, false)), Ok(vec![8]));
    assert_eq!(ledger.claim(0, Direction::Read, POOL, POOL + 1).class, Class::Ungranted);
    assert_eq!(ledger.name(3), "b3");
}

#[test]
fn thousands_of_buffers_are_found() {
    let mut ledger = Ledger::new(
        range(0, 1 << 32),
        u64::MAX,
        vec![PoolIntent {
            range: Some(range(0, 1 << 28)),
            rights: [Rights { read: true, write: true }; MASTERS],
        }],
    );
    for buffer in 0..4000u32 {
        let place = u64::from(buffer * 2731 % 4000) * 0x2000;
        ledger.buffer(&allocation(buffer, place, 0x1000, true)).expect("free");
        ledger.phase(&grant(buffer, buffer, (buffer % 8) as u8, 1, GrantPhase::Programmed));
    }
    for buffer in 0..4000u32 {
        let place = u64::from(buffer * 2731 % 4000) * 0x2000;
        let claim =
            ledger.claim((buffer % 8) as u8, Direction::Read, place + 0xff0, place + 0x1000);
        assert_eq!((claim.class, claim.grant), (Class::Granted, buffer));
        assert_eq!(
            ledger.claim(0, Direction::Read, place + 0x1000, place + 0x1010).class,
            Class::Ungranted
        );
    }
}
