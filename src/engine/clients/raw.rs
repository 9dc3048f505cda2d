// SPDX-License-Identifier: Apache-2.0
//! Masters whose pins are driven burst by burst instead of by a DMA engine: the processor with a
//! cache, and devices behind an IOMMU.
use super::transfers::{End, Ended, Fill, Job, JobId};
use crate::engine::event::{Event, Upkeep, UpkeepEvent};
use crate::scenario::{Pool, Scenario};
use crate::tee::Rights;
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PAGE, PhysAddr};
use crate::workload::NEVER;
use crate::workload::cache::{
    self, CachedCpu, CpuConfig, DirectMap, LINE, Note, Op, OpId, Why, World,
};
use crate::workload::iommu::{
    self, Invalidation, IommuConfig, IommuPort, IommuPortConfig, Iova, Transfer, TransferId,
    UnmapId,
};
use rand::Rng;
use ringfence_sim::{Inputs, Outputs};
use std::collections::VecDeque;

/// First IO virtual address that is given; like Linux's, none of them is a physical one.
const IOVA_BASE: u64 = 0x1000_0000;
/// Beats of a burst and bursts in flight of a device behind an IOMMU, as its DMA engine has them.
const BURST: u8 = 16;
const OUTSTANDING: u8 = 16;

/// The processor.
struct Processor {
    cpu: Box<CachedCpu>,
    world: World,
    jobs: VecDeque<(JobId, OpId, Job)>,
    wake: Cycle,
    pushed: bool,
}

/// A device behind an IOMMU.
struct Device {
    port: Box<IommuPort>,
    master: MasterId,
    jobs: VecDeque<(JobId, TransferId, Job)>,
    /// What is mapped, and where.
    maps: Vec<(Iova, AddrRange)>,
    next: u64,
    returned: Vec<UnmapId>,
    wake: Cycle,
    pushed: bool,
    stale_told: Option<JobId>,
}

/// Memory of which the log tells what nobody asked for.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    /// Dynamic memory from the request to lend it until it is the kernel's again.
    pub(super) lent: &'a [AddrRange],
    /// All pools.
    pub(super) pools: &'a [Pool],
}

impl Watched<'_> {
    fn protected(self, addr: PhysAddr) -> bool {
        let fixed = |pool: &Pool| pool.is_static() && pool.range.contains(addr);
        self.lent.iter().any(|range| range.contains(addr)) || self.pools.iter().any(fixed)
    }

    fn of_a_pool(self, addr: PhysAddr) -> bool {
        self.pools.iter().any(|pool| pool.range.contains(addr))
    }
}

/// All of them.
pub(super) struct RawPorts {
    processor: Option<Processor>,
    devices: Vec<Device>,
    mask: u8,
    /// What happened beside the jobs.
    events: Vec<Event>,
    /// Jobs that could not even be begun.
    refused: Vec<Ended>,
}

impl RawPorts {
    /// The masters of a scenario that are driven so.
    pub(super) fn new(scenario: &Scenario) -> Self {
        let processor = scenario.cache.as_ref().map(|_| Processor::new(scenario));
        let processor = processor.flatten();
        let devices: Vec<_> =
            scenario.iommus.iter().map(|one| Device::new(scenario, one)).collect();
        let cpu = processor.iter().fold(0, |mask, p| mask | 1u8 << (p.cpu.master().0 & 7));
        let mask = devices.iter().fold(cpu, |mask, d| mask | 1u8 << (d.master.0 & 7));
        Self { processor, devices, mask, events: Vec::new(), refused: Vec::new() }
    }

    /// Masters that are driven so, a bit each.
    pub(super) const fn mask(&self) -> u8 {
        self.mask
    }

    /// The processor's direct map, if it has a cache.
    pub(super) fn direct_map(&mut self) -> Option<&mut DirectMap> {
        let processor = self.processor.as_mut()?;
        processor.pushed = true;
        Some(processor.cpu.direct_map())
    }

    /// Begins a transfer past the cache, or through the IOMMU; gives it back if its master is not
    /// one of these.
    pub(super) fn start(&mut self, id: JobId, mut job: Job) -> Option<Job> {
        if let Some(processor) = self.processor.as_mut().filter(|p| p.cpu.master() == job.master) {
            let op = match job.direction {
                Direction::Read => Op::ReadUncached(job.range),
                Direction::Write => Op::WriteUncached(job.range.base, bytes(&mut job)),
            };
            processor.push(id, job, op);
            return None;
        }
        let Some(device) = self.devices.iter_mut().find(|d| d.master == job.master) else {
            return Some(job);
        };
        let iova = Iova(job.range.base.0);
        let transfer = match job.direction {
            Direction::Read => Transfer::Read(iova, job.range.len),
            Direction::Write => Transfer::Write(iova, bytes(&mut job)),
        };
        match device.port.push(transfer) {
            Ok(transfer) => {
                device.jobs.push_back((id, transfer, job));
                device.pushed = true;
            }
            Err(_) => {
                let moved = ByteLen(0);
                let ended = Ended { id, job, end: End::Refused, moved, data: Vec::new() };
                self.refused.push(ended);
            }
        }
        None
    }

    /// Begins an operation of the processor; its job says what a transfer would.
    pub(super) fn operate(&mut self, id: JobId, job: Job, op: Op) {
        if let Some(processor) = &mut self.processor {
            processor.push(id, job, op);
        }
    }

    /// Maps a buffer for a device behind an IOMMU: the addresses that its driver is given.
    pub(super) fn map(
        &mut self,
        master: MasterId,
        range: AddrRange,
        rights: Rights,
    ) -> Option<AddrRange> {
        let device = self.devices.iter_mut().find(|d| d.master == master)?;
        let len = ByteLen(range.len.0.next_multiple_of(PAGE));
        let iova = Iova(device.next);
        device.port.map(iova, range.base, len, rights).ok()?;
        // A page stays free between two mappings, so that an overrun faults.
        device.next += len.0 + PAGE;
        device.maps.push((iova, range));
        device.pushed = true;
        Some(AddrRange { base: PhysAddr(iova.0), len: range.len })
    }

    /// Ends the last mapping of a range.
    pub(super) fn unmap(
        &mut self,
        cycle: Cycle,
        master: MasterId,
        range: AddrRange,
    ) -> Option<UnmapId> {
        let device = self.devices.iter_mut().find(|d| d.master == master)?;
        let at = device.maps.iter().rposition(|(_, mapped)| *mapped == range)?;
        let (iova, range) = device.maps.remove(at);
        let len = ByteLen(range.len.0.next_multiple_of(PAGE));
        device.pushed = true;
        device.port.unmap(cycle, iova, len).ok()
    }

    /// Whether an unmapping has returned; asked until it has.
    pub(super) fn unmapped(&mut self, master: MasterId, id: UnmapId) -> bool {
        let Some(device) = self.devices.iter_mut().find(|d| d.master == master) else {
            return true;
        };
        let at = device.returned.iter().position(|one| *one == id);
        at.map(|at| device.returned.remove(at)).is_some()
    }

    /// Masters with something queued or under way, a bit each.
    pub(super) fn wanted(&self) -> u8 {
        let cpu = self.processor.iter().filter(|p| !p.jobs.is_empty() || !p.cpu.idle());
        let cpu = cpu.fold(0, |mask, p| mask | 1u8 << (p.cpu.master().0 & 7));
        let busy = self.devices.iter().filter(|d| !d.jobs.is_empty() || !d.port.idle());
        busy.fold(cpu, |mask, d| mask | 1u8 << (d.master.0 & 7))
    }

    /// First cycle at which one of them is due by itself.
    pub(super) fn due(&self) -> Cycle {
        let wakes = self.processor.iter().map(|p| p.wake);
        wakes.chain(self.devices.iter().map(|d| d.wake)).min().unwrap_or(NEVER)
    }

    /// What a transfer of these touches.
    pub(super) fn busy_in(&self, master: MasterId, range: AddrRange) -> bool {
        let of_cpu = self.processor.iter().filter(|p| p.cpu.master() == master);
        let mut of_cpu = of_cpu.flat_map(|p| p.jobs.iter().map(|(_, _, job)| job));
        let mut of_devices = self.devices.iter().filter(|d| d.master == master);
        of_cpu.any(|job| job.range.overlaps(range))
            || of_devices.any(|d| d.jobs.iter().any(|(_, _, job)| d.touches(job, range)))
    }

    /// Whether no transfer that a drain stops is under way in `range`.
    pub(super) fn quiet(&self, range: AddrRange) -> bool {
        let stops = |job: &Job| job.stops;
        let mut of_cpu = self.processor.iter().flat_map(|p| p.jobs.iter().map(|(_, _, j)| j));
        let on = |d: &Device| d.jobs.iter().any(|(_, _, j)| stops(j) && d.touches(j, range));
        !of_cpu.any(|job| stops(job) && job.range.overlaps(range)) && !self.devices.iter().any(on)
    }

    /// Jobs under way, with the addresses that their masters use.
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, AddrRange)> {
        let cpu = self.processor.iter().flat_map(|p| p.jobs.iter().take(1).map(|(_, _, job)| job));
        let devices = self.devices.iter().flat_map(|d| d.jobs.iter().take(1).map(|(_, _, j)| j));
        cpu.chain(devices).map(|job| (usize::from(job.master.0), job.range))
    }

    /// Nothing more by itself, so that a run can end.
    pub(super) fn settle(&mut self) {
        if let Some(processor) = &mut self.processor {
            processor.cpu.settle();
            processor.wake = NEVER;
        }
    }

    /// What happened beside the jobs since the last call.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// One cycle.
    pub(super) fn tick(
        &mut self,
        cycle: Cycle,
        out: &Outputs,
        inputs: &mut Inputs,
        watched: Watched<'_>,
        ended: &mut Vec<Ended>,
    ) {
        if self.mask == 0 {
            return;
        }
        ended.append(&mut self.refused);
        let fires =
            (out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire()) as u8;
        if let Some(processor) = &mut self.processor {
            let moved = fires >> (processor.cpu.master().0 & 7) & 1 == 1;
            if moved || processor.pushed || processor.wake <= cycle {
                processor.tick(cycle, out, inputs, watched, ended, &mut self.events);
            }
        }
        for device in &mut self.devices {
            let moved = fires >> (device.master.0 & 7) & 1 == 1;
            if moved || device.pushed || device.wake <= cycle {
                device.tick(cycle, out, inputs, ended, &mut self.events);
            }
        }
    }
}

impl Processor {
    fn new(scenario: &Scenario) -> Option<Self> {
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
        Some(Self { cpu, world, jobs: VecDeque::new(), wake: Cycle(0), pushed: false })
    }

    fn push(&mut self, id: JobId, job: Job, op: Op) {
        let op = self.cpu.push(self.world, op);
        self.jobs.push_back((id, op, job));
        self.pushed = true;
    }

    fn tick(
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
            let Some(at) = self.jobs.iter().position(|(_, op, _)| *op == done.id) else { continue };
            let Some((id, _, job)) = self.jobs.remove(at) else { continue };
            let (end, moved) = match done.end {
                cache::End::Complete => (End::Answered(0), job.range.len),
                cache::End::Aborted { resp, .. } => (End::Answered(resp), ByteLen(0)),
                cache::End::Unmapped { .. } => (End::Oops, ByteLen(0)),
            };
            if let Some(oldest) = done.oldest.filter(|_| watched.of_a_pool(job.range.base)) {
                let (master, base, len) = (job.master, job.range.base, job.range.len);
                events.push(Event::CacheHit(crate::engine::event::CacheHitEvent {
                    cycle,
                    master,
                    base,
                    len,
                    oldest,
                }));
            }
            let data = if job.keep { done.data } else { Vec::new() };
            ended.push(Ended { id, job, end, moved, data });
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

impl Device {
    fn new(scenario: &Scenario, one: &crate::scenario::Iommu) -> Self {
        let master = &scenario.masters[usize::from(one.master.0)];
        let port = IommuPortConfig {
            master: one.master,
            nsaid: master.nsaid,
            secure: master.secure,
            burst: BURST,
            outstanding: OUTSTANDING,
        };
        let mode = one.deferred.map_or(Invalidation::Strict, |deferred| Invalidation::Deferred {
            unmaps: deferred.unmaps,
            within: deferred.within,
        });
        let iommu = IommuConfig {
            entries: one.entries,
            walk: one.walk,
            invalidation: one.invalidation,
            mode,
        };
        Self {
            port: Box::new(IommuPort::new(port, iommu, scenario.seed)),
            master: one.master,
            jobs: VecDeque::new(),
            maps: Vec::new(),
            next: IOVA_BASE,
            returned: Vec::new(),
            wake: NEVER,
            pushed: false,
            stale_told: None,
        }
    }

    /// Whether a job's IOVAs are mapped to somewhere in `range`.
    fn touches(&self, job: &Job, range: AddrRange) -> bool {
        let mapped = self.maps.iter().filter(|(_, phys)| phys.overlaps(range));
        let iovas =
            |(iova, phys): &(Iova, AddrRange)| AddrRange { base: PhysAddr(iova.0), len: phys.len };
        mapped.map(iovas).any(|iovas| iovas.overlaps(job.range))
    }

    fn tick(
        &mut self,
        cycle: Cycle,
        out: &Outputs,
        inputs: &mut Inputs,
        ended: &mut Vec<Ended>,
        events: &mut Vec<Event>,
    ) {
        self.pushed = false;
        self.wake = self.port.tick(cycle, out, inputs);
        let (master, current) = (Some(self.master), self.jobs.front().map(|(id, ..)| *id));
        while let Some(note) = self.port.take_note() {
            let what = match note {
                iommu::Note::Fault(fault) => {
                    let (iova, direction) = (fault.iova.0, fault.direction);
                    format!("iommu: {direction} at IOVA {iova:#x} faulted: {:?}", fault.reason)
                }
                // One line a transfer: the judge sees every burst of it.
                iommu::Note::Stale(_) if self.stale_told == current => continue,
                iommu::Note::Stale(stale) => {
                    self.stale_told = current;
                    let (iova, addr) = (stale.iova.0, stale.addr);
                    format!("iommu: IOVA {iova:#x} still goes to {addr}, by a stale entry")
                }
            };
            events.push(Event::Step { cycle, master, what });
        }
        while let Some(id) = self.port.take_unmapped() {
            self.returned.push(id);
        }
        while let Some(done) = self.port.take_done() {
            let Some(at) = self.jobs.iter().position(|(_, id, _)| *id == done.id) else { continue };
            let Some((id, _, job)) = self.jobs.remove(at) else { continue };
            let end = if done.fault.is_some() { End::Fault } else { End::Answered(done.resp) };
            let data = if job.keep { done.data } else { Vec::new() };
            ended.push(Ended { id, job, end, moved: done.moved, data });
        }
    }
}

/// What a job writes.
pub(super) fn bytes(job: &mut Job) -> Vec<u8> {
    let mut bytes = vec![0; job.range.len.0 as usize];
    match &mut job.fill {
        Fill::Zeros => {}
        Fill::Random(rng) => rng.fill_bytes(&mut bytes),
        Fill::Bytes(all) => {
            let n = all.len().min(bytes.len());
            bytes[..n].copy_from_slice(&all[..n]);
        }
    }
    bytes
}

/// What a client's step asks the processor for.
pub(super) fn operation(op: crate::scenario::CpuOp, range: AddrRange, fill: Vec<u8>) -> Op {
    use crate::scenario::CpuOp;
    match op {
        CpuOp::Load => Op::Load(range),
        CpuOp::Store => Op::Store(range.base, fill),
        CpuOp::Clean => Op::Clean(range),
        CpuOp::Invalidate => Op::Invalidate(range),
        CpuOp::CleanInvalidate => Op::CleanInvalidate(range),
    }
}
