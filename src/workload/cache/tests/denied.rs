// SPDX-License-Identifier: Apache-2.0
//! What cache maintenance, eviction and speculation do with memory that was taken away.
use super::*;

/// The memory that is lent away.
const LENT: u64 = BASE + 0x1000;
const PAGE: u64 = crate::units::PAGE;

fn lent() -> AddrRange {
    range(LENT, PAGE)
}

#[test]
fn a_dirty_line_evicted_behind_a_closed_region_is_lost() {
    let config = CpuConfig { evict_every: Some(Cycle(50)), ..quiet() };
    let mut bench = Bench::new(config, 2);
    bench.bus.set(LENT, &[0x55; 256]);
    bench.ok(Op::Clear(range(LENT, 256)));
    bench.bus.closed = Some(lent());
    let dirty = bench.cpu.dirty_lines().count();
    assert!(dirty > 0);
    bench.run(4000);
    let denials = bench.denials();
    assert_eq!(denials.len(), dirty);
    for (why, direction, _, resp, consequence) in denials {
        let got = (why, direction, resp, consequence);
        assert_eq!(got, (Why::Eviction, Direction::Write, 3, Consequence::DataLost));
    }
    assert_eq!(bench.cpu.dirty_lines().count(), 0);
}

#[test]
fn cleaned_before_the_region_closes_nothing_is_denied() {
    let config = CpuConfig { evict_every: Some(Cycle(50)), ..quiet() };
    let mut bench = Bench::new(config, 2);
    bench.bus.set(LENT, &[0x55; 256]);
    bench.ok(Op::Clear(range(LENT, 256)));
    bench.ok(Op::CleanInvalidate(range(LENT, 256)));
    bench.bus.closed = Some(lent());
    bench.run(4000);
    assert!(bench.denials().is_empty());
    assert_eq!(bench.bus.bytes(LENT, 256), [0; 256]);
}

#[test]
fn cleaning_behind_a_closed_region_loses_the_data_and_goes_on() {
    let mut bench = Bench::new(quiet(), 4);
    bench.ok(Op::Clear(range(LENT, 256)));
    bench.bus.closed = Some(lent());
    let done = bench.ok(Op::Clean(range(LENT, 256)));
    assert_eq!(done.lost, 4);
    assert!(
        bench.denials().iter().all(|d| (d.0, d.4) == (Why::Maintenance, Consequence::DataLost))
    );
    bench.bus.closed = None;
    bench.ok(Op::Clean(range(LENT, 256)));
    assert!(!bench.bus.log.iter().any(|t| !t.denied && t.direction == Direction::Write));
}

#[test]
fn a_denied_demand_read_aborts_and_leaves_no_line() {
    let mut bench = Bench::new(quiet(), 5);
    bench.bus.set(LENT, &[0x55; 64]);
    bench.bus.closed = Some(lent());
    let done = bench.op(World::NonSecure, Op::Load(range(LENT - 64, 128)));
    assert_eq!(done.end, End::Aborted { addr: PhysAddr(LENT), resp: 3 });
    assert_eq!(done.data.len(), 64, "what came before it");
    let want = (Why::Demand, Direction::Read, LENT, 3, Consequence::ExternalAbort);
    assert_eq!(bench.denials(), [want]);
    bench.bus.closed = None;
    assert_eq!(bench.ok(Op::Load(range(LENT, 64))).data, [0x55; 64]);
}

/// Reads while the region is closed, then after it opened at the cycle given.
fn after_reclaim(config: CpuConfig, deny_resp: u8) -> (Bench, Done, Cycle) {
    let mut bench = Bench::new(config, 6);
    bench.bus.set(LENT, &[0x55; 64]);
    (bench.bus.closed, bench.bus.deny_resp) = (Some(lent()), deny_resp);
    bench.op(World::NonSecure, Op::Load(range(LENT, 64)));
    bench.bus.closed = None;
    let opened = bench.now();
    let done = bench.ok(Op::Load(range(LENT, 64)));
    (bench, done, opened)
}

#[test]
fn zeros_of_a_denied_read_are_hit_after_the_reclaim() {
    // Denied with OKAY, no core can know; denied with an error, it depends on the core.
    let keeps = CpuConfig { keeps_denied_lines: true, ..quiet() };
    for (config, resp, noted) in [(quiet(), 0, 0), (keeps, 3, 1)] {
        let (mut bench, done, opened) = after_reclaim(config, resp);
        assert_eq!(done.data, [0; 64], "stale");
        assert!(done.oldest.expect("it read") <= opened);
        let stale = bench.denials().into_iter().filter(|d| d.4 == Consequence::StaleLine);
        assert_eq!(stale.count(), noted);
        bench.ok(Op::Invalidate(range(LENT, 64)));
        let done = bench.ok(Op::Load(range(LENT, 64)));
        assert_eq!(done.data, [0x55; 64]);
        assert!(done.oldest.expect("it read") > opened);
    }
    let (_, done, opened) = after_reclaim(quiet(), 3);
    assert_eq!(done.data, [0x55; 64], "dropped with the error");
    assert!(done.oldest.expect("it read") > opened);
}

/// Speculation into the lent page by `wander` and by clearing up to its edge, after the direct map
/// lost it: cycles, counted from the removal, at which it went out.
fn speculation(flush: bool) -> Vec<u64> {
    let config = CpuConfig {
        ahead_percent: 100,
        wander: Some((vec![lent()], Cycle(20))),
        tlb_window: Cycle(600),
        ..quiet()
    };
    let mut bench = Bench::new(config, 8);
    bench.ok(Op::Clear(range(LENT - 128, 128)));
    bench.run(200);
    assert!(!bench.unasked(Why::Speculation).is_empty(), "mapped: it speculates");
    let removed = bench.now();
    bench.notes.clear();
    bench.cpu.direct_map().remove(removed, lent());
    if flush {
        bench.cpu.direct_map().flush(lent());
    }
    bench.bus.closed = Some(lent());
    bench.run(700);
    let done = bench.ok(Op::Clear(range(LENT - 128, 128)));
    assert_eq!(done.end, End::Complete);
    bench.run(300);
    let inside = bench.unasked(Why::Speculation).into_iter().filter(|a| lent().contains(a.addr));
    let found: Vec<_> = inside.map(|a| a.cycle.0 - removed.0).collect();
    let fatal = |d: &(Why, Direction, u64, u8, Consequence)| {
        d.0 == Why::Speculation && d.4 == Consequence::ExternalAbort
    };
    let denied = bench.denials().iter().filter(|d| fatal(d)).count();
    assert!(denied >= found.len(), "each is denied; some were under way before");
    found
}

#[test]
fn speculation_goes_on_through_the_stale_tlb_entry_and_not_after() {
    let found = speculation(false);
    assert!(found.len() > 5 && found.iter().all(|&after| after < 600), "{found:?}");
    assert!(speculation(true).is_empty(), "a flush closes the window");
}

#[test]
fn without_a_kernel_address_there_is_nothing_to_maintain() {
    let mut bench = Bench::new(quiet(), 9);
    bench.ok(Op::Clear(range(LENT, 64)));
    let now = bench.now();
    bench.cpu.direct_map().remove(now, lent());
    bench.ok(Op::Clean(range(LENT, 64))); // through the stale entry
    bench.cpu.direct_map().flush(lent());
    let before = bench.bus.log.len();
    for op in [
        Op::Clean(lent()),
        Op::Invalidate(lent()),
        Op::Load(lent()),
        Op::Clear(lent()),
        Op::Store(PhysAddr(LENT), vec![1]),
        Op::Copy {
            from: PhysAddr(BASE),
            to: PhysAddr(LENT),
            len: ByteLen(8),
            uncached_source: true,
        },
    ] {
        let done = bench.op(World::NonSecure, op);
        assert_eq!(done.end, End::Unmapped { addr: PhysAddr(LENT) });
    }
    assert_eq!(bench.bus.log.len(), before + 1, "only the copy's source was read");
    bench.cpu.direct_map().restore(lent());
    bench.ok(Op::Load(lent()));
}

#[test]
fn uncached_accesses_are_denied_at_once() {
    let mut bench = Bench::new(quiet(), 10);
    bench.bus.closed = Some(lent());
    let write = Op::WriteUncached(PhysAddr(LENT + 3), vec![1; 100]);
    let done = bench.op(World::NonSecure, write);
    assert!(matches!(done.end, End::Aborted { resp: 3, .. }));
    let done = bench.op(World::NonSecure, Op::ReadUncached(range(LENT + 3, 100)));
    assert_eq!(done.end, End::Aborted { addr: PhysAddr(LENT + 3), resp: 3 });
    let kinds: Vec<_> = bench.denials().iter().map(|d| (d.0, d.1, d.4)).collect();
    let write = (Why::Demand, Direction::Write, Consequence::DataLost);
    assert_eq!(kinds, [write, write, (Why::Demand, Direction::Read, Consequence::ExternalAbort)]);
}
