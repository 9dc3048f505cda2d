// SPDX-License-Identifier: Apache-2.0
//! Masters whose pins are driven burst by burst instead of by a DMA engine: the processor with a
//! cache, and devices behind an IOMMU.
mod device;
mod processor;

use super::transfers::{End, Ended, Fill, Job, JobId};
use crate::engine::event::Event;
use crate::scenario::{Pool, Scenario};
use crate::tee::Rights;
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PAGE, PhysAddr};
use crate::workload::NEVER;
use crate::workload::cache::{DirectMap, Op};
use crate::workload::iommu::{Iova, Transfer, UnmapId};
use device::Device;
use processor::Processor;
pub(super) use processor::operation;
use rand::Rng;
use ringfence_sim::{Inputs, Outputs};

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
            processor.push(id, job, op, false);
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
                let (data, read) = (Vec::new(), ByteLen(0));
                let ended = Ended { id, job, end: End::Refused, moved, data, read };
                self.refused.push(ended);
            }
        }
        None
    }

    /// Begins an operation of the processor; its job says what a transfer would.
    pub(super) fn operate(&mut self, id: JobId, job: Job, op: Op) {
        if let Some(processor) = &mut self.processor {
            processor.push(id, job, op, true);
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
        let refused = self.refused.iter().fold(cpu, |mask, e| mask | 1u8 << (e.job.master.0 & 7));
        busy.fold(refused, |mask, d| mask | 1u8 << (d.master.0 & 7))
    }

    /// First cycle at which one of them is due by itself.
    pub(super) fn due(&self) -> Cycle {
        let wakes = self.processor.iter().map(|p| p.wake);
        wakes.chain(self.devices.iter().map(|d| d.wake)).min().unwrap_or(NEVER)
    }

    /// What a transfer of these touches.
    pub(super) fn busy_in(&self, master: MasterId, range: AddrRange) -> bool {
        let of_cpu = self.processor.iter().filter(|p| p.cpu.master() == master);
        let mut of_cpu = of_cpu.flat_map(|p| p.jobs.iter().map(|(_, _, job, _)| job));
        let mut of_devices = self.devices.iter().filter(|d| d.master == master);
        of_cpu.any(|job| job.range.overlaps(range))
            || of_devices.any(|d| d.jobs.iter().any(|(_, _, job)| d.touches(job, range)))
    }

    /// Whether no transfer that a drain stops is under way in `range`.
    pub(super) fn quiet(&self, range: AddrRange) -> bool {
        let stops = |job: &Job| job.stops;
        let mut of_cpu = self.processor.iter().flat_map(|p| p.jobs.iter().map(|(_, _, j, _)| j));
        let on = |d: &Device| d.jobs.iter().any(|(_, _, j)| stops(j) && d.touches(j, range));
        !of_cpu.any(|job| stops(job) && job.range.overlaps(range)) && !self.devices.iter().any(on)
    }

    /// Jobs under way, with the addresses that their masters use.
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, AddrRange)> {
        let cpu = self.processor.iter().flat_map(|p| p.jobs.iter().take(1).map(|(_, _, j, _)| j));
        let devices = self.devices.iter().flat_map(|d| d.jobs.iter().take(1).map(|(_, _, j)| j));
        cpu.chain(devices).map(|job| (usize::from(job.master.0), job.range))
    }

    /// Whether a transfer has not moved for `budget` cycles.
    pub(super) fn stuck(&self, cycle: Cycle, budget: Cycle) -> bool {
        let late = |since: Cycle| cycle.0.saturating_sub(since.0) > budget.0;
        let mut cpu = self.processor.iter().filter(|p| !p.jobs.is_empty() && !p.pushed);
        let mut devices = self.devices.iter().filter(|d| !d.jobs.is_empty() && !d.pushed);
        cpu.any(|p| late(p.since)) || devices.any(|d| late(d.since))
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
                processor.since = cycle;
                processor.tick(cycle, out, inputs, watched, ended, &mut self.events);
            }
        }
        for device in &mut self.devices {
            let moved = fires >> (device.master.0 & 7) & 1 == 1;
            if moved || device.pushed || device.wake <= cycle {
                device.since = cycle;
                device.tick(cycle, out, inputs, ended, &mut self.events);
            }
        }
    }
}

/// What a job writes.
pub(super) fn bytes(job: &mut Job) -> Vec<u8> {
    let mut bytes = vec![0; job.range.len.0 as usize];
    match &mut job.fill {
        Fill::Zeros | Fill::Into(..) => {}
        Fill::Random(rng) => rng.fill_bytes(&mut bytes),
        Fill::Bytes(all) => {
            let n = all.len().min(bytes.len());
            bytes[..n].copy_from_slice(&all[..n]);
        }
    }
    bytes
}
