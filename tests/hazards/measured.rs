// SPDX-License-Identifier: Apache-2.0
//! Hazards that are measured and not judged, and what costs are measured on.
use super::common::{go, parse, shipped, summary};
use ringfence::engine::RunLog;
use ringfence::engine::event::Event;

/// Figures of a hazard under some overrides.
type Measure = fn(&[&str]) -> String;

pub(crate) const ROWS: [(&str, &str, Measure); 5] = [
    ("H13", "buffers of 8 that get their rights, a region a pool / a region a buffer", regions),
    (
        "H14",
        "frames of 10 that fit, and a 4K frame when they are freed: first fit / best fit / buddy",
        fragmentation,
    ),
    (
        "H20 lend",
        "cycles of an allocation that lends, longest / while the pool stays lent",
        lending,
    ),
    (
        "H20 reclaim",
        "cycles of a close that reclaims, longest / while the pool stays lent",
        reclaiming,
    ),
    ("H21", "allocation after unbind / after the last buffer", unbind),
];

fn run(path: &str, sets: &[&[&str]]) -> RunLog {
    let sets: Vec<String> = sets.concat().iter().map(ToString::to_string).collect();
    go(&parse(&shipped(path), &sets))
}

/// Steps as the log tells them: what was done, what came of it, and how many cycles it took.
fn steps(log: &RunLog) -> Vec<(u64, String, String, u64)> {
    let mut found = Vec::new();
    for event in &log.events {
        let Event::Step { cycle, what, .. } = event else { continue };
        let Some((_, step)) = what.split_once(": step ") else { continue };
        let told = step.split_once(", ").and_then(|(_, told)| told.split_once(": "));
        let Some((act, (result, took))) =
            told.and_then(|(act, rest)| Some((act, rest.split_once(" after ")?)))
        else {
            continue;
        };
        let took = took.trim_end_matches(" cycles").parse().expect("cycles");
        found.push((cycle.0, act.to_owned(), result.to_owned(), took));
    }
    found
}

fn result(log: &RunLog, act: &str) -> String {
    let step = steps(log).into_iter().find(|(_, done, ..)| done == act);
    step.map_or_else(|| "never".into(), |(_, _, result, _)| result)
}

fn longest(log: &RunLog, wanted: impl Fn(&str) -> bool) -> u64 {
    let took = steps(log).into_iter().filter(|(_, act, ..)| wanted(act)).map(|step| step.3);
    took.max().expect("there is one")
}

/// The longest call that gives access: an allocation or a mapping.
pub(crate) fn longest_grant(log: &RunLog) -> u64 {
    longest(log, |act| act.starts_with("alloc ") || act.starts_with("map "))
}

/// Work on which a hazard's switch is measured: six buffers of 128 KiB, one after the other. Where
/// buffers have regions the pool is static, which dynamic ones do not; where reading costs, the
/// buffers are mapped for it.
pub(crate) fn reference(hazard: &str) -> String {
    let text = shipped("review/stream-switch.toml");
    if hazard == "H19" {
        return text.replace("from-device", "bidirectional");
    }
    if matches!(hazard, "H1" | "H2" | "H10") {
        return format!("{text}\n[cache]\nmaster = \"cpu\"\nsets = 1024\n");
    }
    if hazard != "H18" {
        return text;
    }
    let fixed = text.replace("kind     = \"dynamic\"", "role     = \"any\"");
    fixed.replace("min-size = \"256 KiB\"\n", "")
}

fn regions(sets: &[&str]) -> String {
    let held = |switch: &str| {
        let log = run("review/region-a-buffer.toml", &[sets, &[switch]]);
        let maps = steps(&log).into_iter().filter(|(_, act, ..)| act.starts_with("map "));
        maps.filter(|(_, _, result, _)| result == "done").count()
    };
    format!("{} / {}", held("tee.region-per-buffer=false"), held("tee.region-per-buffer=true"))
}

fn fragmentation(sets: &[&str]) -> String {
    let large = |strategy: &str| {
        let strategy = format!("tee.strategy={strategy}");
        let log = run("review/fragmentation.toml", &[sets, &[strategy.as_str()]]);
        let frame = |act: &str, result: &str| act.starts_with("alloc frame") && result == "done";
        let fit = steps(&log).iter().filter(|(_, act, result, _)| frame(act, result)).count();
        let free = log.events.iter().rev().find_map(|event| match event {
            Event::Step { what, .. } => what.strip_prefix("pool: ENOMEM with "),
            _ => None,
        });
        let free = free.map(|free| format!(" with {}", free));
        let large = result(&log, "alloc large");
        let free = free.filter(|_| large == "ENOMEM").unwrap_or_default();
        format!("{fit}, {large}{free}")
    };
    ["first-fit", "best-fit", "buddy"].map(large).join(" / ")
}

/// Longest of the calls before and after somebody keeps the pool lent.
fn switching(sets: &[&str], verb: &str) -> String {
    let log = run("review/stream-switch.toml", &[sets]);
    assert_eq!(summary(&log).violations, 0);
    let part = |names: [&str; 2]| {
        longest(&log, |act| names.iter().any(|name| act == format!("{verb} {name}")))
    };
    format!("{} / {}", part(["s0", "s1"]), part(["s4", "s5"]))
}

fn lending(sets: &[&str]) -> String {
    switching(sets, "alloc")
}

fn reclaiming(sets: &[&str]) -> String {
    switching(sets, "close")
}

fn unbind(sets: &[&str]) -> String {
    let log = run("review/unbind.toml", &[sets]);
    format!("{} / {}", result(&log, "alloc after"), result(&log, "alloc late"))
}
