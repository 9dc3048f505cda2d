// SPDX-License-Identifier: Apache-2.0
//! Operations line by line.
use super::cpu::CachedCpu;
use super::lines::Line;
use super::{Done, End, LINE, Op, OpId, Why, World};
use crate::units::{AddrRange, ByteLen, Cycle, PhysAddr};

/// Room made at once for what an operation reads; longer reads grow.
const ROOM: u64 = 1 << 20;

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Something; the next can follow in the next cycle.
    Moved,
    /// Waits for the bus.
    Blocked,
    /// The operation has ended.
    Over,
}

/// The operation at hand.
pub(super) struct Running {
    id: OpId,
    pub(super) world: World,
    op: Op,
    base: u64,
    len: u64,
    /// Bytes done.
    at: u64,
    /// Bytes between a source and where they go, from the bus address `hand_at` on.
    pub(super) hand: [u8; LINE as usize],
    pub(super) hand_at: u64,
    pub(super) in_hand: bool,
    /// Uncached writes under way.
    pub(super) open: u32,
    data: Vec<u8>,
    oldest: Option<Cycle>,
    pub(super) lost: u32,
    pub(super) end: Option<End>,
}

impl Running {
    pub(super) fn new(id: OpId, world: World, op: Op) -> Self {
        let (base, len) = match &op {
            Op::Load(range)
            | Op::Clear(range)
            | Op::Clean(range)
            | Op::Invalidate(range)
            | Op::CleanInvalidate(range)
            | Op::ReadUncached(range) => (range.base, range.len.0),
            Op::Store(addr, bytes) | Op::WriteUncached(addr, bytes) => (*addr, bytes.len() as u64),
            Op::Copy { from, to, len, .. } => (*from, len.0.min(u64::MAX - to.0)),
        };
        let reads = matches!(op, Op::Load(_) | Op::ReadUncached(_));
        Self {
            id,
            world,
            base: base.0,
            len: len.min(u64::MAX - base.0),
            at: 0,
            hand: [0; LINE as usize],
            hand_at: 0,
            in_hand: false,
            open: 0,
            data: Vec::with_capacity(if reads { len.min(ROOM) as usize } else { 0 }),
            oldest: None,
            lost: 0,
            end: None,
            op,
        }
    }

    /// The first error decides how the operation ends.
    pub(super) fn abort(&mut self, addr: PhysAddr, resp: u8) {
        self.end.get_or_insert(End::Aborted { addr, resp });
    }

    pub(super) fn done(self, cycle: Cycle) -> Done {
        let Self { id, data, oldest, lost, end, .. } = self;
        Done { id, cycle, end: end.unwrap_or(End::Complete), data, oldest, lost }
    }

    /// Bytes from `addr` on that lie in one line and belong to the operation.
    fn in_line(&self, addr: u64) -> u64 {
        (LINE - addr % LINE).min(self.len - self.at)
    }
}

impl CachedCpu {
    /// One step: what can be done with one line in one cycle.
    pub(super) fn step(&mut self, cycle: Cycle, run: &mut Running) -> Step {
        if run.end.is_some() {
            return if run.open == 0 { Step::Over } else { Step::Blocked };
        }
        if run.at >= run.len {
            return self.wait_out(run);
        }
        let addr = run.base + run.at;
        let n = run.in_line(addr);
        let uncached = matches!(run.op, Op::ReadUncached(_) | Op::WriteUncached(..))
            || matches!(run.op, Op::Copy { uncached_source: true, .. });
        if !uncached && self.unmapped(cycle, run, addr) {
            return Step::Moved;
        }
        let moved = match &run.op {
            Op::Load(_) => self.load(cycle, run, addr, n),
            Op::Store(_, bytes) => {
                run.hand[..n as usize].copy_from_slice(&bytes[run.at as usize..][..n as usize]);
                self.store(cycle, addr, run.world, &run.hand[..n as usize])
            }
            Op::Clear(_) => self.store(cycle, addr, run.world, &[0; LINE as usize][..n as usize]),
            &Op::Copy { to, uncached_source, .. } => {
                return self.copy(cycle, run, addr, to.0 + run.at, uncached_source);
            }
            Op::Clean(_) => self.clean(cycle, addr, run.world),
            Op::Invalidate(_) => self.invalidate(addr, run.world),
            Op::CleanInvalidate(_) => {
                self.clean(cycle, addr, run.world) && self.invalidate(addr, run.world)
            }
            Op::ReadUncached(_) => self.read_uncached(cycle, run, addr, n),
            Op::WriteUncached(_, bytes) => {
                let bytes = &bytes[run.at as usize..][..n as usize];
                let posted = self.post(cycle, addr, run.world, Why::Demand, bytes);
                run.open += u32::from(posted);
                posted
            }
        };
        if !moved {
            return Step::Blocked;
        }
        run.at += n;
        if matches!(run.op, Op::Load(_) | Op::Store(..) | Op::Clear(_)) {
            self.read_ahead(cycle, addr, run.world);
        }
        Step::Moved
    }

    /// All is issued: maintenance waits until its write-backs and those under way before it are
    /// answered, uncached writes until theirs are.
    fn wait_out(&self, run: &Running) -> Step {
        let range = AddrRange { base: PhysAddr(run.base), len: ByteLen(run.len) };
        let waits = match run.op {
            Op::Clean(_) | Op::CleanInvalidate(_) | Op::Invalidate(_) => self.writing_in(range),
            _ => run.open > 0,
        };
        if waits { Step::Blocked } else { Step::Over }
    }

    /// Bytes of one line through the cache; not yet when the line has to be fetched.
    fn take(&mut self, cycle: Cycle, run: &mut Running, addr: u64, bytes: u64) -> bool {
        let Some(index) = self.lines.find(addr / LINE * LINE, run.world) else {
            self.fetch(cycle, addr, run.world);
            return false;
        };
        let line = self.lines.at(index);
        let (from, n) = ((addr % LINE) as usize, bytes as usize);
        run.hand[..n].copy_from_slice(&line.data[from..from + n]);
        run.oldest = Some(run.oldest.map_or(line.since, |oldest| oldest.min(line.since)));
        true
    }

    fn load(&mut self, cycle: Cycle, run: &mut Running, addr: u64, n: u64) -> bool {
        let taken = self.take(cycle, run, addr, n);
        if taken {
            run.data.extend_from_slice(&run.hand[..n as usize]);
        }
        taken
    }

    /// Writes into one line; a whole line is made without a fetch.
    fn store(&mut self, cycle: Cycle, addr: u64, world: World, bytes: &[u8]) -> bool {
        let line = addr / LINE * LINE;
        let index = match self.lines.find(line, world) {
            Some(index) => index,
            None if bytes.len() as u64 == LINE => {
                let victim = self.victim(line);
                if !self.make_room(cycle, victim) {
                    return false;
                }
                self.cancel(line, world);
                self.lines.put(victim, Line::clean(line, world, cycle));
                victim
            }
            None => {
                self.fetch(cycle, addr, world);
                return false;
            }
        };
        let held = self.lines.at_mut(index);
        held.data[(addr % LINE) as usize..][..bytes.len()].copy_from_slice(bytes);
        if bytes.len() as u64 == LINE {
            held.since = cycle; // nothing of what was there is left
        }
        held.dirty = true;
        true
    }

    /// Takes a piece in hand, then puts it down: two steps, each of one line.
    fn copy(&mut self, cycle: Cycle, run: &mut Running, from: u64, to: u64, past: bool) -> Step {
        let n = run.in_line(from).min(LINE - to % LINE);
        if !run.in_hand {
            if past {
                self.read_past(cycle, run, from, n);
                return Step::Blocked;
            }
            run.in_hand = self.take(cycle, run, from, n);
            if run.in_hand {
                self.read_ahead(cycle, from, run.world);
            }
            return if run.in_hand { Step::Moved } else { Step::Blocked };
        }
        if self.unmapped(cycle, run, to) {
            return Step::Moved;
        }
        if !self.store(cycle, to, run.world, &run.hand[..n as usize]) {
            return Step::Blocked;
        }
        self.read_ahead(cycle, to, run.world);
        run.in_hand = false;
        run.at += n;
        Step::Moved
    }

    fn read_past(&mut self, cycle: Cycle, run: &mut Running, addr: u64, n: u64) {
        run.hand_at = addr;
        self.fetch_uncached(cycle, addr, n as usize, run.world);
    }

    fn read_uncached(&mut self, cycle: Cycle, run: &mut Running, addr: u64, n: u64) -> bool {
        if !run.in_hand {
            self.read_past(cycle, run, addr, n);
            return false;
        }
        run.data.extend_from_slice(&run.hand[..n as usize]);
        run.in_hand = false;
        true
    }

    /// Posts the write-back of a dirty line; `false` when it must wait.
    fn clean(&mut self, cycle: Cycle, addr: u64, world: World) -> bool {
        match self.lines.find(addr / LINE * LINE, world) {
            Some(index) if self.lines.at(index).dirty => {
                self.write_back(cycle, index, Why::Maintenance)
            }
            _ => true,
        }
    }

    /// Forgets a line, and what is on its way for it.
    fn invalidate(&mut self, addr: u64, world: World) -> bool {
        self.cancel(addr, world);
        if let Some(index) = self.lines.find(addr / LINE * LINE, world) {
            self.lines.drop(index);
        }
        true
    }
}
