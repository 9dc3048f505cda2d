// SPDX-License-Identifier: Apache-2.0
use super::*;
use crate::report::fixture;
use crate::units::{Cycle, Direction, FilterId, PhysAddr};

fn text(events: &[Event]) -> String {
    let bytes = export(events);
    assert_eq!(bytes, export(events), "the same log gives the same bytes");
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn an_escape_answers_every_question() {
    let report = text(&fixture::open_firewall().events);
    for part in [
        "error[TZ001]: gpu read of protected memory got through  V1  (+3 like it)",
        "--> scenario open-firewall, line 24",
        "who     gpu, port 2, NSAID 3, AxID 0x21, non-secure unprivileged data",
        "what    escape: read of 64 B at 0x0_9003_4b00, INCR 4 x 16 B, answered OKAY,",
        "where   pool frames, buffer frame[0] + 0x34b00, filter 0, transaction 3 391",
        "decided by region 0 [0x0_0000_0000 .. 0xff_ffff_ffff]: secure read, write; NSAID read",
        "when    cycle 1 200 000 = 2 000.000 us",
        "why     fact: the transaction was answered OKAY",
        "rule: region 0 lets every identity read and write",
        "intent: pool frames may be touched by vdec and disp only",
        "check   pool intent",
        "fault   firmware, then allocator (tee) (first cause first)",
        ">>    1 200 000  the address handshake at filter 0",
        "next    give region 0 no identity",
        "... and 1 more like it (V4 to V4), in violations.json",
    ] {
        assert!(report.contains(part), "no `{part}` in\n{report}");
    }
    assert_eq!(report.matches("error[TZ001]").count(), 4, "three of four, and the write");
}

#[test]
fn a_story_is_at_most_25_lines() {
    let log = fixture::open_firewall();
    let digest = Digest::new(&log.events);
    for long in [0, 40] {
        let mut violation = digest.violations[0].clone();
        let first = violation.history[0].clone();
        violation.history.extend(std::iter::repeat_n(first, long));
        let story = story::tell(&violation, &digest, 0);
        assert!(story.lines().count() <= 25, "{story}");
        assert!(story.lines().all(|line| line.chars().count() <= 110), "{story}");
    }
}

#[test]
fn the_summary_is_the_last_line_and_the_only_one_of_its_kind() {
    for (log, word) in fixture::all().iter().zip(["PASS", "FAIL", "INTERRUPTED", "FAIL"]) {
        let report = text(&log.events);
        let lines: Vec<&str> = report.lines().filter(|l| l.starts_with("SUMMARY")).collect();
        assert_eq!(lines.len(), 1, "{report}");
        assert_eq!(report.lines().last(), Some(lines[0]));
        assert!(lines[0].starts_with(&format!("SUMMARY {word} ")), "{}", lines[0]);
    }
}

#[test]
fn tables_name_masters_and_pools() {
    let report = text(&fixture::clean_pass().events);
    assert!(report.contains("gpu     frames  DECERR           4           0"), "{report}");
    assert!(report.contains("met  behaviour    at least 4 frames are shown"), "{report}");
    assert!(report.contains("vdec       AR          15 552     15 552  equal"), "{report}");
    assert!(text(&fixture::interrupted().events).contains("what follows is partial"));
}

#[test]
fn what_the_failure_log_lost_is_told() {
    let mut events = fixture::clean_pass().events;
    let last = events.len() - 1;
    for (at, overrun) in [(0, false), (1, true), (2, false)] {
        let record = Event::FailureLog {
            cycle: Cycle(at),
            filter: FilterId(0),
            addr: PhysAddr(0x9000_0000),
            direction: Direction::Read,
            non_secure: true,
            axi_id: 3,
            overrun,
        };
        events.insert(last, record);
    }
    let want = "failure log: 3 records read by the fault handler, 1 with later failures lost";
    assert!(text(&events).contains(want));
    assert!(!text(&fixture::clean_pass().events).contains("failure log"));
}
