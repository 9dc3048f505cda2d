// SPDX-License-Identifier: Apache-2.0
//! Synthetic run logs for the tests of the exporters.
use crate::engine::RunLog;
use crate::engine::capture::Captures;
use crate::engine::event::*;
use crate::report::Environment;
use crate::units::{ByteLen, Cycle, Direction, MasterId, Nsaid, PhysAddr};

mod parts;
use parts::{access, attempt, escape, integrity, picture, summary};

/// A name that tries to break every format.
pub(super) const AWKWARD: &str = "g\"p,u; <b>&'é\nSUMMARY PASS";

const BIN: u64 = 60_000;
const MASTERS: [(&str, &str); 8] = [
    ("vdec", "decoder"),
    ("disp", "display"),
    ("gpu", "gpu"),
    ("cpu", "cpu"),
    ("crypto", "crypto"),
    ("camera", "camera"),
    ("encoder", "encoder"),
    ("dma", "dma"),
];

pub(super) fn all() -> Vec<RunLog> {
    vec![clean_pass(), open_firewall(), interrupted(), awkward_names()]
}

pub(super) fn environment() -> Environment {
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Environment {
        host: "bench".into(),
        versions: [pair("ringfence", "0.1.0"), pair("verilator", "5.052")].into(),
        command: "ringfence run scenarios/playback/clean.toml".into(),
        paths: [pair("scenario", "scenarios/playback/clean.toml")].into(),
        wall_seconds: 2.5,
    }
}

/// Four frames, a GPU that tries and is denied.
pub(super) fn clean_pass() -> RunLog {
    let mut events = opening("playback-rogue-gpu", 4_000_000);
    for n in 0..4u32 {
        let cycle = Cycle(1_200_000 + u64::from(n) * 600_000);
        events.push(Event::Attempt(attempt(cycle, n)));
        events.push(Event::Deny(Denial {
            owner: None,
            owner_at_response: None,
            access: access(cycle, n, Direction::Read),
            expected: true,
            resp: 3,
            pool: Some(0),
        }));
    }
    events.extend(closing(4_000_000));
    let mut summary = summary(Verdict::Pass, "all expectations met, evidence complete");
    summary.blocked_expected = 4;
    events.push(Event::Summary(Box::new(summary)));
    let captures = Captures {
        displayed: vec![
            picture("frame 0", 0, 1),
            picture("frame 2", 2, 1),
            picture("frame 3", 3, 1),
        ],
        seen: vec![("gpu".into(), vec![picture("frame[0]", 0, 0), picture("frame[1]", 1, 0)])],
    };
    RunLog::of(events, captures)
}

/// The firewall is left open: the GPU reads and writes a frame.
pub(super) fn open_firewall() -> RunLog {
    let mut events = opening("open-firewall", 4_000_000);
    events.push(Event::Planted { cycle: Cycle(0), what: "background allows everybody".into() });
    for n in 0..5u32 {
        let cycle = Cycle(1_200_000 + u64::from(n) * 500_000);
        let direction = if n == 4 { Direction::Write } else { Direction::Read };
        let mut tried = attempt(cycle, n);
        tried.direction = direction;
        tried.attempt = if n == 4 { AttemptKind::Write } else { AttemptKind::Read };
        events.push(Event::Attempt(tried));
        events.push(Event::Violation(Box::new(escape(cycle, n, direction))));
    }
    events.push(Event::Violation(Box::new(integrity())));
    events.extend(closing(4_000_000));
    let mut summary = summary(Verdict::Fail, "5 escapes, 1 integrity");
    (summary.escapes, summary.violations) = (5, 6);
    (summary.escaped_bytes_read, summary.escaped_bytes_written) = (256, 64);
    events.push(Event::Summary(Box::new(summary)));
    let captures = Captures {
        displayed: vec![picture("frame 0", 0, 1), picture("frame 3", 3, 1)],
        seen: vec![("gpu".into(), vec![picture("frame[0]", 0, 2), picture("frame[1]", 1, 0)])],
    };
    RunLog::of(events, captures)
}

/// Stopped by a signal in its second frame.
pub(super) fn interrupted() -> RunLog {
    let mut events = opening("playback-rogue-gpu", 1_500_000);
    let mut summary = summary(Verdict::Interrupted, "stopped by a signal; partial");
    summary.cycles = 1_500_000;
    events.push(Event::Summary(Box::new(summary)));
    RunLog::of(events, Captures::default())
}

/// As [`open_firewall`], the GPU, its pool and its buffers under a hostile name.
pub(super) fn awkward_names() -> RunLog {
    let mut log = open_firewall();
    for event in &mut log.events {
        match event {
            Event::Run(header) => {
                header.scenario = AWKWARD.into();
                header.masters[2].name = AWKWARD.into();
                header.pools[0].name = AWKWARD.into();
            }
            Event::Violation(v) => {
                v.who = AWKWARD.into();
                v.title = format!("{AWKWARD} read a frame");
                v.pool = Some(AWKWARD.into());
                v.buffer = Some((AWKWARD.into(), 64));
                v.why.push(AWKWARD.into());
                v.next = AWKWARD.into();
            }
            Event::Step { what, .. } => *what = format!("{AWKWARD} {what}"),
            Event::Summary(summary) => summary.masters[2].name = AWKWARD.into(),
            _ => {}
        }
    }
    log.captures.seen[0].0 = AWKWARD.into();
    log.captures.displayed[0].title = AWKWARD.into();
    log
}

fn opening(scenario: &str, end: u64) -> Vec<Event> {
    let master = |(n, (name, ip)): (usize, &(&str, &str))| MasterInfo {
        name: (*name).into(),
        ip: (*ip).into(),
        nsaid: Nsaid(n as u8 + 1),
        intruder: n == 2,
    };
    let pool = |name: &str, base: u64, role: &str| PoolInfo {
        name: name.into(),
        heap: "protected,secure-video".into(),
        base: PhysAddr(base),
        len: ByteLen(0x10_0000),
        role: role.into(),
    };
    let mut events = vec![Event::Run(RunHeader {
        schema: SCHEMA,
        scenario: scenario.into(),
        summary: "Secure playback; the GPU probes the frame pool.".into(),
        seed: 17,
        overrides: Vec::new(),
        clock_hz: 600_000_000,
        shape: "one-filter".into(),
        port_ceiling: 9_600_000_000,
        bin_cycles: BIN,
        masters: MASTERS.iter().enumerate().map(master).collect(),
        pools: vec![
            pool("frames", 0x9000_0000, "frame"),
            pool("bitstream", 0x9010_0000, "bitstream"),
        ],
    })];
    events.extend((0..end.div_ceil(1_000_000) as u32).flat_map(frame));
    events.extend((0..end).step_by(BIN as usize).map(bin));
    events
}

fn frame(n: u32) -> Vec<Event> {
    let start = u64::from(n) * 1_000_000;
    let grant = |grant, master, write, phase, at| {
        let (buffer, master, cycle) = (n, MasterId(master), Cycle(start + at));
        Event::Grant(GrantEvent { cycle, grant, buffer, master, read: true, write, phase })
    };
    let step = |master, what: &str, at| Event::Step {
        cycle: Cycle(start + at),
        master: Some(MasterId(master)),
        what: format!("frame {n} {what}"),
    };
    vec![
        grant(2 * n, 0, true, GrantPhase::Requested, 100),
        grant(2 * n, 0, true, GrantPhase::Programmed, 900),
        step(0, "decoded", 520_000),
        grant(2 * n, 0, true, GrantPhase::Revoked, 530_000),
        grant(2 * n + 1, 1, false, GrantPhase::Programmed, 540_000),
        step(1, "shown", 990_000),
        grant(2 * n + 1, 1, false, GrantPhase::Revoked, 995_000),
    ]
}

fn bin(start: u64) -> Event {
    let n = start / BIN;
    let decoding = u64::from(start % 1_000_000 < 520_000);
    let wave = (n * 7919) % 40 * 300;
    let bytes = vec![
        [decoding * (90_000 + wave), 59_904],
        [74_650, 0],
        [0, 0],
        [6_400 + wave, 3_200],
        [12_000, 12_000 * decoding],
        [0, 0],
        [0, 0],
        [20_000 + wave, 20_000],
    ];
    Event::Bin { cycle: Cycle(start), bytes }
}

fn closing(cycles: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for (port, channel, count) in [
        ("vdec", "AR", 15_552),
        ("vdec", "AW", 15_552),
        ("vdec", "W", 248_832),
        ("vdec", "R", 248_832),
        ("disp", "AR", 31_104),
        ("disp", "R", 497_664),
        ("filter0.s", "R", 1_000_000),
    ] {
        let (port, channel) = (port.into(), channel.into());
        events.push(Event::Evidence { port, channel, pins: count, judged: count });
    }
    for master in [0, 1, 7] {
        for direction in [Direction::Read, Direction::Write] {
            let (p50, p90, p99, p999, max) = (90, 140, 260, 300, 412);
            let (master, count) = (MasterId(master), 15_552);
            let line = Latency { master, direction, count, p50, p90, p99, p999, max };
            events.push(Event::Latency(line));
        }
    }
    let mut expect = |what: &str, met, seen: &str, performance| {
        let (what, seen) = (what.into(), seen.into());
        events.push(Event::Expectation { what, met, seen, performance });
    };
    expect("at least 4 accesses of gpu are denied", true, "4", false);
    expect("at least 4 frames are shown", true, "4", false);
    expect("no underrun of disp", cycles > 0, "0", true);
    events
}
