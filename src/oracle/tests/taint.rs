// SPDX-License-Identifier: Apache-2.0
//! Protected data in ordinary memory, from the rule: a byte is tainted that a job wrote after it
//! had been given a byte of a protected area or a tainted one, and until something else is written.
use super::rig::{Rig, violations};
use super::scene::{self, BITSTREAM, CPU, DECODER, DISPLAY, DRAM, FRAMES, GPU};
use crate::engine::event::{
    ConfineEvent, ConfinePhase, Event, JobEvent, Party, SlotsEvent, Upkeep, UpkeepEvent, Violation,
    ViolationKind,
};
use crate::oracle::Counts;
use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};

/// Ordinary memory.
const OUTSIDE: u64 = DRAM + 0x4_0000;

/// A board whose decoder may read and write a frame, which it has filled.
fn board() -> Rig {
    let mut rig = Rig::ready(&scene::quiet());
    rig.buffer(0, 1, FRAMES, 0x1_0000, true);
    rig.grant(0, DECODER, "rw");
    rig.write(DECODER, FRAMES, 16, 0x40);
    rig
}

impl Rig {
    fn job_of(&mut self, master: u8, job: u32, begins: bool, declassifies: bool) {
        let (cycle, master) = (Cycle(self.cycle), MasterId(master));
        self.oracle.intent(&Event::Job(JobEvent { cycle, job, master, declassifies, begins }));
    }

    fn begin(&mut self, master: u8, job: u32) {
        self.job_of(master, job, true, false);
    }

    fn end(&mut self, master: u8, job: u32) {
        self.job_of(master, job, false, false);
    }

    /// A job of the decoder that copies four beats of its frame to `to`.
    fn copies(&mut self, to: u64) {
        self.begin(DECODER, 0);
        self.read(DECODER, FRAMES, 4);
        self.write(DECODER, to, 4, 0x40);
        self.end(DECODER, 0);
    }
}

fn end(rig: Rig) -> (Counts, Vec<Violation>) {
    let (judgement, log) = rig.finish();
    (judgement.counts, violations(&log))
}

/// `(check, who, first byte, bytes)` of each violation, all of them taint leaks.
fn told(found: &[Violation]) -> Vec<(&str, &str, u64, u64)> {
    assert!(found.iter().all(|v| v.violation == ViolationKind::TaintLeak), "{found:?}");
    let each = found.iter();
    each.map(|v| (&*v.check, &*v.who, v.addr.map_or(0, |a| a.0), v.bytes)).collect()
}

#[test]
fn what_a_job_reads_inside_and_writes_outside_leaks() {
    let mut rig = board();
    rig.copies(OUTSIDE);
    let (counts, found) = end(rig);
    assert_eq!(told(&found), [("taint-leak", "vdec", OUTSIDE, 64)]);
    assert_eq!((counts.taint_leaks, counts.tainted_bytes, counts.taint_read_bytes), (1, 64, 0));
    let v = &found[0];
    assert_eq!((v.fault.as_slice(), v.rule.as_str()), (&[Party::Driver][..], "TZ024"));
    assert!(v.next.contains("tee.destination-rule"), "{}", v.next);
    assert!(v.why[1].contains("job 0 of vdec read 0x0_8020_0000 of pool frames"), "{:?}", v.why);
    let readers = v.why.last().expect("who can see it");
    assert!(
        readers.contains("cpu, crypto, display, gpu") && !readers.contains("vdec"),
        "{readers}"
    );
}

#[test]
fn inside_protected_memory_it_stays() {
    let mut rig = board();
    rig.copies(FRAMES + 0x1000);
    rig.begin(DECODER, 1);
    rig.read(DECODER, FRAMES + 0x1000, 4);
    rig.end(DECODER, 1);
    assert_eq!(told(&end(rig).1), []);
}

#[test]
fn only_what_comes_after_the_reading_and_in_the_job_is_tainted() {
    let mut rig = board();
    // No job at all: the display path reads, the next thing that the master writes is another's.
    rig.read(DECODER, FRAMES, 4);
    rig.write(DECODER, OUTSIDE, 4, 1);
    // A job that reads ordinary memory only.
    rig.begin(DECODER, 0);
    rig.read(DECODER, OUTSIDE, 4);
    rig.write(DECODER, OUTSIDE + 0x100, 4, 1);
    rig.end(DECODER, 0);
    // Before it has read.
    rig.begin(DECODER, 1);
    rig.write(DECODER, OUTSIDE, 4, 2);
    rig.read(DECODER, FRAMES, 4);
    rig.end(DECODER, 1);
    // After its end; and by another master meanwhile.
    rig.write(DECODER, OUTSIDE, 4, 3);
    rig.begin(DECODER, 2);
    rig.read(DECODER, FRAMES, 4);
    rig.write(CPU, OUTSIDE, 4, 4);
    rig.end(DECODER, 2);
    let (counts, found) = end(rig);
    assert_eq!(told(&found), []);
    assert_eq!((counts.taint_leaks, counts.tainted_bytes), (0, 0));
}

#[test]
fn a_write_under_way_is_tainted_from_the_beat_that_may_hold_it() {
    let mut rig = board();
    rig.begin(DECODER, 0);
    let mut writing = rig.open(Rig::ax(DECODER, 1, OUTSIDE, 4), true);
    rig.write_beat(&mut writing, [1; 16], 0xffff);
    rig.read(DECODER, FRAMES, 1);
    rig.write_beat(&mut writing, [2; 16], 0xffff);
    rig.write_beat(&mut writing, [3; 16], 0x00ff);
    rig.write_beat(&mut writing, [4; 16], 0x0000);
    rig.response(&writing);
    rig.end(DECODER, 0);
    assert_eq!(told(&end(rig).1), [("taint-leak", "vdec", OUTSIDE + 0x10, 24)]);
}

#[test]
fn others_who_read_it_are_counted_and_told_once() {
    let mut rig = board();
    rig.read(CPU, OUTSIDE, 4); // nothing there yet
    rig.copies(OUTSIDE);
    rig.read(CPU, OUTSIDE + 0x30, 2); // one of two beats
    rig.read(CPU, OUTSIDE, 2);
    rig.read(DECODER, OUTSIDE, 4); // its own
    rig.read(GPU, OUTSIDE + 0x10, 1);
    let (counts, found) = end(rig);
    let due = [
        ("taint-leak", "vdec", OUTSIDE, 64),
        ("taint-read", "cpu", OUTSIDE + 0x30, 16),
        ("taint-read", "gpu", OUTSIDE + 0x10, 16),
    ];
    assert_eq!(told(&found), due);
    assert_eq!(counts.taint_read_bytes, 16 + 32 + 16);
    let leaked = found[0].cycle.0;
    let since = found[1].why.iter().find_map(|line| line.strip_prefix("note: vdec wrote it there"));
    let since = since.and_then(|line| line.split(' ').find_map(|word| word.parse::<u64>().ok()));
    assert!(since.is_some_and(|since| since <= leaked && since + 8 > leaked), "{since:?} {leaked}");
}

#[test]
fn taint_goes_on_with_a_job_that_reads_it() {
    let mut rig = board();
    rig.copies(OUTSIDE);
    rig.begin(CPU, 1);
    rig.read(CPU, OUTSIDE, 1);
    rig.write(CPU, OUTSIDE + 0x1000, 2, 7);
    rig.end(CPU, 1);
    let (counts, found) = end(rig);
    let due = [
        ("taint-leak", "vdec", OUTSIDE, 64),
        ("taint-read", "cpu", OUTSIDE, 16),
        ("taint-leak", "cpu", OUTSIDE + 0x1000, 32),
    ];
    assert_eq!(told(&found), due);
    assert_eq!((counts.taint_leaks, counts.tainted_bytes), (2, 96));
    assert!(found[2].why[1].contains("tainted memory"), "{:?}", found[2].why);
}

#[test]
fn what_is_overwritten_is_clean_lane_by_lane() {
    let mut rig = board();
    rig.copies(OUTSIDE);
    rig.write(CPU, OUTSIDE, 3, 9);
    let mut half = rig.open(Rig::ax(CPU, 0, OUTSIDE + 0x30, 1), true);
    rig.write_beat(&mut half, [0; 16], 0x0fff);
    rig.response(&half);
    rig.read(DISPLAY, OUTSIDE, 3);
    rig.read(DISPLAY, OUTSIDE + 0x30, 1);
    let (counts, found) = end(rig);
    assert_eq!(told(&found)[1..], [("taint-read", "display", OUTSIDE + 0x3c, 4)]);
    assert_eq!(counts.taint_read_bytes, 4);
}

#[test]
fn what_is_denied_carries_nothing() {
    let mut rig = board();
    rig.begin(GPU, 0);
    rig.read(GPU, FRAMES, 4); // zeros
    rig.write(GPU, OUTSIDE, 4, 0);
    rig.end(GPU, 0);
    rig.begin(DECODER, 1);
    rig.read(DECODER, FRAMES, 4);
    rig.write(DECODER, BITSTREAM, 4, 1); // denied
    rig.end(DECODER, 1);
    let (counts, found) = end(rig);
    assert!(found.iter().all(|v| v.violation == ViolationKind::UndeclaredAttempt), "{found:?}");
    assert_eq!((counts.taint_leaks, counts.blocked_unexpected), (0, 2));
}

#[test]
fn only_the_secure_world_can_declare_a_release() {
    for secure in [false, true] {
        let mut scenario = scene::quiet();
        scenario.masters[usize::from(DECODER)].secure = secure;
        let mut rig = Rig::ready(&scenario);
        if secure {
            for region in [2, 3] {
                rig.apb_write(0x110 + 0x20 * region, 0xc000_0001);
            }
        }
        let prot = if secure { 0 } else { 2 };
        rig.buffer(0, 1, FRAMES, 0x1_0000, true);
        rig.grant(0, DECODER, "rw");
        rig.job_of(DECODER, 0, true, true);
        rig.run_read(ringfence_sim::Ax { prot, ..Rig::ax(DECODER, 0, FRAMES, 2) });
        rig.run_write(ringfence_sim::Ax { prot, ..Rig::ax(DECODER, 0, OUTSIDE, 2) }, 1);
        rig.job_of(DECODER, 0, false, true);
        let (counts, found) = end(rig);
        let leaks = u64::from(!secure);
        assert_eq!(counts.taint_leaks, leaks, "{found:?}");
        assert_eq!(told(&found).len() as u64, leaks);
    }
}

#[test]
fn a_bounce_copy_is_a_job_of_the_kernel() {
    let mut rig = board();
    let phase = |rig: &mut Rig, begins| {
        rig.oracle.intent(&Event::Upkeep(UpkeepEvent {
            cycle: Cycle(rig.cycle),
            what: Upkeep::Bounce,
            master: MasterId(DECODER),
            base: PhysAddr(FRAMES),
            len: ByteLen(0x40),
            begins,
        }));
    };
    phase(&mut rig, true);
    rig.read(DECODER, FRAMES, 4);
    rig.write(DECODER, OUTSIDE, 4, 1);
    phase(&mut rig, false);
    rig.write(DECODER, OUTSIDE + 0x100, 4, 1);
    let (_, found) = end(rig);
    assert_eq!(told(&found), [("taint-leak", "vdec", OUTSIDE, 64)]);
    assert_eq!(found[0].fault, [Party::AllocatorKernel]);
    assert!(found[0].next.contains("bounce"), "{}", found[0].next);
}

/// The destination rule reaches a phase for the decoder.
#[test]
fn jobs_that_overlap_carry_what_either_has_read() {
    let mut rig = board();
    rig.begin(DECODER, 1);
    rig.begin(DECODER, 2);
    rig.read(DECODER, FRAMES, 2);
    rig.end(DECODER, 1);
    rig.write(DECODER, OUTSIDE, 2, 1);
    rig.end(DECODER, 2);
    rig.write(DECODER, OUTSIDE + 0x100, 2, 2);
    assert_eq!(told(&end(rig).1), [("taint-leak", "vdec", OUTSIDE, 32)]);
}

/// The decoder is given slots for its frame.
fn slots(rig: &mut Rig, begins: bool) {
    rig.oracle.intent(&Event::Slots(SlotsEvent {
        cycle: Cycle(rig.cycle),
        master: MasterId(DECODER),
        buffer: 0,
        base: PhysAddr(OUTSIDE),
        len: ByteLen(0x1000),
        begins,
    }));
}

#[test]
fn what_a_device_writes_into_its_slots_belongs_into_the_buffer() {
    let mut rig = board();
    slots(&mut rig, true);
    rig.read(DECODER, OUTSIDE, 2); // zeros, or whatever the kernel copied
    rig.write(CPU, OUTSIDE + 0x100, 2, 1); // another master's business
    rig.write(DECODER, OUTSIDE + 0x1000, 2, 2); // outside of the slots
    rig.write(DECODER, OUTSIDE + 0x40, 2, 3);
    rig.read(GPU, OUTSIDE + 0x40, 1);
    slots(&mut rig, false);
    rig.write(DECODER, OUTSIDE + 0x80, 2, 4);
    let (counts, found) = end(rig);
    let leak = ("taint-leak", "vdec", OUTSIDE + 0x40, 32);
    let read = ("taint-read", "gpu", OUTSIDE + 0x40, 16);
    assert_eq!(told(&found), [leak, read]);
    assert_eq!((counts.tainted_bytes, counts.taint_read_bytes), (32, 16));
    assert!(found[0].why[1].contains("given these slots"), "{:?}", found[0].why);
    assert!(found.iter().all(|v| v.fault == [Party::AllocatorKernel]), "nobody else's");
}

fn confine(rig: &mut Rig, phase: ConfinePhase) {
    let (cycle, master) = (Cycle(rig.cycle), MasterId(DECODER));
    rig.oracle.intent(&Event::Confine(ConfineEvent { cycle, master, phase }));
}

#[test]
fn who_is_confined_has_no_right_to_write_ordinary_memory() {
    for denied in [false, true] {
        let mut rig = board();
        confine(&mut rig, ConfinePhase::Requested);
        rig.write(DECODER, OUTSIDE, 1, 1);
        confine(&mut rig, ConfinePhase::InForce);
        if denied {
            let ordinary = 0x114 + 0x20 * 3;
            rig.apb_write(ordinary, !(1 << (16 + 3)));
        }
        rig.write(CPU, OUTSIDE, 1, 1);
        rig.read(DECODER, OUTSIDE, 1);
        rig.write(DECODER, FRAMES, 1, 1);
        rig.write(DECODER, OUTSIDE, 2, 1);
        confine(&mut rig, ConfinePhase::LiftRequested);
        rig.write(DECODER, OUTSIDE, 1, 1);
        confine(&mut rig, ConfinePhase::Lifted);
        rig.write(DECODER, OUTSIDE, 1, 1);
        let (counts, found) = end(rig);
        let kinds: Vec<_> = found.iter().map(|v| (v.violation, v.fault.clone())).collect();
        let attempt = (ViolationKind::UndeclaredAttempt, vec![Party::Driver]);
        let due = if denied {
            vec![attempt, (ViolationKind::FalseDeny, vec![Party::Firmware])]
        } else {
            vec![(ViolationKind::Escape, vec![Party::Firmware])]
        };
        assert_eq!(kinds, due);
        assert_eq!(counts.in_transition, 2);
        assert!(found[0].why.iter().any(|line| line.contains("may not write ordinary memory")));
    }
}
