// SPDX-License-Identifier: Apache-2.0
//! What the tests of whole runs share.
#![allow(dead_code, reason = "every test file uses its own part")]
use ringfence::engine::event::{Event, IntruderRecord, Summary, Violation};
use ringfence::engine::{RunLog, RunOptions, run};
use ringfence::scenario::{self, Scenario};

/// The text of a shipped scenario.
pub(crate) fn shipped(path: &str) -> String {
    let path = format!("{}/scenarios/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect("a shipped scenario can be read")
}

/// The default playback, small enough for a test: two passes of the ring.
pub(crate) fn playback(sets: &[&str], extra: &str) -> Scenario {
    let small = [
        "playback.size=192x112",
        "playback.frames=4",
        "pool.frames.size=128 KiB",
        "intruder.gpu.every=40 cycles",
        "intruder.gpu.after-frames=1",
        "expect.gpu.min=512",
    ];
    let mut all: Vec<String> = small.iter().map(ToString::to_string).collect();
    all.extend(sets.iter().map(ToString::to_string));
    let text = shipped("playback/secure-playback.toml") + "\n" + extra;
    parse(&text, &all)
}

/// Parses a scenario that must be valid.
pub(crate) fn parse(text: &str, sets: &[String]) -> Scenario {
    scenario::parse("test.toml", text.to_owned(), sets, None)
        .unwrap_or_else(|e| panic!("invalid:\n{e:?}"))
}

/// Runs with the default options.
pub(crate) fn go(scenario: &Scenario) -> RunLog {
    go_with(scenario, &RunOptions::default())
}

/// Runs with the given options.
pub(crate) fn go_with(scenario: &Scenario, options: &RunOptions) -> RunLog {
    run(scenario, options, &mut |_| ()).expect("the board is there")
}

/// The last event.
pub(crate) fn summary(log: &RunLog) -> &Summary {
    match log.events.last() {
        Some(Event::Summary(summary)) => summary,
        other => panic!("the log ends with {other:?}"),
    }
}

/// All violations, in order.
pub(crate) fn violations(log: &RunLog) -> Vec<&Violation> {
    let mut found = Vec::new();
    for event in &log.events {
        if let Event::Violation(violation) = event {
            found.push(&**violation);
        }
    }
    found
}

/// The one intruder's own record.
pub(crate) fn record(log: &RunLog) -> &IntruderRecord {
    let mut records = log.events.iter().filter_map(|event| match event {
        Event::IntruderRecord(record) => Some(record),
        _ => None,
    });
    records.next().expect("the intruder closed its record")
}

/// `events.jsonl` of a run.
pub(crate) fn lines(log: &RunLog) -> String {
    let line = |e| serde_json::to_string(e).expect("events serialize");
    log.events.iter().map(line).collect::<Vec<_>>().join("\n")
}
