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
    write_of(bench, master, desc, beats(&desc))
}

/// The same with so many beats offered to the write stream.
fn write_of(bench: &mut Bench, master: usize, desc: Desc, beats: u64) -> ringfence_sim::Status {
    let bit = 1 << master;
    bench.inputs().wr_desc[master] = desc;
    bench.inputs().wr_desc_valid = bit;
    let mut sent = 0;
    let mut status = None;
    for _ in 0..5000 {
        bench.inputs().ws_valid = if sent < beats { bit } else { 0 };
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
        sent += u64::from(sent_one && sent < beats);
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

#[test]
fn a_descriptor_that_makes_no_sense_is_refused_and_moves_nothing() {
    let mut bench = Bench::new("f1", BoardOptions::default(), 7);
    bench.open(0xffff_ffff);
    let good = desc(0x8000_0000, 64, 1);
    let rows = Desc { rows: 3, stride: 4096, ..good };
    let refused = [
        (2, Desc { len: 0, ..good }),
        (2, Desc { rows: 0, ..good }),
        (3, Desc { addr: (1 << 40) - 16, ..good }),
        (3, Desc { addr: (1 << 40) - 4096, stride: 4096, ..rows }),
        (4, Desc { stride: 63, ..rows }),
        (5, Desc { burst: 0, ..good }),
        (5, Desc { burst: 65, ..good }),
        (5, Desc { outstanding: 0, ..good }),
        (5, Desc { outstanding: 17, ..good }),
    ];
    for (code, job) in refused {
        let (status, seen) = read(&mut bench, 3, job);
        assert_eq!((status.tag, status.code, status.resp), (1, code, 0), "read {job:?}");
        assert!(seen.is_empty(), "{job:?}");
        // What is refused needs no data of the write stream.
        let status = write_of(&mut bench, 3, Desc { tag: 2, ..job }, 0);
        assert_eq!((status.tag, status.code, status.resp), (2, code, 0), "write {job:?}");
    }
    assert_eq!(bench.board.pin_counts()[3], [0; 5], "on the bus");
    // Just inside of each limit, and the engines work again.
    let last = Desc { addr: (1 << 40) - 64, ..good };
    assert_eq!(read(&mut bench, 3, last).0.code, 0);
    let most = Desc { burst: 64, outstanding: 16, stride: 64, rows: 2, ..good };
    assert_eq!(read(&mut bench, 3, most).0.code, 0);
    assert_eq!(write(&mut bench, 3, good).code, 0);
    bench.finish();
}

#[test]
fn a_denied_job_stops_where_it_is_told_to() {
    for stop_on_error in [false, true] {
        let mut bench = Bench::new("f1", BoardOptions::default(), 7);
        bench.open(0);
        let job = Desc { len: 16384, outstanding: 2, stop_on_error, ..desc(0x8000_0000, 0, 9) };
        let (status, _) = read(&mut bench, 4, job);
        let bursts = bench.board.pin_counts()[4][0];
        let all = 16384 / (16 * 16);
        assert_eq!((status.resp, status.fail_addr), (DECERR, 0x8000_0000));
        assert_eq!(status.code, u8::from(stop_on_error));
        assert!(if stop_on_error { bursts < 8 } else { bursts == all }, "{bursts} of {all}");
        let status = write(&mut bench, 4, job);
        let bursts = bench.board.pin_counts()[4][1];
        assert_eq!((status.resp, status.fail_addr), (DECERR, 0x8000_0000));
        assert_eq!(status.code, u8::from(stop_on_error));
        assert!(if stop_on_error { bursts < 8 } else { bursts == all }, "{bursts} of {all}");
        bench.finish();
    }
}
