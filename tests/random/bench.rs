// SPDX-License-Identifier: Apache-2.0
//! One firewall with random neighbours on all sides, and the golden model beside it.
use crate::coverage::Coverage;
use crate::master::Master;
use crate::memory::Memory;
use crate::programmer::Programmer;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use ringfence::oracle::{Build, Golden};
use ringfence_sim::{Channel, PINS_MEMORY_SIDE, Pins, PinsShape, ProtocolMonitor};
use std::time::Instant;

/// Cycles between two resets of the firewall in the middle of traffic.
const EPOCH: u64 = 40_000;
/// Longest wait for the last answers once everybody is ready.
const DRAIN: u64 = 200_000;

/// What became of one shape.
pub(crate) struct Outcome {
    pub(crate) answered: u64,
    pub(crate) cycles: u64,
    pub(crate) mismatches: u64,
    pub(crate) seconds: f64,
    /// The first mismatches.
    pub(crate) texts: Vec<String>,
    pub(crate) coverage: Coverage,
}

/// Who objected to a mutant first: the check and the cycle.
#[derive(Clone, Debug, Default)]
#[allow(dead_code, reason = "for the mutants")]
pub(crate) struct Found {
    pub(crate) oracle: Option<(String, u64)>,
    pub(crate) checker: Option<(String, u64)>,
}

/// The name of an assertion or of a monitor's rule out of its text.
fn checker(text: &str) -> String {
    let assertion = text.split_once("Assertion failed in ").map(|(_, name)| name);
    let from = assertion.or_else(|| text.rsplit('(').next()).unwrap_or(text);
    let end = from.find([',', ':', ' ', '(', ')']).unwrap_or(from.len());
    from[..end].rsplit('.').next().unwrap_or("?").to_owned()
}

/// A few random decisions a cycle from one draw.
pub(crate) struct Dice(u64);

impl Dice {
    /// True with a chance of `of_256` in 256.
    pub(crate) fn roll(&mut self, of_256: u16) -> bool {
        let yes = (self.0 & 0xff) < u64::from(of_256);
        self.0 >>= 8;
        yes
    }
}

/// A draw below `end`.
pub(crate) fn below(rng: &mut ChaCha8Rng, end: u64) -> u64 {
    ((u128::from(rng.next_u64()) * u128::from(end)) >> 64) as u64
}

/// One of several.
pub(crate) fn pick<T: Copy>(rng: &mut ChaCha8Rng, of: &[T]) -> T {
    of[below(rng, of.len() as u64) as usize]
}

/// Chances of VALID and READY, of 256; redrawn from time to time.
struct Pace {
    chances: [u16; 10],
    until: u64,
}

impl Pace {
    fn draw(rng: &mut ChaCha8Rng, now: u64) -> Self {
        let brisk = below(rng, 3) == 0;
        let chances = std::array::from_fn(|_| {
            if brisk { 256 } else { pick(rng, &[256, 256, 200, 128, 64, 16, 4]) }
        });
        Self { chances, until: now + 32 + below(rng, 400) }
    }
}

pub(crate) struct Bench {
    shape: &'static PinsShape,
    pins: Pins,
    golden: Golden,
    monitor: ProtocolMonitor,
    masters: Vec<Master>,
    memories: Vec<Memory>,
    paces: Vec<Pace>,
    programmer: Programmer,
    rng: ChaCha8Rng,
    coverage: Coverage,
    cycle: u64,
    texts: Vec<String>,
    /// What the monitors and the assertions said; `texts` has what the golden model said as well.
    objections: Vec<String>,
    mismatches: u64,
}

impl Bench {
    pub(crate) fn new(shape: &'static PinsShape, seed: u64) -> Self {
        Self::with_fault(shape, seed, 0)
    }

    pub(crate) fn with_fault(shape: &'static PinsShape, seed: u64, fault: u8) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        for (to, from) in key[8..].iter_mut().zip(shape.name.bytes()) {
            *to = from;
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        let pins = Pins::with_fault(shape.name, true, fault).expect("the shape is built");
        let filters = 0..shape.filters;
        Self {
            shape,
            pins,
            golden: Golden::new(Build::pins(shape)),
            monitor: ProtocolMonitor::with_bus(shape.data_bits as usize / 8),
            masters: filters.clone().map(|_| Master::new(shape)).collect(),
            memories: filters.clone().map(|_| Memory::new(shape)).collect(),
            paces: filters.map(|_| Pace::draw(&mut rng, 0)).collect(),
            programmer: Programmer::new(shape, &mut rng),
            rng,
            coverage: Coverage::default(),
            cycle: 0,
            texts: Vec::new(),
            objections: Vec::new(),
            mismatches: 0,
        }
    }

    pub(crate) fn run(mut self, transactions: u64) -> Outcome {
        let start = Instant::now();
        while self.golden.answered() < transactions && self.golden.mismatch_count() < 100 {
            self.step(false);
            if self.cycle.is_multiple_of(EPOCH) {
                self.end_epoch();
            }
        }
        self.drain();
        self.collect();
        Outcome {
            answered: self.golden.answered(),
            cycles: self.cycle,
            mismatches: self.mismatches + self.golden.mismatch_count(),
            seconds: start.elapsed().as_secs_f64(),
            texts: self.texts,
            coverage: self.coverage,
        }
    }

    /// Runs until both layers have objected, or for so many transactions; a firewall that no longer
    /// answers ends it too.
    #[allow(dead_code, reason = "for the mutants")]
    pub(crate) fn hunt(mut self, transactions: u64) -> Found {
        let mut found = Found::default();
        let limit = transactions * 40;
        while self.golden.answered() < transactions && self.cycle < limit {
            self.step(false);
            if found.oracle.is_none() && self.golden.mismatch_count() > 0 {
                found.oracle = Some((self.golden.mismatches()[0].check.to_owned(), self.cycle));
            }
            if found.checker.is_none() && self.cycle.is_multiple_of(64) {
                self.objections.extend(self.pins.assertion_failures());
                found.checker = self.objections.first().map(|text| (checker(text), self.cycle));
            }
            if found.oracle.is_some() && found.checker.is_some() {
                break;
            }
            if self.cycle.is_multiple_of(EPOCH) {
                self.end_epoch();
            }
        }
        found
    }

    fn step(&mut self, draining: bool) {
        self.pins.step();
        let (inputs, out) = self.pins.io();
        self.golden.observe(&inputs.apb, out);
        self.monitor.observe_pins(self.cycle, out);
        self.coverage.observe(&self.golden, out);
        let pages = self.programmer.pages();
        for f in 0..self.shape.filters {
            if self.cycle >= self.paces[f].until {
                self.paces[f] = Pace::draw(&mut self.rng, self.cycle);
            }
            let chances = if draining { [256; 10] } else { self.paces[f].chances };
            let mut dice = (Dice(self.rng.next_u64()), Dice(self.rng.next_u64()));
            let near = &mut inputs.master[f];
            self.masters[f].react(f, out, near, draining, &mut self.rng, pages);
            let master = &mut self.masters[f];
            master.drive(near, [0, 1, 2].map(|i| dice.0.roll(chances[i])));
            near.r_ready = dice.0.roll(chances[3]);
            near.b_ready = dice.0.roll(chances[4]);
            let (far, memory) = (&mut inputs.mem[f], &mut self.memories[f]);
            memory.react(f + PINS_MEMORY_SIDE, out, far);
            far.ar_ready = dice.1.roll(chances[5]);
            far.aw_ready = dice.1.roll(chances[6]);
            far.w_ready = dice.1.roll(chances[7]);
            let gives = [8, 9].map(|i| dice.1.roll(chances[i]));
            memory.drive(far, gives, &mut self.rng);
        }
        self.programmer.drive(out, &mut inputs.apb, draining, &mut self.rng);
        self.cycle += 1;
        if !self.monitor.errors().is_empty() {
            self.protocol();
        }
    }

    /// Errors of the protocol that the master's own illegal addresses and WLAST explain are none of
    /// the firewall's; all others are.
    fn protocol(&mut self) {
        for error in self.monitor.take_errors() {
            let own = error.port < PINS_MEMORY_SIDE
                && matches!(error.channel, Channel::Ar | Channel::Aw | Channel::W);
            // After a wrong WLAST the monitor, which goes by WLAST, may see an answer come early.
            let confused = error.port < PINS_MEMORY_SIDE && error.channel == Channel::B;
            if !own && !confused {
                self.mismatches += 1;
                self.objections.push(error.to_string());
                self.texts.push(error.to_string());
            }
        }
    }

    /// Now drained, now in the middle of traffic: a reset, and a new set of pages.
    fn end_epoch(&mut self) {
        if below(&mut self.rng, 2) == 0 {
            self.drain();
        }
        self.collect();
        self.pins.reset();
        self.golden.reset();
        self.monitor = ProtocolMonitor::with_bus(self.shape.data_bits as usize / 8);
        for master in &mut self.masters {
            *master = Master::new(self.shape);
        }
        for memory in &mut self.memories {
            *memory = Memory::new(self.shape);
        }
        self.programmer = Programmer::new(self.shape, &mut self.rng);
        self.coverage.reset();
    }

    /// Everybody is ready and nothing new is issued: all must be answered.
    fn drain(&mut self) {
        let limit = self.cycle + DRAIN;
        while self.cycle < limit {
            let idle = self.golden.outstanding() == 0
                && self.masters.iter().all(Master::is_idle)
                && self.programmer.is_idle();
            if idle {
                return;
            }
            self.step(true);
        }
        self.mismatches += 1;
        let open = self.golden.outstanding();
        self.texts.push(format!("{open} transactions are open {DRAIN} cycles after the last one"));
    }

    fn collect(&mut self) {
        let failures = self.pins.assertion_failures();
        self.mismatches += failures.len() as u64;
        self.objections.extend(failures.iter().cloned());
        self.texts.extend(failures);
        let texts = self.golden.mismatches().iter().map(|m| {
            let place = m.filter.map_or("registers".to_owned(), |f| format!("filter {f}"));
            format!("cycle {}, {place}: {}: {}", m.cycle, m.check, m.detail)
        });
        self.texts.extend(texts);
        self.texts.truncate(20);
    }
}
