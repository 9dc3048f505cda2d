// SPDX-License-Identifier: Apache-2.0
//! The processor at its port: fills, write-backs, evictions, speculation.
use super::lines::{Line, Lines};
use super::steps::{Running, Step};
use super::{
    Access, Consequence, CpuConfig, DirectMap, Done, End, LINE, Note, Op, OpId, Reach, Why, World,
};
use crate::units::{Cycle, Direction, MasterId, PhysAddr};
use crate::workload::raw_port::{Burst, IDS, RawPort, is_error};
use crate::workload::{NEVER, stream};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{BEAT_BYTES, Inputs, Outputs};
use std::collections::VecDeque;
use std::ops::Range;

/// ID of the demand fill.
const DEMAND: u8 = 0;
/// ID of the uncached read.
pub(super) const UNCACHED: u8 = 1;
/// IDs of speculative fills.
const AHEAD: Range<u8> = 2..6;
/// IDs of posted writes.
const POSTED: Range<u8> = 0..8;

/// A read under way.
#[derive(Clone, Copy)]
struct Read {
    access: Access,
    /// What it brings is not wanted any more: the line was written or invalidated meanwhile.
    cancelled: bool,
    arrived: bool,
}

/// A processor with its cache. Deterministic: all that is drawn comes from its own stream.
pub struct CachedCpu {
    pub(super) config: CpuConfig,
    pub(super) lines: Lines,
    pub(super) port: RawPort,
    map: DirectMap,
    rng: ChaCha8Rng,
    queue: VecDeque<(OpId, World, Op)>,
    running: Option<Running>,
    reads: [Option<Read>; IDS],
    writes: [Option<Access>; IDS],
    notes: VecDeque<Note>,
    done: VecDeque<Done>,
    next: u32,
    evict_at: Cycle,
    wander_at: Cycle,
}

impl CachedCpu {
    /// A processor with an empty cache.
    pub fn new(config: CpuConfig, seed: u64) -> Self {
        let mut rng = stream(seed, u64::from(config.master.0));
        let map = DirectMap::new(config.direct_map.clone(), config.tlb_window);
        let evict_at = next_after(Cycle(0), config.evict_every, &mut rng);
        let wander = config.wander.as_ref().map(|(_, every)| *every);
        let wander_at = next_after(Cycle(0), wander, &mut rng);
        Self {
            lines: Lines::new(config.sets, config.ways),
            port: RawPort::new(usize::from(config.master.0)),
            map,
            rng,
            queue: VecDeque::new(),
            running: None,
            reads: [None; IDS],
            writes: [None; IDS],
            notes: VecDeque::new(),
            done: VecDeque::new(),
            next: 0,
            evict_at,
            wander_at,
            config,
        }
    }

    /// Queues an operation; its [`Done`] comes once, in the order of the calls.
    pub fn push(&mut self, world: World, op: Op) -> OpId {
        let id = OpId(self.next);
        self.next += 1;
        self.queue.push_back((id, world, op));
        id
    }

    /// The next operation that has ended.
    pub fn take_done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// What happened beside the operations, oldest first.
    pub fn take_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// The kernel's direct map, for who removes and restores pages.
    pub fn direct_map(&mut self) -> &mut DirectMap {
        &mut self.map
    }

    /// Its port.
    pub const fn master(&self) -> MasterId {
        self.config.master
    }

    /// No operation is left and nothing is in flight.
    pub fn idle(&self) -> bool {
        self.queue.is_empty() && self.running.is_none() && self.port.idle()
    }

    /// Addresses of the dirty lines.
    pub fn dirty_lines(&self) -> impl Iterator<Item = (PhysAddr, World)> {
        self.lines.dirty().map(|line| (PhysAddr(line.addr), line.world))
    }

    /// No more evictions and speculation by itself, so that a run can end.
    pub fn settle(&mut self) {
        (self.evict_at, self.wander_at) = (NEVER, NEVER);
        (self.config.evict_every, self.config.wander) = (None, None);
        self.config.ahead_percent = 0;
    }

    /// Takes in what happened at the pins in `cycle` and sets what is driven next. Gives the cycle
    /// at which it is due though its pins are quiet; a push or a change of the direct map is a
    /// reason to call it too.
    pub fn tick(&mut self, cycle: Cycle, out: &Outputs, inputs: &mut Inputs) -> Cycle {
        let answered = self.port.tick(out);
        if let Some(id) = answered.write {
            self.written(id);
        }
        if let Some(id) = answered.read {
            self.arrived(id);
        }
        self.install(cycle);
        self.background(cycle);
        let moved = self.advance(cycle);
        self.port.offer(inputs);
        if moved {
            return Cycle(cycle.0 + 1);
        }
        let evict_at = if self.lines.empty() { NEVER } else { self.evict_at };
        Cycle(evict_at.min(self.wander_at).0.max(cycle.0 + 1))
    }

    /// A write was answered.
    fn written(&mut self, id: u8) {
        let resp = self.port.done_write(id).resp;
        let Some(access) = self.writes[id as usize].take() else { return };
        let denied = is_error(resp);
        if denied {
            self.notes.push_back(Note::Denied { access, resp, consequence: Consequence::DataLost });
        }
        match (&mut self.running, access.why) {
            (Some(run), Why::Demand) => {
                run.open -= 1;
                if denied {
                    run.abort(access.addr, resp);
                }
            }
            (Some(run), Why::Maintenance) => run.lost += u32::from(denied),
            _ => {}
        }
    }

    /// A read was answered.
    fn arrived(&mut self, id: u8) {
        let Some(read) = &mut self.reads[id as usize] else { return };
        let access = read.access;
        let resp = self.port.response(id);
        let denied = is_error(resp);
        read.arrived = true;
        if id == UNCACHED {
            let burst = self.port.done_read(id);
            self.reads[id as usize] = None;
            if let Some(run) = &mut self.running {
                burst.get((run.hand_at % BEAT_BYTES as u64) as usize, &mut run.hand);
                run.in_hand = !denied;
            }
        }
        if !denied {
            return;
        }
        let keeps = self.config.keeps_denied_lines && id != UNCACHED;
        if !keeps && id != UNCACHED {
            self.port.done_read(id);
            self.reads[id as usize] = None;
        }
        let consequence = if keeps { Consequence::StaleLine } else { Consequence::ExternalAbort };
        self.notes.push_back(Note::Denied { access, resp, consequence });
        if let Some(run) = self.running.as_mut().filter(|_| access.why == Why::Demand) {
            run.abort(access.addr, resp);
        }
    }

    /// Puts arrived fills into the cache; a speculative one that finds no room is forgotten.
    fn install(&mut self, cycle: Cycle) {
        for id in 0..IDS as u8 {
            let Some(read) = self.reads[id as usize].filter(|read| read.arrived) else { continue };
            let Access { addr: PhysAddr(addr), world, .. } = read.access;
            let wanted = !read.cancelled && self.lines.find(addr, world).is_none();
            let victim = self.lines.victim(addr, &mut self.rng);
            let room = wanted && self.make_room(cycle, victim);
            if wanted && !room && id == DEMAND {
                continue;
            }
            let burst = self.port.done_read(id);
            self.reads[id as usize] = None;
            if room {
                let mut line = Line::clean(addr, world, cycle);
                burst.get(0, &mut line.data);
                self.lines.put(victim, line);
            }
        }
    }

    /// Evicts a line; not yet when its write-back cannot be posted now.
    pub(super) fn make_room(&mut self, cycle: Cycle, index: usize) -> bool {
        let line = self.lines.at(index);
        if line.valid && line.dirty && !self.write_back(cycle, index, Why::Eviction) {
            return false;
        }
        self.lines.drop(index);
        true
    }

    /// Posts the write-back of a dirty line, which is clean then; `false` when it must wait.
    pub(super) fn write_back(&mut self, cycle: Cycle, index: usize, why: Why) -> bool {
        let &Line { addr, world, data, .. } = self.lines.at(index);
        if !self.post(cycle, addr, world, why, &data) {
            return false;
        }
        self.lines.at_mut(index).dirty = false;
        true
    }

    /// Posts a write inside one line; `false` when it must wait.
    pub(super) fn post(
        &mut self,
        cycle: Cycle,
        addr: u64,
        world: World,
        why: Why,
        bytes: &[u8],
    ) -> bool {
        let Some(id) = self.port.free_write(POSTED).filter(|_| !self.writing(addr)) else {
            return false;
        };
        let mut burst = self.burst(addr, bytes.len(), world);
        burst.put((addr % BEAT_BYTES as u64) as usize, bytes);
        self.port.write(id, burst);
        let direction = Direction::Write;
        let access = Access { cycle, why, direction, addr: PhysAddr(addr), world, id };
        self.writes[id as usize] = Some(access);
        if why == Why::Eviction {
            self.notes.push_back(Note::Unasked(access));
        }
        true
    }

    fn burst(&self, addr: u64, bytes: usize, world: World) -> Burst {
        let beats = (addr as usize % BEAT_BYTES + bytes).div_ceil(BEAT_BYTES);
        let prot = if world == World::Secure { 0 } else { 0b010 };
        Burst::new(addr, beats, prot, self.config.nsaid.0)
    }

    /// Whether a write into the line of `addr` is under way; a read must not overtake it.
    pub(super) fn writing(&self, addr: u64) -> bool {
        self.writes.iter().flatten().any(|access| access.addr.0 / LINE == addr / LINE)
    }

    /// Whether a write into `range` is under way.
    pub(super) fn writing_in(&self, range: crate::units::AddrRange) -> bool {
        let first = range.base.0 / LINE * LINE;
        self.writes.iter().flatten().any(|a| (first..range.end().0).contains(&a.addr.0))
    }

    /// Whether a fill of a line is under way that will be taken.
    fn filling(&self, addr: u64, world: World) -> bool {
        self.reads.iter().flatten().any(|Read { access, cancelled, .. }| {
            let fill = access.id != UNCACHED && !cancelled;
            fill && access.addr.0 == addr && access.world == world
        })
    }

    /// Fills under way in the line of `addr` bring nothing any more.
    pub(super) fn cancel(&mut self, addr: u64, world: World) {
        for read in self.reads.iter_mut().flatten() {
            let same = read.access.addr.0 / LINE == addr / LINE && read.access.world == world;
            read.cancelled |= same && read.access.id != UNCACHED;
        }
    }

    /// Queues a read; `why` decides the ID. Nothing when it must wait.
    fn issue(&mut self, cycle: Cycle, id: u8, why: Why, addr: u64, bytes: usize, world: World) {
        if self.port.reading(id) || self.writing(addr) {
            return;
        }
        let burst = self.burst(addr, bytes, world);
        self.port.read(id, burst);
        let direction = Direction::Read;
        let access = Access { cycle, why, direction, addr: PhysAddr(addr), world, id };
        self.reads[id as usize] = Some(Read { access, cancelled: false, arrived: false });
        if why == Why::Speculation {
            self.notes.push_back(Note::Unasked(access));
        }
    }

    /// Fetches the line of `addr`, if it is not on its way already.
    pub(super) fn fetch(&mut self, cycle: Cycle, addr: u64, world: World) {
        let line = addr / LINE * LINE;
        if !self.filling(line, world) {
            self.issue(cycle, DEMAND, Why::Demand, line, LINE as usize, world);
        }
    }

    /// Reads past the cache.
    pub(super) fn fetch_uncached(&mut self, cycle: Cycle, addr: u64, bytes: usize, world: World) {
        self.issue(cycle, UNCACHED, Why::Demand, addr, bytes, world);
    }

    /// Reads a line ahead, if that costs nothing and an address translates.
    fn speculate(&mut self, cycle: Cycle, addr: u64, world: World) {
        let line = addr / LINE * LINE;
        let reached =
            world == World::Secure || self.map.reach(cycle, PhysAddr(line)) != Reach::None;
        if !reached || self.lines.find(line, world).is_some() || self.filling(line, world) {
            return;
        }
        if let Some(id) = self.port.free_read(AHEAD) {
            self.issue(cycle, id, Why::Speculation, line, LINE as usize, world);
        }
    }

    /// Now and then reads ahead of a touched line. The secure world's mappings are not modelled:
    /// there it stays within the page.
    pub(super) fn read_ahead(&mut self, cycle: Cycle, addr: u64, world: World) {
        let percent = self.config.ahead_percent;
        if percent == 0 || self.rng.random_range(0..100u8) >= percent {
            return;
        }
        let next = addr / LINE * LINE + LINE;
        if world == World::NonSecure || next / crate::units::PAGE == addr / crate::units::PAGE {
            self.speculate(cycle, next, world);
        }
    }

    /// A victim for a new line at `addr`.
    pub(super) fn victim(&mut self, addr: u64) -> usize {
        self.lines.victim(addr, &mut self.rng)
    }

    /// What the processor does by itself.
    fn background(&mut self, cycle: Cycle) {
        if cycle >= self.evict_at {
            if let Some(index) = self.lines.any(&mut self.rng) {
                self.make_room(cycle, index);
            }
            self.evict_at = next_after(cycle, self.config.evict_every, &mut self.rng);
        }
        if cycle < self.wander_at {
            return;
        }
        let Some((ranges, every)) = &self.config.wander else { return };
        let every = *every;
        let drawn = (!ranges.is_empty())
            .then(|| ranges[self.rng.random_range(0..ranges.len() as u64) as usize]);
        if let Some(range) = drawn.filter(|range| range.len.0 > 0) {
            let addr = range.base.0 + self.rng.random_range(0..range.len.0);
            self.speculate(cycle, addr, World::NonSecure);
        }
        self.wander_at = next_after(cycle, Some(every), &mut self.rng);
    }

    /// One step of the operation at hand; whether another could follow at once.
    fn advance(&mut self, cycle: Cycle) -> bool {
        if self.running.is_none() {
            let next = self.queue.pop_front();
            self.running = next.map(|(id, world, op)| Running::new(id, world, op));
        }
        let Some(mut run) = self.running.take() else { return false };
        match self.step(cycle, &mut run) {
            Step::Over => {
                self.done.push_back(run.done(cycle));
                !self.queue.is_empty()
            }
            step => {
                self.running = Some(run);
                step == Step::Moved
            }
        }
    }

    /// Whether the world's mapping has no translation for `addr`; then the operation is over.
    pub(super) fn unmapped(&mut self, cycle: Cycle, run: &mut Running, addr: u64) -> bool {
        let addr = PhysAddr(addr);
        if run.world == World::Secure || self.map.reach(cycle, addr) != Reach::None {
            return false;
        }
        self.notes.push_back(Note::Unmapped { cycle, addr });
        run.end = Some(End::Unmapped { addr });
        true
    }
}

/// A cycle after `cycle`, `every` later in the mean; never when there is no mean.
fn next_after(cycle: Cycle, every: Option<Cycle>, rng: &mut ChaCha8Rng) -> Cycle {
    every.map_or(NEVER, |every| {
        let span = every.0.saturating_mul(2).max(1);
        Cycle(cycle.0.saturating_add(rng.random_range(1..=span)))
    })
}
