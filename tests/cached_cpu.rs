// SPDX-License-Identifier: Apache-2.0
//! The processor with its cache on the board: a region closes over lines that it holds.
use ringfence::firmware::{
    ApbDriver, Hardware, Op as Register, RegionFile, RegionRights, RegionSetting, boot, change,
    registers,
};
use ringfence::memory::{Contents, FixedTiming, MemoryPort};
use ringfence::scenario::{Background, Firewall, Memory, Order};
use ringfence::tee::{DmaDirection, Mapped, Reachable, Rights, Swiotlb};
use ringfence::units::{
    AddrRange, ByteLen, ByteRate, Cycle, Direction, Hertz, MasterId, Nsaid, PhysAddr,
};
use ringfence::workload::cache::{
    Access, CachedCpu, Consequence, CpuConfig, Done, End, Note, Op, Why, World,
};
use ringfence_sim::{Board, BoardOptions, ProtocolMonitor};

const BUDGET: Cycle = Cycle(20_000);
const MIB: u64 = 1 << 20;
const OLD: u8 = 0x5a;

fn range(base: u64, len: u64) -> AddrRange {
    AddrRange { base: PhysAddr(base), len: ByteLen(len) }
}

fn dram() -> AddrRange {
    range(0x8000_0000, 64 * MIB)
}

/// The memory that is lent.
fn pool() -> AddrRange {
    range(0x8100_0000, MIB)
}

/// The pages of it that the tests touch.
fn buffer() -> AddrRange {
    range(0x8100_0000, 0x2000)
}

/// DRAM in three regions; the middle one is the pool.
fn map(lent: bool) -> Vec<RegionSetting> {
    let secure = RegionRights { secure: Rights::READ_WRITE, ..RegionRights::default() };
    let pool_rights = if lent { secure } else { RegionRights::ALL };
    let (below, above) = (pool().base.0 - dram().base.0, dram().end().0 - pool().end().0);
    let everything = range(0, 1 << 40);
    [
        (everything, RegionRights::default()),
        (range(dram().base.0, below), RegionRights::ALL),
        (pool(), pool_rights),
        (range(pool().end().0, above), RegionRights::ALL),
    ]
    .into_iter()
    .zip(0..)
    .map(|((range, rights), index)| RegionSetting { index, range, rights })
    .collect()
}

struct Bench {
    board: Board,
    memory: MemoryPort<FixedTiming>,
    contents: Contents,
    apb: ApbDriver,
    protocol: ProtocolMonitor,
    cpu: CachedCpu,
    wake: Cycle,
    notes: Vec<Note>,
}

impl Bench {
    /// A board whose firewall lets everybody into all DRAM; denied accesses answer as told.
    fn new(deny_with_error: bool, cpu: CpuConfig) -> Self {
        let mut board = Board::new("f1", BoardOptions::default()).expect("the board is built");
        board.inputs().raw_enable = 1 << cpu.master.0;
        let timing = Memory {
            dram: dram(),
            alias_bits: None,
            latency_ps: 60_000,
            bandwidth: ByteRate(9_600_000_000),
        };
        let mut bench = Self {
            protocol: ProtocolMonitor::new(board.filters()),
            board,
            memory: MemoryPort::new(0, FixedTiming::new(&timing, Hertz(600_000_000))),
            contents: Contents::new(dram()),
            apb: ApbDriver::new(BUDGET),
            cpu: CachedCpu::new(cpu, 1),
            wake: Cycle(0),
            notes: Vec::new(),
        };
        let firewall = Firewall {
            background: Background::Deny,
            order: Order::Gated,
            action_error: deny_with_error,
            action_interrupt: false,
            speculation: false,
        };
        let ops = boot(Hardware::board(1), firewall, &map(false), BUDGET).expect("it can boot");
        bench.registers(&ops);
        bench
    }

    /// One cycle, with the processor called as the engine would: at its pins or when it is due.
    fn step(&mut self) {
        let cycle = Cycle(self.board.cycle());
        self.board.step();
        let (inputs, out) = self.board.io();
        self.protocol.observe(cycle.0, out);
        self.memory.tick(cycle, out, &mut self.contents, &mut inputs.mem[0]);
        self.apb.drive(out, &mut inputs.apb);
        let fires = out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire();
        if self.wake <= cycle || fires & u16::from(inputs.raw_enable) != 0 {
            self.wake = self.cpu.tick(cycle, out, inputs);
        }
        while let Some(note) = self.cpu.take_note() {
            self.notes.push(note);
        }
    }

    fn run(&mut self, cycles: u64) {
        (0..cycles).for_each(|_| self.step());
    }

    fn registers(&mut self, ops: &[Register]) -> Vec<u32> {
        let ticket = self.apb.start(ops).expect("the bus is free");
        for _ in 0..BUDGET.0 {
            if let Some(end) = self.apb.take_end(ticket) {
                assert_eq!(end.result, Ok(()));
                return end.values.to_vec();
            }
            self.step();
        }
        panic!("register sequence does not end");
    }

    /// Lends the pool or takes it back.
    fn lend(&mut self, lent: bool) {
        let file = RegionFile::reset(Hardware::board(1));
        let (old, new) = (file.with(&map(!lent)), file.with(&map(lent)));
        let ops = change(Order::Gated, &old, &new, BUDGET).expect("an order exists").ops;
        self.registers(&ops);
    }

    fn op(&mut self, op: Op) -> Done {
        self.cpu.push(World::NonSecure, op);
        self.wake = Cycle(0);
        for _ in 0..500_000 {
            self.step();
            if let Some(done) = self.cpu.take_done() {
                return done;
            }
        }
        panic!("an operation does not end");
    }

    /// The firewall's own failure status.
    fn failures(&mut self) -> u32 {
        self.registers(&[Register::Read { offset: registers::INT_STATUS }])[0]
    }

    /// What memory holds, behind everybody's back.
    fn bytes(&self, wanted: AddrRange) -> Vec<u8> {
        let mut found = Vec::new();
        for (base, bytes) in self.contents.pages() {
            if wanted.contains(base) {
                found.extend_from_slice(bytes);
            }
        }
        found
    }

    fn denied(&self) -> Vec<(Access, u8, Consequence)> {
        let denied = self.notes.iter().filter_map(|note| match *note {
            Note::Denied { access, resp, consequence } => Some((access, resp, consequence)),
            _ => None,
        });
        denied.collect()
    }
}

fn cpu(evict_every: Option<Cycle>) -> CpuConfig {
    CpuConfig {
        master: MasterId(4),
        nsaid: Nsaid(4),
        sets: 64,
        ways: 4,
        keeps_denied_lines: false,
        evict_every,
        ahead_percent: 0,
        wander: None,
        direct_map: vec![dram()],
        tlb_window: Cycle(0),
    }
}

/// The kernel clears pages, cleans them or not, and lends them; then time passes.
fn clear_and_lend(clean: bool) -> (Bench, usize) {
    let mut bench = Bench::new(true, cpu(Some(Cycle(100))));
    let old = vec![OLD; buffer().len.0 as usize];
    assert_eq!(bench.op(Op::WriteUncached(buffer().base, old)).end, End::Complete);
    assert_eq!(bench.op(Op::Clear(buffer())).end, End::Complete);
    if clean {
        assert_eq!(bench.op(Op::CleanInvalidate(buffer())).end, End::Complete);
    }
    bench.lend(true);
    let dirty = bench.cpu.dirty_lines().count();
    bench.run(30_000);
    assert_eq!(bench.cpu.dirty_lines().count(), 0, "all were evicted");
    assert!(bench.protocol.errors().is_empty(), "{:?}", bench.protocol.errors());
    assert!(bench.board.assertion_failures().is_empty());
    (bench, dirty)
}

#[test]
fn dirty_lines_of_lent_pages_are_evicted_into_a_closed_region() {
    let (mut bench, dirty) = clear_and_lend(false);
    let denied = bench.denied();
    assert!(dirty > 50, "the region closed before most of them went: {dirty}");
    // One that was posted before the firewall changed and judged after it counts as clean.
    assert!((dirty..dirty + 8).contains(&denied.len()), "{} of {dirty}", denied.len());
    for (access, resp, consequence) in &denied {
        assert_eq!((access.why, access.direction), (Why::Eviction, Direction::Write));
        assert!(buffer().contains(access.addr));
        assert_eq!((*resp, *consequence), (3, Consequence::DataLost));
    }
    assert_ne!(bench.failures(), 0);
    let lost = bench.bytes(buffer()).iter().filter(|&&byte| byte == OLD).count();
    assert_eq!(lost, 64 * denied.len(), "what was to be cleared is still there");
}

#[test]
fn cleaned_before_the_lend_nothing_is_denied() {
    let (mut bench, dirty) = clear_and_lend(true);
    assert_eq!((dirty, bench.denied()), (0, Vec::new()));
    assert_eq!(bench.failures(), 0);
    assert_eq!(bench.bytes(buffer()), vec![0; buffer().len.0 as usize]);
}

#[test]
fn a_bounce_copy_out_of_protected_memory_aborts_and_leaves_the_slots_as_they_were() {
    let mut bench = Bench::new(true, cpu(None));
    let slots = range(0x8010_0000, 0x2000);
    bench.op(Op::WriteUncached(slots.base, vec![OLD; 0x2000]));
    bench.lend(true);
    let mut pool = Swiotlb::new(range(slots.base.0, MIB));
    let device = Reachable { address_bits: 64, force: true };
    let mapped = pool.map(buffer(), DmaDirection::ToDevice, device);
    let Ok(Mapped::Bounced { bus, copy }) = mapped else { panic!("not bounced: {mapped:?}") };
    assert_eq!(bus, slots.base);
    for uncached in [false, true] {
        let done = bench.op(Op::Copy {
            from: copy.from,
            to: copy.to,
            len: copy.len,
            uncached_source: uncached,
        });
        assert_eq!(done.end, End::Aborted { addr: buffer().base, resp: 3 });
    }
    bench.op(Op::CleanInvalidate(slots));
    assert_eq!(bench.bytes(slots), vec![OLD; 0x2000], "the device reads what was there before");
    assert_ne!(bench.failures(), 0);
}

#[test]
fn zeros_of_a_denied_read_outlive_the_reclaim() {
    let mut bench = Bench::new(false, cpu(None));
    bench.op(Op::WriteUncached(buffer().base, vec![OLD; 64]));
    let line = range(buffer().base.0, 64);
    bench.lend(true);
    assert_eq!(bench.op(Op::Load(line)).data, [0; 64], "denied with OKAY");
    bench.lend(false);
    let open = Cycle(bench.board.cycle());
    let stale = bench.op(Op::Load(line));
    assert_eq!(stale.data, [0; 64], "memory holds something else");
    assert!(stale.oldest.expect("it read") < open);
    bench.op(Op::Invalidate(line));
    assert_eq!(bench.op(Op::Load(line)).data, [OLD; 64]);
    assert!(bench.denied().is_empty(), "no core can tell");
}

/// The pool is lent while the processor speculates; `flush` after its pages left the direct map.
fn lend_under_speculation(flush: bool) -> Bench {
    let every = Cycle(50);
    let wander = Some((vec![buffer()], every));
    let mut bench = Bench::new(true, CpuConfig { wander, tlb_window: Cycle(20_000), ..cpu(None) });
    bench.run(1000);
    assert!(!bench.notes.is_empty(), "mapped: it speculates");
    let now = Cycle(bench.board.cycle());
    bench.cpu.direct_map().remove(now, pool());
    if flush {
        bench.cpu.direct_map().flush(pool());
    }
    bench.run(1000); // what is under way ends
    assert_eq!(bench.op(Op::Invalidate(range(dram().base.0, 64))).end, End::Complete);
    bench.lend(true);
    bench.run(30_000);
    assert!(bench.protocol.errors().is_empty(), "{:?}", bench.protocol.errors());
    bench
}

#[test]
fn a_stale_tlb_entry_lets_the_processor_speculate_into_protected_memory() {
    let mut bench = lend_under_speculation(false);
    let denied = bench.denied();
    // 128 lines are soon in the cache, and those are not read again.
    assert!(!denied.is_empty());
    for (access, resp, consequence) in denied {
        assert_eq!((access.why, access.direction), (Why::Speculation, Direction::Read));
        assert_eq!((resp, consequence), (3, Consequence::ExternalAbort));
        assert!(access.cycle.0 < 25_000, "the entry is gone by itself");
    }
    assert_ne!(bench.failures(), 0);
    let mut bench = lend_under_speculation(true);
    assert_eq!(bench.denied(), Vec::new(), "flushed before the lend");
    assert_eq!(bench.failures(), 0);
}
