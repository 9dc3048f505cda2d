// SPDX-License-Identifier: Apache-2.0
//! H8: every outcome that the search of `tests/interleavings` finds in a kernel as merged, replayed
//! on the board with a decoder that writes into what was allocated. docs/interleavings.md has the
//! table.
use super::common::{go, parse, shipped};
use super::{HARDENED, strings};
use crate::verdict::{Class, Verdict};
use ringfence::engine::RunLog;
use ringfence::engine::event::{Event, PoolPhase};
use ringfence::tee::Race;
use std::fmt::Write as _;

const SCENARIO: &str = "review/get-put-race.toml";

/// A race, its name in a scenario, and whether its two callers come back from a kernel as merged.
const RACES: [(Race, &str, [bool; 2]); 4] = [
    (Race::AddOnZero, "add-on-zero", [false, true]),
    (Race::NullPool, "null-pool", [true, false]),
    (Race::PagesLost, "pages-lost", [false, true]),
    (Race::LiveMemoryOpened, "live-memory-opened", [true, true]),
];

fn run(name: &str, sets: &[&str]) -> RunLog {
    let text = shipped(SCENARIO).replace("live-memory-opened", name);
    go(&parse(&text, &strings(sets)))
}

fn told<'a>(log: &'a RunLog, start: &str) -> Option<&'a str> {
    log.events.iter().find_map(|event| match event {
        Event::Step { what, .. } => what.split_once(start).map(|(_, rest)| rest),
        _ => None,
    })
}

/// What a caller's step came to.
fn result<'a>(log: &'a RunLog, act: &str) -> &'a str {
    let ended = told(log, &format!(", {act}: ")).expect("the step ended");
    ended.split(" after ").next().unwrap_or(ended)
}

/// What the kernel said, each outcome once.
fn outcomes(log: &RunLog) -> String {
    let mut found: Vec<&str> = Vec::new();
    for event in &log.events {
        if let Event::Step { what, .. } = event
            && let Some(outcome) = what.strip_prefix("kernel: ")
        {
            // The end of the run frees what clients left.
            let over = |word: &&str| ["Leak", "HeapDestroyed"].contains(word);
            let word = outcome.split([' ', '{']).next().filter(|word| !over(word));
            found.extend(word.filter(|word| !found.contains(word)));
        }
    }
    if found.is_empty() { "nothing".into() } else { found.join(", ") }
}

fn reclaimed(log: &RunLog) -> bool {
    let returned = |e: &Event| matches!(e, Event::Pool(p) if p.phase == PoolPhase::Returned);
    log.events.iter().any(returned)
}

fn row(race: Race, name: &str, back: [bool; 2]) -> String {
    let merged = run(name, &[]);
    let steps = race.turns().len();
    assert_eq!(told(&merged, "race: "), Some(format!("all {steps} steps as listed").as_str()));
    let results = ["close last", "alloc next"].map(|act| result(&merged, act));
    assert_eq!(results, back.map(|back| if back { "done" } else { "NO-RETURN" }), "{name}");
    let hardened = run(name, &HARDENED);
    // Under the mutex it finds the count at 0 and sets it to 1: the sixth step is another one.
    let way = match race {
        Race::AddOnZero => "all 6 steps as listed",
        _ => "step 7 of caller 1 is Some(Revive), not Unlock",
    };
    assert_eq!(told(&hardened, "race: "), Some(way));
    let [close, alloc] = results;
    let verdicts = [&merged, &hardened].map(Verdict::of);
    assert_eq!(verdicts[1].class(), Class::Clean, "{name}: {}", verdicts[1].text());
    assert!(!reclaimed(&hardened), "{name}: its buffer is live");
    assert_eq!(outcomes(&hardened), "nothing");
    let region = if reclaimed(&merged) { "opened" } else { "stays closed" };
    format!(
        "| {name} | {steps} | {close} | {alloc} | {} | {region} | {} | {} |\n",
        outcomes(&merged),
        verdicts[0].text(),
        verdicts[1].text()
    )
}

#[test]
fn every_race_on_the_board_is_what_the_page_says_of_it() {
    let mut text = String::from(
        "| race | steps | `close` | `alloc` | the kernel says | region | judge, as merged | judge, \
         hardened |\n|---|--:|---|---|---|---|---|---|\n",
    );
    for (race, name, back) in RACES {
        let _ = write!(text, "{}", row(race, name, back));
    }
    println!("{text}");
    let page = include_str!("../../docs/interleavings.md");
    assert!(page.contains(&text), "docs/interleavings.md is not what was printed");
}
