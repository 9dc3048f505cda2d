// SPDX-License-Identifier: Apache-2.0
//! Does plays on the board, one after the other, each as long as it takes.
use super::plays::Play;
use super::transfers::{Fill, Job, JobId, span};
use super::updates::Updates;
use super::{Around, Clients, State};
use crate::engine::broker::grant_event;
use crate::engine::event::{
    BufferEvent, Event, GrantPhase, JobEvent, PoolEvent, PoolPhase, SlotsEvent, UpkeepEvent,
};
use crate::firmware::registers::GATE_KEEPER;
use crate::scenario::{Drain, Master};
use crate::tee::{Buffer, Grant, MemoryOp, TeeResult};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId};
use crate::workload::iommu::UnmapId;
use std::collections::VecDeque;

/// What a client's call, or its transfer, waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// The next play can begin.
    Now,
    /// A cycle.
    At(Cycle),
    /// The end of a transfer.
    Job(JobId),
    /// Firmware.
    Firmware,
    /// An IOMMU to forget a mapping.
    Unmapped(MasterId, UnmapId),
    /// Masters to stop in a range, before a cycle.
    Quiet(AddrRange, Cycle),
}

/// A call that is being played.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) plays: VecDeque<Play>,
    pub(super) until: Until,
    /// What the caller gets.
    pub(super) result: Result<(), String>,
    /// Bytes that the last transfer read.
    pub(super) data: Vec<u8>,
    /// What firmware does is a drain of the filters.
    pub(super) drains: bool,
    /// What its lends and reclaims take.
    pub(super) updates: Updates,
}

impl Call {
    pub(super) fn new(plays: VecDeque<Play>, result: Result<(), String>) -> Self {
        let (until, updates) = (Until::Now, Updates::default());
        Self { plays, until, result, data: Vec::new(), drains: false, updates }
    }
}

impl Call {
    /// The caller oopses: nothing of the call is done any more, but the log is kept in order.
    pub(super) fn dies(&mut self) {
        self.plays.retain(|play| {
            let begins = matches!(play, Play::Begins(..)); // another one's call
            begins || matches!(play, Play::Upkeep(.., false) | Play::Job(.., false))
        });
    }
}

impl Clients {
    /// Plays on as far as it goes in this cycle. Whether the call has returned.
    pub(super) fn play(&mut self, call: &mut Call, around: &mut Around<'_, '_>) -> bool {
        loop {
            match call.until {
                Until::Now => {}
                Until::At(cycle) if around.cycle < cycle => return false,
                Until::Job(_) => return false,
                Until::At(_) => call.until = Until::Now,
                Until::Firmware => {
                    let Some(result) = self.guard.poll(around.apb) else {
                        call.updates.works(self.waiting);
                        return false;
                    };
                    if std::mem::take(&mut call.drains) {
                        call.updates.drained(around.cycle);
                    }
                    if let Err(error) = result {
                        let (cycle, what) = (around.cycle, error.to_string());
                        if error.op.offset() == GATE_KEEPER {
                            around.oracle.drain_timeout(cycle, "firmware", &what);
                        } else {
                            around.oracle.hang(cycle, "firmware", &what);
                        }
                    }
                    call.until = Until::Now;
                }
                Until::Unmapped(master, id) => {
                    if !self.transfers.raw().unmapped(master, id) {
                        return false;
                    }
                    call.until = Until::Now;
                }
                Until::Quiet(range, deadline) => {
                    if !self.transfers.quiesce(range) && around.cycle < deadline {
                        return false;
                    }
                    if around.cycle >= deadline {
                        let stuck = |m: &&Master| self.transfers.busy_in(m.id, range);
                        for master in around.scenario.masters.iter().filter(stuck) {
                            let name = &master.name;
                            let what = format!("{name} goes on in {} +{}", range.base, range.len.0);
                            around.oracle.drain_timeout(around.cycle, name, &what);
                        }
                    }
                    call.updates.quiet(around.cycle);
                    call.until = Until::Now;
                    if around.scenario.tee.drain == Drain::Both {
                        self.drain_filters(call, around);
                    }
                    continue;
                }
            }
            let Some(play) = call.plays.pop_front() else { return true };
            self.one(play, call, around);
        }
    }

    fn one(&mut self, play: Play, call: &mut Call, around: &mut Around<'_, '_>) {
        let now = Cycle(around.cycle.0 + 1);
        match play {
            Play::Step(what) => self.events.push(Event::Step { cycle: now, master: None, what }),
            Play::Wait(time) => {
                call.until = Until::At(Cycle(around.cycle.0.saturating_add(time.0)))
            }
            Play::Pool(pool, range, phase) => {
                call.updates.phase(now, pool, range, phase);
                self.pool(now, pool, range, phase);
            }
            Play::Allocated(buffer) => self.buffer(now, &buffer, true),
            Play::Released(buffer, grants) => {
                for grant in grants {
                    self.revoke(now, &grant);
                }
                self.buffer(now, &buffer, false);
            }
            Play::Grant(grant, phase) => self.grant(now, &grant, phase),
            Play::Revoked(grant) => self.revoke(now, &grant),
            Play::Protect(one) => {
                let queued = self.guard.protect(around.scenario, one);
                self.program(queued, call, around.cycle);
            }
            Play::Restore(range) => {
                let queued = self.guard.restore(around.scenario, range);
                self.program(queued, call, around.cycle);
            }
            Play::Admit(range, master, rights) => {
                let queued = self.guard.admit(around.scenario, range, master, rights);
                self.program(queued, call, around.cycle);
            }
            Play::Drain(range) => {
                let budget = around.scenario.sim.wait_budget;
                call.updates.waits(around.cycle);
                match around.scenario.tee.drain {
                    Drain::Filter => self.drain_filters(call, around),
                    _ => {
                        let deadline = around.cycle.0.saturating_add(budget.0);
                        call.until = Until::Quiet(range, Cycle(deadline));
                    }
                }
            }
            Play::Touch(job) => call.until = Until::Job(self.transfers.start(job)),
            Play::Paste(_, _, true) if call.result.is_err() => {}
            Play::Paste(master, target, stops) => {
                let range = span(target.base, ByteLen(call.data.len() as u64));
                let fill = Fill::Bytes(std::mem::take(&mut call.data));
                let direction = Direction::Write;
                let job = Job { master, direction, range, fill, keep: false, stops };
                call.until = Until::Job(self.transfers.start(job));
            }
            Play::Operate(job, op) => call.until = Until::Job(self.transfers.operate(job, op)),
            Play::DirectMap(op, range) => self.direct_map(now, op, range),
            Play::Slots(grant, begins) => {
                let AddrRange { base, len } = grant.range;
                let (cycle, master, buffer) = (now, grant.master, grant.buffer.0);
                let event = SlotsEvent { cycle, master, buffer, base, len, begins };
                self.events.push(Event::Slots(event));
            }
            Play::IommuUnmap(master, range) => {
                let unmapping = self.transfers.raw().unmap(around.cycle, master, range);
                call.until = unmapping.map_or(Until::Now, |id| Until::Unmapped(master, id));
            }
            Play::Upkeep(what, master, range, begins) => {
                let (base, len) = (range.base, range.len);
                let event = UpkeepEvent { cycle: now, what, master, base, len, begins };
                self.events.push(Event::Upkeep(event));
            }
            Play::Kernel(range, has) => {
                self.kernel.retain(|owned| !owned.overlaps(range));
                if has {
                    self.kernel.push(range);
                }
            }
            Play::Begins(n, other) => self.actors[n].state = State::Calling(other),
            Play::Program(program) => self.code(program, call, around),
            Play::Job(id, master, declassifies, begins) => {
                let job = id.0;
                let event = JobEvent { cycle: now, job, master, declassifies, begins };
                self.events.push(Event::Job(event));
            }
            Play::UnmapOrdinary(master, range) => around.tee.unmap_ordinary(master, range),
            Play::Confine(master) => self.confine(now, master, call, around),
            Play::Confined(master) => self.confined(now, master),
            Play::TaReturns(id) => {
                around.tee.call_ends(id);
                let effects = around.tee.take_effects();
                self.live = around.tee.live_grants().copied().collect();
                let more = self.plays(around.scenario, effects);
                for play in more.into_iter().rev() {
                    call.plays.push_front(play);
                }
            }
        }
    }

    fn drain_filters(&mut self, call: &mut Call, around: &Around<'_, '_>) {
        self.guard.drain(around.scenario);
        call.drains = true;
        call.until = Until::Firmware;
    }

    /// Waits for firmware. The TEE admits no lend that does not fit; what firmware itself cannot
    /// hold changes no register, and its caller is told.
    pub(super) fn program(&mut self, queued: Result<(), String>, call: &mut Call, cycle: Cycle) {
        let Err(why) = queued else {
            call.until = Until::Firmware;
            return;
        };
        let what = format!("firmware refuses: {why}");
        self.events.push(Event::Step { cycle: Cycle(cycle.0 + 1), master: None, what });
        if call.result.is_ok() {
            call.result = Err(TeeResult::NotSupported.to_string());
        }
    }

    fn pool(&mut self, cycle: Cycle, pool: u8, range: AddrRange, phase: PoolPhase) {
        match phase {
            PoolPhase::LendRequested => self.closed.push(range),
            PoolPhase::Returned => self.closed.retain(|lent| *lent != range),
            _ => {}
        }
        let (base, len) = (range.base, range.len);
        self.events.push(Event::Pool(PoolEvent { cycle, pool, base, len, phase }));
    }

    /// What `set_direct_map_*` and a TLB flush do, where a processor has either.
    fn direct_map(&mut self, cycle: Cycle, op: MemoryOp, range: AddrRange) {
        let Some(map) = self.transfers.raw().direct_map() else { return };
        match op {
            MemoryOp::DirectMapRemove => map.remove(cycle, range),
            MemoryOp::TlbFlush => map.flush(range),
            _ => map.restore(range),
        }
    }

    fn buffer(&mut self, cycle: Cycle, buffer: &Buffer, allocated: bool) {
        let known = self.buffers.iter().position(|known| known.id == Some(buffer.id));
        let name =
            known.map_or_else(|| format!("buffer {}", buffer.id.0), |at| self.names[at].clone());
        self.events.push(Event::Buffer(BufferEvent {
            cycle,
            buffer: buffer.id.0,
            name,
            pool: buffer.pool as u8,
            base: buffer.range.base,
            len: buffer.range.len,
            allocated,
        }));
    }

    fn grant(&mut self, cycle: Cycle, grant: &Grant, phase: GrantPhase) {
        if self.revoked.contains(&grant.id.0) {
            return;
        }
        self.events.push(grant_event(cycle, grant, phase));
    }

    fn revoke(&mut self, cycle: Cycle, grant: &Grant) {
        if !self.transfers.busy_in(grant.master, grant.range) {
            self.grant(cycle, grant, GrantPhase::Drained);
        }
        self.grant(cycle, grant, GrantPhase::Revoked);
        self.revoked.insert(grant.id.0);
    }

    /// Grants of a buffer that are still open.
    pub(super) fn grants_of(&self, buffer: &Buffer) -> Vec<Grant> {
        let open =
            |grant: &&Grant| grant.buffer == buffer.id && !self.revoked.contains(&grant.id.0);
        self.live.iter().filter(open).copied().collect()
    }
}
