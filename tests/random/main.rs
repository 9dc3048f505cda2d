// SPDX-License-Identifier: Apache-2.0
//! Random transactions at the pins of the firewall alone, every one compared with the golden model.
//!
//! `cargo test --test random -- N` answers and compares N transactions, spread evenly over the
//! shapes that are built; a shape and its number are the seed. Prints a line a shape, what was
//! drawn and what was covered; the last line is `N transactions, M mismatches`. Fails on a mismatch,
//! and on a bin of the coverage that ten million transactions missed.
#![allow(clippy::print_stdout, reason = "prints its result")]
mod bench;
mod coverage;
mod master;
mod memory;
mod programmer;

use bench::{Bench, Outcome};
use coverage::Coverage;
use ringfence_sim::{PINS, PINS_ALWAYS, PinsShape};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

const DEFAULT: u64 = 200_000;
/// From so many on, every bin of the coverage must have been hit.
const COMPLETE: u64 = 10_000_000;

fn run(shape: &'static PinsShape, transactions: u64, seed: u64) -> Outcome {
    let outcome = Bench::new(shape, seed).run(transactions);
    let Outcome { answered, cycles, mismatches, seconds, .. } = outcome;
    let per_second = answered as f64 / seconds;
    println!(
        "{:22} {answered:9} transactions {cycles:10} cycles {mismatches} mismatches \
         {per_second:8.0} a second",
        shape.name
    );
    for text in &outcome.texts {
        println!("    {text}");
    }
    outcome
}

/// All shapes, a worker a processor.
fn all(shapes: &'static [PinsShape], total: u64, seed: u64) -> Vec<Outcome> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let each = total.div_ceil(shapes.len() as u64);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(shapes.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(shape) = shapes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(shape, each, seed);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let number =
        |word: Option<String>, default| word.and_then(|w| w.parse().ok()).unwrap_or(default);
    let total = number(words.next(), DEFAULT);
    let seed = number(words.next(), 1);
    let built = if cfg!(feature = "all-pins") { PINS.len() } else { PINS_ALWAYS };
    let outcomes = all(&PINS[..built], total, seed);
    let mut coverage = Coverage::default();
    for outcome in &outcomes {
        coverage.add(&outcome.coverage);
    }
    coverage.print();
    let folder = std::env::var_os("CARGO_TARGET_TMPDIR")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned(), Into::into);
    let path = folder.join("random-coverage.json");
    if let Err(error) = std::fs::write(&path, coverage.json()) {
        println!("coverage not written to {}: {error}", path.display());
    }
    let answered: u64 = outcomes.iter().map(|outcome| outcome.answered).sum();
    let mismatches: u64 = outcomes.iter().map(|outcome| outcome.mismatches).sum();
    println!("{answered} transactions, {mismatches} mismatches");
    let incomplete = answered >= COMPLETE && coverage.missed() > 0;
    ExitCode::from(u8::from(mismatches > 0 || incomplete))
}
