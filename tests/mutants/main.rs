// SPDX-License-Identifier: Apache-2.0
//! Every fault of `sim/faults.txt`, one at a time: who objects to it, and after how many cycles.
//!
//! Layers: the *oracle* (golden model at the pins, or the judge of a whole run), the *checkers*
//! (AXI protocol monitors and assertions in the RTL), the *directed* tests, and the *proofs*: with
//! `--proofs FILE`, as in `make mutants`, what `tools/prove.py --faults` found. A wait that ran out
//! of its budget kills nothing. `cargo test --test mutants` prints a table; the last line is
//! `KILLED/TOTAL mutants killed`. It fails if a fault survives, or if a layer kills fewer than ten.
#![allow(clippy::print_stdout, reason = "prints its result")]
#[path = "../directed/access.rs"]
mod access;
#[path = "../directed/aliases.rs"]
mod aliases;
#[allow(dead_code, reason = "the random test uses the rest")]
#[path = "../random/bench.rs"]
mod bench;
mod board;
#[allow(dead_code, reason = "the random test uses the rest")]
#[path = "../random/coverage.rs"]
mod coverage;
#[path = "../random/master.rs"]
mod master;
#[path = "../random/memory.rs"]
mod memory;
#[path = "../random/programmer.rs"]
mod programmer;
mod proof;
#[path = "../directed/rig.rs"]
mod rig;
#[path = "../directed/state.rs"]
mod state;
#[path = "../directed/suite.rs"]
mod suite;

use bench::{Bench, Found};
use ringfence_sim::FAULTY_PINS;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const FAULTS: &str = include_str!("../../sim/faults.txt");
/// Transactions that an unharmed firewall, and a mutant that nobody has objected to, must survive.
const TRANSACTIONS: u64 = 30_000;
/// Faults that each layer must kill: a layer that finds less is not worth its time.
const LEAST: usize = 10;

/// A line of the table.
#[derive(Clone, Debug)]
struct Mutant {
    id: u8,
    place: String,
    what: String,
}

/// Who objected first, by layer: the check and the cycle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kill {
    pub(crate) oracle: Option<(String, u64)>,
    pub(crate) checker: Option<(String, u64)>,
    pub(crate) directed: Vec<&'static str>,
    pub(crate) proof: Option<(String, u64)>,
}

impl Kill {
    fn is_killed(&self) -> bool {
        self.oracle.is_some()
            || self.checker.is_some()
            || !self.directed.is_empty()
            || self.proof.is_some()
    }
}

fn mutants() -> Vec<Mutant> {
    let mut all = BTreeMap::new();
    for line in FAULTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(" :: ").collect();
        let id: u8 = fields[0].parse().expect("a number");
        let (place, what) = (fields[1].to_owned(), fields[5].to_owned());
        all.insert(id, Mutant { id, place, what });
    }
    all.into_values().collect()
}

/// The firewall alone, both check latencies, under random traffic and the directed tests.
fn at_pins(id: u8) -> Kill {
    let mut kill = Kill::default();
    for shape in FAULTY_PINS {
        for seed in 1..=3 {
            let Found { oracle, checker } = Bench::with_fault(shape, seed, id).hunt(TRANSACTIONS);
            kill.oracle = kill.oracle.or(oracle);
            kill.checker = kill.checker.or(checker);
            if kill.oracle.is_some() && kill.checker.is_some() || id == 0 {
                break;
            }
        }
        for (_, name, test) in suite::SUITE {
            let mut rig = rig::Rig::new(shape.name, shape.filters, shape.data_bits as u16 / 8, id);
            // What waits too long is no finding.
            if test(&mut rig).is_err_and(|why| !why.starts_with("no answer")) {
                kill.directed.push(name);
            }
        }
    }
    kill.directed.dedup();
    kill
}

fn hunt(mutant: &Mutant) -> Kill {
    let mut kill = Kill::default();
    if mutant.place != "board" {
        kill = at_pins(mutant.id);
    }
    if mutant.place != "pins" {
        let board = board::hunt(mutant.id);
        kill.oracle = kill.oracle.or(board.oracle);
        kill.checker = kill.checker.or(board.checker);
    }
    kill
}

fn row(mutant: &Mutant, kill: &Kill) {
    let layer = |found: &Option<(String, u64)>| {
        found.as_ref().map_or("-".to_owned(), |(check, cycle)| format!("{check} @{cycle}"))
    };
    let directed = match kill.directed[..] {
        [] => "-".to_owned(),
        [one] => one.to_owned(),
        [first, ..] => format!("{first}, +{}", kill.directed.len() - 1),
    };
    println!(
        "{:2} {} {}\n     oracle: {}; checker: {}; directed: {directed}; proof: {}",
        mutant.id,
        if kill.is_killed() { "killed  " } else { "SURVIVED" },
        mutant.what,
        layer(&kill.oracle),
        layer(&kill.checker),
        layer(&kill.proof),
    );
}

/// All mutants, on all processors.
fn hunt_all(all: &[Mutant]) -> BTreeMap<u8, Kill> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let kill = hunt(mutant);
                    done.lock().expect("no worker panicked").insert(mutant.id, kill);
                }
            });
        }
    });
    done.into_inner().expect("no worker panicked")
}

/// Prints what each layer killed; true if each killed as many as it must.
fn totals(done: &BTreeMap<u8, Kill>, with_proofs: bool) -> bool {
    let count = |fits: fn(&Kill) -> bool| done.values().filter(|kill| fits(kill)).count();
    let mut layers = vec![
        ("oracle kills", count(|kill| kill.oracle.is_some())),
        ("checkers kill", count(|kill| kill.checker.is_some())),
        ("directed tests kill", count(|kill| !kill.directed.is_empty())),
    ];
    if with_proofs {
        layers.push(("proofs kill", count(|kill| kill.proof.is_some())));
    }
    for (name, killed) in &layers {
        println!("{name} {killed}");
    }
    if !with_proofs {
        println!("proofs: not in this run, make mutants has them");
    }
    layers.iter().all(|(_, killed)| *killed >= LEAST)
}

fn main() -> ExitCode {
    proof::check();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let only: Option<u8> = words.iter().find_map(|word| word.parse().ok());
    let mut all = mutants();
    let ids: Vec<u8> = all.iter().map(|mutant| mutant.id).collect();
    let file = words.iter().position(|word| word == "--proofs").and_then(|at| words.get(at + 1));
    let proofs = match file.map(|file| proof::read(Path::new(file), &ids)).transpose() {
        Ok(proofs) => proofs,
        Err(why) => {
            println!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let unharmed = Mutant { id: 0, place: "both".into(), what: "no fault".into() };
    let kill = hunt(&unharmed);
    if kill.is_killed() {
        row(&unharmed, &kill);
        println!("the RTL without a fault is objected to; nothing can be said of mutants");
        return ExitCode::FAILURE;
    }
    all.retain(|mutant| only.is_none_or(|id| id == mutant.id));
    let mut done = hunt_all(&all);
    for (id, kill) in &mut done {
        kill.proof = proofs.as_ref().and_then(|found| found.get(id).cloned());
    }
    for mutant in &all {
        row(mutant, &done[&mutant.id]);
    }
    let enough = totals(&done, proofs.is_some()) || only.is_some();
    if !enough {
        println!("a layer kills fewer than {LEAST}");
    }
    let killed = done.values().filter(|kill| kill.is_killed()).count();
    println!("{killed}/{} mutants killed", all.len());
    ExitCode::from(u8::from(killed < all.len() || !enough))
}
