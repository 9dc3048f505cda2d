// SPDX-License-Identifier: Apache-2.0
//! What the lends and reclaims of a call take: counted while it is played, told as it returns.
use crate::engine::event::{Event, PoolPhase, Update, UpdateEvent};
use crate::units::{AddrRange, Cycle};
use ringfence_sim::{FILTER_SIDE, MASTERS, MEMORY_SIDE, Outputs};

/// Lends and reclaims of one call, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Updates {
    /// Begun, and whether the registers have changed.
    list: Vec<(UpdateEvent, bool)>,
    /// Since when masters or gates are waited for.
    since: Cycle,
    quiesce: u64,
    drain: u64,
    stalled: u64,
}

impl Updates {
    /// Masters or gates are waited for from now on.
    pub(super) const fn waits(&mut self, cycle: Cycle) {
        self.since = cycle;
    }

    /// The masters have stopped, or were given up.
    pub(super) const fn quiet(&mut self, cycle: Cycle) {
        self.quiesce += cycle.0 - self.since.0;
        self.since = cycle;
    }

    /// The gates are open again.
    pub(super) const fn drained(&mut self, cycle: Cycle) {
        self.drain += cycle.0 - self.since.0;
    }

    /// Firmware works on for a cycle, in which these masters wait.
    pub(super) fn works(&mut self, waiting: u8) {
        self.stalled += u64::from(waiting != 0);
    }

    /// Takes a phase of a pool's memory.
    pub(super) fn phase(&mut self, cycle: Cycle, pool: u8, range: AddrRange, phase: PoolPhase) {
        let update = match phase {
            PoolPhase::LendRequested => Update::Lend,
            PoolPhase::ReclaimRequested => Update::Reclaim,
            PoolPhase::LendProgrammed | PoolPhase::Opened => {
                let own = |(event, done): &&mut (UpdateEvent, bool)| {
                    !*done && (event.base, event.len) == (range.base, range.len)
                };
                if let Some((event, done)) = self.list.iter_mut().find(own) {
                    event.programmed = cycle;
                    event.stalled = std::mem::take(&mut self.stalled);
                    *done = true;
                }
                return;
            }
            PoolPhase::Drained | PoolPhase::Returned | PoolPhase::Quarantined => return,
        };
        let event = UpdateEvent {
            cycle,
            pool,
            update,
            base: range.base,
            len: range.len,
            requested: cycle,
            programmed: cycle,
            quiesce: std::mem::take(&mut self.quiesce),
            drain: std::mem::take(&mut self.drain),
            stalled: 0,
        };
        self.list.push((event, false));
    }

    /// The call returns; what came into force, for the log.
    pub(super) fn end(self, cycle: Cycle) -> impl Iterator<Item = Event> {
        let done = self.list.into_iter().filter(|(_, done)| *done);
        done.map(move |(event, _)| Event::Update(UpdateEvent { cycle, ..event }))
    }
}

/// Masters whose address waits, at their own port or at a filter.
pub(super) fn waiting(out: &Outputs) -> u8 {
    let waits = [out.ar, out.aw].map(|channel| channel.valid & !channel.ready);
    let mut masters = ((waits[0] | waits[1]) & ((1 << MASTERS) - 1)) as u8;
    for port in FILTER_SIDE..MEMORY_SIDE {
        let sides = [(waits[0], out.port[port].ar.id), (waits[1], out.port[port].aw.id)];
        for (_, id) in sides.iter().filter(|(waits, _)| waits >> port & 1 == 1) {
            masters |= 1 << (id >> 4 & 7);
        }
    }
    masters
}
