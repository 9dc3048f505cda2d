// SPDX-License-Identifier: Apache-2.0
//! Transfers that clients, kernel and TEE make: one queue a master, descriptor by descriptor.
use super::raw::{RawPorts, Watched};
use crate::engine::event::Event;
use crate::scenario::Scenario;
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PhysAddr};
use crate::workload::DmaPort;
use crate::workload::cache::Op;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{BEAT_BYTES, Desc, Inputs, MASTERS, Outputs, Status};
use std::collections::VecDeque;

/// Bytes of a descriptor at most: short enough that a transfer can be stopped between two.
const CHUNK: u64 = 4096;
/// Descriptors given to the engine ahead, so that it never waits for the next.
const AHEAD: u32 = 2;
/// Bursts outstanding.
const OUTSTANDING: u8 = 16;

/// Names a transfer; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct JobId(pub(super) u32);

/// What a transfer writes.
#[derive(Clone, Debug)]
pub(super) enum Fill {
    /// Zeros.
    Zeros,
    /// Random bytes.
    Random(Box<ChaCha8Rng>),
    /// These, from the first on.
    Bytes(Vec<u8>),
    /// Of a read: it is a job that then writes there what it has read.
    Into(AddrRange, bool),
}

/// A transfer.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) master: MasterId,
    pub(super) direction: Direction,
    pub(super) range: AddrRange,
    pub(super) fill: Fill,
    /// Read data is wanted.
    pub(super) keep: bool,
    /// Ends when what it touches is drained; what kernel and TEE do themselves goes on.
    pub(super) stops: bool,
}

/// What a transfer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The merged response.
    Answered(u8),
    /// The engine refused the descriptor.
    Refused,
    /// The IOMMU had no translation.
    Fault,
    /// The processor took an external abort in the middle of an operation: who asked is gone.
    Abort(u8),
    /// The processor had no translation: who asked is gone.
    Oops,
}

/// How a transfer ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) id: JobId,
    pub(super) job: Job,
    /// What it came to.
    pub(super) end: End,
    /// Bytes asked for; fewer than the job's when it was stopped.
    pub(super) moved: ByteLen,
    /// Bytes read, where they were wanted.
    pub(super) data: Vec<u8>,
    /// Bytes that a copy had read before.
    pub(super) read: ByteLen,
}

/// A transfer under way.
pub(super) struct Running {
    pub(super) id: JobId,
    pub(super) job: Job,
    pub(super) issued: u64,
    pub(super) open: u32,
    pub(super) resp: Option<u8>,
    pub(super) data: Vec<u8>,
    /// Of a copy: whether it is declared a release, and what it has read.
    pub(super) copies: Option<bool>,
    pub(super) read: u64,
}

struct Port {
    dma: DmaPort,
    queue: VecDeque<(JobId, Job)>,
    running: Option<Running>,
    /// Since when nothing has moved.
    since: Cycle,
}

/// The queues of all masters.
pub(super) struct Transfers {
    ports: Vec<Port>,
    raw: RawPorts,
    next: u32,
    held: u8,
    /// Jobs that began or ended since the last call.
    pub(super) told: Vec<Event>,
}

impl Transfers {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let port = |master| Port {
            dma: DmaPort::new(master),
            queue: VecDeque::new(),
            running: None,
            since: Cycle(0),
        };
        let (ports, raw) = ((0..MASTERS).map(port).collect(), RawPorts::new(scenario));
        Self { ports, raw, next: 0, held: 0, told: Vec::new() }
    }

    /// Queues a transfer.
    pub(super) fn start(&mut self, job: Job) -> JobId {
        let id = self.number();
        if let Some(job) = self.raw.start(id, job) {
            self.ports[usize::from(job.master.0) % MASTERS].queue.push_back((id, job));
        }
        id
    }

    /// Queues an operation of the processor, of which `job` says where it is and for whom.
    pub(super) fn operate(&mut self, job: Job, op: Op) -> JobId {
        let id = self.number();
        self.raw.operate(id, job, op);
        id
    }

    /// A number that no other transfer has.
    pub(super) const fn number(&mut self) -> JobId {
        let id = JobId(self.next);
        self.next += 1;
        id
    }

    /// Masters that are not driven by a DMA engine.
    pub(super) const fn raw(&mut self) -> &mut RawPorts {
        &mut self.raw
    }

    /// Masters that are not driven by a DMA engine, a bit each.
    pub(super) const fn raw_masters(&self) -> u8 {
        self.raw.mask()
    }

    /// First cycle at which one of those is due by itself.
    pub(super) fn due(&self) -> Cycle {
        self.raw.due()
    }

    /// Masters that have something queued, a bit each.
    pub(super) fn wanted(&self) -> u8 {
        let wants = |port: &Port| !port.queue.is_empty() || port.running.is_some();
        let raw = self.raw.wanted();
        (0..).zip(&self.ports).fold(raw, |mask, (m, port)| mask | u8::from(wants(port)) << m)
    }

    /// Masters whose engine works for these queues, a bit each.
    pub(super) const fn held(&self) -> u8 {
        self.held
    }

    /// Stops what is under way in `range` after the descriptors that the engines have. Whether
    /// nothing is under way there any more.
    pub(super) fn quiesce(&mut self, range: AddrRange) -> bool {
        let mut quiet = self.raw.quiet(range);
        for port in &mut self.ports {
            let touches = |job: &Job| job.stops && job.touches(range);
            for (_, job) in port.queue.iter_mut().filter(|(_, job)| touches(job)) {
                job.stop(range, 0);
            }
            if let Some(running) = port.running.as_mut().filter(|r| touches(&r.job)) {
                running.job.stop(range, running.issued);
                quiet &= running.open == 0;
            }
        }
        quiet
    }

    /// Whether a master has a transfer under way or queued in `range`.
    pub(super) fn busy_in(&self, master: MasterId, range: AddrRange) -> bool {
        let port = &self.ports[usize::from(master.0) % MASTERS];
        let running = port.running.iter().map(|running| &running.job);
        let mut jobs = running.chain(port.queue.iter().map(|(_, job)| job));
        jobs.any(|job| job.touches(range)) || self.raw.busy_in(master, range)
    }

    /// Transfers under way, by master.
    pub(super) fn open(&self) -> impl Iterator<Item = (usize, AddrRange)> {
        let ports = self.ports.iter().enumerate();
        let running = ports.filter_map(|(m, port)| port.running.as_ref().map(|r| (m, r.job.range)));
        running.chain(self.raw.open())
    }

    /// Whether a transfer has not moved for `budget` cycles.
    pub(super) fn stuck(&self, cycle: Cycle, budget: Cycle) -> bool {
        let late = |port: &Port| cycle.0.saturating_sub(port.since.0) > budget.0;
        let ports = self.ports.iter().any(|port| port.running.is_some() && late(port));
        ports || self.raw.stuck(cycle, budget)
    }

    /// One cycle of every engine that works or could begin; `idle` masters have no other work
    /// under way. `watched` is memory of which the raw ones tell every access that nobody asked for.
    pub(super) fn tick(
        &mut self,
        cycle: Cycle,
        idle: u8,
        out: &Outputs,
        inputs: &mut Inputs,
        watched: Watched<'_>,
    ) -> Vec<Ended> {
        let mut ended = Vec::new();
        self.raw.tick(cycle, out, inputs, watched, &mut ended);
        let busy = (self.wanted() | self.held) & !self.raw.mask();
        for master in (0..MASTERS).filter(|m| busy >> m & 1 == 1) {
            let bit = 1u8 << master;
            let port = &mut self.ports[master];
            if self.held & bit == 0 {
                if idle & bit == 0 {
                    continue;
                }
                self.held |= bit;
                port.since = cycle;
            } else {
                port.observe(cycle, master, out, inputs);
            }
            ended.extend(port.advance(cycle, &mut self.told));
            port.dma.offer(inputs);
            if port.running.is_none() && port.queue.is_empty() {
                self.held &= !bit;
            }
        }
        ended
    }
}

impl Port {
    fn observe(&mut self, cycle: Cycle, master: usize, out: &Outputs, inputs: &mut Inputs) {
        if let Some(running) = &mut self.running
            && running.job.keep
            && out.rs_valid >> master & 1 == 1
        {
            running.collect(out.rs[master].addr, out.port[master].r.data);
        }
        let done = self.dma.tick(out, inputs);
        for status in [done.read, done.write].into_iter().flatten() {
            self.since = cycle;
            if let Some(running) = &mut self.running {
                running.finish_one(status);
            }
        }
    }

    /// Gives the engine its next descriptors; the transfers that ended with this cycle.
    fn advance(&mut self, cycle: Cycle, told: &mut Vec<Event>) -> Vec<Ended> {
        let mut ended = Vec::new();
        loop {
            if self.running.is_none() {
                let Some((id, job)) = self.queue.pop_front() else { return ended };
                let len = if job.keep { job.range.len.0 as usize } else { 0 };
                let (resp, data) = (Some(0), vec![0; len]);
                self.since = cycle;
                let running = Running::begin(id, job, resp, data);
                told.extend(running.tell(cycle, true));
                self.running = Some(running);
            }
            let Some(running) = &mut self.running else { return ended };
            while running.open < AHEAD && running.issued < running.job.range.len.0 {
                running.issue(&mut self.dma);
            }
            if running.open > 0 {
                return ended;
            }
            if running.turns() {
                continue;
            }
            if let Some(running) = self.running.take() {
                told.extend(running.tell(cycle, false));
                let Running { id, job, issued, resp, data, read, .. } = running;
                let end = resp.map_or(End::Refused, End::Answered);
                let (moved, read) = (ByteLen(issued), ByteLen(read));
                ended.push(Ended { id, job, end, moved, data, read });
            }
        }
    }
}

impl Running {
    fn issue(&mut self, dma: &mut DmaPort) {
        let at = self.job.range.base.0 + self.issued;
        let len = (self.job.range.len.0 - self.issued).min(CHUNK - at % CHUNK);
        let (addr, len32) = (at, len as u32);
        let (burst, outstanding) = (16, OUTSTANDING);
        let desc = Desc { addr, len: len32, rows: 1, burst, outstanding, ..Desc::default() };
        match self.job.direction {
            Direction::Read => dma.read(desc),
            Direction::Write => {
                // The stream carries whole bus words; the engine's strobes leave out the head.
                let head = at as usize % BEAT_BYTES;
                let mut bytes = vec![0; head + len as usize];
                let from = self.issued as usize;
                match &mut self.job.fill {
                    Fill::Zeros | Fill::Into(..) => {}
                    Fill::Random(rng) => rng.fill_bytes(&mut bytes[head..]),
                    Fill::Bytes(all) => {
                        let end = all.len().min(from + len as usize);
                        let part = &all[from.min(end)..end];
                        bytes[head..head + part.len()].copy_from_slice(part);
                    }
                }
                dma.write(desc, |_| &bytes);
            }
        }
        self.issued += len;
        self.open += 1;
    }

    fn finish_one(&mut self, status: Status) {
        self.open -= 1;
        let refused = status.code >= 2;
        self.resp = self.resp.filter(|_| !refused).map(|resp| resp.max(status.resp));
    }

    fn collect(&mut self, addr: u64, data: [u64; 2]) {
        let word = addr & !(BEAT_BYTES as u64 - 1);
        let lanes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
        for (at, byte) in (word..).zip(lanes) {
            let at = at.wrapping_sub(self.job.range.base.0) as usize;
            if let Some(room) = self.data.get_mut(at) {
                *room = byte;
            }
        }
    }
}

/// Bytes `[base, base + len)`, cut off at the end of the address space.
pub(super) fn span(base: PhysAddr, len: ByteLen) -> AddrRange {
    let len = len.0.min(u64::MAX - base.0);
    AddrRange { base, len: ByteLen(len) }
}
