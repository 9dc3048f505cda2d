// SPDX-License-Identifier: Apache-2.0
//! A pass needs evidence: what is missing is said.
use super::rig::{Rig, violations};
use super::scene::{self, CPU, DISPLAY, FRAMES, GPU};
use crate::engine::event::{Event, Verdict};
use crate::oracle::{Closing, Due};
use crate::scenario::{Plant, PlantKind, Traffic};
use crate::units::{ByteLen, ByteRate, Cycle, Direction, MasterId, PhysAddr};

fn reason(rig: Rig) -> String {
    let (judgement, log) = rig.finish();
    assert_eq!(violations(&log), []);
    assert_eq!(judgement.verdict, Verdict::Fail, "{}", judgement.reason);
    judgement.reason
}

fn busy() -> Rig {
    let mut rig = Rig::ready(&scene::scenario());
    rig.write(CPU, 0x8000_0000, 4, 1);
    let ax = Rig::ax(GPU, 0, FRAMES, 1);
    rig.attempt(Direction::Read, ax);
    rig.run_read(ax);
    rig
}

#[test]
fn the_base_of_these_tests_passes() {
    let (judgement, _) = busy().finish();
    assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.reason);
}

#[test]
fn nothing_judged() {
    assert_eq!(reason(Rig::ready(&scene::quiet())), "no evidence: nothing was judged");
}

#[test]
fn a_removed_monitor() {
    let mut scenario = scene::quiet();
    scenario
        .plants
        .push(Plant { what: PlantKind::RemoveMonitor { master: MasterId(CPU) }, line: 60 });
    let mut rig = Rig::ready(&scenario);
    rig.write(CPU, 0x8000_0000, 4, 1);
    rig.read(CPU, 0x8000_0000, 4);
    assert_eq!(reason(rig), "no evidence: cpu AR: 1 handshakes at the pins, 0 judged");
}

#[test]
fn a_beat_that_the_judge_was_not_shown() {
    let mut rig = busy();
    rig.pins[9][3] += 1;
    assert!(reason(rig).starts_with("no evidence: filter1.s R: 1 handshakes"));
    let mut rig = busy();
    rig.pins[usize::from(CPU)][2] -= 1;
    assert!(reason(rig).starts_with("no evidence: cpu W: 3 handshakes at the pins, 4 judged"));
}

#[test]
fn an_intruder_that_did_nothing() {
    let mut rig = Rig::ready(&scene::scenario());
    rig.read(CPU, 0x8000_0000, 1);
    assert_eq!(reason(rig), "no evidence: gpu is declared an intruder and attempted nothing");
}

#[test]
fn an_attempt_that_never_came_or_was_never_answered() {
    let mut rig = busy();
    rig.attempt(Direction::Write, Rig::ax(GPU, 0, FRAMES, 1));
    assert_eq!(
        reason(rig),
        "no evidence: gpu's attempt to write 0x0_8020_0000 never reached a filter"
    );
    let mut rig = busy();
    let ax = Rig::ax(GPU, 0, FRAMES, 1);
    rig.attempt(Direction::Read, ax);
    rig.open(ax, false);
    assert_eq!(reason(rig), "no evidence: gpu's attempt to read 0x0_8020_0000 was never answered");
}

#[test]
fn one_access_serves_one_attempt() {
    let mut rig = busy();
    let ax = Rig::ax(GPU, 0, FRAMES + 0x100, 1);
    rig.attempt(Direction::Read, ax);
    rig.attempt(Direction::Read, ax);
    rig.run_read(ax);
    assert!(reason(rig).ends_with("never reached a filter"));
}

#[test]
fn masters_that_were_to_move_something() {
    let mut scenario = scene::quiet();
    scenario.traffic.push(Traffic {
        master: MasterId(5),
        range: scene::range(0x8000_0000, 0x1000),
        rate: ByteRate(1_000_000),
        write_percent: 50,
        access: ByteLen(64),
    });
    let mut rig = Rig::ready(&scenario);
    rig.read(CPU, 0x8000_0000, 1);
    assert_eq!(reason(rig), "no evidence: camera read nothing");
}

#[test]
fn bytes_that_were_due() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.read(CPU, 0x8000_0000, 4);
    let due =
        |bytes| [Due { master: MasterId(CPU), direction: Direction::Read, bytes: ByteLen(bytes) }];
    let close = |rig: Rig, due: &[Due]| {
        rig.oracle.finish(Closing {
            cycle: Cycle(rig.cycle),
            pins: &rig.pins,
            memory: &mut std::iter::empty(),
            underruns: 3,
            due,
        })
    };
    let judgement = close(rig, &due(65));
    assert_eq!(judgement.reason, "no evidence: cpu was to read 65 bytes and moved 64");
    assert_eq!(judgement.counts.underruns, 3);
    let mut rig = Rig::ready(&scene::quiet());
    rig.read(CPU, 0x8000_0000, 4);
    assert_eq!(close(rig, &due(64)).verdict, Verdict::Pass);
}

#[test]
fn something_outstanding_at_the_end() {
    let mut rig = busy();
    let mut flight = rig.open(Rig::ax(CPU, 2, 0x8000_0000, 4), false);
    rig.read_beat(&mut flight);
    assert!(reason(rig).ends_with("1 of 4 beats at the filter: memory owes the answer"));
    let mut rig = busy();
    rig.open(Rig::ax(CPU, 2, 0x8000_0000, 4), true);
    assert!(reason(rig).ends_with("its master owes write data"));
}

#[test]
fn a_hang_names_the_oldest_transaction() {
    let mut rig = busy();
    rig.open(Rig::ax(CPU, 2, 0x8000_0000, 4), true);
    rig.oracle.hang(Cycle(rig.cycle), "firmware", "gate 0 does not close (drain-timeout)");
    let (_, log) = rig.finish();
    let v = &violations(&log)[0];
    assert_eq!((v.rule.as_str(), v.who.as_str()), ("TZ012", "firmware"));
    assert!(
        v.why[1].contains("cpu's write of 0x0_8000_0000") && v.why[1].contains("owes write data")
    );
    assert_eq!(v.fault, [crate::engine::event::Party::Driver]);
}

#[test]
fn memory_that_was_not_shown() {
    let rig = busy();
    let judgement = rig.oracle.finish(Closing {
        cycle: Cycle(rig.cycle),
        pins: &rig.pins,
        memory: &mut std::iter::empty::<(PhysAddr, &[u8])>(),
        underruns: 0,
        due: &[],
    });
    assert_eq!(judgement.reason, "no evidence: memory was not compared at 0x0_8000_0000");
}

#[test]
fn every_channel_is_in_the_log() {
    let (judgement, log) = busy().finish();
    let lines: Vec<(String, String, u64)> = log
        .into_iter()
        .filter_map(|event| match event {
            Event::Evidence { port, channel, pins, judged } => {
                assert_eq!(pins, judged);
                Some((port, channel, judged))
            }
            _ => None,
        })
        .collect();
    assert!(lines.contains(&("cpu".into(), "W".into(), 4)));
    assert!(lines.contains(&("filter0.m".into(), "B".into(), 1)));
    assert!(lines.contains(&("gpu".into(), "R".into(), 1)));
    assert_eq!(judgement.counts.beats_checked, 14);
}

#[test]
fn violations_are_told_up_to_a_limit_and_then_counted() {
    let mut rig = Rig::ready(&scene::quiet());
    for _ in 0..10_050 {
        rig.read(CPU, FRAMES, 1);
    }
    let (judgement, log) = rig.finish();
    assert_eq!(violations(&log).len(), 10_000);
    assert_eq!((judgement.counts.violations, judgement.counts.violations_not_listed), (10_050, 50));
    assert_eq!(judgement.reason, "10050 undeclared attempts");
}

#[test]
fn a_byte_changed_behind_the_board_is_found_at_its_read_or_at_the_end() {
    for (planted, party) in [(true, "Scenario"), (false, "Rtl")] {
        for read in [true, false] {
            let mut rig = busy();
            rig.flip(0x8000_0023);
            if planted {
                rig.oracle.planted(PhysAddr(0x8000_0023));
            }
            if read {
                rig.read(CPU, 0x8000_0020, 1);
            }
            let (judgement, log) = rig.finish();
            let found = violations(&log);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].addr, found[0].bytes), (Some(PhysAddr(0x8000_0023)), 1));
            assert_eq!(format!("{:?}", found[0].fault), format!("[{party}]"));
            assert_eq!(found[0].check, if read { "integrity" } else { "final-contents" });
            assert_eq!(judgement.verdict, Verdict::Fail);
            assert_eq!(judgement.reason, "1 data mismatch");
        }
    }
}

#[test]
fn a_display_that_reads_through_a_watched_port_counts_once_at_each_port() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.buffer(0, 1, FRAMES, 0x1000, true);
    rig.grant(0, DISPLAY, "r");
    rig.read(DISPLAY, FRAMES, 16);
    let (judgement, _) = rig.finish();
    assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.reason);
    assert_eq!(judgement.counts.beats_checked, 48);
}
