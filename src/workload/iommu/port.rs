// SPDX-License-Identifier: Apache-2.0
//! A device behind an IOMMU: transfers in, bursts out, each translated as it is issued.
use super::{
    Done, Fault, Iommu, IommuConfig, IommuPortConfig, Iova, Note, Refused, Stale, Transfer,
    TransferId, UnmapId,
};
use crate::tee::Rights;
use crate::units::{ByteLen, Cycle, Direction, PAGE, PhysAddr};
use crate::workload::raw_port::{BEATS, Burst, IDS, RawPort};
use ringfence_sim::{BEAT_BYTES, Inputs, Outputs};
use std::collections::VecDeque;

/// A burst in flight.
#[derive(Clone, Copy)]
struct Flight {
    /// Where its data belongs in the transfer, and how much it is.
    at: u64,
    bytes: u64,
}

struct Running {
    id: TransferId,
    transfer: Transfer,
    iova: u64,
    len: u64,
    direction: Direction,
    /// Bytes given to the bus.
    at: u64,
    open: u32,
    resp: u8,
    fault: Option<Fault>,
    data: Vec<u8>,
}

/// A master port behind an IOMMU, one transfer after the other.
pub struct IommuPort {
    config: IommuPortConfig,
    iommu: Iommu,
    port: RawPort,
    queue: VecDeque<(TransferId, Transfer)>,
    running: Option<Running>,
    /// The transfer's bursts by ID; one transfer goes one way.
    flights: [Option<Flight>; IDS],
    /// IOVA pages of the bursts in flight.
    busy: [Option<u64>; IDS],
    /// End of the walk under way.
    walking: Option<Cycle>,
    unmaps: VecDeque<UnmapId>,
    done: VecDeque<Done>,
    notes: VecDeque<Note>,
    next: u32,
}

impl IommuPort {
    /// A device with nothing mapped.
    pub fn new(config: IommuPortConfig, iommu: IommuConfig, seed: u64) -> Self {
        Self {
            iommu: Iommu::new(iommu, seed, config.master.0),
            port: RawPort::new(usize::from(config.master.0)),
            config,
            queue: VecDeque::new(),
            running: None,
            flights: [None; IDS],
            busy: [None; IDS],
            walking: None,
            unmaps: VecDeque::new(),
            done: VecDeque::new(),
            notes: VecDeque::new(),
            next: 0,
        }
    }

    /// Queues a transfer; its [`Done`] comes once, in the order of the calls.
    ///
    /// # Errors
    /// When it is not whole beats, has 4 GiB or more, or passes the end of the address space.
    pub fn push(&mut self, transfer: Transfer) -> Result<TransferId, Refused> {
        let (Iova(iova), len) = extent(&transfer);
        let beat = BEAT_BYTES as u64;
        let fits = len <= u64::from(u32::MAX) && iova.checked_add(len).is_some();
        if !(iova | len).is_multiple_of(beat) || !fits {
            return Err(Refused::Misaligned);
        }
        let id = TransferId(self.next);
        self.next += 1;
        self.queue.push_back((id, transfer));
        Ok(id)
    }

    /// The next transfer that has ended.
    pub fn take_done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// What happened beside the transfers, oldest first.
    pub fn take_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// As [`Iommu::map`].
    ///
    /// # Errors
    /// As there.
    pub fn map(
        &mut self,
        iova: Iova,
        phys: PhysAddr,
        len: ByteLen,
        rights: Rights,
    ) -> Result<(), Refused> {
        self.iommu.map(iova, phys, len, rights)
    }

    /// As [`Iommu::unmap`]; [`Self::take_unmapped`] tells when it returns.
    ///
    /// # Errors
    /// As there.
    pub fn unmap(&mut self, cycle: Cycle, iova: Iova, len: ByteLen) -> Result<UnmapId, Refused> {
        let id = self.iommu.unmap(cycle, iova, len)?;
        self.unmaps.push_back(id);
        Ok(id)
    }

    /// The next unmapping that has returned, in the order of the calls.
    pub fn take_unmapped(&mut self) -> Option<UnmapId> {
        let first = *self.unmaps.front()?;
        if !self.iommu.returned(first) {
            return None;
        }
        self.unmaps.pop_front()
    }

    /// No transfer is left and nothing is in flight.
    pub fn idle(&self) -> bool {
        self.queue.is_empty() && self.running.is_none() && self.port.idle()
    }

    /// Bursts in flight.
    pub fn in_flight(&self) -> usize {
        self.busy.iter().flatten().count()
    }

    /// Takes in what happened at the pins in `cycle` and sets what is driven next. Gives the cycle
    /// at which it is due though its pins are quiet; a push, a mapping or an unmapping is a reason
    /// to call it too.
    pub fn tick(&mut self, cycle: Cycle, out: &Outputs, inputs: &mut Inputs) -> Cycle {
        let answered = self.port.tick(out);
        if let Some(id) = answered.read {
            let burst = self.port.done_read(id);
            self.answered(id, &burst);
        }
        if let Some(id) = answered.write {
            let burst = self.port.done_write(id);
            self.answered(id, &burst);
        }
        self.iommu.tick(cycle, &self.busy);
        let moved = self.advance(cycle);
        self.port.offer(inputs);
        if moved {
            return Cycle(cycle.0 + 1);
        }
        let due = self.iommu.due();
        Cycle(self.walking.map_or(due, |end| end.min(due)).0.max(cycle.0 + 1))
    }

    fn answered(&mut self, id: u8, burst: &Burst) {
        self.busy[id as usize] = None;
        let (Some(Flight { at, bytes }), Some(run)) =
            (self.flights[id as usize].take(), &mut self.running)
        else {
            return;
        };
        run.open -= 1;
        run.resp = run.resp.max(burst.resp);
        if run.direction == Direction::Read {
            burst.get(0, &mut run.data[at as usize..(at + bytes) as usize]);
        }
    }

    /// Issues a burst or ends the transfer; whether another step could follow at once.
    fn advance(&mut self, cycle: Cycle) -> bool {
        if self.running.is_none() {
            self.running = self.queue.pop_front().map(|(id, transfer)| Running::new(id, transfer));
        }
        let Some(mut run) = self.running.take() else { return false };
        if run.fault.is_some() || run.at >= run.len {
            if run.open == 0 {
                self.done.push_back(run.done(cycle));
                return !self.queue.is_empty();
            }
            self.running = Some(run);
            return false;
        }
        let moved = self.issue(cycle, &mut run);
        self.running = Some(run);
        moved
    }

    fn issue(&mut self, cycle: Cycle, run: &mut Running) -> bool {
        let ids = 0..self.config.outstanding.clamp(1, IDS as u8);
        let free = match run.direction {
            Direction::Read => self.port.free_read(ids),
            Direction::Write => self.port.free_write(ids),
        };
        let Some(id) = free else { return false };
        let iova = Iova(run.iova + run.at);
        let to = match self.translate(cycle, iova, run.direction) {
            None => return false,
            Some(Err(fault)) => {
                self.notes.push_back(Note::Fault(fault));
                run.fault = Some(fault);
                return true;
            }
            Some(Ok(to)) => to,
        };
        let longest = u64::from(self.config.burst.clamp(1, BEATS as u8)) * BEAT_BYTES as u64;
        let bytes = (PAGE - iova.0 % PAGE).min(longest).min(run.len - run.at);
        let prot = if self.config.secure { 0 } else { 0b010 };
        let beats = bytes as usize / BEAT_BYTES;
        let mut burst = Burst::new(to.0, beats, prot, self.config.nsaid.0);
        match &run.transfer {
            Transfer::Read(..) => self.port.read(id, burst),
            Transfer::Write(_, data) => {
                burst.put(0, &data[run.at as usize..(run.at + bytes) as usize]);
                self.port.write(id, burst);
            }
        }
        self.flights[id as usize] = Some(Flight { at: run.at, bytes });
        self.busy[id as usize] = Some(iova.0 / PAGE);
        run.at += bytes;
        run.open += 1;
        true
    }

    /// The physical address of a burst that is issued now; `None` while its page is walked for.
    fn translate(
        &mut self,
        cycle: Cycle,
        iova: Iova,
        direction: Direction,
    ) -> Option<Result<PhysAddr, Fault>> {
        if let Some(end) = self.walking {
            if cycle < end {
                return None;
            }
            self.walking = None;
            if let Err(fault) = self.iommu.fill(cycle, iova, direction) {
                return Some(Err(fault));
            }
        }
        let Some(found) = self.iommu.look_up(cycle, iova, direction) else {
            self.walking = Some(Cycle(cycle.0 + self.iommu.walk().0.max(1)));
            return None;
        };
        if let Ok(to) = found
            && let Some(returned) = to.stale
        {
            let addr = to.addr;
            self.notes.push_back(Note::Stale(Stale { cycle, iova, addr, direction, returned }));
        }
        Some(found.map(|to| to.addr))
    }
}

impl Running {
    fn new(id: TransferId, transfer: Transfer) -> Self {
        let (Iova(iova), len) = extent(&transfer);
        let (direction, room) = match transfer {
            Transfer::Read(..) => (Direction::Read, len),
            Transfer::Write(..) => (Direction::Write, 0),
        };
        let data = vec![0; room as usize];
        Self { id, transfer, iova, len, direction, at: 0, open: 0, resp: 0, fault: None, data }
    }

    fn done(self, cycle: Cycle) -> Done {
        let Self { id, at, resp, fault, data, .. } = self;
        Done { id, cycle, resp, fault, moved: ByteLen(at), data }
    }
}

fn extent(transfer: &Transfer) -> (Iova, u64) {
    match transfer {
        Transfer::Read(iova, len) => (*iova, len.0),
        Transfer::Write(iova, data) => (*iova, data.len() as u64),
    }
}
