// SPDX-License-Identifier: Apache-2.0
//! A13: the application flushes the cache before and after every write to the secure buffer. The
//! secure processor with its cache and a display beside it, on the board, without an allocator.
use ringfence::firmware::{ApbDriver, Hardware, RegionRights, RegionSetting, boot};
use ringfence::memory::{Contents, FixedTiming, MemoryPort};
use ringfence::scenario::{Background, Firewall, Memory, Order};
use ringfence::tee::Rights;
use ringfence::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, MasterId, Nsaid, PhysAddr};
use ringfence::workload::DmaPort;
use ringfence::workload::cache::{CachedCpu, CpuConfig, End, Op, World};
use ringfence_sim::{Board, BoardOptions, Desc, Outputs, ProtocolMonitor};

const BUDGET: Cycle = Cycle(20_000);
const MIB: u64 = 1 << 20;
const CPU: usize = 1;
const DISPLAY: usize = 3;
/// A line's worth of whole lines around 17000 bytes.
const LEN: u64 = 17_024;

const fn range(base: u64, len: u64) -> AddrRange {
    AddrRange { base: PhysAddr(base), len: ByteLen(len) }
}

const DRAM: AddrRange = range(0x8000_0000, 64 * MIB);
const SECURE: AddrRange = range(0x8100_0000, LEN);

/// The secure world alone gets in, and the display reads.
fn regions() -> Vec<RegionSetting> {
    let pool = RegionRights {
        secure: Rights::READ_WRITE,
        nsaid_read: 1 << DISPLAY,
        ..RegionRights::default()
    };
    let setting = |(index, range, rights)| RegionSetting { index, range, rights };
    let all = [
        (0, range(0, 1 << 40), RegionRights::default()),
        (1, range(DRAM.base.0, 16 * MIB), RegionRights::ALL),
        (2, range(SECURE.base.0, MIB), pool),
    ];
    all.into_iter().map(setting).collect()
}

struct Bench {
    board: Board,
    memory: MemoryPort<FixedTiming>,
    contents: Contents,
    apb: ApbDriver,
    protocol: ProtocolMonitor,
    cpu: CachedCpu,
    display: DmaPort,
    wake: Cycle,
    /// Bytes that the display got, by address.
    seen: Vec<(u64, u8)>,
    /// Secure writes of the processor at its port, each a line or a part of one.
    writes: Vec<u64>,
}

impl Bench {
    fn new() -> Self {
        let config = CpuConfig {
            master: MasterId(CPU as u8),
            nsaid: Nsaid(0),
            sets: 64,
            ways: 4,
            keeps_denied_lines: false,
            evict_every: None,
            ahead_percent: 0,
            wander: None,
            direct_map: vec![DRAM],
            tlb_window: Cycle(0),
        };
        let mut board = Board::new("f1", BoardOptions::default()).expect("the board is built");
        board.inputs().raw_enable = 1 << CPU;
        board.inputs().straps[DISPLAY].nsaid = 0x1111 * DISPLAY as u16;
        board.inputs().straps[DISPLAY].prot = 0b010_010_010_010;
        let timing = Memory {
            dram: DRAM,
            alias_bits: None,
            latency_ps: 60_000,
            bandwidth: ByteRate(9_600_000_000),
        };
        let mut bench = Self {
            protocol: ProtocolMonitor::new(board.filters()),
            board,
            memory: MemoryPort::new(0, FixedTiming::new(&timing, Hertz(600_000_000))),
            contents: Contents::new(DRAM),
            apb: ApbDriver::new(BUDGET),
            cpu: CachedCpu::new(config, 1),
            display: DmaPort::new(DISPLAY),
            wake: Cycle(0),
            seen: Vec::new(),
            writes: Vec::new(),
        };
        bench.lend();
        bench
    }

    fn lend(&mut self) {
        let firewall = Firewall {
            background: Background::Deny,
            order: Order::Gated,
            action_error: true,
            action_interrupt: false,
            speculation: false,
        };
        let ops = boot(Hardware::board(1), firewall, &regions(), BUDGET).expect("it can boot");
        let ticket = self.apb.start(&ops).expect("the bus is free");
        for _ in 0..BUDGET.0 {
            if let Some(end) = self.apb.take_end(ticket) {
                assert_eq!(end.result, Ok(()));
                return;
            }
            self.step();
        }
        panic!("register sequence does not end");
    }

    fn step(&mut self) {
        let cycle = Cycle(self.board.cycle());
        self.board.step();
        let (inputs, out) = self.board.io();
        self.protocol.observe(cycle.0, out);
        self.memory.tick(cycle, out, &mut self.contents, &mut inputs.mem[0]);
        self.apb.drive(out, &mut inputs.apb);
        let fires = out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire();
        if self.wake <= cycle || fires >> CPU & 1 == 1 {
            self.wake = self.cpu.tick(cycle, out, inputs);
        }
        self.display.tick(out, inputs);
        self.display.offer(inputs);
        watch(out, &mut self.seen, &mut self.writes);
    }

    fn op(&mut self, op: Op) -> Vec<u8> {
        self.cpu.push(World::Secure, op);
        self.wake = Cycle(0);
        for _ in 0..500_000 {
            self.step();
            if let Some(done) = self.cpu.take_done() {
                assert_eq!((done.end, done.lost), (End::Complete, 0));
                return done.data;
            }
        }
        panic!("an operation does not end");
    }

    /// What the display reads of the buffer, denied nothing.
    fn shown(&mut self) -> Vec<u8> {
        self.seen.clear();
        let (addr, len, rows, burst, outstanding) = (SECURE.base.0, LEN as u32, 1, 16, 8);
        self.display.read(Desc { addr, len, rows, burst, outstanding, ..Desc::default() });
        for _ in 0..100_000 {
            self.step();
            if self.display.idle() {
                self.seen.sort_unstable();
                assert_eq!(self.seen.len() as u64, LEN);
                return self.seen.iter().map(|(_, byte)| *byte).collect();
            }
        }
        panic!("the display does not end");
    }

    /// Writes the buffer through the cache, flushed before and after or not.
    fn inject(&mut self, data: &[u8], before: bool, after: bool) -> usize {
        self.writes.clear();
        if before {
            self.op(Op::CleanInvalidate(SECURE));
        }
        self.op(Op::Store(SECURE.base, data.to_vec()));
        if after {
            self.op(Op::CleanInvalidate(SECURE));
        }
        assert!(self.protocol.errors().is_empty(), "{:?}", self.protocol.errors());
        assert!(self.writes.iter().all(|at| SECURE.contains(PhysAddr(*at))));
        self.writes.len()
    }
}

fn watch(out: &Outputs, seen: &mut Vec<(u64, u8)>, writes: &mut Vec<u64>) {
    if out.rs_valid >> DISPLAY & 1 == 1 {
        let beat = &out.port[DISPLAY].r;
        assert_eq!(beat.resp, 0, "the display may read");
        let lanes = beat.data.iter().flat_map(|word| word.to_le_bytes());
        seen.extend((out.rs[DISPLAY].addr..).zip(lanes));
    }
    if out.aw.fire() >> CPU & 1 == 1 {
        let aw = out.port[CPU].aw;
        assert_eq!(aw.prot & 2, 0, "the secure world writes");
        writes.push(aw.addr);
    }
}

fn picture(seed: u64) -> Vec<u8> {
    (0..LEN).map(|at| (at.wrapping_mul(31).wrapping_add(seed * 97) >> 2) as u8).collect()
}

/// What A13 asks for, and why: with both flushes every line crosses the bus and the display sees
/// each write; without them it sees what was there before, or the application does.
pub(super) fn a13() {
    let lines = LEN.div_ceil(64) as usize;
    let mut bench = Bench::new();
    for round in 0..10 {
        let data = picture(round);
        assert_eq!(bench.inject(&data, true, true), lines, "every line, once");
        assert_eq!(bench.cpu.dirty_lines().count(), 0);
        assert!(bench.shown() == data, "round {round}");
    }
    let old = picture(9);
    let new = picture(10);
    assert_ne!(old, new);
    let crossed = bench.inject(&new, true, false);
    let stale = bench.shown();
    assert!(crossed < lines && stale != new, "not flushed after: {crossed} of {lines} lines");
    assert!(bench.cpu.dirty_lines().count() > 0);
    // What the lines still hold goes out with the next flush, and nothing is lost.
    bench.op(Op::CleanInvalidate(SECURE));
    assert!(bench.shown() == new);
    // A line read before somebody wrote past the cache is what is read again, unless it is flushed.
    let line = range(SECURE.base.0, 64);
    assert_eq!(bench.op(Op::Load(line)), new[..64]);
    let device = picture(11);
    bench.op(Op::WriteUncached(line.base, device[..64].to_vec()));
    assert_eq!(bench.op(Op::Load(line)), new[..64], "not flushed before");
    bench.op(Op::CleanInvalidate(line));
    assert_eq!(bench.op(Op::Load(line)), device[..64]);
}
