// SPDX-License-Identifier: Apache-2.0
//! A device behind an IOMMU, as its driver uses it.
use crate::engine::clients::transfers::{End, Ended, Job, JobId};
use crate::engine::event::Event;
use crate::scenario::Scenario;
use crate::units::{AddrRange, ByteLen, Cycle, MasterId, PhysAddr};
use crate::workload::NEVER;
use crate::workload::iommu::{
    self, Invalidation, IommuConfig, IommuPort, IommuPortConfig, Iova, TransferId, UnmapId,
};
use ringfence_sim::{Inputs, Outputs};
use std::collections::VecDeque;

/// First IO virtual address that is given: beyond the board's 40 address bits, so that none is
/// taken for a physical one.
const IOVA_BASE: u64 = 1 << 41;
/// Beats of a burst and bursts in flight, as its DMA engine has them.
const BURST: u8 = 16;
const OUTSTANDING: u8 = 16;

/// A device behind an IOMMU.
pub(super) struct Device {
    pub(super) port: Box<IommuPort>,
    pub(super) master: MasterId,
    pub(super) jobs: VecDeque<(JobId, TransferId, Job)>,
    /// What is mapped, and where.
    pub(super) maps: Vec<(Iova, AddrRange)>,
    pub(super) next: u64,
    pub(super) returned: Vec<UnmapId>,
    pub(super) wake: Cycle,
    pub(super) pushed: bool,
    /// When it was called last: its pins moved, or it was due.
    pub(super) since: Cycle,
    pub(super) stale_told: Option<JobId>,
}

impl Device {
    pub(super) fn new(scenario: &Scenario, one: &crate::scenario::Iommu) -> Self {
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
            since: Cycle(0),
            stale_told: None,
        }
    }

    /// Whether a job's IOVAs are mapped to somewhere in `range`.
    pub(super) fn touches(&self, job: &Job, range: AddrRange) -> bool {
        let mapped = self.maps.iter().filter(|(_, phys)| phys.overlaps(range));
        let iovas =
            |(iova, phys): &(Iova, AddrRange)| AddrRange { base: PhysAddr(iova.0), len: phys.len };
        mapped.map(iovas).any(|iovas| iovas.overlaps(job.range))
    }

    pub(super) fn tick(
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
            ended.push(Ended { id, job, end, moved: done.moved, data, read: ByteLen(0) });
        }
    }
}
