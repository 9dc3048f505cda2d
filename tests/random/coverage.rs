// SPDX-License-Identifier: Apache-2.0
//! What was exercised: a cross of bins a transaction, and how the draws were distributed.
use ringfence::oracle::{Accepted, Golden};
use ringfence_sim::PinsOutputs;
use std::collections::BTreeMap;
use std::fmt::Write;

const WORLDS: [&str; 2] = ["secure", "non-secure"];
const OPERATIONS: [&str; 2] = ["read", "write"];
const BURSTS: [&str; 3] = ["FIXED", "INCR", "WRAP"];
/// The transaction against the edges of all regions that are enabled there: its last byte is the
/// one before a base (-1), its first is a base (0), its last is a top (0), its first is the one
/// after a top (+1), several of these, or none.
const EDGES: [&str; 5] = ["before-base", "at-base", "at-top", "after-top", "elsewhere"];
const GATES: [&str; 2] = ["open", "waited-while-closed"];
const REGIONS: usize = 9;
const ACTIONS: usize = 4;
const BINS: usize = REGIONS * 2 * 2 * 3 * 5 * ACTIONS * 2;

/// Counts of everything, to be added up over shapes.
#[derive(Clone)]
pub(crate) struct Coverage {
    bins: Vec<u64>,
    verdicts: BTreeMap<&'static str, u64>,
    lengths: [u64; 9],
    sizes: [u64; 8],
    depths: [u64; 9],
    stalls: [u64; 9],
    /// Open transactions by filter, direction and ID.
    open: Vec<u32>,
    /// Cycles that an address waits, by filter and direction, and whether its gate was closed.
    waiting: [[u64; 2]; 4],
    behind: [[bool; 2]; 4],
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            bins: vec![0; BINS],
            verdicts: BTreeMap::new(),
            lengths: [0; 9],
            sizes: [0; 8],
            depths: [0; 9],
            stalls: [0; 9],
            open: vec![0; 4 * 2 * 256],
            waiting: [[0; 2]; 4],
            behind: [[false; 2]; 4],
        }
    }
}

/// 0, 1, 2-3, 4-7, ... 128 and more.
fn octave(value: u64) -> usize {
    (u64::BITS - value.leading_zeros()).min(8) as usize
}

impl Coverage {
    /// Looks at a cycle that the golden model has just seen.
    pub(crate) fn observe(&mut self, golden: &Golden, out: &PinsOutputs) {
        for f in 0..4 {
            for (write, seen) in [(0, out.ar), (1, out.aw)] {
                if (seen.valid & !seen.ready) >> f & 1 == 1 {
                    self.waiting[f][write] += 1;
                    self.behind[f][write] |= golden.requested() >> f & 1 == 0;
                }
            }
            if out.b.fire() >> f & 1 == 1 {
                self.ended(f, 1, out.port[f].b.id);
            }
            if out.r.fire() >> f & 1 == 1 && out.port[f].r.last {
                self.ended(f, 0, out.port[f].r.id);
            }
        }
        for accepted in golden.accepted() {
            self.accepted(golden, accepted);
        }
    }

    fn ended(&mut self, filter: usize, write: usize, id: u8) {
        let open = &mut self.open[(filter * 2 + write) * 256 + usize::from(id)];
        *open = open.saturating_sub(1);
    }

    fn accepted(&mut self, golden: &Golden, a: &Accepted) {
        let write = usize::from(a.write);
        let waited = std::mem::take(&mut self.waiting[a.filter][write]);
        let behind = std::mem::take(&mut self.behind[a.filter][write]);
        self.stalls[octave(waited)] += 1;
        self.lengths[octave(u64::from(a.ax.len) + 1)] += 1;
        self.sizes[usize::from(a.ax.size)] += 1;
        let open = &mut self.open[(a.filter * 2 + write) * 256 + usize::from(a.ax.id)];
        *open += 1;
        self.depths[octave(u64::from(*open))] += 1;
        let verdict = match a {
            Accepted { malformed: true, .. } => "denied, malformed",
            Accepted { overlap: true, speculative: true, .. } => "denied, overlap, speculative",
            Accepted { overlap: true, .. } => "denied, overlap",
            Accepted { allow: true, .. } => "allowed",
            Accepted { speculative: true, .. } => "denied, speculative",
            _ => "denied",
        };
        *self.verdicts.entry(verdict).or_default() += 1;
        if a.malformed || a.overlap {
            return;
        }
        let world = usize::from(a.ax.prot >> 1 & 1);
        let gate = usize::from(behind);
        let burst = usize::from(a.ax.burst);
        let edges = edges(golden, a);
        for edge in (0..EDGES.len()).filter(|&edge| edges[edge]) {
            let mut bin = usize::from(a.region);
            for (value, count) in [
                (world, 2),
                (write, 2),
                (burst, 3),
                (edge, EDGES.len()),
                (a.action.into(), ACTIONS),
                (gate, 2),
            ] {
                bin = bin * count + value;
            }
            self.bins[bin] += 1;
        }
    }

    /// A reset: what was open is no more.
    pub(crate) fn reset(&mut self) {
        self.open.fill(0);
        self.waiting = [[0; 2]; 4];
        self.behind = [[false; 2]; 4];
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let add = |to: &mut [u64], from: &[u64]| {
            for (to, from) in to.iter_mut().zip(from) {
                *to += from;
            }
        };
        add(&mut self.bins, &other.bins);
        add(&mut self.lengths, &other.lengths);
        add(&mut self.sizes, &other.sizes);
        add(&mut self.depths, &other.depths);
        add(&mut self.stalls, &other.stalls);
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
    }

    /// The bins by name: region, world, operation, burst, edge, ACTION, gate.
    fn named(&self) -> impl Iterator<Item = (String, u64)> {
        self.bins.iter().enumerate().map(|(bin, count)| {
            let mut rest = bin;
            let mut digit = |base: usize| {
                let digit = rest % base;
                rest /= base;
                digit
            };
            let gate = GATES[digit(2)];
            let action = digit(ACTIONS);
            let edge = EDGES[digit(5)];
            let burst = BURSTS[digit(3)];
            let operation = OPERATIONS[digit(2)];
            let world = WORLDS[digit(2)];
            let name = format!(
                "region {rest}, {world}, {operation}, {burst}, {edge}, ACTION {action}, {gate}"
            );
            (name, *count)
        })
    }

    pub(crate) fn print(&self) {
        let row = |name: &str, counts: &[u64]| {
            let cells: Vec<String> = counts.iter().map(|n| format!("{n:9}")).collect();
            println!("{name:24}{}", cells.join(" "));
        };
        println!(
            "                        {}",
            [
                "        0",
                "        1",
                "      2-3",
                "      4-7",
                "     8-15",
                "    16-31",
                "    32-63",
                "   64-127",
                "     128+"
            ]
            .join(" ")
        );
        row("beats", &self.lengths);
        row("open with the same ID", &self.depths);
        row("cycles of waiting", &self.stalls);
        row("log2 bytes a beat", &self.sizes);
        for (verdict, count) in &self.verdicts {
            println!("{verdict:32} {count:9}");
        }
        let missed: Vec<String> =
            self.named().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
        let hit = BINS - missed.len();
        println!("coverage {hit} of {BINS} bins");
        for name in missed.iter().take(20) {
            println!("    not hit: {name}");
        }
    }

    /// Bins that nothing fell into.
    pub(crate) fn missed(&self) -> usize {
        self.bins.iter().filter(|count| **count == 0).count()
    }

    pub(crate) fn json(&self) -> String {
        let mut text = String::from("{\n");
        for (name, count) in self.named() {
            let _ = writeln!(text, "  \"{name}\": {count},");
        }
        let _ = writeln!(text, "  \"bins\": {BINS}\n}}");
        text
    }
}

/// Which edges of regions the bytes of a transaction touch, as [`EDGES`] has them.
fn edges(golden: &Golden, a: &Accepted) -> [bool; 5] {
    let size = 1u64 << a.ax.size;
    let total = size * (u64::from(a.ax.len) + 1);
    let aligned = a.ax.addr & !(size - 1);
    let (first, last) = match a.ax.burst {
        0 => (a.ax.addr, aligned + size - 1),
        2 => (a.ax.addr & !(total - 1), (a.ax.addr & !(total - 1)) + total - 1),
        _ => (a.ax.addr, aligned + total - 1),
    };
    let mut edges = [false; 5];
    for (base, top) in golden.regions(a.filter) {
        edges[0] |= last + 1 == base;
        edges[1] |= first == base;
        edges[2] |= last == top;
        edges[3] |= first == top + 1;
    }
    edges[4] = edges == [false; 5];
    edges
}
