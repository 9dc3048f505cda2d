// SPDX-License-Identifier: Apache-2.0
//! DMA masters through fabric and firewall to memory and back.

use std::collections::BTreeMap;

use ringfence_sim::{BoardOptions, Desc, FILTER_SIDE, MEMORY_SIDE};

use crate::bench::{Bench, lanes};

const DECERR: u8 = 3;

fn desc(addr: u64, len: u32, tag: u16) -> Desc {
    Desc { addr, len, rows: 1, tag, burst: 16, outstanding: 8, ..Desc::default() }
}

/// Beats of the write stream that a descriptor of one row takes.
fn beats(desc: &Desc) -> u64 {
    (desc.addr % 16 + u64::from(desc.len)).div_ceil(16)
}

/// Data of beat `n`, each byte another.
fn pattern(n: u64) -> [u64; 2] {
    [0x0706_0504_0302_0100 + n * 0x1010, 0x0f0e_0d0c_0b0a_0908 ^ (n << 32)]
}

/// Runs one write descriptor of a master and returns its status.
fn write(bench: &mut Bench, master: usize, desc: Desc) -> ringfence_sim::Status {
    let bit = 1 << master;
    bench.inputs().wr_desc[master] = desc;
    bench.inputs().wr_desc_valid = bit;
    let mut sent = 0;
    let mut status = None;
    for _ in 0..5000 {
        bench.inputs().ws_valid = if sent < beats(&desc) { bit } else { 0 };
        bench.inputs().ws_data[master] = pattern(sent);
        bench.step();
        let out = bench.outputs();
        let (took, sent_one) = (out.wr_desc_ready & bit != 0, out.ws_ready & bit != 0);
        if out.wr_sts_valid & bit != 0 {
            status = Some(out.wr_sts[master]);
            break;
        }
        if took {
            bench.inputs().wr_desc_valid = 0;
        }
        sent += u64::from(sent_one && sent < beats(&desc));
    }
    (bench.inputs().ws_valid, bench.inputs().wr_desc_valid) = (0, 0);
    status.expect("a status in time")
}

/// Runs one read descriptor and returns its status and the beats by their address.
fn read(
    bench: &mut Bench,
    master: usize,
    desc: Desc,
) -> (ringfence_sim::Status, BTreeMap<u64, [u64; 2]>) {
    let bit = 1 << master;
    bench.inputs().rd_desc[master] = desc;
    bench.inputs().rd_desc_valid = bit;
    let mut seen = BTreeMap::new();
    let mut status = None;
    for _ in 0..5000 {
        bench.step();
        let out = bench.outputs();
        if out.rs_valid & bit != 0 {
            assert_eq!(out.rs[master].tag, desc.tag);
            seen.insert(out.rs[master].addr, out.port[master].r.data);
        }
        if out.rd_sts_valid & bit != 0 {
            status = Some(out.rd_sts[master]);
        }
        if out.rd_desc_ready & bit != 0 {
            bench.inputs().rd_desc_valid = 0;
        }
        if status.is_some() {
            break;
        }
    }
    bench.inputs().rd_desc_valid = 0;
    (status.expect("a status in time"), seen)
}

#[test]
fn what_a_master_writes_comes_back() {
    for (shape, percent) in [("f1", 100), ("f1", 40), ("f4", 100), ("f4", 40)] {
        let mut bench = Bench::new(shape, BoardOptions::default(), 7);
        bench.open(0xffff_ffff);
        bench.memory.ready_percent = percent;
        let job = desc(0x8000_1f05, 9000, 0xbeef);
        let status = write(&mut bench, 2, job);
        assert_eq!((status.tag, status.code, status.resp), (0xbeef, 0, 0), "{shape}");
        for n in 0..beats(&job) {
            let at = (job.addr & !15) + 16 * n;
            let (cell, sent) = (bench.memory.bytes(at), lanes(pattern(n)));
            for lane in 0..16 {
                let inside = (job.addr..job.addr + u64::from(job.len)).contains(&(at + lane));
                let expected = if inside { sent[lane as usize] } else { 0xee };
                assert_eq!(cell[lane as usize], expected, "{shape}: byte {:#x}", at + lane);
            }
        }
        let (status, seen) = read(&mut bench, 5, Desc { tag: 3, ..job });
        assert_eq!((status.tag, status.code, status.resp), (3, 0, 0), "{shape}");
        assert_eq!(seen.len() as u64, beats(&job));
        for (&addr, &data) in &seen {
            assert_eq!(lanes(data), bench.memory.bytes(addr), "{shape}: beat {addr:#x}");
        }
        bench.finish();
    }
}

#[test]
fn a_denied_master_gets_an_error_and_zeros() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 7);
    // Identity 0 may write, nobody may read.
    bench.open(0x0001_0000);
    let job = desc(0x8000_0040, 64, 1);
    assert_eq!(write(&mut bench, 0, job).resp, 0);
    let (status, seen) = read(&mut bench, 0, job);
    assert_eq!((status.resp, status.fail_addr), (DECERR, 0x8000_0040));
    assert_eq!(seen.len(), 4);
    assert!(seen.values().all(|data| *data == [0, 0]));
    let before = bench.memory.bytes(0x8000_0040);
    let other = Desc { stream: 1, ..job };
    let status = write(&mut bench, 0, other);
    assert_eq!((status.resp, status.fail_addr), (DECERR, 0x8000_0040));
    assert_eq!(bench.memory.bytes(0x8000_0040), before);
    bench.finish();
}

#[test]
fn handshakes_are_counted_at_the_pins() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 7);
    bench.open(0xffff_ffff);
    let job = desc(0x8000_0000, 512, 1);
    write(&mut bench, 1, job);
    read(&mut bench, 1, job);
    bench.finish();
    let counts = bench.board.pin_counts();
    for port in [1, FILTER_SIDE, MEMORY_SIDE] {
        assert_eq!(counts[port], [2, 2, 32, 32, 2], "port {port}");
    }
    assert_eq!(counts.iter().flatten().sum::<u64>(), 3 * 70);
}

#[test]
fn reset_drops_everything_and_the_board_works_again() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 7);
    bench.open(0xffff_ffff);
    bench.inputs().rd_desc[3] = desc(0x8000_0000, 4096, 1);
    bench.inputs().rd_desc_valid = 8;
    for _ in 0..20 {
        bench.step();
    }
    bench.board.reset();
    assert_eq!((bench.board.cycle(), bench.board.pin_counts()), (0, &[[0; 5]; 16]));
    let mut again = Bench::new("f1", BoardOptions::default(), 7);
    std::mem::swap(&mut again.board, &mut bench.board);
    again.board.step();
    assert!(again.board.quiescent());
    again.open(0xffff_ffff);
    assert_eq!(write(&mut again, 3, desc(0x8000_0000, 64, 2)).resp, 0);
    again.finish();
}

#[test]
fn time_jumps_while_nothing_happens() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 7);
    bench.open(0xffff_ffff);
    bench.finish();
    let cycle = bench.board.cycle();
    bench.board.skip(1_000_000);
    assert_eq!(bench.board.cycle(), cycle + 1_000_000);
    assert_eq!(write(&mut bench, 3, desc(0x8000_0000, 64, 2)).resp, 0);
    bench.finish();
}
