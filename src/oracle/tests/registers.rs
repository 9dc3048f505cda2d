// SPDX-License-Identifier: Apache-2.0
//! The register bus, the gates and the failure log, cycle by cycle.
use super::rig::{Rig, objections, violations};
use super::scene::{self, CPU, DECODER, FRAMES, GPU};
use crate::engine::event::{Event, Party};
use ringfence_sim::{ApbIn, FILTER_SIDE, MEMORY_SIDE};

fn quiet() -> Rig {
    Rig::ready(&scene::quiet())
}

#[test]
fn transfers_are_logged_and_honest_reads_are_silent() {
    let mut rig = quiet();
    for offset in [0x004, 0x008, 0x00c, 0x010, 0x014, 0x120, 0x128, 0x130, 0x134, 0x110] {
        // The miniature keeps no reset values; region 0's enable bits are one.
        if offset != 0x110 {
            rig.apb_read(offset);
        }
    }
    rig.apb(0x008, true, 0, 2);
    rig.apb(0x008, false, 0, 2);
    assert_eq!(objections(&rig.log), []);
    let mut last = rig.log.iter().filter_map(|e| match e {
        Event::Register(access) => Some((access.offset, access.write, access.error)),
        _ => None,
    });
    assert_eq!(last.next_back(), Some((0x008, false, true)));
    // The non-secure write had no effect: the gate is still open.
    rig.read(CPU, 0x8000_0000, 1);
    assert_eq!(objections(&rig.log), []);
}

#[test]
fn a_register_that_reads_otherwise_and_an_error_that_is_missing() {
    let mut rig = quiet();
    rig.apb_read(0x000); // the miniature reads 0
    assert_eq!(objections(&rig.log), [("register".to_owned(), Party::Rtl)]);
    let mut rig = quiet();
    rig.out.apb_slverr = false;
    rig.tick(&ApbIn { addr: 4, sel: true, enable: true, prot: 2, ..ApbIn::default() });
    assert_eq!(violations(&rig.log).len(), 1);
    assert!(violations(&rig.log)[0].why[0].contains("PSLVERR 0"));
}

#[test]
fn a_gate_is_closed_from_the_next_cycle_and_open_after_its_write() {
    let mut rig = Rig::new(&scene::quiet());
    rig.read(CPU, 0x8000_0000, 1);
    let found = violations(&rig.log);
    assert!(found.iter().any(|v| v.check == "gate-closed" && v.why[1].contains("never opened")));

    let mut rig = quiet();
    rig.apb_write(0x008, 0);
    rig.idle(2);
    rig.read(CPU, 0x8000_0000, 1);
    assert_eq!(objections(&rig.log), [("gate-closed".to_owned(), Party::Rtl)]);
}

#[test]
fn a_gate_that_says_closed_while_something_is_outstanding() {
    let mut rig = quiet();
    let mut flight = rig.open(Rig::ax(CPU, 0, 0x8000_0000, 2), false);
    rig.apb_write(0x008, 0);
    rig.idle(8);
    rig.apb_read(0x008); // the miniature shows the request as the status
    assert_eq!(objections(&rig.log), [("register".to_owned(), Party::Rtl)]);
    rig.log.clear();
    rig.read_beat(&mut flight);
    rig.read_beat(&mut flight);
    rig.idle(8);
    rig.apb_read(0x008);
    assert_eq!(objections(&rig.log), []);
}

#[test]
fn a_verdict_is_taken_with_the_registers_before_the_write_of_its_cycle() {
    let mut rig = quiet();
    rig.buffer(0, 1, FRAMES, 0x1000, true);
    rig.grant(0, DECODER, "rw");
    // AR and the write that takes the right away, in one cycle: still allowed.
    let ax = Rig::ax(DECODER, 1, FRAMES, 1);
    let write = ApbIn { addr: 0x154, sel: true, write: true, strb: 0xf, ..ApbIn::default() };
    rig.tick(&write);
    for port in [usize::from(DECODER), FILTER_SIDE, MEMORY_SIDE] {
        rig.out.ar.valid |= 1 << port;
        rig.out.ar.ready |= 1 << port;
        rig.out.port[port].ar = ax;
    }
    rig.tick(&ApbIn { enable: true, ..write });
    assert_eq!(objections(&rig.log), []);
    // One cycle later the same address is due to be denied.
    for port in [usize::from(DECODER), FILTER_SIDE, MEMORY_SIDE] {
        rig.out.ar.valid |= 1 << port;
        rig.out.ar.ready |= 1 << port;
        rig.out.port[port].ar = ax;
    }
    rig.tick(&ApbIn::default());
    assert_eq!(objections(&rig.log), [("denied-not-forwarded".to_owned(), Party::Rtl)]);
}

#[test]
fn read_and_write_that_fail_in_one_cycle_log_the_write_and_overrun() {
    let mut rig = quiet();
    let (read, write) = (Rig::ax(GPU, 1, FRAMES, 1), Rig::ax(GPU, 2, FRAMES + 0x40, 1));
    for port in [usize::from(GPU), FILTER_SIDE] {
        for channel in [&mut rig.out.ar, &mut rig.out.aw] {
            channel.valid |= 1 << port;
            channel.ready |= 1 << port;
        }
        (rig.out.port[port].ar, rig.out.port[port].aw) = (read, write);
    }
    rig.tick(&ApbIn::default());
    let golden = |rig: &Rig, offset| {
        let gates = crate::oracle::registers::Expected { value: 0, care: 0 };
        rig.oracle.registers.read(offset, gates).value
    };
    assert_eq!(golden(&rig, 0x010), 0x101);
    assert_eq!(golden(&rig, 0x020), (FRAMES + 0x40) as u32);
    assert_eq!((golden(&rig, 0x028), golden(&rig, 0x02c)), (0x0120_0000, 0x42));
}

#[test]
fn a_failure_in_the_cycle_of_its_clear_stays_visible() {
    let mut rig = quiet();
    rig.read(GPU, FRAMES, 1);
    let clear =
        ApbIn { addr: 0x014, sel: true, write: true, strb: 0xf, wdata: 1, ..ApbIn::default() };
    rig.tick(&clear);
    for port in [usize::from(GPU), FILTER_SIDE] {
        rig.out.ar.valid |= 1 << port;
        rig.out.ar.ready |= 1 << port;
        rig.out.port[port].ar = Rig::ax(GPU, 1, FRAMES + 0x80, 1);
    }
    rig.tick(&ApbIn { enable: true, ..clear });
    let gates = crate::oracle::registers::Expected { value: 0, care: 0 };
    assert_eq!(rig.oracle.registers.read(0x010, gates).value, 1);
    assert_eq!(rig.oracle.registers.read(0x020, gates).value, (FRAMES + 0x80) as u32);
}
