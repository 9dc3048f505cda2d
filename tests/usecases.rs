// SPDX-License-Identifier: Apache-2.0
//! Trusted UI and secure recording, alone and beside a playback: what passes, and what breaks them.
mod common;
use common::{go, go_with, lines, parse, record, shipped, summary, violations};
use rand::{Rng, RngExt};
use ringfence::engine::event::{Event, PoolPhase, Verdict, ViolationKind};
use ringfence::engine::{RunLog, RunOptions};
use ringfence::scenario::Scenario;
use ringfence::units::PhysAddr;
use ringfence::workload::{MARK, draw_ui, stream};

const UI: &str = "trusted-ui/keypad.toml";
const RECORDING: &str = "recording/camera.toml";
const ALL: &str = "attacks/all-use-cases.toml";
const LENT: &str = "playback/lent-playback.toml";

fn scenario(path: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    parse(&shipped(path), &sets)
}

fn passes(path: &str) -> (Scenario, RunLog) {
    let scenario = scenario(path, &[]);
    let log = go(&scenario);
    let summary = summary(&log);
    assert_eq!(summary.verdict, Verdict::Pass, "{path}: {}", summary.reason);
    assert_eq!(summary.beats_checked, summary.beats_at_pins);
    let record = record(&log);
    assert_eq!(summary.blocked_expected, record.attempts.iter().sum::<u64>(), "{path}");
    assert_eq!((record.bytes_read, record.bytes_written, summary.blocked_unexpected), (0, 0, 0));
    let protected = |at: PhysAddr| scenario.pools.iter().any(|p| p.range.contains(at));
    for (base, bytes) in log.memory.pages().filter(|(base, _)| protected(*base)) {
        let found = bytes.chunks_exact(8).any(|word| word == MARK.to_le_bytes());
        assert!(!found, "the intruder's mark is in the page at {base}");
    }
    let (_, seen) = log.captures.seen.iter().find(|(name, _)| name == "gpu").expect("it looked");
    for picture in seen {
        assert!(picture.returned.iter().all(|&r| r), "{path}: {} was tried", picture.title);
        assert!(picture.nv12.iter().all(|&b| b == 0), "{path}: {} was seen", picture.title);
    }
    (scenario, log)
}

fn bytes_at(log: &RunLog, at: PhysAddr, len: usize) -> Vec<u8> {
    let mut found = vec![0; len];
    for (base, page) in log.memory.pages() {
        for (n, byte) in page.iter().enumerate() {
            let offset = (base.0 + n as u64).wrapping_sub(at.0) as usize;
            if let Some(room) = found.get_mut(offset) {
                *room = *byte;
            }
        }
    }
    found
}

#[test]
fn the_display_shows_every_update_that_the_tee_drew() {
    let (scenario, log) = passes(UI);
    let plan = scenario.ui.expect("a trusted UI");
    assert_eq!(log.captures.displayed.len(), 3);
    // The keys once more, from the seed alone; what memory holds at the end is the last two.
    let mut rng = stream(scenario.seed, 0x20 + u64::from(plan.crypto.0));
    let keys: Vec<u32> = (0..plan.updates).map(|_| rng.random_range(0..12)).collect();
    let buffers: Vec<PhysAddr> = log
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Buffer(buffer) if buffer.allocated => Some(buffer.base),
            _ => None,
        })
        .collect();
    assert_eq!(buffers.len(), 2);
    for update in plan.updates - 2..plan.updates {
        let image = draw_ui(keys[update as usize], &plan);
        for y in 0..plan.height {
            let (row, at) = (plan.width as usize * 4, y as usize * plan.width as usize * 4);
            let base = buffers[(update % 2) as usize].0 + u64::from(y * plan.pitch());
            let there = bytes_at(&log, PhysAddr(base), row);
            assert_eq!(there, image[at..at + row], "update {update}, line {y}");
        }
    }
}

#[test]
fn only_ciphertext_leaves_a_recording() {
    let (scenario, log) = passes(RECORDING);
    let plan = scenario.recording.expect("a recording");
    let len = plan.stream_bytes.0 as usize;
    let mut key = stream(scenario.seed, 0x60 + u64::from(plan.crypto.0));
    let mut last = [Vec::new(), Vec::new()];
    for frame in 0..plan.frames {
        let mut bytes = vec![0; len];
        key.fill_bytes(&mut bytes);
        last[(frame % 2) as usize] = bytes;
    }
    for frame in plan.frames - 2..plan.frames {
        let at = plan.export.base.0 + u64::from(frame % 2) * len as u64;
        let cipher = bytes_at(&log, PhysAddr(at), len);
        let clear: Vec<u8> =
            cipher.iter().zip(&last[(frame % 2) as usize]).map(|(byte, key)| byte ^ key).collect();
        let word = |n: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| clear[4 * n + i]));
        assert_eq!((word(0), word(1)), (0x5246_5354, frame), "what the encoder wrote");
        assert_eq!(word(3), word(0) ^ word(1) ^ word(2));
        // The luma of the first line is there in the clear stream and not in what got out.
        assert_ne!(cipher[16..64], clear[16..64]);
    }
}

#[test]
fn all_three_use_cases_run_at_once() {
    let (scenario, log) = passes(ALL);
    assert!(scenario.playback.is_some() && scenario.ui.is_some() && scenario.recording.is_some());
    assert_eq!(log.captures.displayed.len(), 6, "two layers of one display");
    let told = |what: &str| {
        let is = |event: &&Event| matches!(event, Event::Step { what: w, .. } if w.contains(what));
        log.events.iter().filter(is).count()
    };
    assert_eq!(told("shown, equal to what was decoded"), 8);
    assert_eq!(told("shown, equal to what was drawn"), 8);
    assert_eq!(told("encrypted, equal to what was encoded"), 6);
}

/// Fails as it must when broken in a way; gives the kinds of its violations.
fn broken(path: &str, sets: &[&str]) -> (String, Vec<ViolationKind>) {
    let log = go(&scenario(path, sets));
    let summary = summary(&log);
    assert_eq!(summary.verdict, Verdict::Fail, "{path} {sets:?}");
    let mut kinds: Vec<_> = violations(&log).iter().map(|v| v.violation).collect();
    kinds.dedup();
    (summary.reason.clone(), kinds)
}

#[test]
fn a_gpu_wired_as_a_permitted_master_gets_in_and_is_seen() {
    let wired = |path, nsaid| {
        let nsaid = format!("master.gpu.nsaid={nsaid}");
        let (reason, kinds) = broken(path, &[&nsaid, "master.gpu.miswired=true"]);
        assert!(kinds.contains(&ViolationKind::Escape), "{path}: {reason}");
    };
    wired(UI, 8);
    wired(RECORDING, 13);
    wired(RECORDING, 14);
    wired(ALL, 14);
}

#[test]
fn without_regions_everything_escapes() {
    for path in [UI, RECORDING] {
        let (reason, kinds) = broken(path, &["firewall.background=allow"]);
        assert!(kinds.contains(&ViolationKind::Escape), "{path}: {reason}");
    }
}

#[test]
fn a_byte_that_changes_by_itself_is_found() {
    for (path, addr) in [(UI, 0x9000_2000u64), (RECORDING, 0x9003_b000), (ALL, 0x9011_2000)] {
        let text = shipped(path);
        let plant = format!("\n[[plant]]\nkind = \"flip-byte\"\naddr = {addr}\nafter-frames = 2\n");
        let log = go(&parse(&(text + &plant), &[]));
        assert_eq!(summary(&log).verdict, Verdict::Fail, "{path}");
        let integrity = violations(&log).iter().any(|v| v.violation == ViolationKind::Integrity);
        let shown = |event: &Event| matches!(event, Event::Expectation { what, met: false, .. } if what.contains("byte for byte"));
        assert!(integrity || log.events.iter().any(shown), "{path}: {}", summary(&log).reason);
    }
}

#[test]
fn a_camera_on_a_starved_bus_loses_lines_and_says_so() {
    let log = go(&scenario(RECORDING, &["memory.bandwidth=400 MB/s", "sim.limit=20 ms"]));
    assert!(summary(&log).overruns > 0, "{}", summary(&log).reason);
    assert_eq!(summary(&log).verdict, Verdict::Fail);
}

#[test]
fn clocks_held_or_not_the_bytes_are_the_same() {
    for path in [UI, RECORDING] {
        let scenario = scenario(path, &[]);
        let held = lines(&go(&scenario));
        let options = RunOptions { hold_clocks: false, ..RunOptions::default() };
        assert!(held == lines(&go_with(&scenario, &options)), "{path}");
    }
}

/// Phases of a pool's memory, by pool.
fn phases(log: &RunLog, wanted: u8) -> Vec<PoolPhase> {
    let of = |event: &Event| match event {
        Event::Pool(pool) if pool.pool == wanted => Some(pool.phase),
        _ => None,
    };
    log.events.iter().filter_map(of).collect()
}

fn told(log: &RunLog, what: &str) -> Option<u64> {
    log.events.iter().find_map(|event| match event {
        Event::Step { cycle, what: w, .. } if w.contains(what) => Some(cycle.0),
        _ => None,
    })
}

const LIFE: [PoolPhase; 5] = [
    PoolPhase::LendRequested,
    PoolPhase::LendProgrammed,
    PoolPhase::ReclaimRequested,
    PoolPhase::Opened,
    PoolPhase::Returned,
];

#[test]
fn a_playback_on_lent_memory_begins_when_it_is_lent_and_gives_it_back() {
    let log = go(&scenario(LENT, &[]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!((phases(&log, 0), phases(&log, 1)), (LIFE.to_vec(), LIFE.to_vec()));
    let opened = told(&log, "importer opens: step 35, mark").expect("it opened");
    let decoded = told(&log, "frame 0 decoded").expect("it played");
    let last = told(&log, "frame 5 shown").expect("to the end");
    let closed = told(&log, "importer closes: step 35").expect("it gave back");
    assert!(opened < decoded && last < closed);
    // Clearing a MiB through the processor takes a cycle a beat at the least.
    assert!(opened > (1 << 20) / 16, "{opened}");
    assert_eq!(log.captures.displayed.len(), 6);
    let at_end = log
        .events
        .iter()
        .any(|event| matches!(event, Event::Step { what, .. } if what.contains("leak: buffer")));
    assert!(!at_end, "a buffer was never released");
}

#[test]
fn lent_memory_is_closed_to_a_thief_only_by_its_region() {
    let sets = ["master.gpu.nsaid=7", "master.gpu.miswired=true"];
    let (reason, kinds) = broken(LENT, &sets);
    assert!(kinds.contains(&ViolationKind::Escape), "{reason}");
}

#[test]
fn hardened_the_playback_on_lent_memory_passes_too() {
    let log = go(&scenario(LENT, &["tee.policy=hardened"]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert!(phases(&log, 0).contains(&PoolPhase::Drained));
}

/// Static pools of a recording that take so many regions; behind them the file goes on.
fn crowded(pools: &[(u64, &str)]) -> Scenario {
    let pool = |(base, role): &(u64, &str)| {
        format!(
            "[[pool]]\nname = \"{role}\"\nheap = \"protected,secure-video-record\"\n\
             role = \"{role}\"\nbase = {base}\nsize = \"64 KiB\"\n\n"
        )
    };
    let text: String = pools.iter().map(pool).collect();
    let text = shipped(LENT).replace("[playback]\n", &(text + "[playback]\n"));
    let head = text.split("# Knows the map").next().expect("a head");
    parse(&(head.to_owned() + "[[expect]]\nkind = \"frames-shown\"\n"), &[])
}

#[test]
fn use_cases_that_do_not_fit_are_refused_whole_and_without_a_hang() {
    // Seven regions are taken: the first lend is refused.
    let none = crowded(&[(0x8800_0000, "raw"), (0x8900_0000, "frame"), (0x8a00_0000, "output")]);
    // Six are taken: the playback's lend is the eighth, and the trusted UI's would be the ninth.
    let half = crowded(&[(0x8800_0000, "raw"), (0x8801_0000, "frame"), (0x8a00_0000, "output")]);
    for (scenario, name, lent) in [(none, "bitstream[0]", false), (half, "ui[0]", true)] {
        let log = go(&scenario);
        let summary = summary(&log);
        assert_eq!(summary.verdict, Verdict::Fail);
        let reason = format!("alloc {name}: EINVAL instead of success");
        assert!(summary.reason.starts_with("use cases not admitted"), "{}", summary.reason);
        assert!(summary.reason.contains(&reason), "{}", summary.reason);
        assert!(told(&log, "9 regions needed, 8 available").is_some());
        assert_eq!(summary.violations, 0, "nothing went wrong on the board");
        assert!(told(&log, "decoded").is_none(), "nothing was played");
        let gives_back = |event: &Event| matches!(event, Event::Expectation { what, met: true, .. } if what.contains("importer closes"));
        assert!(log.events.iter().any(gives_back), "only what was got is given back");
        let video = scenario.pools.iter().position(|p| p.name == "video").expect("there");
        let expected = if lent { LIFE.to_vec() } else { Vec::new() };
        assert_eq!(phases(&log, video as u8), expected, "what was granted is given back");
        let ui = scenario.pools.iter().position(|p| p.name == "ui").expect("there");
        assert_eq!(phases(&log, ui as u8), [], "nothing was granted");
    }
}

#[test]
fn a_lend_without_regions_left_is_refused_and_the_next_one_fits() {
    let log = go(&scenario("review/no-region-left.toml", &[]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let refused = told(&log, "9 regions needed, 8 available").expect("it is refused");
    let fits = told(&log, "alloc frame: done").expect("the next fits");
    assert!(refused < fits);
    // No register changes for a lend that is refused.
    let early = told(&log, "alloc early: EINVAL").expect("an errno");
    let again = told(&log, "alloc again: EINVAL").expect("an errno");
    let writes = |event: &&Event| match event {
        Event::Register(access) => access.write && (early..again).contains(&access.cycle.0),
        _ => false,
    };
    assert_eq!(log.events.iter().filter(writes).count(), 0);
    let video = scenario("review/no-region-left.toml", &[]);
    let video = video.pools.iter().rposition(|pool| !pool.is_static()).expect("there");
    let lent = |pool| phases(&log, pool as u8);
    assert_eq!([lent(video - 1), lent(video)], [LIFE.to_vec(), LIFE.to_vec()]);
}

#[test]
fn a_recording_is_not_lent_for() {
    let log = go(&scenario("recording/dynamic-refused.toml", &[]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert!(told(&log, "alloc raw: EINVAL").is_some());
    assert_eq!((phases(&log, 0), phases(&log, 1)), (Vec::new(), LIFE.to_vec()));
}

#[test]
fn a_trusted_ui_needs_a_pool_of_its_own_heap() {
    // The same board and memory; only the heap of the pool is another.
    let text = shipped(UI).replace("protected,trusted-ui", "protected,secure-video-record");
    let refused = ringfence::scenario::parse("test.toml", text, &[], None);
    assert!(refused.is_err(), "a trusted UI needs its own heap");
}
