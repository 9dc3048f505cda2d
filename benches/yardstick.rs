// SPDX-License-Identifier: Apache-2.0
//! The yardstick: the harness with every check on against a bare loop over the model.
//!
//! (a) a bare C++ loop over the board as one model with one clock and no assertions, replaying the
//! inputs that (b) drove; (b) the harness, no time jumps; (c) the bare loop over the model of (b).
//! Times are medians of five interleaved rounds; the outputs' hashes must be equal.
#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
use ringfence::engine::event::Event;
use ringfence::engine::{RunLog, RunOptions, run};
use ringfence::scenario::{self, Scenario};
use ringfence_sim::{Recording, ReplayKind, replay};

const ROUNDS: usize = 5;
const PLAYBACK: &str = include_str!("../scenarios/playback/secure-playback.toml");
const FOUR_K: &str = include_str!("../scenarios/playback/secure-playback-4k60.toml");
const SATURATED: &str = include_str!("saturated.toml");

fn load(text: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    scenario::parse("bench.toml", text.to_owned(), &sets, None).unwrap_or_else(|e| panic!("{e:?}"))
}

fn go(scenario: &Scenario, options: &RunOptions) -> RunLog {
    run(scenario, options, &mut |_| ()).expect("the board is in this build")
}

fn cycles(log: &RunLog) -> (u64, u64) {
    match log.events.last() {
        Some(Event::Summary(s)) => (s.cycles - s.skipped_cycles, s.skipped_cycles),
        _ => (0, 0),
    }
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Seconds of (a), (b) and (c), and the cycles that were stepped.
fn measure(name: &str, scenario: &Scenario) -> [f64; 3] {
    let still = RunOptions { time_jumps: false, hashing: true, ..RunOptions::default() };
    let first = go(scenario, &RunOptions { record: true, ..still.clone() });
    let recording: Recording = first.measured.recording.expect("a recording was asked for");
    let hash = first.measured.output_hash;
    let shape = &scenario.sim.shape;
    let mut seconds = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (slot, kind) in [(0, ReplayKind::Bare), (2, ReplayKind::Held)] {
            let played = replay(shape, kind, &recording, true).expect("the model is in this build");
            assert_eq!(played.hash, hash, "{kind:?} saw other outputs than the harness");
            seconds[slot].push(played.seconds);
        }
        let log = go(scenario, &still);
        assert_eq!(log.measured.output_hash, hash, "the harness does not repeat");
        seconds[1].push(log.measured.running.as_secs_f64());
    }
    let [a, b, c] = seconds.map(median);
    let n = recording.cycles();
    let rate = |s: f64| n as f64 / s / 1e6;
    let ns = |s: f64| s * 1e9 / n as f64;
    println!("{name}: {n} cycles simulated, 0 skipped");
    for (label, s) in [("a bare, one clock", a), ("b harness", b), ("c bare, held clocks", c)] {
        println!("  {label:20} {:7.3} Mcycles/s  {:7.1} ns a cycle", rate(s), ns(s));
    }
    println!("  b/a {:.2}   b/c {:.2}", a / b, c / b);
    [a, b, c]
}

fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

fn main() {
    let [a, b, _] = measure("playback", &load(PLAYBACK, &[]));
    measure("saturated, eight masters", &load(SATURATED, &[]));
    let jumping = go(&load(PLAYBACK, &[]), &RunOptions::default());
    let (simulated, skipped) = cycles(&jumping);
    println!("playback with time jumps: {simulated} cycles simulated, {skipped} skipped");
    println!("start-up {:.1} ms", jumping.measured.start_up.as_secs_f64() * 1e3);
    // A frame's slot of decoding and its slot of scan-out overlap with its neighbours', so that the
    // cost of one is the difference between two runs.
    let frames = |n: &str| {
        let scenario = load(FOUR_K, &[&format!("playback.frames={n}")]);
        go(&scenario, &RunOptions::default()).measured.running.as_secs_f64()
    };
    let (two, three) = (frames("2"), frames("3"));
    println!("one full 4K frame of playback: {:.2} s", three - two);
    if let Some(mib) = peak_mib() {
        println!("peak memory {mib} MiB, recording included");
    }
    println!("ratio {:.2}", a / b);
}
