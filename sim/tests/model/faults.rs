// SPDX-License-Identifier: Apache-2.0
//! Every planted RTL fault shows.
#![cfg(feature = "planted-faults")]

use ringfence_sim::{Ax, Board, BoardError, BoardOptions, FAULTS};

use crate::bench::{Bench, Draw, reg};
use crate::raw::RawMaster;

/// What a run showed, enough to tell a faulty board from a right one.
struct Run {
    reads: Vec<(u8, [u64; 2], u8)>,
    memory: Vec<[u8; 16]>,
    errors: bool,
    assertions: Vec<String>,
}

fn burst(draw: &mut Draw, addr: u64, id: u8) -> Ax {
    let nsaid = draw.below(4) as u8;
    Ax { addr, id, len: 7, size: 4, burst: 1, prot: 2, nsaid, ..Ax::default() }
}

/// Writes and reads around the end of a region while a register is written again and again.
fn play(fault: u32) -> Run {
    let mut bench = Bench::new("f1", BoardOptions { fault, ..BoardOptions::default() }, 1);
    // Region 1: two pages; identity 1 reads and writes, 2 reads, 3 writes. Region 0: nobody.
    for (addr, data) in [
        (0x120, 0x8000_0000),
        (0x128, 0x8000_1fff),
        (0x130, 1),
        (0x134, 0x000a_0006),
        (reg::ACTION, 1),
        (reg::GATE_KEEPER, 1),
    ] {
        bench.write_register(addr, data);
    }
    bench.memory.ready_percent = 50;
    let mut master = RawMaster::new(6, 90, &mut bench);
    let mut draw = Draw::new(77);
    for n in 0..24_u64 {
        let addr = 0x8000_0000 + n * 0x140 / 0x100 * 0x100;
        master.write(burst(&mut draw, addr, n as u8 % 16), n as u8);
        master.ar.push_back(burst(&mut draw, addr, n as u8 % 16));
        master.ar.push_back(burst(&mut draw, 0x8000_1f00, (n as u8 + 1) % 16));
    }
    let mut reads = Vec::new();
    for cycle in 0..6000 {
        let (inputs, out) = bench.board.io();
        master.react(out, inputs);
        // The same value again: a right firewall shows nothing of it.
        let apb = &mut inputs.apb;
        (apb.sel, apb.enable) = (cycle % 4 < 2, cycle % 4 == 1);
        (apb.write, apb.addr, apb.strb, apb.wdata) = (true, reg::ACTION, 0xf, 1);
        bench.step();
    }
    reads.extend(master.reads.iter().map(|r| (r.id, r.data, r.resp)));
    let memory = (0..0x200).map(|beat| bench.memory.bytes(0x8000_0000 + beat * 16)).collect();
    let errors = !bench.monitor.errors().is_empty() || bench.memory.stray != 0 || !master.done();
    let assertions = bench.board.assertion_failures();
    Run { reads, memory, errors, assertions }
}

#[test]
fn the_six_faults_of_the_playback_show() {
    let right = play(0);
    assert!(!right.errors && right.assertions.is_empty());
    // The others need more than these few bursts: `make mutants`.
    for fault in 1..=6 {
        let faulty = play(fault);
        let outside = (&faulty.reads, &faulty.memory, faulty.errors)
            != (&right.reads, &right.memory, right.errors);
        assert!(outside, "fault {fault} does not show at the pins");
    }
}

#[test]
fn a_failed_assertion_is_collected() {
    let failures = play(3).assertions;
    let first = failures.first().expect("denied data leaves the firewall");
    assert!(first.starts_with("cycle "), "{first}");
    assert!(first.contains("DeniedHasNoData_A"), "{first}");
}

#[test]
fn unknown_faults_are_refused() {
    let fault = u32::from(FAULTS) + 1;
    let options = BoardOptions { fault, ..BoardOptions::default() };
    assert_eq!(Board::new("f1", options).expect_err("no such fault"), BoardError::NoFault(fault));
}
