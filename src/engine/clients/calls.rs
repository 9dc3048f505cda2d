// SPDX-License-Identifier: Apache-2.0
//! A client's step as a call into the allocator or a transfer.
use super::player::Call;
use super::plays::{Play, dynamic_pool};
use super::raw;
use super::replayed::NOT_MADE;
use super::tokens;
use super::transfers::{Fill, Job, span};
use super::{Around, Clients, Known, State, words};
use crate::engine::event::{Attempt, AttemptKind, Event, Upkeep};
use crate::firmware::{Protected, by_port};
use crate::scenario::{Act, CpuOp, Dma, UseCase};
use crate::tee::{
    AttachmentId, BufferId, DmaDirection, Effect, Errno, Failure, Fd, Mapping, MemoryEffect,
    MemoryOp,
};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PAGE, PhysAddr};
use crate::workload::cache::LINE;
use std::collections::VecDeque;

/// What a call returned, in the words of a scenario.
type Result = std::result::Result<(), String>;

/// Cookies of messages past the pools, which count theirs from 1.
const fn cookie(name: usize) -> u64 {
    1 << 32 | name as u64
}

pub(super) fn errno(errno: Errno) -> String {
    errno.to_string()
}

pub(super) fn failure(failure: Failure) -> String {
    match failure {
        Failure::Errno(errno) => errno.to_string(),
        Failure::NoReturn(_) => "NO-RETURN".to_owned(),
    }
}

impl Clients {
    /// Begins the current step of a client.
    pub(super) fn begin_step(&mut self, n: usize, around: &mut Around<'_, '_>) {
        let actor = &self.actors[n];
        let Some(step) = actor.plan.steps.get(actor.step) else {
            return; // over
        };
        let act = step.act;
        if step.row.is_some() && !self.possible(act) {
            self.done(n, Err(NOT_MADE.to_owned()), around.cycle);
            return;
        }
        if let Some(race) = step.race {
            self.meet(n, race, around);
            return;
        }
        if let Some(heap) = self.heap_of(act)
            && self.locks[heap as usize].is_some_and(|holder| holder != n)
        {
            self.actors[n].state = State::Locked(heap);
            return;
        }
        match act {
            Act::Wait(time) => {
                self.actors[n].state =
                    State::Calling(Box::new(Call::new(VecDeque::from([Play::Wait(time)]), Ok(()))));
            }
            Act::Mark(mark) => {
                self.marks[mark] = true;
                self.done(n, Ok(()), around.cycle);
            }
            Act::Await(mark) => self.actors[n].state = State::Awaiting(mark),
            Act::Dma(dma) if self.serves_by_token(dma.master, around) => {
                let result = self.submit(n, dma, around);
                if let Err(result) = result {
                    self.call(n, Err(result), around);
                }
            }
            Act::Dma(dma) => self.dma(n, dma, around),
            Act::Copy(copy) if self.serves_by_token(copy.master, around) => {
                self.call(n, Err(tokens::DENIED.to_owned()), around);
            }
            Act::Copy(copy) => self.copy(n, copy, around),
            Act::Cpu { buffer, op, len, offset, at } => {
                self.cpu(n, buffer, op, len, offset, at, around);
            }
            Act::Recycle { buffer, direction, len } => self.recycle(n, buffer, direction, len),
            Act::Sdp(sdp) => self.sdp(n, sdp),
            Act::View { .. } | Act::Share { .. } => {
                let result = self.beside(act, around);
                self.call(n, result, around);
            }
            Act::Lend { .. } | Act::Reclaim { .. } => self.message(n, act, around),
            Act::Ta { buffer, direction, len, offset } => {
                let result = self.invoke(n, buffer, direction, offset, len, around);
                if let Err(result) = result {
                    self.call(n, Err(result), around);
                }
            }
            _ => {
                let result = self.allocator(n, act, around);
                self.call(n, result, around);
            }
        }
    }

    /// The heap whose mutex a step needs: what can lend or reclaim.
    fn heap_of(&self, act: Act) -> Option<UseCase> {
        match act {
            Act::Alloc { heap, .. } => Some(heap),
            Act::Close { buffer } | Act::Unregister { buffer } => self.buffers[buffer].heap,
            // Whatever it closes: while one heap is busy, all wait.
            Act::Die | Act::Unbind => {
                let busy = self.locks.iter().position(Option::is_some)?;
                crate::tee::USE_CASES.into_iter().find(|heap| *heap as usize == busy)
            }
            _ => None,
        }
    }

    /// The effects of a call into the allocator that has just been made become plays.
    pub(super) fn call(&mut self, n: usize, result: Result, around: &mut Around<'_, '_>) {
        self.live = around.tee.live_grants().copied().collect();
        let effects = around.tee.take_effects();
        let heaps = crate::tee::USE_CASES.into_iter();
        let lends = |heap: &UseCase| {
            effects.iter().any(|effect| {
                matches!(effect, crate::tee::Effect::Memory(memory) if memory.heap == *heap)
            })
        };
        for heap in heaps.filter(lends) {
            self.locks[heap as usize].get_or_insert(n);
        }
        let plays = self.plays(around.scenario, effects);
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, result)));
    }

    fn allocator(&mut self, n: usize, act: Act, around: &mut Around<'_, '_>) -> Result {
        let token = around.scenario.tee.policy.mapping == Mapping::Token;
        let tee = &mut *around.tee;
        match act {
            Act::Alloc { buffer, heap, role, len } => {
                let id = tee.alloc(heap, role, len).map_err(|refused| {
                    // First fit fails with room enough: the log says how much.
                    if refused == Failure::Errno(Errno::Enomem) {
                        let free = tee.free(heap, role).0;
                        let what = format!("pool: ENOMEM with {free} B free");
                        let cycle = around.cycle;
                        self.events.push(Event::Step { cycle, master: None, what });
                    }
                    failure(refused)
                })?;
                let range = tee.buffer(id).map(|b| b.range).ok();
                let heap = Some(heap);
                self.buffers[buffer] = Known { id: Some(id), range, shm: None, heap, role };
                *self.files.entry((n, buffer)).or_default() += 1;
                Ok(())
            }
            Act::Dup { buffer } => {
                tee.get(self.id(buffer)?).map_err(errno)?;
                *self.files.entry((n, buffer)).or_default() += 1;
                Ok(())
            }
            Act::Close { buffer } => {
                let held = self.files.get_mut(&(n, buffer)).filter(|held| **held > 0);
                *held.ok_or_else(|| errno(Errno::Ebadf))? -= 1;
                tee.put(self.id(buffer)?).map_err(errno)
            }
            Act::Die => {
                self.actors[n].died = true;
                let mine: Vec<_> =
                    self.files.range((n, 0)..(n + 1, 0)).map(|(k, v)| (*k, *v)).collect();
                for ((_, buffer), held) in mine {
                    for _ in 0..held {
                        tee.put(self.id(buffer)?).map_err(errno)?;
                    }
                    self.files.remove(&(n, buffer));
                }
                Ok(())
            }
            Act::Unbind => {
                tee.shutdown();
                Ok(())
            }
            Act::Attach { buffer, master } => {
                let attachment = tee.attach(self.id(buffer)?, master).map_err(errno)?;
                self.attachments.insert((buffer, master), attachment);
                Ok(())
            }
            Act::Detach { buffer, master } => {
                let attachment = self.attachments.remove(&(buffer, master));
                tee.detach(attachment.ok_or_else(|| errno(Errno::Einval))?);
                Ok(())
            }
            Act::Map { buffer, master, .. } if token => self.take_token(buffer, master, around),
            Act::Unmap { buffer, master } if token => self.drop_token(buffer, master, around),
            Act::Unmap { buffer, master } => {
                let attachment = self.attachment(buffer, master)?;
                let mapped = self.mappings.get_mut(&(buffer, master));
                let (ended, left) = mapped.map_or((None, None), |m| (m.pop(), m.last().copied()));
                let (grant, _) = ended.ok_or_else(|| errno(Errno::Einval))?;
                tee.unmap(attachment, grant.id);
                // The driver goes on with what is left; with nothing left it still knows the last.
                if let Some((_, bus)) = left {
                    self.bus.insert((buffer, master), bus);
                }
                Ok(())
            }
            Act::Map { buffer, master, direction } => self.map(buffer, master, direction, around),
            Act::Register { buffer } => {
                let fd = Fd::Buffer(self.id(buffer)?);
                let id = tee.register_fd(fd, 0, false).map_err(errno)?;
                self.buffers[buffer].shm = Some(id);
                Ok(())
            }
            Act::Unregister { buffer } => {
                let id = self.buffers[buffer].shm.take();
                tee.close_shm(id.ok_or_else(|| errno(Errno::Ebadf))?).map_err(errno)
            }
            _ => Ok(()), // no call into the allocator
        }
    }

    /// A message to the TEE past heaps and pools: registers change, what was agreed does not.
    fn message(&mut self, n: usize, act: Act, around: &mut Around<'_, '_>) {
        let tee = &mut *around.tee;
        let answer = match act {
            Act::Lend { buffer, heap, range } => tee.lend_message(heap, range, cookie(buffer)),
            Act::Reclaim { buffer } => tee.reclaim_message(cookie(buffer)),
            _ => Ok(()),
        };
        let smc = Play::Wait(around.scenario.tee.smc);
        let mut plays = VecDeque::from([smc.clone()]);
        for effect in tee.take_effects() {
            match effect {
                Effect::Memory(MemoryEffect {
                    op: MemoryOp::Lend, range, heap, rights, ..
                }) => {
                    let pool = dynamic_pool(around.scenario, heap, range).unwrap_or(0);
                    let rights = by_port(around.scenario, rights);
                    plays.push_back(Play::Protect(Protected { range, rights, pool }));
                }
                Effect::Memory(MemoryEffect { op: MemoryOp::Reclaim, range, .. }) => {
                    plays.push_back(Play::Restore(range));
                }
                Effect::Outcome(outcome) => {
                    plays.push_back(Play::Step(words::outcome(outcome)));
                }
                _ => {}
            }
        }
        plays.push_back(smc);
        let result = answer.map_err(|result| result.to_string());
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, result)));
    }

    fn map(
        &mut self,
        buffer: usize,
        master: MasterId,
        direction: DmaDirection,
        around: &mut Around<'_, '_>,
    ) -> Result {
        let attachment = self.attachment(buffer, master)?;
        let grant = around.tee.map(attachment, direction).map_err(errno)?;
        let mut bus = grant.range;
        if around.scenario.iommus.iter().any(|iommu| iommu.master == master) {
            let mapped = self.transfers.raw().map(master, grant.range, direction.rights());
            bus = mapped.ok_or_else(|| errno(Errno::Enomem))?;
        }
        self.mappings.entry((buffer, master)).or_default().push((grant, bus.base));
        self.bus.insert((buffer, master), bus.base);
        Ok(())
    }

    pub(super) fn id(&self, buffer: usize) -> std::result::Result<BufferId, String> {
        self.buffers[buffer].id.ok_or_else(|| errno(Errno::Ebadf))
    }

    fn attachment(
        &self,
        buffer: usize,
        master: MasterId,
    ) -> std::result::Result<AttachmentId, String> {
        let found = self.attachments.get(&(buffer, master)).copied();
        found.ok_or_else(|| errno(Errno::Einval))
    }

    pub(super) fn fill(&mut self, n: usize) -> Fill {
        use rand::Rng;
        use rand_chacha::rand_core::SeedableRng;
        let seed = self.actors[n].rng.next_u64();
        Fill::Random(Box::new(rand_chacha::ChaCha8Rng::seed_from_u64(seed)))
    }

    /// A transfer by a master, where its mapping points or where the client says.
    fn dma(&mut self, n: usize, dma: Dma, around: &mut Around<'_, '_>) {
        let Dma { buffer, master, direction, len, offset, at, nowait, attack } = dma;
        let own = || self.buffers[buffer].range.map(|range| range.base);
        let mapped = self.bus.get(&(buffer, master)).copied();
        let Some(base) = at.or(mapped).or_else(own) else {
            self.done(n, Err(errno(Errno::Ebadf)), around.cycle);
            return;
        };
        let range = span(PhysAddr(base.0.saturating_add(offset.0)), len);
        if attack {
            self.declare(around.cycle, master, direction, range);
        }
        let fill = self.fill(n);
        let job = Job { master, direction, range, fill, keep: false, stops: true };
        let id = self.transfers.start(job);
        if nowait {
            self.done(n, Ok(()), around.cycle);
        } else {
            self.actors[n].state = State::Moving(id);
        }
    }

    /// Every burst of a transfer that is declared to be denied, as the engine will issue it.
    fn declare(&mut self, cycle: Cycle, master: MasterId, direction: Direction, range: AddrRange) {
        // A processor goes line by line past its cache.
        let lines = self.hands.cached && master == self.hands.kernel;
        let burst = if lines { LINE } else { Dma::BURST };
        let mut at = range.base.0;
        while at < range.end().0 {
            let len = burst.min(range.end().0 - at).min(burst - at % burst).min(PAGE - at % PAGE);
            self.attempts.push(Attempt {
                cycle,
                master,
                attempt: match direction {
                    Direction::Read => AttemptKind::Read,
                    Direction::Write => AttemptKind::Write,
                },
                direction,
                addr: PhysAddr(at),
                bytes: ByteLen(len),
                illegal: false,
            });
            at += len;
        }
    }

    /// The processor works on bytes through its cache.
    #[expect(clippy::too_many_arguments, reason = "the fields of the step")]
    fn cpu(
        &mut self,
        n: usize,
        buffer: usize,
        op: CpuOp,
        len: ByteLen,
        offset: ByteLen,
        at: Option<PhysAddr>,
        around: &Around<'_, '_>,
    ) {
        let own = self.buffers[buffer].range.map(|range| range.base);
        let Some(base) = at.or(own) else {
            self.done(n, Err(errno(Errno::Ebadf)), around.cycle);
            return;
        };
        let range = span(PhysAddr(base.0.saturating_add(offset.0)), len);
        let direction = if op == CpuOp::Load { Direction::Read } else { Direction::Write };
        let (master, fill) = (self.hands.kernel, self.fill(n));
        let mut job = Job { master, direction, range, fill, keep: false, stops: true };
        let bytes = if op == CpuOp::Store { raw::bytes(&mut job) } else { Vec::new() };
        let master = self.hands.kernel;
        let operate = Play::Operate(job, raw::operation(op, range, bytes));
        let mut plays = VecDeque::from([operate]);
        if !matches!(op, CpuOp::Load | CpuOp::Store) {
            let upkeep = |begins| Play::Upkeep(Upkeep::Maintain, master, range, begins);
            plays.push_front(upkeep(true));
            plays.push_back(upkeep(false));
        }
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, Ok(()))));
    }

    /// The kernel hands pages that it has again to somebody, who uses them.
    fn recycle(&mut self, n: usize, buffer: usize, direction: Direction, len: ByteLen) {
        let range = self.buffers[buffer].range.map(|range| span(range.base, len));
        let owned = range.filter(|range| self.kernel.iter().any(|owned| owned.covers(*range)));
        let fill = self.fill(n);
        let plays = owned.map(|range| {
            let master = self.hands.kernel;
            let job = Job { master, direction, range, fill, keep: false, stops: true };
            if !self.hands.cached {
                return Play::Touch(job);
            }
            let op = match direction {
                Direction::Read => CpuOp::Load,
                Direction::Write => CpuOp::Store,
            };
            let mut job = job;
            let bytes = if op == CpuOp::Store { raw::bytes(&mut job) } else { Vec::new() };
            Play::Operate(job, raw::operation(op, range, bytes))
        });
        let plays = plays.into_iter().collect();
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, Ok(()))));
    }
}
