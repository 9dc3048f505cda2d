// SPDX-License-Identifier: Apache-2.0
//! Behaviours that a bus shows: each as a scenario on the RTL board, and what crossed the pins.
mod acceptance;
mod cases;
mod flushes;
mod timeline;

use crate::{Behaviour, table};
use cases::CASES;
use ringfence::engine::event::{Event, ViolationKind};
use ringfence::engine::{RunLog, RunOptions};
use ringfence::scenario::{self, Scenario};

/// The numbers that have a consequence on the bus.
const NUMBERS: [u32; 17] = [21, 25, 26, 27, 28, 29, 33, 36, 38, 39, 40, 41, 46, 47, 48, 49, 50];

/// A scenario of the board, with more tables.
fn parse(more: &str, sets: &[&str]) -> Scenario {
    let text = include_str!("board.toml").to_owned() + more;
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    scenario::parse("board.toml", text, &sets, None).unwrap_or_else(|e| panic!("invalid:\n{e:?}"))
}

/// A run that keeps what crossed the masters' ports.
fn run(scenario: &Scenario) -> RunLog {
    let options = RunOptions { trace: true, ..RunOptions::default() };
    let log = ringfence::engine::run(scenario, &options, &mut |_| ()).expect("the board is there");
    let Some(Event::Summary(summary)) = log.events.last() else { panic!("no summary") };
    assert!(!summary.reason.contains("no evidence"), "{}", summary.reason);
    assert_eq!((summary.protocol_errors, summary.violations_not_listed), (0, 0));
    let hang = |e: &&Event| matches!(e, Event::Violation(v) if v.violation == ViolationKind::Hang);
    assert!(!log.events.iter().any(|e| hang(&e)), "something hangs");
    log
}

fn written_down(b: &Behaviour, policy: &str) -> Vec<String> {
    b.bus_under.get(policy).unwrap_or(&b.bus).clone()
}

#[test]
fn every_number_that_a_bus_shows_ran_on_the_board() {
    let told: Vec<u32> = table().iter().filter(|b| !b.bus.is_empty()).map(|b| b.number).collect();
    assert_eq!(told, NUMBERS, "numbers with a line of `bus`");
    let ran: Vec<u32> = CASES.iter().map(|(number, _)| *number).collect();
    assert_eq!(ran, NUMBERS, "numbers with a case on the board");
}

#[test]
fn what_crosses_the_bus_is_as_written_down() {
    let table = table();
    let mut wrong = String::new();
    for (number, case) in CASES {
        let b = table.iter().find(|b| b.number == number).expect("has an entry");
        for policy in ["merged", "hardened"] {
            let (got, want) = (case(policy), written_down(b, policy));
            assert!(!got.is_empty(), "B{number} ran under {policy} and nothing is told of it");
            if got != want {
                wrong += &format!("\nB{number} under {policy}\n  want {want:#?}\n  got  {got:#?}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
