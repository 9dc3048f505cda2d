// SPDX-License-Identifier: Apache-2.0
//! A run as lines: what clients' steps came to, what crossed the masters' ports, and what the
//! registers said of a pool.
use ringfence::engine::RunLog;
use ringfence::engine::event::{BufferEvent, Event, PoolPhase, RegisterAccess};
use ringfence::engine::trace::Transaction;
use ringfence::scenario::Scenario;
use ringfence::units::{Direction, PhysAddr};
use std::collections::BTreeMap;

const PAGE: u64 = 4096;

/// What of a run is told.
pub(crate) struct Timeline<'a> {
    scenario: &'a Scenario,
    log: &'a RunLog,
    /// Regions that hold one of these addresses are told.
    watched: Vec<u64>,
    /// Masters whose transfers race with something: where they are then is not told.
    rough: Vec<&'static str>,
}

/// A coalesced line of transfers.
struct Moved {
    who: String,
    base: u64,
    len: u64,
    tail: String,
    rough: bool,
}

/// Who wrote each byte last, and what.
#[derive(Default)]
struct Shadow(BTreeMap<u64, Vec<(u8, u8)>>);

impl<'a> Timeline<'a> {
    pub(crate) fn of(scenario: &'a Scenario, log: &'a RunLog) -> Self {
        let watched = scenario.pools.iter().map(|pool| pool.range.base.0).collect();
        Self { scenario, log, watched, rough: Vec::new() }
    }

    pub(crate) fn rough(mut self, master: &'static str) -> Self {
        self.rough.push(master);
        self
    }

    /// Tells of the regions at these addresses instead of those at the pools' bases.
    pub(crate) fn watch(mut self, addresses: &[u64]) -> Self {
        self.watched = addresses.to_vec();
        self
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut moved: Vec<Moved> = Vec::new();
        let mut shadow = Shadow::default();
        let mut words: BTreeMap<u16, u32> = BTreeMap::new();
        let mut regions = vec![String::new(); self.watched.len()];
        let mut transactions: Vec<&Transaction> = self.log.transactions.iter().collect();
        transactions.sort_by_key(|t| (t.ended, t.master));
        let mut next = transactions.into_iter().peekable();
        let mut buffers: Vec<&BufferEvent> = Vec::new();
        let mut up = false;
        for event in &self.log.events {
            let (cycle, line) = match event {
                Event::Register(RegisterAccess { offset, write: true, value, .. }) => {
                    words.insert(*offset, *value);
                    continue;
                }
                Event::Step { cycle, what, .. } => {
                    up |= what.starts_with("firewall up");
                    (cycle.0, step(what))
                }
                Event::Pool(pool) => (pool.cycle.0, Some(phase(pool.phase, pool.base))),
                Event::Buffer(buffer) => (buffer.cycle.0, Some(lives(buffer))),
                _ => continue,
            };
            let Some(line) = line.filter(|_| up) else { continue };
            while let Some(t) = next.next_if(|t| t.ended.0 < cycle) {
                self.transfer(t, &buffers, &mut moved, &mut shadow);
            }
            lines.extend(moved.drain(..).map(|m| m.line()));
            self.regions(&words, &mut regions, &mut lines);
            lines.push(line);
            if let Event::Buffer(buffer) = event {
                buffers.retain(|b| b.buffer != buffer.buffer);
                buffers.extend(buffer.allocated.then_some(buffer));
            }
        }
        next.for_each(|t| self.transfer(t, &buffers, &mut moved, &mut shadow));
        lines.extend(moved.drain(..).map(|m| m.line()));
        lines
    }

    fn transfer(
        &self,
        t: &Transaction,
        buffers: &[&BufferEvent],
        moved: &mut Vec<Moved>,
        shadow: &mut Shadow,
    ) {
        let name = &self.scenario.masters[usize::from(t.master.0)].name;
        let (verb, answer) = match t.resp {
            0 => ("s", "OKAY"),
            2 => (" is denied", "SLVERR"),
            _ => (" is denied", "DECERR"),
        };
        let way = match t.direction {
            Direction::Read => "read",
            Direction::Write => "write",
        };
        let who = format!("{name} {way}{verb}");
        let data = match (t.resp, t.direction) {
            (0, Direction::Write) => {
                shadow.write(t);
                if t.data.iter().all(|byte| *byte == 0) { ", zeros" } else { "" }.to_owned()
            }
            (0, Direction::Read) => format!(", {}", shadow.origin(t, self.scenario)),
            _ => String::new(),
        };
        let tail = format!(": {answer}{data}");
        let rough = self.rough.contains(&name.as_str());
        let (base, len) = (t.range.base.0, t.range.len.0);
        let holds = |b: &&&BufferEvent| (b.base.0..b.base.0 + b.len.0).contains(&base);
        let owner = buffers.iter().find(holds).map_or("free memory", |b| b.name.as_str());
        let who = if rough { format!("{who} in {owner}") } else { who };
        let joins = |m: &&mut Moved| {
            let on = rough || m.base + m.len == base;
            m.who == who && m.tail == tail && on
        };
        match moved.iter_mut().rev().find(joins) {
            Some(m) => m.len += len,
            None => moved.push(Moved { who, base, len, tail, rough }),
        }
    }

    /// Tells of the watched regions that are others than before.
    fn regions(&self, words: &BTreeMap<u16, u32>, was: &mut [String], lines: &mut Vec<String>) {
        for (addr, was) in self.watched.iter().zip(was) {
            let now = self.region(words, *addr);
            if now != *was && !(was.is_empty() && now.ends_with("everybody")) {
                lines.push(format!("region of {addr:x}: {now}"));
            }
            *was = now;
        }
    }

    /// The enabled region that holds an address, as written to the registers.
    fn region(&self, words: &BTreeMap<u16, u32>, addr: u64) -> String {
        let word = |at: u16| u64::from(words.get(&at).copied().unwrap_or(0));
        let found = (1..9).map(|n: u16| 0x100 + 0x20 * n).find(|at| {
            let (base, top) = (word(*at) | word(at + 4) << 32, word(at + 8) | word(at + 12) << 32);
            word(at + 0x10) & 0xf != 0 && (base..=top | 0xfff).contains(&addr)
        });
        let Some(at) = found else { return "nobody".to_owned() };
        let (access, secure) = (word(at + 0x14), word(at + 0x10) >> 30);
        let (base, top) =
            (word(at) | word(at + 4) << 32, word(at + 8) | word(at + 12) << 32 | 0xfff);
        let (mut who, mut all) = (Vec::new(), true);
        let declared = self.scenario.masters.iter().filter(|m| !m.name.is_empty() && m.line > 0);
        for master in declared {
            let nsaid = u32::from(master.nsaid.0);
            let (read, write) = if master.secure {
                (secure & 1 == 1, secure & 2 == 2)
            } else {
                (access >> nsaid & 1 == 1, access >> (16 + nsaid) & 1 == 1)
            };
            let rights = [(read, "r"), (write, "w")];
            let rights: String = rights.iter().filter(|(on, _)| *on).map(|(_, r)| *r).collect();
            all &= read && write;
            if !rights.is_empty() {
                who.push(format!("{} {rights}", master.name));
            }
        }
        // What every master may read and write is ordinary memory.
        if all {
            return "everybody".to_owned();
        }
        format!("{base:x}+{:x}, {}", top + 1 - base, who.join(", "))
    }
}

impl Moved {
    fn line(&self) -> String {
        if self.rough {
            return format!("{}{}", self.who, self.tail);
        }
        format!("{} {:x}+{:x}{}", self.who, self.base, self.len, self.tail)
    }
}

impl Shadow {
    fn write(&mut self, t: &Transaction) {
        for (at, byte) in (t.range.base.0..).zip(&t.data) {
            let page = self.0.entry(at / PAGE).or_insert_with(|| vec![(u8::MAX, 0); PAGE as usize]);
            page[(at % PAGE) as usize] = (t.master.0, *byte);
        }
    }

    /// Who wrote what was read; nobody, or several, or other bytes than were written.
    fn origin(&self, t: &Transaction, scenario: &Scenario) -> String {
        let mut writers = Vec::new();
        for (at, byte) in (t.range.base.0..).zip(&t.data) {
            let page = self.0.get(&(at / PAGE));
            let (who, wrote) = page.map_or((u8::MAX, 0), |page| page[(at % PAGE) as usize]);
            if who != u8::MAX && wrote != *byte {
                return "OTHER BYTES THAN WERE WRITTEN".to_owned();
            }
            if !writers.contains(&who) {
                writers.push(who);
            }
        }
        let zeros = if t.data.iter().all(|byte| *byte == 0) { " zeros" } else { "" };
        match writers[..] {
            [u8::MAX] => "never written".to_owned(),
            [one] => format!("{}'s{zeros}", scenario.masters[usize::from(one)].name),
            _ => "of several".to_owned(),
        }
    }
}

/// What a client's step came to; nothing of other milestones.
fn step(what: &str) -> Option<String> {
    if let Some(outcome) = what.strip_prefix("kernel: ") {
        let name = outcome.split([' ', '{', '(']).next().unwrap_or(outcome);
        // The end of the run frees what clients left.
        return (!["Leak", "HeapDestroyed"].contains(&name)).then(|| format!("kernel: {name}"));
    }
    let (_, step) = what.split_once(": step ")?;
    let (_, step) = step.split_once(", ")?;
    let (step, _) = step.split_once(" after ")?;
    let quiet = ["wait", "mark", "await"].iter().any(|word| step.starts_with(word));
    (!quiet).then(|| step.to_owned())
}

fn lives(buffer: &BufferEvent) -> String {
    let BufferEvent { name, base, len, allocated, .. } = buffer;
    if *allocated {
        format!("{name} is {:x}+{:x}", base.0, len.0)
    } else {
        format!("{name} is free")
    }
}

fn phase(phase: PoolPhase, base: PhysAddr) -> String {
    let word = match phase {
        PoolPhase::LendRequested => "lend requested",
        PoolPhase::LendProgrammed => "lent",
        PoolPhase::Drained => "drained",
        PoolPhase::ReclaimRequested => "reclaim requested",
        PoolPhase::Opened => "opened",
        PoolPhase::Returned => "the kernel's again",
        PoolPhase::Quarantined => "kept from everybody",
    };
    format!("{:x} {word}", base.0)
}
