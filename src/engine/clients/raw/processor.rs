// SPDX-License-Identifier: Apache-2.0
//! The processor with its cache, as clients, kernel and TEE ask it.
use super::Watched;
use crate::engine::clients::transfers::{End, Ended, Job, JobId};
use crate::engine::event::{CacheHitEvent, Event, Upkeep, UpkeepEvent};
use crate::scenario::{CpuOp, Scenario};
use crate::units::{AddrRange, ByteLen, Cycle};
use crate::workload::cache::{self, CachedCpu, CpuConfig, LINE, Note, Op, OpId, Why, World};
use ringfence_sim::{Inputs, Outputs};
use std::collections::VecDeque;

/// The processor.
pub(super) struct Processor {
    pub(super) cpu: Box<CachedCpu>,
    pub(super) world: World,
    /// With whether it is an operation, which moves nothing by itself.
    pub(super) jobs: VecDeque<(JobId, OpId, Job, bool)>,
    pub(super) wake: Cycle,
    pub(super) pushed: bool,
    /// When it was called last: its pins moved, or it was due.
    pub(super) since: Cycle,
}

impl Processor {
    pub(super) fn new(scenario: &Scenario) -> Option<Self> {
        let cache = scenario.cache.as_ref()?;
        let master = scenario.masters.iter().find(|m| m.id == cache.master)?;
        let pools = || scenario.pools.iter().map(|pool| pool.range);
        let config = CpuConfig {
            master: cache.master,
            nsaid: master.nsaid,
            sets: cache.sets,
            ways: cache.ways,
            keeps_denied_lines: cache.keeps_denied_lines,
            evict_every: cache.evict_every,
            ahead_percent: cache.ahead_percent,
            wander: cache.speculate_every.map(|every| (pools().collect(), every)),
            direct_map: direct_map(scenario),
            tlb_window: cache.tlb_window,
        };
        let world = if master.secure { World::Secure } else { World::NonSecure };
        let cpu = Box::new(CachedCpu::new(config, scenario.seed));
        Some(Self {
            cpu,
            world,
            jobs: VecDeque::new(),
            wake: Cycle(0),
            pushed: false,
            since: Cycle(0),
        })
    }

    pub(super) fn push(&mut self, id: JobId, job: Job, op: Op, operation: bool) {
        let op = self.cpu.push(self.world, op);
        self.jobs.push_back((id, op, job, operation));
        self.pushed = true;
    }

    pub(super) fn tick(
        &mut self,
        cycle: Cycle,
        out: &Outputs,
        inputs: &mut Inputs,
        watched: Watched<'_>,
        ended: &mut Vec<Ended>,
        events: &mut Vec<Event>,
    ) {
        self.pushed = false;
        self.wake = self.cpu.tick(cycle, out, inputs);
        while let Some(note) = self.cpu.take_note() {
            events.extend(self.told(cycle, note, watched));
        }
        while let Some(done) = self.cpu.take_done() {
            let Some(at) = self.jobs.iter().position(|(_, op, ..)| *op == done.id) else {
                continue;
            };
            let Some((id, _, job, operation)) = self.jobs.remove(at) else { continue };
            let (end, moved) = match done.end {
                cache::End::Complete if operation => (End::Answered(0), ByteLen(0)),
                cache::End::Complete => (End::Answered(0), job.range.len),
                cache::End::Aborted { resp, .. } if operation => (End::Abort(resp), ByteLen(0)),
                cache::End::Aborted { resp, .. } => (End::Answered(resp), ByteLen(0)),
                cache::End::Unmapped { .. } => (End::Oops, ByteLen(0)),
            };
            if let Some(oldest) = done.oldest.filter(|_| watched.of_a_pool(job.range.base)) {
                let (master, base, len) = (job.master, job.range.base, job.range.len);
                events.push(Event::CacheHit(CacheHitEvent { cycle, master, base, len, oldest }));
            }
            let data = if job.keep { done.data } else { Vec::new() };
            ended.push(Ended { id, job, end, moved, data, read: ByteLen(0) });
        }
    }

    /// What is worth telling of a note.
    fn told(&self, cycle: Cycle, note: Note, watched: Watched<'_>) -> Option<Event> {
        let master = self.cpu.master();
        let step = |what| Some(Event::Step { cycle, master: Some(master), what });
        match note {
            Note::Unasked(access) if watched.protected(access.addr) => {
                let what = match access.why {
                    Why::Speculation => Upkeep::Speculate,
                    _ => Upkeep::Evict,
                };
                let (base, len) = (access.addr, ByteLen(LINE));
                let upkeep = UpkeepEvent { cycle, what, master, base, len, begins: true };
                Some(Event::Upkeep(upkeep))
            }
            Note::Unasked(_) => None,
            Note::Denied { access, consequence, .. } => {
                let (why, addr) = (access.why, access.addr);
                step(format!("cache: {why:?} at {addr} was denied: {consequence:?}"))
            }
            Note::Unmapped { addr, .. } => step(format!("oops: no kernel mapping of {addr}")),
        }
    }
}

/// Ordinary memory as the kernel maps it: DRAM without the carve-outs.
fn direct_map(scenario: &Scenario) -> Vec<AddrRange> {
    let mut mapped = Vec::new();
    let mut from = scenario.memory.dram.base;
    // Pools are sorted by their base and do not overlap.
    let carved = scenario.pools.iter().filter(|pool| pool.is_static()).map(|pool| pool.range);
    for range in carved.chain([AddrRange { base: scenario.memory.dram.end(), len: ByteLen(0) }]) {
        if range.base > from {
            mapped.push(AddrRange { base: from, len: ByteLen(range.base.0 - from.0) });
        }
        from = range.end();
    }
    mapped
}

/// What a client's step asks the processor for.
pub(in crate::engine::clients) fn operation(op: CpuOp, range: AddrRange, fill: Vec<u8>) -> Op {
    match op {
        CpuOp::Load => Op::Load(range),
        CpuOp::Store => Op::Store(range.base, fill),
        CpuOp::Clean => Op::Clean(range),
        CpuOp::Invalidate => Op::Invalidate(range),
        CpuOp::CleanInvalidate => Op::CleanInvalidate(range),
    }
}
