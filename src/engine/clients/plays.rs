// SPDX-License-Identifier: Apache-2.0
//! What a call's effects become on the board: a list of plays, done one after the other before
//! the call returns.
use super::Clients;
use super::transfers::{Fill, Job, JobId};
use super::words;
use crate::engine::event::{GrantPhase, PoolPhase, Upkeep};
use crate::firmware::{Protected, by_port};
use crate::scenario::{Drain, PoolKind, Scenario, UseCase};
use crate::tee::{
    Bounce, BounceCopy, Buffer, CallId, Effect, Grant, MemoryEffect, MemoryOp, Rights,
};
use crate::units::{AddrRange, Cycle, Direction, MasterId};
use crate::workload::cache::Op;
use ringfence_sim::MASTERS;
use std::collections::VecDeque;

/// One thing that a call does.
#[derive(Clone, Debug)]
pub(super) enum Play {
    /// Something happens at no cost; told in the log.
    Step(String),
    /// Time passes: an SMC, or code in the secure world.
    Wait(Cycle),
    /// Memory of a dynamic pool reaches a phase.
    Pool(u8, AddrRange, PoolPhase),
    /// A buffer comes to be.
    Allocated(Buffer),
    /// A buffer ceases to be, and with it the grants of it.
    Released(Buffer, Vec<Grant>),
    /// A grant reaches a phase.
    Grant(Grant, GrantPhase),
    /// A grant is over; drained if its master has nothing under way there.
    Revoked(Grant),
    /// Firmware protects a range.
    Protect(Protected),
    /// Firmware opens a range.
    Restore(AddrRange),
    /// Firmware gives a master other rights in a range.
    Admit(AddrRange, MasterId, Rights),
    /// Masters are stopped in a range, and all gates drained.
    Drain(AddrRange),
    /// A transfer; the call goes on when it has ended.
    Touch(Job),
    /// Upkeep begins or ends.
    Upkeep(Upkeep, MasterId, AddrRange, bool),
    /// What the last transfer read is written there.
    /// Where it failed a device writes nothing; `true` for a device's, which a drain stops.
    Paste(MasterId, AddrRange, bool),
    /// An operation of the processor with its cache; the call goes on when it has ended.
    Operate(Job, Op),
    /// The kernel's own mapping changes, or the TLB's view of it.
    DirectMap(MemoryOp, AddrRange),
    /// A device is given bounce slots instead of a buffer, or no more.
    Slots(Grant, bool),
    /// A mapping behind an IOMMU ends; the call goes on when the unmapping has returned.
    IommuUnmap(MasterId, AddrRange),
    /// The kernel has a range again, or has it no more.
    Kernel(AddrRange, bool),
    /// A job begins or ends on a master that no DMA engine drives; whether it is declared a release.
    Job(JobId, MasterId, bool, bool),
    /// Ordinary memory is mapped for a master no more.
    UnmapOrdinary(MasterId, AddrRange),
    /// Firmware lets a master write ordinary memory, or not, by what is mapped for it.
    Confine(MasterId),
    /// The same is in force.
    Confined(MasterId),
    /// A trusted application returns.
    TaReturns(CallId),
    /// Another client's call begins.
    Begins(usize, Box<super::player::Call>),
    /// The client's and the application's own code.
    Program(Box<super::sdp::Program>),
}

/// Who touches memory for kernel and TEE: the one place that decides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hands {
    /// The kernel's: the processor, through its cache, or through its DMA engine in bursts.
    pub(super) kernel: MasterId,
    /// The processor has a cache.
    pub(super) cached: bool,
    /// The TEE's: the secure master.
    pub(super) tee: MasterId,
}

impl Hands {
    /// The write of zeros that clearing and scrubbing are.
    fn zero(master: MasterId, range: AddrRange) -> Play {
        let (direction, fill) = (Direction::Write, Fill::Zeros);
        Play::Touch(Job { master, direction, range, fill, keep: false, stops: false })
    }

    /// An operation of the processor on its own account.
    pub(super) fn operate(self, direction: Direction, range: AddrRange, op: Op) -> Play {
        let (master, fill) = (self.kernel, Fill::Zeros);
        Play::Operate(Job { master, direction, range, fill, keep: false, stops: false }, op)
    }

    /// What `op` does to memory: an upkeep by somebody, or nothing that a bus shows.
    fn plays(self, op: MemoryOp, range: AddrRange) -> Vec<Play> {
        let write = Direction::Write;
        let told = Play::Step(format!("memory: {op:?} {} +{}", range.base, range.len.0));
        match op {
            // Zeros that wait in the cache are still the kernel's clearing: it ends with the lend.
            MemoryOp::Clear if self.cached => vec![
                Play::Upkeep(Upkeep::Clear, self.kernel, range, true),
                self.operate(write, range, Op::Clear(range)),
            ],
            MemoryOp::Clear => {
                self.upkeep(Upkeep::Clear, self.kernel, range, [Self::zero(self.kernel, range)])
            }
            MemoryOp::Scrub => {
                self.upkeep(Upkeep::Scrub, self.tee, range, [Self::zero(self.tee, range)])
            }
            MemoryOp::CacheClean | MemoryOp::CacheInvalidate if self.cached => {
                let by_line = match op {
                    MemoryOp::CacheClean => Op::Clean(range),
                    _ => Op::Invalidate(range),
                };
                let work = [told, self.operate(write, range, by_line)];
                self.upkeep(Upkeep::Maintain, self.kernel, range, work)
            }
            MemoryOp::DirectMapRemove | MemoryOp::TlbFlush | MemoryOp::DirectMapRestore => {
                vec![told, Play::DirectMap(op, range)]
            }
            _ => vec![told],
        }
    }

    fn upkeep(
        self,
        what: Upkeep,
        who: MasterId,
        range: AddrRange,
        work: impl IntoIterator<Item = Play>,
    ) -> Vec<Play> {
        let begin = Play::Upkeep(what, who, range, true);
        let end = Play::Upkeep(what, who, range, false);
        std::iter::once(begin).chain(work).chain([end]).collect()
    }

    /// The processor's copy between a buffer and bounce slots.
    fn bounce(self, bounce: Bounce) -> Vec<Play> {
        let BounceCopy { from, to, len } = bounce.copy;
        let (source, target) = (AddrRange { base: from, len }, AddrRange { base: to, len });
        let buffer = if bounce.back { target } else { source };
        let read = Direction::Read;
        if self.cached {
            let op = Op::Copy { from, to, len, uncached_source: false };
            return self.upkeep(
                Upkeep::Bounce,
                self.kernel,
                buffer,
                [self.operate(read, source, op)],
            );
        }
        let (master, fill, range) = (self.kernel, Fill::Zeros, source);
        let job = Job { master, direction: read, range, fill, keep: true, stops: false };
        let work = [Play::Touch(job), Play::Paste(self.kernel, target, false)];
        self.upkeep(Upkeep::Bounce, self.kernel, buffer, work)
    }
}

impl Clients {
    /// The plays of a call's effects, in order. Requests and revocations are told as the call
    /// begins; a release counts when the call returns.
    pub(super) fn plays(&mut self, scenario: &Scenario, effects: Vec<Effect>) -> VecDeque<Play> {
        let mut first = Vec::new();
        let mut plays = Vec::new();
        let mut last = Vec::new();
        let bounced = effects.iter().find_map(|effect| match effect {
            Effect::Bounce(bounce) if !bounce.back => Some(bounce.copy),
            _ => None,
        });
        for effect in effects {
            match effect {
                Effect::Allocated(buffer) => plays.push(Play::Allocated(buffer)),
                Effect::Released(buffer) => {
                    let grants = self.grants_of(&buffer);
                    let asked = |grant: &Grant| Play::Grant(*grant, GrantPhase::RevokeRequested);
                    first.extend(grants.iter().map(asked));
                    last.push(Play::Released(buffer, grants));
                }
                Effect::GrantOpened(grant) => {
                    first.push(Play::Grant(grant, GrantPhase::Requested));
                    if bounced.is_some_and(|copy| copy.to == grant.range.base) {
                        self.slots.insert(grant.id);
                        plays.push(Play::Slots(grant, true));
                    }
                    plays.extend(self.admitted(scenario, &grant));
                    plays.extend(self.confinement(scenario, &grant));
                    plays.push(Play::Grant(grant, GrantPhase::Programmed));
                }
                Effect::GrantClosed(grant) => {
                    first.push(Play::Grant(grant, GrantPhase::RevokeRequested));
                    if self.slots.remove(&grant.id) {
                        plays.push(Play::Slots(grant, false));
                    }
                    if scenario.iommus.iter().any(|iommu| iommu.master == grant.master) {
                        plays.push(Play::IommuUnmap(grant.master, grant.range));
                    }
                    plays.extend(self.admitted(scenario, &grant));
                    plays.push(Play::Revoked(grant));
                    plays.extend(self.confinement(scenario, &grant));
                }
                Effect::Outcome(outcome) => plays.push(Play::Step(words::outcome(outcome))),
                Effect::Memory(effect) => self.memory(scenario, effect, &mut plays),
                Effect::Bounce(bounce) => plays.extend(self.hands.bounce(bounce)),
            }
        }
        first.into_iter().chain(plays).chain(last).collect()
    }

    fn memory(&mut self, scenario: &Scenario, effect: MemoryEffect, plays: &mut Vec<Play>) {
        // Intent is what was asked for; the region may be another range.
        let MemoryEffect { op, range: region, asked: range, heap, rights } = effect;
        let smc = Play::Wait(scenario.tee.smc);
        let dynamic = dynamic_pool(scenario, heap, range);
        let pool = dynamic.or_else(|| static_pool(scenario, range)).unwrap_or(0);
        let phase = |phase| dynamic.map(|pool| Play::Pool(pool as u8, range, phase));
        // Drain and scrub come before the kernel asks; a reclaim that fails shows in what follows.
        let failed = matches!(op, MemoryOp::GiveBack | MemoryOp::Quarantine);
        if (failed || op == MemoryOp::Reclaim) && self.asks(range) {
            plays.extend(phase(PoolPhase::ReclaimRequested));
            if failed {
                plays.extend([smc.clone(), smc.clone()]);
            }
        }
        match op {
            MemoryOp::Lend => {
                if dynamic.is_some() {
                    self.lent.push((range, false));
                }
                plays.extend(phase(PoolPhase::LendRequested));
                let rights = match dynamic {
                    Some(_) => by_port(scenario, rights),
                    None => self.only_tee(),
                };
                plays.extend([
                    smc.clone(),
                    Play::Protect(Protected { range: region, rights, pool }),
                ]);
                plays.extend(phase(PoolPhase::LendProgrammed));
                if self.hands.cached && dynamic.is_some() {
                    let kernel = self.hands.kernel;
                    plays.push(Play::Upkeep(Upkeep::Clear, kernel, range, false));
                }
                plays.push(smc);
            }
            MemoryOp::Drain => {
                plays.push(Play::Drain(range));
                if scenario.tee.drain != Drain::Filter {
                    plays.extend(phase(PoolPhase::Drained)); // else masters may go on
                }
            }
            MemoryOp::Reclaim => {
                plays.extend([smc.clone(), Play::Restore(region)]);
                plays.extend(phase(PoolPhase::Opened));
                plays.push(smc);
            }
            MemoryOp::GiveBack => {
                if self.forget(range) {
                    plays.extend(phase(PoolPhase::Returned));
                }
                plays.push(Play::Kernel(range, true));
            }
            MemoryOp::Quarantine => {
                self.forget(range);
                plays.extend(phase(PoolPhase::Quarantined));
            }
            MemoryOp::Migrate => {
                plays.push(Play::Kernel(range, false));
                plays.extend(self.hands.plays(op, range));
            }
            MemoryOp::Scrub => {
                // The TEE lets itself in where no role of the pool does.
                let (tee, now) = (self.hands.tee, self.guard.rights(range, self.hands.tee));
                let admit = |rights| (!now.write).then_some(Play::Admit(range, tee, rights));
                plays.extend(admit(Rights::READ_WRITE));
                plays.extend(self.hands.plays(op, range));
                plays.extend(admit(now));
            }
            _ => plays.extend(self.hands.plays(op, range)),
        }
    }

    /// Rights in a buffer's own region before it is mapped for anybody.
    fn only_tee(&self) -> [Rights; MASTERS] {
        let mut rights = [Rights::NONE; MASTERS];
        rights[usize::from(self.hands.tee.0) % MASTERS] = Rights::READ_WRITE;
        rights
    }

    /// Where a buffer has a region of its own, its rights follow the mappings.
    fn admitted(&self, scenario: &Scenario, grant: &Grant) -> Vec<Play> {
        if !scenario.tee.region_per_buffer || static_pool(scenario, grant.range).is_none() {
            return Vec::new();
        }
        let mine = |live: &&Grant| (live.buffer, live.master) == (grant.buffer, grant.master);
        let all = self.live.iter().filter(mine).map(|live| live.rights);
        let rights = all.fold(Rights::NONE, |all, one| all | one);
        let smc = Play::Wait(scenario.tee.smc);
        vec![smc.clone(), Play::Admit(grant.range, grant.master, rights), smc]
    }

    /// The kernel asks for lent memory; whether it had not before.
    fn asks(&mut self, range: AddrRange) -> bool {
        let lent = self.lent.iter_mut().find(|lent| lent.0 == range);
        lent.is_some_and(|lent| !std::mem::replace(&mut lent.1, true))
    }

    /// Ends the books on lent memory; whether there were any.
    fn forget(&mut self, range: AddrRange) -> bool {
        let at = self.lent.iter().position(|lent| lent.0 == range);
        if let Some(at) = at {
            self.lent.remove(at);
        }
        at.is_some()
    }
}

/// The dynamic pool that takes its memory there for a use case.
pub(super) fn dynamic_pool(scenario: &Scenario, heap: UseCase, range: AddrRange) -> Option<usize> {
    scenario.pools.iter().position(|pool| {
        let dynamic = matches!(pool.kind, PoolKind::Dynamic { .. });
        dynamic && pool.use_case == heap && pool.range.covers(range)
    })
}

fn static_pool(scenario: &Scenario, range: AddrRange) -> Option<usize> {
    scenario.pools.iter().position(|pool| pool.is_static() && pool.range.overlaps(range))
}
