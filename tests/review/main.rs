// SPDX-License-Identifier: Apache-2.0
//! The reviewer's questions, answered by runs: what a mapping means, what cache maintenance does,
//! what bouncing does. `make review` prints the tables, and docs/review.md holds them.
#![allow(clippy::print_stdout, reason = "the tables are what it is for")]
mod bounces;
mod caches;
#[path = "../common/mod.rs"]
mod common;
mod mappings;
#[path = "../hazards/rows.rs"]
mod rows;
#[path = "../hazards/verdict.rs"]
mod verdict;

use common::{go, parse, shipped};
use ringfence::engine::RunLog;
use ringfence::engine::event::{Event, Upkeep};
use verdict::Verdict;

/// A step of a client as the log tells it.
#[derive(Clone, Debug)]
struct Told {
    /// Its verb and what follows.
    act: String,
    /// `done`, or the error.
    result: String,
    /// When it began and ended.
    began: u64,
    ended: u64,
}

/// A run with what its clients did.
struct Shown {
    log: RunLog,
    steps: Vec<Told>,
}

impl Shown {
    /// A shipped scenario with some of its text changed.
    fn of(path: &str, changes: &[(&str, &str)]) -> Self {
        let change = |text: String, (from, to): &(&str, &str)| {
            assert!(text.contains(from), "{path} has `{from}`");
            text.replace(from, to)
        };
        let text = changes.iter().fold(shipped(path), change);
        let log = go(&parse(&text, &[]));
        let steps = log.events.iter().filter_map(told).collect();
        Self { log, steps }
    }

    /// What came of a step and, where anything did, what the judge says of its time.
    fn cell(&self, step: &Told) -> String {
        let within = |cycle: u64| (step.began..=step.ended + 1).contains(&cycle);
        let found = self.log.events.iter().filter_map(|event| match event {
            Event::Violation(violation) if within(violation.cycle.0) => Some(violation.violation),
            _ => None,
        });
        let mut kinds: Vec<_> = found.collect();
        kinds.sort();
        let mut text = step.result.clone();
        for chunk in kinds.chunk_by(|a, b| a == b) {
            let (one, many) = chunk[0].names();
            let name = if chunk.len() == 1 { one } else { many };
            text += &format!(", {} {name}", chunk.len());
        }
        text
    }

    /// Steps that begin so, in order.
    fn steps(&self, act: &str) -> Vec<&Told> {
        self.steps.iter().filter(|step| step.act == act).collect()
    }

    /// What the judge said of the run.
    fn verdict(&self) -> String {
        Verdict::of(&self.log).text()
    }

    /// Accesses of the processor that were denied, of one kind.
    fn denied(&self, words: Upkeep) -> usize {
        let note = format!("note: {}", words.words());
        let of = |v: &&ringfence::engine::event::Violation| v.why.contains(&note);
        common::violations(&self.log).into_iter().filter(of).count()
    }
}

/// `client: step 3, dma frame write 4096: done after 12 cycles`
fn told(event: &Event) -> Option<Told> {
    let Event::Step { cycle, what, .. } = event else { return None };
    let (_, rest) = what.split_once(": step ")?.1.split_once(", ")?;
    let (act, rest) = rest.split_once(": ")?;
    let (result, took) = rest.split_once(" after ")?;
    let took: u64 = took.trim_end_matches(" cycles").parse().ok()?;
    let (act, result) = (act.to_owned(), result.to_owned());
    Some(Told { act, result, began: cycle.0 - took, ended: cycle.0 })
}

#[test]
fn the_pages_tables_are_what_the_runs_say() {
    let page = include_str!("../../docs/review.md");
    let tables = [mappings::table(), caches::table(), caches::matrix(), bounces::table()];
    tables.iter().for_each(|table| println!("{table}"));
    for table in tables {
        assert!(page.contains(&table), "docs/review.md is not what was printed:\n{table}");
    }
}
