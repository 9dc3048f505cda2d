// SPDX-License-Identifier: Apache-2.0
//! A mutant on the whole board: the playback under attack, judged as every run is.
use crate::Kill;
use ringfence::engine::event::{Event, ViolationKind};
use ringfence::engine::{RunOptions, run};
use ringfence::scenario;

const PLAYBACK: &str = include_str!("../../scenarios/playback/secure-playback.toml");
const SMALL: [&str; 7] = [
    "playback.size=\"192x96\"",
    "playback.frames=3",
    "intruder.gpu.after-frames=1",
    "intruder.gpu.burst=\"1 KiB\"",
    "pool.frames.size=\"112 KiB\"",
    "pool.bitstream.size=\"32 KiB\"",
    "expect.1.min=1",
];

pub(crate) fn hunt(fault: u8) -> Kill {
    let sets: Vec<String> = SMALL.iter().map(ToString::to_string).collect();
    let plant = format!("{PLAYBACK}\n[[plant]]\nkind = \"rtl\"\nfault = {fault}\n");
    let text = if fault == 0 { PLAYBACK.to_owned() } else { plant };
    let scenario = scenario::parse("mutant", text, &sets, None).expect("valid");
    let log = run(&scenario, &RunOptions::default(), &mut |_| ()).expect("the board is built");
    let mut kill = Kill::default();
    for event in &log.events {
        let Event::Violation(violation) = event else { continue };
        let found = Some((violation.check.to_string(), violation.cycle.0));
        match violation.violation {
            ViolationKind::Hang => {}
            ViolationKind::Protocol => kill.checker = kill.checker.or(found),
            _ => kill.oracle = kill.oracle.or(found),
        }
    }
    kill
}
