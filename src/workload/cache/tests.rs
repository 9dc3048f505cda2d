// SPDX-License-Identifier: Apache-2.0
//! The processor against a flat memory.
mod denied;
mod flat;

use super::*;
use crate::workload::test_bus::TestBus;

/// First byte of the memory that the tests use.
const BASE: u64 = 0x8000_0000;
/// Bytes of it.
const SIZE: u64 = 0x4000;

fn range(base: u64, len: u64) -> AddrRange {
    AddrRange { base: PhysAddr(base), len: ByteLen(len) }
}

/// A quiet processor: 8 sets of 2 ways, nothing by itself.
fn quiet() -> CpuConfig {
    CpuConfig {
        master: MasterId(3),
        nsaid: Nsaid(5),
        sets: 8,
        ways: 2,
        keeps_denied_lines: false,
        evict_every: None,
        ahead_percent: 0,
        wander: None,
        direct_map: vec![range(BASE, SIZE)],
        tlb_window: Cycle(1000),
    }
}

struct Bench {
    cpu: CachedCpu,
    bus: TestBus,
    notes: Vec<Note>,
}

impl Bench {
    fn new(config: CpuConfig, seed: u64) -> Self {
        let bus = TestBus::new(usize::from(config.master.0), seed);
        Self { cpu: CachedCpu::new(config, seed), bus, notes: Vec::new() }
    }

    fn now(&self) -> Cycle {
        Cycle(self.bus.cycle)
    }

    fn step(&mut self) {
        self.bus.step();
        let cycle = self.now();
        let (out, inputs) = self.bus.parts();
        self.cpu.tick(cycle, out, inputs);
        while let Some(note) = self.cpu.take_note() {
            self.notes.push(note);
        }
    }

    fn run(&mut self, cycles: u64) {
        (0..cycles).for_each(|_| self.step());
    }

    /// One operation, to its end.
    fn op(&mut self, world: World, op: Op) -> Done {
        let text = format!("{op:?}");
        let id = self.cpu.push(world, op);
        for _ in 0..200_000 {
            self.step();
            if let Some(done) = self.cpu.take_done() {
                assert_eq!(done.id, id);
                return done;
            }
        }
        panic!("no end: {text:.60}");
    }

    /// A non-secure operation that must end well.
    fn ok(&mut self, op: Op) -> Done {
        let done = self.op(World::NonSecure, op);
        assert_eq!(done.end, End::Complete);
        done
    }

    fn unasked(&self, why: Why) -> Vec<Access> {
        let asked = self.notes.iter().filter_map(|note| match note {
            Note::Unasked(access) => Some(*access),
            _ => None,
        });
        asked.filter(|access| access.why == why).collect()
    }

    fn denials(&self) -> Vec<(Why, Direction, u64, u8, Consequence)> {
        let denied = self.notes.iter().filter_map(|note| match *note {
            Note::Denied { access, resp, consequence } => {
                Some((access.why, access.direction, access.addr.0, resp, consequence))
            }
            _ => None,
        });
        denied.collect()
    }
}
