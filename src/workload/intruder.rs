// SPDX-License-Identifier: Apache-2.0
//! A declared intruder: drives its port by hand and keeps its own record of what it tried and got.
use super::{Actor, NEVER, World, stream};
use crate::engine::event::{Attempt, AttemptKind, Event, IntruderRecord};
use crate::scenario::{self, Attack, Role};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, Nsaid, PhysAddr};
use rand::RngExt;
use ringfence_sim::{Ax, BEAT_BYTES, Inputs, Outputs, Raw, W};

/// Marks every beat that an intruder writes, so that a search of memory finds them.
pub const MARK: u64 = 0xbad0_c0de_5eed_f00d;

#[derive(Clone, Copy, Debug)]
struct Burst {
    addr: u64,
    bytes: u64,
    direction: Direction,
    /// `None` for an access that the intruder has every right to make.
    kind: Option<AttemptKind>,
    illegal: bool,
}

#[derive(Clone, Copy, Default)]
struct InFlight {
    busy: bool,
    bytes: u64,
    attempt: bool,
}

/// Drives one master port by hand.
pub struct Intruder {
    plan: scenario::Intruder,
    pools: Vec<(Role, AddrRange)>,
    nsaid: Nsaid,
    prot: u8,
    rng: rand_chacha::ChaCha8Rng,
    attack: usize,
    step: u64,
    edges: Vec<Burst>,
    current: Option<Burst>,
    beats_left: u16,
    next_issue: Cycle,
    next_id: u8,
    reads: [InFlight; 16],
    writes: [InFlight; 16],
    record: IntruderRecord,
    closed: bool,
}

impl Intruder {
    /// For `plan`; `pools` are what it attacks, `master` what its port is wired as.
    pub fn new(
        plan: scenario::Intruder,
        pools: Vec<(Role, AddrRange)>,
        dram: AddrRange,
        master: &scenario::Master,
        seed: u64,
    ) -> Self {
        let rng = stream(seed, u64::from(plan.master.0));
        let edges = edge_bursts(&pools, dram, plan.burst.0);
        let record = IntruderRecord { master: plan.master, ..IntruderRecord::default() };
        Self {
            plan,
            pools,
            nsaid: master.nsaid,
            prot: if master.secure { 0 } else { 2 },
            rng,
            attack: 0,
            step: 0,
            edges,
            current: None,
            beats_left: 0,
            next_issue: Cycle(0),
            next_id: 0,
            reads: [InFlight::default(); 16],
            writes: [InFlight::default(); 16],
            record,
            closed: false,
        }
    }

    /// An address in the pools of a role, or in all pools, one after the other.
    fn pool(&self, role: Option<Role>, at: u64, len: u64) -> Option<u64> {
        let mut left = at;
        for (n, (of, range)) in self.pools.iter().enumerate() {
            let wanted = match role {
                Some(role) => *of == role,
                // A pool of several roles counts once.
                None => !self.pools[..n].iter().any(|(_, earlier)| earlier == range),
            };
            if !wanted {
                continue;
            }
            if left + len <= range.len.0 {
                return Some(range.base.0 + left);
            }
            left = left.checked_sub(range.len.0)?;
        }
        None
    }

    /// The next burst of the current attack, or of the ones after it.
    fn next_burst(&mut self) -> Option<Burst> {
        let bytes = self.plan.burst.0;
        while let Some(&attack) = self.plan.attacks.get(self.attack) {
            let n = self.step;
            self.step += 1;
            let burst = |addr, direction, kind| Burst {
                addr,
                bytes,
                direction,
                kind: Some(kind),
                illegal: false,
            };
            let share = u64::from(self.plan.write_percent.max(1));
            let spread = n * bytes * 100 / share / bytes * bytes;
            let (frames, bitstream) = (Some(Role::Frame), Some(Role::Bitstream));
            let read = |addr| burst(addr, Direction::Read, AttemptKind::Read);
            let write = |addr| burst(addr, Direction::Write, AttemptKind::Write);
            let found = match attack {
                Attack::ReadFrames => self.pool(frames, n * bytes, bytes).map(read),
                Attack::WriteFrames => self.pool(frames, spread, bytes).map(write),
                Attack::ReadPools => self.pool(None, n * bytes, bytes).map(read),
                Attack::WritePools => self.pool(None, spread, bytes).map(write),
                Attack::ReadBitstream => self
                    .pool(bitstream, n * bytes, bytes)
                    .map(|addr| burst(addr, Direction::Read, AttemptKind::Bitstream)),
                Attack::Edges => self.edges.get(n as usize).copied(),
            };
            if found.is_some() {
                return found;
            }
            self.attack += 1;
            self.step = 0;
        }
        None
    }

    fn in_flight(&self) -> usize {
        self.reads.iter().chain(&self.writes).filter(|t| t.busy).count()
    }

    /// Notes the attempt in the intruder's own record, then puts the address on the pins.
    fn issue(&mut self, burst: Burst, raw: &mut Raw, world: &mut World<'_>) {
        if let Some(kind) = burst.kind {
            self.record.attempts[kind as usize] += 1;
            world.attempts.push(Attempt {
                cycle: world.cycle,
                master: self.plan.master,
                attempt: kind,
                direction: burst.direction,
                addr: PhysAddr(burst.addr),
                bytes: ByteLen(burst.bytes),
                illegal: burst.illegal,
            });
        }
        let beats = burst.bytes / BEAT_BYTES as u64;
        let ax = Ax {
            addr: burst.addr,
            id: self.next_id,
            len: (beats - 1) as u8,
            size: 4,
            burst: 1,
            lock: 0,
            prot: self.prot,
            nsaid: self.nsaid.0,
        };
        let entry = InFlight { busy: true, bytes: burst.bytes, attempt: burst.kind.is_some() };
        match burst.direction {
            Direction::Read => {
                (raw.ar_valid, raw.ar) = (true, ax);
                self.reads[self.next_id as usize] = entry;
            }
            Direction::Write => {
                (raw.aw_valid, raw.aw) = (true, ax);
                self.beats_left = beats as u16;
                self.writes[self.next_id as usize] = entry;
            }
        }
        self.next_id = (self.next_id + 1) % 16;
        self.current = Some(burst);
    }

    fn offer_data(&mut self, raw: &mut Raw) {
        raw.w_valid = self.beats_left > 0;
        if raw.w_valid {
            let tag = self.rng.random::<u64>();
            raw.w = W { data: [MARK, tag], strb: 0xffff, last: self.beats_left == 1 };
        }
    }

    /// Takes in the handshakes of the cycle.
    fn answers(&mut self, out: &Outputs, raw: &mut Raw) {
        let (index, bit) = (self.plan.master.0 as usize, 1u16 << self.plan.master.0);
        if out.ar.fire() & bit != 0 {
            raw.ar_valid = false;
            self.current = None;
        }
        if out.aw.fire() & bit != 0 {
            raw.aw_valid = false;
            self.offer_data(raw);
        } else if out.w.fire() & bit != 0 {
            self.beats_left -= 1;
            self.offer_data(raw);
            if self.beats_left == 0 {
                self.current = None;
            }
        }
        if out.r.fire() & bit != 0 {
            let r = out.port[index].r;
            let entry = &mut self.reads[r.id as usize];
            if r.resp < 2 && entry.attempt {
                self.record.bytes_read += BEAT_BYTES as u64;
                self.record.nonzero_bytes_read += nonzero_bytes(r.data);
            }
            if r.last {
                self.record.reads_let_through += u64::from(r.resp < 2 && entry.attempt);
                entry.busy = false;
            }
        }
        if out.b.fire() & bit != 0 {
            let b = out.port[index].b;
            let entry = &mut self.writes[b.id as usize];
            if b.resp < 2 && entry.attempt {
                self.record.writes_let_through += 1;
                self.record.bytes_written += entry.bytes;
            }
            entry.busy = false;
        }
    }
}

fn nonzero_bytes(data: [u64; 2]) -> u64 {
    data.iter().flat_map(|w| w.to_le_bytes()).filter(|&b| b != 0).count() as u64
}

/// On both sides of both edges of every pool: legal bursts, and one that crosses 4 KiB into it.
fn edge_bursts(pools: &[(Role, AddrRange)], dram: AddrRange, bytes: u64) -> Vec<Burst> {
    let protected = |addr: u64| pools.iter().any(|(_, range)| range.contains(PhysAddr(addr)));
    let mut list = Vec::new();
    for (n, (_, range)) in pools.iter().enumerate() {
        if pools[..n].iter().any(|(_, earlier)| earlier == range) {
            continue; // a pool of several roles
        }
        let (base, end) = (range.base.0, range.end().0);
        for addr in [base.wrapping_sub(bytes), base, end - bytes, end] {
            let inside = AddrRange { base: PhysAddr(addr), len: ByteLen(bytes) };
            if !AddrRange::new(inside.base, inside.len).is_some_and(|burst| dram.covers(burst)) {
                continue;
            }
            let kind = protected(addr).then_some(AttemptKind::Edge);
            for direction in [Direction::Read, Direction::Write] {
                list.push(Burst { addr, bytes, direction, kind, illegal: false });
            }
        }
        for edge in [base, end] {
            let addr = edge.wrapping_sub(bytes / 2 / 16 * 16);
            let crossing = AddrRange { base: PhysAddr(addr), len: ByteLen(bytes) };
            let crosses = bytes >= 32 && addr != edge;
            if crosses
                && AddrRange::new(crossing.base, crossing.len).is_some_and(|b| dram.covers(b))
            {
                for direction in [Direction::Read, Direction::Write] {
                    let kind = Some(AttemptKind::Edge);
                    list.push(Burst { addr, bytes, direction, kind, illegal: true });
                }
            }
        }
    }
    list
}

impl Actor for Intruder {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        let master = self.plan.master.0 as usize;
        let raw = &mut inputs.raw[master];
        self.answers(out, raw);
        (raw.r_ready, raw.b_ready) = (true, true);
        if self.closed || self.current.is_some() {
            return NEVER;
        }
        if world.progress() < self.plan.after_frames {
            return Cycle(world.cycle.0 + 64);
        }
        if world.cycle < self.next_issue {
            return self.next_issue;
        }
        let id = self.next_id as usize;
        if self.reads[id].busy
            || self.writes[id].busy
            || self.in_flight() >= self.plan.outstanding as usize
        {
            return NEVER; // an answer will call
        }
        match self.next_burst() {
            Some(burst) => {
                self.issue(burst, raw, world);
                self.next_issue = Cycle(world.cycle.0 + self.plan.every.0);
            }
            None if self.in_flight() == 0 => {
                self.closed = true;
                world.events.push(Event::IntruderRecord(self.record.clone()));
            }
            None => self.attack = self.plan.attacks.len(),
        }
        NEVER
    }

    fn finished(&self) -> bool {
        self.closed
    }

    fn waiting_for(&self) -> String {
        let MasterId(master) = self.plan.master;
        format!("attack {} of the intruder at port {master}, burst {}", self.attack, self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_on_both_sides_and_only_protected_ones_are_attempts() {
        let range = |base, len| AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap");
        let pools = [(Role::Frame, range(0x9000_0000, 0x2000))];
        let list = edge_bursts(&pools, range(0x8000_0000, 0x4000_0000), 64);
        assert_eq!(list.len(), 12);
        for burst in &list {
            let touches = burst.addr < 0x9000_2000 && burst.addr + burst.bytes > 0x9000_0000;
            assert_eq!(burst.kind.is_some(), touches, "{burst:x?}");
            assert_eq!(burst.illegal, burst.addr / 4096 != (burst.addr + burst.bytes - 1) / 4096);
        }
    }
}
