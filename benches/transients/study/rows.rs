// SPDX-License-Identifier: Apache-2.0
//! Calls of existing drivers, register write by register write, and after each of them a read and a
//! write of the pages in question (the transient-window study: rows A to E, and a boot order).
use super::firewall::{Access, Firewall};
use super::poll::Poller;
use super::region;
use ringfence::firmware::{
    Op, RegionFile, RegionSetting, RegionWords, region_driver, registers as reg,
};

/// Identity of the ordinary master that has the memory.
const OPEN: u16 = 1 << 9;
/// Identity for which the range is to be protected.
const OWNER: u16 = 1 << 7;
/// First, a middle and the last page of the range that is to be protected.
const RANGE: [u64; 3] = [0xe800_0000, 0xea00_0000, 0xebff_f000];
/// Memory that stays the ordinary master's.
const LIVE: [u64; 1] = [0xf000_0000];

/// What stands behind one register write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// The register.
    pub(crate) offset: u16,
    /// What the intruder gets of the range.
    pub(crate) range: Access,
    /// What it gets of the memory that stays its own.
    pub(crate) live: Access,
}

/// One row of the study, every state of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The letter.
    pub(crate) name: &'static str,
    /// The calls, in words.
    pub(crate) calls: &'static str,
    /// One a register write.
    pub(crate) states: Vec<State>,
}

impl Row {
    /// Registers behind whose writes something holds, in their order.
    pub(crate) fn places(&self, holds: impl Fn(&State) -> bool) -> Vec<String> {
        let states = self.states.iter().filter(|state| holds(state));
        states.map(|state| register(state.offset)).collect()
    }
}

/// The range can be read or written.
pub(crate) fn leaks(state: &State) -> bool {
    state.range.read || state.range.write
}

/// The range hits two regions.
pub(crate) fn overlaps(state: &State) -> bool {
    state.range.overlap
}

/// Live memory is denied by one region or by none.
pub(crate) fn denies(state: &State) -> bool {
    state.live.denied && !state.live.overlap
}

/// Live memory hits two regions.
pub(crate) fn live_overlaps(state: &State) -> bool {
    state.live.overlap
}

/// A region register's name, e.g. `R2.TOP_LOW`.
pub(crate) fn register(offset: u16) -> String {
    let (index, word) = ((offset - reg::REGION_BASE_LOW) / reg::REGION_STRIDE, offset % 0x20 / 4);
    let words = ["BASE_LOW", "BASE_HIGH", "TOP_LOW", "TOP_HIGH", "ATTRIBUTES", "ID_ACCESS"];
    format!("R{index}.{}", words[usize::from(word)])
}

/// The rows A to E in their order, on a firewall of a check latency in cycles.
pub(crate) fn rows(latency: u8) -> Vec<Row> {
    let whole = region(1, 0x8000_0000, 0xfeff_ffff, OPEN);
    let protected = region(2, 0xe800_0000, 0xebff_ffff, OWNER);
    let low = region(1, 0x8000_0000, 0xe7ff_ffff, OPEN);
    let high = region(3, 0xec00_0000, 0xfeff_ffff, OPEN);
    // Rows C to E re-use region 2, which gave the ordinary master memory below or above.
    let rest = region(1, 0x9000_0000, 0xe7ff_ffff, OPEN);
    let below = region(2, 0x8000_0000, 0x8fff_ffff, OPEN);
    let above = region(2, 0x8_8000_0000, 0x9_ffff_ffff, OPEN);
    let off = Op::Write { offset: reg::region(reg::REGION_ATTRIBUTES, 2), value: 0 };
    let reuse = configure(&[protected]);
    let off_first: Vec<Op> = std::iter::once(off).chain(reuse.clone()).collect();
    let protect_first = configure(&[protected, low, high]);
    let shrink_first = configure(&[low, high, protected]);
    let (from_below, from_above) = ([rest, below, high], [rest, above, high]);
    vec![
        row(
            latency,
            "A",
            "protect first (R2), shrink R1, R3 for the rest",
            &[whole],
            &protect_first,
        ),
        row(latency, "B", "shrink first (R1, R3), then R2", &[whole], &shrink_first),
        row(latency, "C", "re-use R2, which was on below the range", &from_below, &reuse),
        row(latency, "D", "as C, its filters off first", &from_below, &off_first),
        row(latency, "E", "re-use R2, which was on above 4 GiB", &from_above, &reuse),
    ]
}

/// What a boot order came to.
#[derive(Clone, Debug)]
pub(crate) struct Boot {
    /// Register writes.
    pub(crate) writes: usize,
    /// States in which non-secure accesses reach the secure OS's memory.
    pub(crate) exposed: usize,
    /// States in which two regions meet.
    pub(crate) overlaps: usize,
    /// States in which the ordinary world cannot use its memory.
    pub(crate) unusable: usize,
}

/// The boot and resume order of a secure OS that never closes the gates: region 0 open to the
/// secure world, regions 1 to 8 reset, its own region, region 0 closed, the ordinary memory. The
/// stage before has left region 1 on ordinary memory and region 2 on the secure OS's.
pub(crate) fn boot() -> Boot {
    const EVERYBODY: u16 = 0xffff;
    let (dram, secure_os) = (0xc000_0000, 0xfe00_0000);
    let ordinary = |index| region(index, dram, secure_os - 1, EVERYBODY);
    let own = |index| {
        let mut own = RegionWords::of(&region(index, secure_os, 0xffff_ffff, 0));
        own.0[4] |= reg::SECURE_READ | reg::SECURE_WRITE;
        own
    };
    let mut file = RegionFile::reset(Firewall::hardware()).with(&[ordinary(1)]);
    own(2)
        .0
        .into_iter()
        .zip((0..).step_by(4))
        .for_each(|(value, at)| file.write(0x140 + at, value));

    let background = |attributes| RegionWords([0, 0, u32::MAX, 0, attributes, 0]);
    let mut ops = region_driver(0, &background(reg::SECURE_READ | reg::SECURE_WRITE)).to_vec();
    ops.extend((1..=8).flat_map(|n| region_driver(n, &RegionWords([0, 0, 0xfff, 0, 0, 0]))));
    ops.extend(region_driver(1, &own(1)));
    ops.extend(region_driver(0, &background(0)));
    ops.extend(region_driver(2, &RegionWords::of(&ordinary(2))));

    let mut firewall = Firewall::new(0, &file);
    let mut boot = Boot { writes: ops.len(), exposed: 0, overlaps: 0, unusable: 0 };
    for op in &ops {
        firewall.play(&[*op]);
        let own = firewall.look(&[secure_os, 0xffff_f000], |page| Poller::new(9, page));
        let ordinary = firewall.look(&[dram, secure_os - 0x1000], |page| Poller::new(9, page));
        let from_within = firewall.look(&[secure_os], Poller::secure);
        assert!(!from_within.denied, "the secure OS runs from this memory");
        boot.exposed += usize::from(own.read || own.write);
        boot.overlaps += usize::from(own.overlap || ordinary.overlap || from_within.overlap);
        boot.unusable += usize::from(ordinary.denied);
    }
    firewall.finish();
    boot
}

/// The writes of existing drivers' `configure region` calls.
fn configure(regions: &[RegionSetting]) -> Vec<Op> {
    regions.iter().flat_map(|r| region_driver(r.index, &RegionWords::of(r))).collect()
}

fn row(
    latency: u8,
    name: &'static str,
    calls: &'static str,
    old: &[RegionSetting],
    ops: &[Op],
) -> Row {
    let mut firewall = Firewall::new(latency, &RegionFile::reset(Firewall::hardware()).with(old));
    let nine = |page| Poller::new(9, page);
    let before = firewall.look(&LIVE, nine);
    assert!(!before.denied, "live memory is live");
    let states = ops.iter().map(|op| {
        firewall.play(&[*op]);
        let (range, live) = (firewall.look(&RANGE, nine), firewall.look(&LIVE, nine));
        State { offset: op.offset(), range, live }
    });
    let states = states.collect();
    let owner = firewall.look(&RANGE, |page| Poller::new(7, page));
    assert!(!owner.denied, "in the end the range is its owner's");
    firewall.finish();
    Row { name, calls, states }
}
