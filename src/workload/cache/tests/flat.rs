// SPDX-License-Identifier: Apache-2.0
//! Without a denial a program sees flat memory, whatever the cache does by itself.
use super::*;
use crate::workload::stream;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Everything on: it evicts, reads ahead and wanders.
fn restless() -> CpuConfig {
    CpuConfig {
        evict_every: Some(Cycle(60)),
        ahead_percent: 30,
        wander: Some((vec![range(BASE, SIZE)], Cycle(40))),
        ..quiet()
    }
}

fn some(rng: &mut ChaCha8Rng, whole_lines: bool) -> (u64, u64) {
    let (at, len) = (rng.random_range(0..SIZE - 600), rng.random_range(1..500u64));
    if whole_lines { (at / LINE * LINE, len.div_ceil(LINE) * LINE) } else { (at, len) }
}

/// One random operation on the processor and on flat memory.
fn both(bench: &mut Bench, flat: &mut [u8], rng: &mut ChaCha8Rng) {
    let kind = rng.random_range(0..8u8);
    let (at, len) = some(rng, kind >= 5);
    let (from, to) = (at as usize, (at + len) as usize);
    let (addr, span) = (PhysAddr(BASE + at), range(BASE + at, len));
    let mut bytes = vec![0; len as usize];
    rng.fill_bytes(&mut bytes);
    match kind {
        0 | 1 => {
            flat[from..to].copy_from_slice(&bytes);
            bench.ok(Op::Store(addr, bytes));
        }
        2 => assert_eq!(bench.ok(Op::Load(span)).data, flat[from..to], "{span:?}"),
        3 => {
            flat[from..to].fill(0);
            bench.ok(Op::Clear(span));
        }
        4 => {
            let target = rng.random_range(0..SIZE - 600) as usize;
            // As memcpy: the two must not overlap.
            if target + 500 < from || target > to {
                flat.copy_within(from..to, target);
                let to = PhysAddr(BASE + target as u64);
                let op = Op::Copy { from: addr, to, len: ByteLen(len), uncached_source: false };
                bench.ok(op);
            }
        }
        5 => {
            bench.ok(Op::Clean(span));
            assert_eq!(bench.bus.bytes(BASE + at, len as usize), flat[from..to]);
            assert_eq!(bench.ok(Op::ReadUncached(span)).data, flat[from..to]);
            bench.ok(Op::Invalidate(span));
        }
        6 => {
            bench.ok(Op::CleanInvalidate(span));
        }
        _ => {
            bench.ok(Op::CleanInvalidate(span));
            flat[from..to].copy_from_slice(&bytes);
            bench.ok(Op::WriteUncached(addr, bytes));
            bench.ok(Op::Invalidate(span));
        }
    }
}

#[test]
fn a_program_sees_flat_memory() {
    for seed in 0..8 {
        let config = if seed % 4 == 0 { quiet() } else { restless() };
        let mut bench = Bench::new(config, seed);
        let mut rng = stream(seed, 1);
        let mut flat = vec![0; SIZE as usize];
        rng.fill_bytes(&mut flat);
        bench.bus.set(BASE, &flat);
        for _ in 0..150 {
            both(&mut bench, &mut flat, &mut rng);
        }
        assert_eq!(bench.ok(Op::Load(range(BASE, SIZE))).data, flat);
        bench.ok(Op::Clean(range(BASE, SIZE)));
        assert_eq!(bench.bus.bytes(BASE, SIZE as usize), flat);
        assert_eq!(bench.cpu.dirty_lines().count(), 0);
        let writes = bench.bus.count(Direction::Write);
        bench.ok(Op::CleanInvalidate(range(BASE, SIZE)));
        assert_eq!(bench.bus.count(Direction::Write), writes, "nothing is dirty twice");
        assert!(bench.denials().is_empty());
        let spoke = |why| !bench.unasked(why).is_empty();
        assert_eq!(spoke(Why::Speculation), seed % 4 != 0);
        assert!(spoke(Why::Eviction), "the sets are too few for the memory");
    }
}

#[test]
fn every_dirty_line_is_written_once_and_whole() {
    let mut bench = Bench::new(restless(), 7);
    bench.ok(Op::Clear(range(BASE, SIZE)));
    bench.ok(Op::Clean(range(BASE, SIZE)));
    bench.ok(Op::Clean(range(BASE, SIZE)));
    let mut lines: Vec<u64> = Vec::new();
    for taken in bench.bus.log.iter().filter(|taken| taken.direction == Direction::Write) {
        assert_eq!((taken.ax.addr % LINE, taken.ax.len), (0, 3));
        lines.push(taken.ax.addr);
    }
    lines.sort_unstable();
    let all: Vec<u64> = (0..SIZE / LINE).map(|n| BASE + n * LINE).collect();
    assert_eq!(lines, all);
}

#[test]
fn write_backs_of_one_line_land_in_their_order() {
    for seed in 0..20 {
        let mut bench = Bench::new(CpuConfig { sets: 1, ways: 1, ..quiet() }, seed);
        for n in 0..20 {
            // Each store pushes the other line out.
            let addr = PhysAddr(BASE + n % 2 * LINE);
            bench.cpu.push(World::NonSecure, Op::Store(addr, vec![n as u8; LINE as usize]));
        }
        let mut ended = 0;
        for _ in 0..3000 {
            bench.step();
            ended += u64::from(bench.cpu.take_done().is_some());
        }
        assert_eq!(ended, 20);
        bench.ok(Op::Clean(range(BASE, 2 * LINE)));
        let want = [[18; LINE as usize], [19; LINE as usize]].concat();
        assert_eq!(bench.bus.bytes(BASE, want.len()), want);
    }
}

#[test]
fn a_load_tells_how_old_its_oldest_line_is() {
    let mut bench = Bench::new(quiet(), 14);
    let first = bench.ok(Op::Load(range(BASE, LINE))).oldest;
    bench.run(100);
    let before = bench.now();
    let both = bench.ok(Op::Load(range(BASE, 2 * LINE))).oldest;
    assert!(first.is_some() && both == first);
    let second = bench.ok(Op::Load(range(BASE + LINE, LINE))).oldest;
    assert!(second > Some(before));
}

#[test]
fn every_read_was_asked_for_or_is_noted_as_speculation() {
    let mut bench = Bench::new(restless(), 3);
    bench.ok(Op::Clear(range(BASE, SIZE)));
    bench.run(100);
    let noted: Vec<_> = bench.unasked(Why::Speculation).iter().map(|a| (a.addr.0, a.id)).collect();
    let reads = bench.bus.log.iter().filter(|taken| taken.direction == Direction::Read);
    let seen: Vec<_> = reads.map(|taken| (taken.ax.addr, taken.ax.id)).collect();
    assert!(seen.len() > 20, "whole lines are made without a fetch: all reads are unasked");
    assert_eq!(seen[..], noted[..seen.len()]);
    assert!(noted.len() - seen.len() <= 4, "the rest waits at the port");
}

#[test]
fn the_two_worlds_have_lines_of_their_own() {
    let mut bench = Bench::new(quiet(), 1);
    let one = range(BASE, LINE);
    let secure = Op::Store(PhysAddr(BASE), vec![0xaa; 64]);
    assert_eq!(bench.op(World::Secure, secure).end, End::Complete);
    assert_eq!(bench.ok(Op::Load(one)).data, [0; 64], "the secure line is not seen");
    bench.ok(Op::Clean(one));
    assert_eq!(bench.bus.count(Direction::Write), 0);
    bench.op(World::Secure, Op::Clean(one));
    let prots: Vec<_> =
        bench.bus.log.iter().map(|t| (t.direction, t.ax.prot, t.ax.nsaid)).collect();
    assert_eq!(prots, [(Direction::Read, 2, 5), (Direction::Write, 0, 5)]);
    assert_eq!(bench.ok(Op::Load(one)).data, [0; 64], "its own line is stale");
    bench.ok(Op::Invalidate(one));
    assert_eq!(bench.ok(Op::Load(one)).data, [0xaa; 64]);
}

#[test]
fn a_run_repeats() {
    let log = || {
        let mut bench = Bench::new(restless(), 11);
        bench.ok(Op::Clear(range(BASE, SIZE)));
        bench.run(500);
        bench.bus.log.iter().map(|t| (t.cycle, t.ax.addr, t.ax.id)).collect::<Vec<_>>()
    };
    assert_eq!(log(), log());
}
