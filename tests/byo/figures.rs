// SPDX-License-Identifier: Apache-2.0
//! The figures of a replay against logs whose answer is known beforehand.
use ringfence::engine::event::{
    BufferEvent, CallEvent, CallOp, CallResult, Event, PoolEvent, PoolInfo, PoolPhase,
    ReplayHeader, RunHeader,
};
use ringfence::report::replay::Figures;
use ringfence::units::{ByteLen, Cycle, PhysAddr};

const PAGE: u64 = 4096;

fn head(pools: &[(u64, u64)]) -> Vec<Event> {
    let pool = |(i, (base, len)): (usize, &(u64, u64))| PoolInfo {
        name: format!("p{i}"),
        heap: "protected,secure-video".into(),
        base: PhysAddr(*base),
        len: ByteLen(*len),
        role: "any".into(),
    };
    let run = RunHeader {
        schema: 1,
        scenario: "x".into(),
        summary: "x".into(),
        seed: 0,
        overrides: Vec::new(),
        clock_hz: 600_000_000,
        shape: "f1".into(),
        port_ceiling: 0,
        bin_cycles: 1,
        masters: Vec::new(),
        pools: pools.iter().enumerate().map(pool).collect(),
    };
    let (history, max_gap) = ("h".to_owned(), Cycle(0));
    let replay = ReplayHeader { history, rows: 1, speed: 1, max_gap, window_us: 1000 };
    vec![Event::Run(run), Event::Replay(replay)]
}

fn buffer(pool: u8, base: u64, len: u64, allocated: bool) -> Event {
    let (base, len) = (PhysAddr(base), ByteLen(len));
    let name = "b".to_owned();
    Event::Buffer(BufferEvent { cycle: Cycle(1), buffer: 0, name, pool, base, len, allocated })
}

fn phase(pool: u8, base: u64, len: u64, phase: PoolPhase) -> Event {
    let (base, len) = (PhysAddr(base), ByteLen(len));
    Event::Pool(PoolEvent { cycle: Cycle(1), pool, base, len, phase })
}

fn call(op: CallOp, pool: Option<u8>, bytes: u64, time_us: u64, result: CallResult) -> Event {
    Event::Call(CallEvent {
        cycle: Cycle(1),
        client: "c".into(),
        row: 1,
        time_us,
        implied: false,
        op,
        buffer: "b".into(),
        pool,
        bytes: ByteLen(bytes),
        result,
        took: bytes,
    })
}

#[test]
fn a_log_that_replays_nothing_has_no_figures() {
    assert!(Figures::of(&[]).is_none());
    assert!(Figures::of(&head(&[])[..1]).is_none());
}

#[test]
fn pools_are_followed_apart_and_summed() {
    let mut log = head(&[(0, 8 * PAGE), (0x10_0000, 4 * PAGE)]);
    log.extend([
        buffer(0, 0, 2 * PAGE, true),
        buffer(1, 0x10_0000, 4 * PAGE, true),
        buffer(0, 3 * PAGE, 2 * PAGE, true), // free: 1 and 3 pages
        buffer(1, 0x10_0000, 4 * PAGE, false),
        buffer(0, 0, 2 * PAGE, false),   // free: 3 and 3 pages
        buffer(0, 6 * PAGE, PAGE, true), // free: 3, 1 and 1 pages
    ]);
    let found = Figures::of(&log).expect("a replay");
    assert_eq!(found.peak_bytes, 8 * PAGE);
    assert_eq!((found.pools[0].peak_bytes, found.pools[1].peak_bytes), (4 * PAGE, 4 * PAGE));
    let worst = found.pools[0].most_fragmented.expect("fragmented");
    assert_eq!((worst.total, worst.largest), (6 * PAGE, 3 * PAGE));
    assert_eq!((found.pools[1].most_fragmented, found.left), (None, 2));
}

#[test]
fn enomem_with_room_counts_pages_and_only_what_is_lent() {
    let enomem = || CallResult::Refused("ENOMEM".into());
    let (lend, end) = (PoolPhase::LendProgrammed, PoolPhase::Returned);
    let mut log = head(&[(0, 64 * PAGE)]);
    log.extend([
        call(CallOp::Alloc, Some(0), 1, 0, enomem()), // nothing is lent
        phase(0, 0, 4 * PAGE, lend),
        buffer(0, PAGE, PAGE, true),
        call(CallOp::Alloc, Some(0), 3 * PAGE, 0, enomem()), // 3 pages, not in one piece
        call(CallOp::Alloc, Some(0), 3 * PAGE + 1, 0, enomem()), // 4 pages are wanted
        call(CallOp::Map, None, 0, 0, enomem()),             // no allocation
        call(CallOp::Alloc, None, 1, 0, CallResult::Refused("ENODEV".into())),
        call(CallOp::Close, None, 0, 0, CallResult::NotMade),
        phase(0, 0, 4 * PAGE, end),
    ]);
    let found = Figures::of(&log).expect("a replay");
    assert_eq!((found.enomem, found.enomem_fragmented, found.not_made), (3, 1, 1));
    let refused: Vec<_> = found.refused.into_iter().collect();
    assert_eq!(refused, [("ENODEV".to_owned(), 1), ("ENOMEM".to_owned(), 1)]);
    assert_eq!(found.longest_alloc, 3 * PAGE + 1);
}

#[test]
fn thrash_is_by_pool_and_by_the_time_of_the_history() {
    let done = || CallResult::Done;
    let lend = |pool, at| {
        [phase(pool, 0, PAGE, PoolPhase::LendProgrammed), call(CallOp::Alloc, None, 0, at, done())]
    };
    let end = |pool, at, how| [phase(pool, 0, PAGE, how), call(CallOp::Close, None, 0, at, done())];
    let (back, kept) = (PoolPhase::Returned, PoolPhase::Quarantined);
    let mut log = head(&[(0, PAGE), (PAGE, PAGE)]);
    let story = [
        lend(0, 0),
        end(0, 100, back),
        lend(1, 200),  // the other pool
        lend(0, 1100), // 1000 us later: just so
        end(0, 2000, kept),
        lend(0, 3001), // one more: not any longer
    ];
    log.extend(story.concat());
    let found = Figures::of(&log).expect("a replay");
    let pool = &found.pools[0];
    assert_eq!((pool.lends, pool.reclaims, pool.quarantined, pool.thrash), (3, 2, 1, 1));
    assert_eq!((found.pools[1].lends, found.pools[1].thrash), (1, 0));
}
