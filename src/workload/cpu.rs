// SPDX-License-Identifier: Apache-2.0
//! Ordinary traffic on ordinary memory, as processors make it.
use super::{Actor, DmaPort, NEVER, World, stream};
use crate::scenario::Traffic;
use crate::units::{Cycle, Hertz};
use rand::{Rng, RngExt};
use ringfence_sim::{Desc, Inputs, Outputs};

/// Accesses queued at once at most.
const AHEAD: u32 = 8;

/// Random reads and writes at a given rate until the others have finished.
pub struct Cpu {
    port: DmaPort,
    plan: Traffic,
    rng: rand_chacha::ChaCha8Rng,
    issued: u64,
    clock: Hertz,
    stop: Cycle,
}

impl Cpu {
    /// For `plan`, until cycle `stop`.
    pub fn new(plan: Traffic, seed: u64, clock: Hertz, stop: Cycle) -> Self {
        let master = plan.master.0;
        let rng = stream(seed, u64::from(master));
        Self { port: DmaPort::new(master as usize), plan, rng, issued: 0, clock, stop }
    }

    /// Cycle at which access number `n` is due.
    fn due(&self, n: u64) -> Cycle {
        let bytes = u128::from(n) * u128::from(self.plan.access.0);
        let rate = u128::from(self.plan.rate.0.max(1));
        Cycle((bytes * u128::from(self.clock.0) / rate) as u64)
    }

    fn issue(&mut self) {
        let len = self.plan.access.0;
        let places = (self.plan.range.len.0 / len).max(1);
        let addr = self.plan.range.base.0 + self.rng.random_range(0..places) * len;
        let desc =
            Desc { addr, len: len as u32, rows: 1, burst: 16, outstanding: 8, ..Desc::default() };
        if self.rng.random_range(0..100) < self.plan.write_percent {
            let mut bytes = vec![0; len as usize];
            self.rng.fill_bytes(&mut bytes);
            self.port.write(desc, |_| &bytes);
        } else {
            self.port.read(desc);
        }
        self.issued += 1;
    }
}

impl Actor for Cpu {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        let done = self.port.tick(out, inputs);
        for status in [done.read, done.write].into_iter().flatten() {
            world.playback.failed_descriptors += u64::from(status.resp != 0);
        }
        let mut wake = NEVER;
        if world.wanted >> self.plan.master.0 & 1 == 1 {
            // What is queued goes on: else the port never comes free, or takes a descriptor twice.
            self.port.offer(inputs);
            return Cycle(world.cycle.0 + 1);
        }
        while self.due(self.issued) < self.stop {
            let due = self.due(self.issued);
            if due > world.cycle {
                wake = due;
                break;
            }
            if self.port.reads_open + self.port.writes_open >= AHEAD {
                break; // a status will call
            }
            self.issue();
        }
        self.port.offer(inputs);
        wake
    }

    fn rests(&self) -> bool {
        self.port.idle()
    }

    fn finished(&self) -> bool {
        self.due(self.issued) >= self.stop && self.port.idle()
    }

    fn waiting_for(&self) -> String {
        format!("access {} of its ordinary traffic", self.issued)
    }
}
