// SPDX-License-Identifier: Apache-2.0
//! A device behind an IOMMU against a plain table of pages.
use super::*;
use crate::tee::Rights;
use crate::units::PAGE;
use crate::workload::stream;
use crate::workload::test_bus::TestBus;
use rand::{Rng, RngExt};
use std::collections::BTreeMap;

const BASE: u64 = 0x8000_0000;

fn strict() -> IommuConfig {
    let mode = Invalidation::Strict;
    IommuConfig { entries: 4, walk: Cycle(30), invalidation: Cycle(25), mode }
}

fn deferred(unmaps: usize, within: u64) -> IommuConfig {
    IommuConfig { mode: Invalidation::Deferred { unmaps, within: Cycle(within) }, ..strict() }
}

struct Bench {
    device: IommuPort,
    bus: TestBus,
    notes: Vec<Note>,
}

impl Bench {
    fn new(iommu: IommuConfig, seed: u64) -> Self {
        let config = IommuPortConfig {
            master: MasterId(2),
            nsaid: Nsaid(7),
            secure: false,
            burst: 16,
            outstanding: 8,
        };
        let device = IommuPort::new(config, iommu, seed);
        Self { device, bus: TestBus::new(2, seed), notes: Vec::new() }
    }

    fn now(&self) -> Cycle {
        Cycle(self.bus.cycle)
    }

    fn step(&mut self) {
        self.bus.step();
        let cycle = self.now();
        let (out, inputs) = self.bus.parts();
        self.device.tick(cycle, out, inputs);
        while let Some(note) = self.device.take_note() {
            self.notes.push(note);
        }
    }

    fn run(&mut self, cycles: u64) {
        (0..cycles).for_each(|_| self.step());
    }

    fn end(&mut self) -> Done {
        for _ in 0..50_000 {
            if let Some(done) = self.device.take_done() {
                return done;
            }
            self.step();
        }
        panic!("a transfer does not end");
    }

    fn go(&mut self, transfer: Transfer) -> Done {
        self.device.push(transfer).expect("whole beats");
        self.end()
    }

    fn map(&mut self, page: u64, phys: u64, rights: Rights) -> Result<(), Refused> {
        let (iova, phys) = (Iova(page * PAGE), PhysAddr(BASE + phys * PAGE));
        self.device.map(iova, phys, ByteLen(PAGE), rights)
    }

    /// Unmaps a page and waits until that returns.
    fn unmap(&mut self, page: u64) {
        let now = self.now();
        let id = self.device.unmap(now, Iova(page * PAGE), ByteLen(PAGE)).expect("mapped");
        for _ in 0..2000 {
            if let Some(returned) = self.device.take_unmapped() {
                assert_eq!(returned, id);
                return;
            }
            self.step();
        }
        panic!("unmapping does not return");
    }

    /// Reads some of a page: the fault, or none when it got through.
    fn read(&mut self, page: u64) -> Option<Reason> {
        let done = self.go(Transfer::Read(Iova(page * PAGE), ByteLen(256)));
        done.fault.map(|fault| fault.reason)
    }

    fn stale(&self) -> Vec<bool> {
        let stale = self.notes.iter().filter_map(|note| match note {
            Note::Stale(stale) => Some(stale.returned),
            Note::Fault(_) => None,
        });
        stale.collect()
    }
}

#[test]
fn transfers_go_where_the_table_says_or_fault_at_the_first_page_without() {
    for seed in 0..6 {
        let iommu = if seed % 2 == 0 { strict() } else { deferred(3, 100) };
        let mut bench = Bench::new(iommu, seed);
        let mut rng = stream(seed, 9);
        let mut flat = vec![0; 16 * PAGE as usize];
        rng.fill_bytes(&mut flat);
        bench.bus.set(BASE, &flat);
        let mut table: BTreeMap<u64, u64> = BTreeMap::new();
        for _ in 0..120 {
            let page = rng.random_range(0..8u64);
            match rng.random_range(0..4u8) {
                0 if !table.contains_key(&page) => {
                    let phys = rng.random_range(0..16u64);
                    // After the deferred flush, or a mapping too early is refused.
                    bench.run(160);
                    bench.map(page, phys, Rights::READ_WRITE).expect("free");
                    table.insert(page, phys);
                }
                1 if table.contains_key(&page) => {
                    bench.unmap(page);
                    bench.run(160);
                    table.remove(&page);
                }
                kind => {
                    let at = page * PAGE + 16 * rng.random_range(0..256u64);
                    let len = 16 * rng.random_range(1..300u64);
                    let place = |n: u64| {
                        let at = at + n;
                        table.get(&(at / PAGE)).map(|phys| (phys * PAGE + at % PAGE) as usize)
                    };
                    let good = (0..len).take_while(|&n| place(n).is_some()).count() as u64;
                    let mut bytes = vec![0; len as usize];
                    rng.fill_bytes(&mut bytes);
                    let done = if kind == 2 {
                        (0..good).for_each(|n| flat[place(n).expect("good")] = bytes[n as usize]);
                        bench.go(Transfer::Write(Iova(at), bytes))
                    } else {
                        let done = bench.go(Transfer::Read(Iova(at), ByteLen(len)));
                        for n in 0..good {
                            assert_eq!(done.data[n as usize], flat[place(n).expect("good")]);
                        }
                        done
                    };
                    assert_eq!(done.moved, ByteLen(good));
                    let reason = done.fault.map(|fault| (fault.iova, fault.reason));
                    let want = (good < len).then_some((Iova(at + good), Reason::NotMapped));
                    assert_eq!(reason, want);
                }
            }
        }
        assert_eq!(bench.bus.bytes(BASE, flat.len()), flat);
        assert!(bench.stale().is_empty());
        assert!(bench.bus.log.iter().all(|t| (t.ax.prot, t.ax.nsaid) == (2, 7)));
    }
}

#[test]
fn a_write_needs_the_right_to_write() {
    let mut bench = Bench::new(strict(), 1);
    bench.map(0, 0, Rights::READ).expect("free");
    assert_eq!(bench.read(0), None);
    let done = bench.go(Transfer::Write(Iova(64), vec![1; 64]));
    assert_eq!(done.fault.map(|fault| fault.reason), Some(Reason::Permission));
    assert_eq!(bench.bus.count(Direction::Write), 0);
}

#[test]
fn strict_unmapping_returns_when_nothing_can_come_any_more() {
    for seed in 0..20 {
        let mut bench = Bench::new(strict(), seed);
        bench.map(0, 3, Rights::READ_WRITE).expect("free");
        bench.device.push(Transfer::Read(Iova(0), ByteLen(PAGE))).expect("whole beats");
        bench.run(60 + seed);
        assert!(bench.bus.count(Direction::Read) > 0, "under way");
        bench.unmap(0);
        let taken = bench.bus.log.len();
        assert_eq!(bench.device.in_flight(), 0, "unmap waits for what is in flight");
        let done = bench.end();
        assert_eq!(done.fault.map(|fault| fault.reason), Some(Reason::NotMapped));
        assert_eq!(bench.read(0), Some(Reason::NotMapped));
        assert_eq!(bench.bus.log.len(), taken);
        assert!(bench.stale().iter().all(|returned| !returned), "before it returned at most");
        bench.map(0, 4, Rights::READ_WRITE).expect("free again");
        assert_eq!(bench.read(0), None);
    }
}

#[test]
fn deferred_entries_let_the_device_in_until_time_is_up() {
    let mut bench = Bench::new(deferred(100, 2000), 2);
    bench.map(0, 3, Rights::READ_WRITE).expect("free");
    assert_eq!(bench.read(0), None);
    bench.unmap(0);
    let since = bench.now();
    assert_eq!(bench.read(0), None, "the old page, through the stale entry");
    assert_eq!(bench.bus.log.last().map(|t| t.ax.addr), Some(BASE + 3 * PAGE));
    assert_eq!(bench.stale(), [true]);
    assert_eq!(bench.map(0, 4, Rights::READ), Err(Refused::Taken(Iova(0))));
    let mut last = since;
    while bench.read(0).is_none() {
        last = bench.now();
        assert!(last.0 < since.0 + 10_000, "no flush");
    }
    let took = last.0 - since.0;
    assert!((1700..=2000 + 200).contains(&took), "{took}");
    bench.map(0, 4, Rights::READ).expect("flushed");
}

#[test]
fn a_full_flush_queue_closes_the_window() {
    let mut bench = Bench::new(deferred(3, 1_000_000), 3);
    for page in 0..3 {
        bench.map(page, page, Rights::READ).expect("free");
        assert_eq!(bench.read(page), None);
    }
    for page in 0..2 {
        bench.unmap(page);
        assert_eq!(bench.read(page), None, "unmap {page}: reachable");
    }
    bench.unmap(2);
    bench.run(30); // the invalidation itself
    for page in 0..3 {
        assert_eq!(bench.read(page), Some(Reason::NotMapped));
    }
}

#[test]
fn an_entry_that_was_pushed_out_is_no_way_in() {
    let mut bench = Bench::new(deferred(100, 1_000_000), 4);
    bench.map(0, 0, Rights::READ).expect("free");
    assert_eq!(bench.read(0), None);
    for page in 1..40 {
        bench.map(page, page % 16, Rights::READ).expect("free");
        assert_eq!(bench.read(page), None);
    }
    bench.unmap(0);
    assert_eq!(bench.read(0), Some(Reason::NotMapped));
}

#[test]
fn what_is_not_whole_pages_or_beats_is_refused() {
    let mut bench = Bench::new(strict(), 5);
    let misaligned = Err(Refused::Misaligned);
    let map = |bench: &mut Bench, iova, phys, len| {
        bench.device.map(Iova(iova), PhysAddr(phys), ByteLen(len), Rights::READ)
    };
    assert_eq!(map(&mut bench, 1, 0, PAGE), misaligned);
    assert_eq!(map(&mut bench, 0, 16, PAGE), misaligned);
    assert_eq!(map(&mut bench, 0, 0, 0), misaligned);
    assert_eq!(map(&mut bench, u64::MAX - PAGE + 1, 0, 2 * PAGE), misaligned);
    let unmapped = bench.device.unmap(Cycle(0), Iova(PAGE), ByteLen(PAGE));
    assert_eq!(unmapped, Err(Refused::NotMapped(Iova(PAGE))));
    let refused = Err(Refused::Misaligned);
    assert_eq!(bench.device.push(Transfer::Read(Iova(8), ByteLen(16))), refused);
    assert_eq!(bench.device.push(Transfer::Read(Iova(0), ByteLen(1 << 32))), refused);
    assert_eq!(bench.device.push(Transfer::Read(Iova(u64::MAX - 15), ByteLen(32))), refused);
}
