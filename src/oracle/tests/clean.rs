// SPDX-License-Identifier: Apache-2.0
//! An honest board: the judge is silent, and says what it has seen.
use super::rig::{Rig, violations};
use super::scene::{self, BITSTREAM, CPU, CRYPTO, DECODER, DISPLAY, FRAMES, GPU};
use crate::engine::event::{Event, GrantPhase, Verdict};
use crate::units::Direction;

/// A frame decrypted, decoded and shown, with traffic and an attack beside it.
fn play(rig: &mut Rig) {
    rig.buffer(0, 0, BITSTREAM, 0x4000, true);
    rig.buffer(1, 1, FRAMES + 0x2000, 0x8000, true);
    for (buffer, master, rights) in
        [(0, CRYPTO, "w"), (0, DECODER, "r"), (1, DECODER, "rw"), (1, DISPLAY, "r")]
    {
        rig.grant(buffer, master, rights);
    }
    rig.write(CRYPTO, BITSTREAM + 0x40, 4, 0x11);
    rig.read(DECODER, BITSTREAM + 0x40, 4);
    rig.write(DECODER, FRAMES + 0x2fc0, 4, 0x77);
    rig.write(CPU, 0x8000_1000, 16, 0x33);
    for addr in [FRAMES + 0x2fc0, FRAMES + 0x2ff0] {
        let ax = Rig::ax(GPU, 3, addr, 1);
        rig.attempt(Direction::Read, ax);
        assert_eq!(rig.run_read(ax), [[0; 16]]);
    }
    let shown = rig.read(DISPLAY, FRAMES + 0x2fc0, 4);
    assert_eq!(shown[1][2], 0x77 ^ 1 ^ 2);
    rig.read(CPU, 0x8000_1008, 3);
    assert_eq!(rig.apb_read(0x010), 0x101);
    rig.apb_write(0x014, 1);
    rig.phase(3, 1, DISPLAY, "r", GrantPhase::RevokeRequested);
    rig.phase(3, 1, DISPLAY, "r", GrantPhase::Drained);
    rig.phase(3, 1, DISPLAY, "r", GrantPhase::Revoked);
    rig.idle(5);
}

#[test]
fn an_honest_playback_passes_and_says_what_was_seen() {
    let mut rig = Rig::ready(&scene::scenario());
    play(&mut rig);
    let (judgement, log) = rig.finish();
    assert_eq!(violations(&log), []);
    assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.reason);
    let counts = judgement.counts;
    assert_eq!((counts.blocked_expected, counts.blocked_unexpected, counts.attempts), (2, 0, 2));
    assert_eq!(counts.moved[usize::from(DISPLAY)], [64, 0]);
    assert_eq!(counts.moved[usize::from(CPU)], [40, 256]);
    assert_eq!((counts.beats_checked, counts.beats_at_pins), (109, 109));
    let denied: Vec<_> =
        log.iter().filter(|e| matches!(e, Event::Deny(d) if d.expected && d.resp == 3)).collect();
    assert_eq!(denied.len(), 2);
    let rises = log.iter().filter(|e| matches!(e, Event::Interrupt { high: true, .. })).count();
    let falls = log.iter().filter(|e| matches!(e, Event::Interrupt { high: false, .. })).count();
    assert_eq!((rises, falls), (1, 1));
}

#[test]
fn speculation_shows_addresses_but_no_data_and_is_no_violation() {
    let mut rig = Rig::ready(&scene::scenario());
    rig.apb_write(0x00c, 0);
    play(&mut rig);
    let ax = Rig::ax(GPU, 1, FRAMES + 0x3000, 4);
    rig.attempt(Direction::Write, ax);
    rig.run_write(ax, 0x55);
    let (judgement, log) = rig.finish();
    assert_eq!(violations(&log), []);
    assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.reason);
    assert_eq!(judgement.counts.speculative_exposure, 2);
    assert_eq!(judgement.counts.blocked_expected, 3);
}

#[test]
fn several_bursts_of_several_ids_may_interleave() {
    let mut rig = Rig::ready(&scene::quiet());
    rig.write(CPU, 0x8000_2000, 16, 1);
    rig.write(CPU, 0x8000_3000, 16, 2);
    let mut a = rig.open(Rig::ax(CPU, 1, 0x8000_2000, 16), false);
    let mut b = rig.open(Rig::ax(CPU, 2, 0x8000_3000, 16), false);
    let mut c = rig.open(Rig::ax(CPU, 2, 0x8000_2080, 2), false);
    for _ in 0..8 {
        rig.read_beat(&mut a);
        rig.read_beat(&mut b);
        rig.read_beat(&mut b);
    }
    rig.read_beat(&mut c);
    for _ in 0..8 {
        rig.read_beat(&mut a);
    }
    rig.read_beat(&mut c);
    let (judgement, log) = rig.finish();
    assert_eq!(violations(&log), []);
    assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.reason);
}

/// Expectations, names and lines never decide.
#[test]
fn labels_and_expectations_change_no_judgement() {
    use crate::scenario::{Expect, Requirement};
    use crate::units::MasterId;
    let judge = |change: bool| {
        let mut scenario = scene::scenario();
        if change {
            scenario.name = "other".into();
            scenario.expects.push(Expect {
                what: Requirement::Blocked { master: MasterId(GPU), min: 1 },
                line: 9,
            });
            for master in &mut scenario.masters {
                master.name = format!("m{}", master.id.0);
            }
            for pool in &mut scenario.pools {
                pool.name = format!("p{}", pool.line);
            }
        }
        let mut rig = Rig::ready(&scenario);
        rig.read(DISPLAY, FRAMES, 4);
        rig.read(CPU, FRAMES + 0x100, 1);
        rig.flip(0x8000_0005);
        rig.write(CPU, 0x8000_0000, 1, 1);
        rig.flip(0x8000_0005);
        rig.read(CPU, 0x8000_0000, 1);
        let (judgement, log) = rig.finish();
        let all = violations(&log);
        let essence: Vec<_> =
            all.into_iter().map(|v| (v.violation, v.cycle, v.addr, v.bytes, v.fault)).collect();
        (essence, judgement.counts)
    };
    let (essence, counts) = judge(false);
    assert_eq!(essence.len(), 3);
    assert_eq!((essence, counts), judge(true));
}
