// SPDX-License-Identifier: Apache-2.0
//! Jobs that copy: a transfer that reads and then, on the same engine, writes what it read.
use super::calls::errno;
use super::player::Call;
use super::plays::Play;
use super::transfers::{Fill, Job, JobId, Running, span};
use super::{Around, Clients, State};
use crate::engine::event::{Event, JobEvent};
use crate::scenario::{CopyJob, Target};
use crate::tee::{DmaDirection, Errno};
use crate::units::{AddrRange, ByteLen, Cycle, Direction};
use std::collections::VecDeque;

impl Clients {
    /// A copy from where the buffer's mapping points the master. Ordinary memory is mapped for it
    /// first, which the kernel may refuse.
    pub(super) fn copy(&mut self, n: usize, copy: CopyJob, around: &mut Around<'_, '_>) {
        let CopyJob { buffer, master, to, len, anyway, declassify } = copy;
        let known = |buffer: usize| {
            let own = self.buffers[buffer].range.map(|range| range.base);
            self.bus.get(&(buffer, master)).copied().or(own)
        };
        let target = match to {
            Target::Buffer(other) => known(other),
            Target::Ordinary(at) => Some(at),
        };
        let (Some(from), Some(target)) = (known(buffer), target) else {
            self.done(n, Err(errno(Errno::Ebadf)), around.cycle);
            return;
        };
        let (range, target) = (span(from, len), span(target, len));
        let mut plays = VecDeque::new();
        let shared = |other: usize| self.buffers[other].id.is_none();
        if matches!(to, Target::Ordinary(_)) || matches!(to, Target::Buffer(other) if shared(other))
        {
            let mapped = around.tee.map_ordinary(master, target, DmaDirection::FromDevice);
            match mapped.map_err(errno) {
                Ok(()) => plays.push_back(Play::UnmapOrdinary(master, target)),
                Err(refused) if !anyway => {
                    self.done(n, Err(refused), around.cycle);
                    return;
                }
                Err(refused) => {
                    let what = format!(
                        "{}: {refused} for {} +{}, and it copies all the same",
                        self.actors[n].plan.name, target.base, target.len.0
                    );
                    let cycle = Cycle(around.cycle.0 + 1);
                    self.events.push(Event::Step { cycle, master: Some(master), what });
                }
            }
        }
        for play in self.work(copy, range, target, declassify).into_iter().rev() {
            plays.push_front(play);
        }
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, Ok(()))));
    }

    /// One job of a DMA engine; a master that has none reads all and then writes it.
    fn work(
        &mut self,
        copy: CopyJob,
        range: AddrRange,
        to: AddrRange,
        declared: bool,
    ) -> Vec<Play> {
        let (master, direction, keep, stops) = (copy.master, Direction::Read, true, true);
        let raw = self.transfers.raw_masters() >> (master.0 & 7) & 1 == 1;
        let fill = if raw { Fill::Zeros } else { Fill::Into(to, declared) };
        let read = Play::Touch(Job { master, direction, range, fill, keep, stops });
        if !raw {
            return vec![read];
        }
        let id = self.transfers.number();
        let told = |begins| Play::Job(id, master, declared, begins);
        vec![told(true), read, Play::Paste(master, to, stops), told(false)]
    }
}

impl Job {
    /// Whether it reads or writes in a range, now or later.
    pub(super) fn touches(&self, range: AddrRange) -> bool {
        let later = matches!(self.fill, Fill::Into(to, _) if to.overlaps(range));
        self.range.overlaps(range) || later
    }

    /// Ends it after `issued` bytes; what it would go on to in `range` it does not begin.
    pub(super) fn stop(&mut self, range: AddrRange, issued: u64) {
        self.range.len = ByteLen(issued);
        if matches!(self.fill, Fill::Into(to, _) if to.overlaps(range)) {
            self.fill = Fill::Zeros;
        }
    }
}

impl Running {
    pub(super) fn begin(id: JobId, job: Job, resp: Option<u8>, data: Vec<u8>) -> Self {
        let copies = match job.fill {
            Fill::Into(_, declassifies) => Some(declassifies),
            _ => None,
        };
        Self { id, job, issued: 0, open: 0, resp, data, copies, read: 0 }
    }

    /// A copy that has read without an error goes on as the write of what it has read.
    pub(super) fn turns(&mut self) -> bool {
        let Fill::Into(to, _) = self.job.fill else { return false };
        if !matches!(self.resp, Some(0 | 1)) {
            return false;
        }
        let mut data = std::mem::take(&mut self.data);
        data.truncate(self.issued as usize);
        self.read = std::mem::take(&mut self.issued);
        self.job.range = AddrRange { base: to.base, len: ByteLen(self.read) };
        self.job.direction = Direction::Write;
        self.job.keep = false;
        self.job.fill = Fill::Bytes(data);
        true
    }

    /// Its begin or end for the log, where it is a job.
    pub(super) fn tell(&self, cycle: Cycle, begins: bool) -> Option<Event> {
        let declassifies = self.copies?;
        let (cycle, master) = (Cycle(cycle.0 + 1), self.job.master);
        Some(Event::Job(JobEvent { cycle, job: self.id.0, master, declassifies, begins }))
    }
}
