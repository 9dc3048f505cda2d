// SPDX-License-Identifier: Apache-2.0
//! The main job, end to end: what a secure playback with an intruder must show.
mod common;
use common::{go, go_with, lines, playback, record, summary, violations};
use rand::RngExt;
use ringfence::engine::RunOptions;
use ringfence::engine::event::{Event, Party, Verdict, ViolationKind};
use ringfence::scenario::Scenario;
use ringfence::units::PhysAddr;
use ringfence::workload::{FrameHeader, MARK, draw_frame, stream, write_bitstream};

/// The frames once more, from the seed alone.
fn movie(scenario: &Scenario) -> Vec<Vec<u8>> {
    let plan = scenario.playback.as_ref().expect("a playback");
    let mut rng = stream(scenario.seed, u64::from(plan.crypto.0));
    (0..plan.frames)
        .map(|number| {
            let header = FrameHeader { number, look: rng.random::<u32>() };
            let _ = write_bitstream(header, plan.bitstream_bytes.0 as usize, &mut rng);
            draw_frame(header, plan.width, plan.height)
        })
        .collect()
}

#[test]
fn the_intruder_gets_nothing_and_every_attempt_is_accounted_for() {
    let log = go(&playback(&[], ""));
    let (summary, record) = (summary(&log), record(&log));
    assert_eq!(summary.verdict, Verdict::Pass, "{}", summary.reason);
    assert!(record.attempts.iter().all(|&n| n > 0), "{:?}", record.attempts);
    assert_eq!(summary.blocked_expected, record.attempts.iter().sum::<u64>());
    assert_eq!(summary.blocked_unexpected, 0);
    assert_eq!((record.bytes_read, record.bytes_written), (0, 0));
    assert_eq!(summary.beats_checked, summary.beats_at_pins);
    assert!(summary.beats_checked > 50_000);
    // Every beat that came back to the intruder from protected memory was zero...
    for (name, pictures) in &log.captures.seen {
        for picture in pictures {
            assert!(picture.returned.iter().all(|&r| r), "{name} tried every byte");
            assert!(picture.nv12.iter().all(|&b| b == 0), "{name} saw only zeros");
        }
    }
    // ... and nothing that it wrote into protected memory is there.
    let scenario = playback(&[], "");
    let protected = |at: PhysAddr| scenario.pools.iter().any(|p| p.range.contains(at));
    for (base, bytes) in log.memory.pages().filter(|(base, _)| protected(*base)) {
        let found = bytes.chunks_exact(8).any(|word| word == MARK.to_le_bytes());
        assert!(!found, "the intruder's mark is in the page at {base}");
    }
}

#[test]
fn the_display_shows_what_the_bitstream_says_byte_for_byte() {
    let scenario = playback(&[], "");
    let log = go(&scenario);
    let expected = movie(&scenario);
    assert_eq!(log.captures.displayed.len(), 3);
    for picture in &log.captures.displayed {
        let number: usize = picture.title["frame ".len()..].parse().expect("a frame number");
        assert!(picture.returned.iter().all(|&r| r));
        assert!(picture.nv12 == expected[number], "{} differs", picture.title);
    }
}

#[test]
fn an_open_firewall_lets_everything_escape_and_the_intruders_record_agrees() {
    let log = go(&playback(&["firewall.background=allow"], ""));
    let (summary, record) = (summary(&log), record(&log));
    assert_eq!(summary.verdict, Verdict::Fail);
    assert!(record.bytes_read > 0 && record.bytes_written > 0);
    assert_eq!(summary.escapes, record.reads_let_through + record.writes_let_through);
    assert_eq!(summary.escaped_bytes_read, record.bytes_read);
    assert_eq!(summary.escaped_bytes_written, record.bytes_written);
    let all = violations(&log);
    let escapes: Vec<_> = all.iter().filter(|v| v.violation == ViolationKind::Escape).collect();
    assert!(!escapes.is_empty());
    for v in escapes {
        assert_eq!(v.who, "gpu");
        assert!(v.access.is_some() && v.addr.is_some() && v.pool.is_some(), "{v:?}");
        assert!(!v.why.is_empty() && !v.history.is_empty() && !v.next.is_empty(), "{v:?}");
        assert_eq!(v.fault.first(), Some(&Party::Firmware), "{v:?}");
    }
}

#[test]
fn behind_an_open_firewall_the_gpu_sees_the_movie() {
    let sets = [
        "firewall.background=allow",
        "intruder.gpu.after-frames=4",
        "intruder.gpu.attacks=[\"read-frames\"]",
    ];
    let scenario = playback(&sets, "");
    let log = go(&scenario);
    // Frame n lies in buffer n, and nobody writes any more.
    for (picture, frame) in log.captures.seen[0].1.iter().zip(movie(&scenario)) {
        assert!(picture.returned.iter().all(|&r| r) && picture.nv12 == frame, "{}", picture.title);
    }
}

#[test]
fn a_missing_monitor_is_no_evidence() {
    let plant = "[[plant]]\nkind = \"remove-monitor\"\nmaster = \"vdec\"\n";
    let log = go(&playback(&[], plant));
    let summary = summary(&log);
    assert_eq!(summary.verdict, Verdict::Fail);
    assert!(summary.reason.starts_with("no evidence"), "{}", summary.reason);
    assert!(summary.beats_checked < summary.beats_at_pins);
}

#[test]
fn a_byte_flipped_behind_the_board_is_found_at_its_address() {
    let scenario = playback(&[], "");
    let frames = scenario.pools.iter().find(|p| p.name == "frames").expect("a frame pool");
    let at = frames.range.base.0 + 1234;
    let plant = format!("[[plant]]\nkind = \"flip-byte\"\naddr = {at:#x}\nafter-frames = 2\n");
    let log = go(&playback(&[], &plant));
    assert_eq!(summary(&log).verdict, Verdict::Fail);
    let all = violations(&log);
    let hit = all.iter().find(|v| v.violation == ViolationKind::Integrity).expect("found");
    assert_eq!(hit.addr, Some(PhysAddr(at)), "{hit:?}");
    assert_eq!(hit.fault.first(), Some(&Party::Scenario));
}

#[test]
fn a_run_repeats_byte_for_byte_with_and_without_held_clocks_and_jumps() {
    let scenario = playback(&[], "");
    let first = lines(&go(&scenario));
    assert_eq!(first, lines(&go(&scenario)));
    let ungated = RunOptions { hold_clocks: false, ..RunOptions::default() };
    assert_eq!(first, lines(&go_with(&scenario, &ungated)));
    let slow = RunOptions { time_jumps: false, ..RunOptions::default() };
    let events = |text: &str| text.lines().filter(|l| !l.contains("skipped")).count();
    let without = lines(&go_with(&scenario, &slow));
    assert_eq!(events(&first), events(&without));
    let same = first.lines().zip(without.lines()).filter(|(a, b)| a != b).count();
    assert!(same <= 1, "only the summary's skipped_cycles may differ");
    let other = playback(&["seed=2"], "");
    assert_ne!(first, lines(&go(&other)), "the seed matters");
}

#[test]
fn idle_one_cycle_early_goes_red() {
    let options = RunOptions { early_idle: true, ..RunOptions::default() };
    let log = go_with(&playback(&[], ""), &options);
    assert_eq!(summary(&log).verdict, Verdict::Fail);
}

#[test]
fn names_and_expectations_never_feed_the_judge() {
    let open = ["firewall.background=allow"];
    let judged = |scenario: &Scenario| -> Vec<_> {
        let log = go(scenario);
        violations(&log).iter().map(|v| (v.violation, v.cycle, v.addr, v.fault.clone())).collect()
    };
    let mut other = playback(&open, "");
    let first = judged(&other);
    other.expects.clear();
    for (n, master) in other.masters.iter_mut().enumerate() {
        master.name = format!("m{n}");
    }
    for (n, pool) in other.pools.iter_mut().enumerate() {
        pool.name = format!("p{n}");
    }
    assert!(!first.is_empty());
    assert_eq!(first, judged(&other));
}

#[test]
fn the_log_is_whole() {
    let log = go(&playback(&[], ""));
    assert!(matches!(log.events.first(), Some(Event::Run(_))));
    let denied = log.events.iter().filter(|e| matches!(e, Event::Deny(_))).count() as u64;
    let attempts = log.events.iter().filter(|e| matches!(e, Event::Attempt(_))).count() as u64;
    assert_eq!(denied, summary(&log).blocked_expected);
    assert_eq!(attempts, denied);
    for line in lines(&log).lines() {
        let back: Event = serde_json::from_str(line).expect("every line parses back");
        assert_eq!(serde_json::to_string(&back).expect("serializes"), line);
    }
}
