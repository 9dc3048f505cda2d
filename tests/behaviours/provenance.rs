// SPDX-License-Identifier: Apache-2.0
//! Where a pool's address comes from: bogus bases and ends under v8, merged and hardened.
//!
//! Each row says what making the pool returns, and what its first and its last page do: an
//! address, an errno, or death of the kernel.
use crate::rig::*;
use ringfence::tee::optee::Abi;
use ringfence::tee::{Placement, Policy, StaticPool, SystemMemory, World};
use ringfence::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// Memory of the board: 128 MiB and a hole of 64 MiB, then 64 MiB, so that the hole lies in a
/// present section; 32 MiB of it reserved.
const LOW: u64 = DRAM;
const HOLE: u64 = DRAM + 128 * MIB;
const HIGH: u64 = HOLE + 64 * MIB;
const TOP: u64 = HIGH + 64 * MIB;
const RESERVED: u64 = HIGH + 32 * MIB;
/// An alias of DRAM 4 GiB higher: no RAM to the kernel, the same cells to the bus.
const ALIAS: u64 = RESERVED + (1 << 32);

struct Row {
    what: &'static str,
    base: u64,
    len: u64,
    /// v8, merged, hardened.
    want: [&'static str; 3],
}

const fn row(what: &'static str, base: u64, len: u64, want: [&'static str; 3]) -> Row {
    Row { what, base, len, want }
}

const ROWS: [Row; 16] = [
    row("a reserved carve-out", RESERVED, MIB, ["first, last"; 3]),
    row("no-map is what a carve-out is", RESERVED, 32 * MIB, ["first, last"; 3]),
    row("not RAM, in no section", 0x1000_0000, MIB, ["dies, dies", "EINVAL", "EINVAL"]),
    row("in a hole of a present section", HOLE, MIB, ["first, last", "first, last", "EINVAL"]),
    row("base in the hole, end in RAM", HIGH - MIB, 2 * MIB, ["first, last", "ENXIO", "EINVAL"]),
    row("base in RAM, end in the hole", HOLE - MIB, 2 * MIB, ["first, last", "ENXIO", "EINVAL"]),
    row(
        "first page valid, tail behind RAM",
        RESERVED,
        33 * MIB,
        ["first, dies", "first, dies", "EINVAL"],
    ),
    row("base in no section, end in RAM", LOW - MIB, 2 * MIB, ["dies, last", "ENXIO", "EINVAL"]),
    row("memory of the kernel", LOW, MIB, ["first, last", "ENXIO", "EINVAL"]),
    row("end in memory of the kernel", RESERVED - MIB, 2 * MIB, ["first, last", "ENXIO", "EINVAL"]),
    row("an alias", ALIAS, MIB, ["dies, dies", "EINVAL", "EINVAL"]),
    row("above the address map", 1 << 40, MIB, ["dies, dies", "EINVAL", "EINVAL"]),
    row("end above the address map", (1 << 40) - MIB, 2 * MIB, ["dies, dies", "EINVAL", "EINVAL"]),
    row("wraps at the top", 0_u64.wrapping_sub(MIB), 2 * MIB, ["dies, dies", "EINVAL", "EINVAL"]),
    // Nobody sees the wrap: it is the bitmap that cannot be had.
    row(
        "wraps from a valid base",
        RESERVED,
        0_u64.wrapping_sub(MIB),
        ["ENOMEM", "ENOMEM", "EINVAL"],
    ),
    row("PA 0, no RAM", 0, MIB, ["ENOMEM, dies", "EINVAL", "EINVAL"]),
];

fn board(policy: Policy) -> World {
    let ram = [range(LOW, 128 * MIB), range(HIGH, 64 * MIB)];
    let memory = SystemMemory::new(&ram, &[range(RESERVED, TOP - RESERVED)], 40);
    World::new(policy, memory, optee(Abi::Smc))
}

/// What a page of a fresh pool does.
fn page(row: &Row, policy: Policy, last: bool) -> String {
    let mut world = board(policy);
    let mut pool = probe(row.base, row.len, &mut world).expect("made once already");
    let before = row.len - PAGE;
    if last {
        // The pages before the last one, taken as the first page would be.
        let _ = pool.alloc(ByteLen(before), &mut world);
    }
    let want = row.base.wrapping_add(if last { before } else { 0 });
    match pool.alloc(ByteLen(PAGE), &mut world) {
        Ok(run) => {
            assert_eq!(run.range.base.0, want, "{}", row.what);
            if last { "last".into() } else { "first".into() }
        }
        Err(failure) => short(&failure),
    }
}

fn outcome(row: &Row, policy: Policy) -> String {
    match probe(row.base, row.len, &mut board(policy)) {
        Err(errno) => errno.to_string(),
        Ok(_) => format!("{}, {}", page(row, policy, false), page(row, policy, true)),
    }
}

#[test]
fn bogus_addresses_end_as_each_kernel_ends_them() {
    let policies = [Policy::v8(), Policy::merged(), Policy::hardened()];
    let mut wrong = String::new();
    for row in &ROWS {
        for (policy, want) in policies.into_iter().zip(row.want) {
            let got = outcome(row, policy);
            if got != want {
                wrong +=
                    &format!("\n{} under {:?}: {got}, not {want}", row.what, policy.provenance);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn overlaps_pass_but_under_hardened() {
    let second = |policy, shared: Option<AddrRange>| {
        let mut world = board(policy);
        if let Some(range) = shared {
            world.optee.objects.register(7, range).expect("ordinary memory");
        } else {
            probe(RESERVED, MIB, &mut world).expect("the first pool");
        }
        word(&probe(RESERVED + MIB / 2, MIB, &mut world))
    };
    for (policy, want) in
        [(Policy::v8(), "0"), (Policy::merged(), "0"), (Policy::hardened(), "EINVAL")]
    {
        assert_eq!(second(policy, None), want, "another pool");
        assert_eq!(second(policy, Some(range(RESERVED + MIB, PAGE))), want, "registered memory");
    }
}

#[test]
fn address_0_is_failure_where_memory_is() {
    let low = range(0, 128 * MIB);
    for (policy, want) in
        [(Policy::v8(), "ENOMEM"), (Policy::merged(), "ENOMEM"), (Policy::hardened(), "EINVAL")]
    {
        let memory = SystemMemory::new(&[low], &[low], 40);
        let mut world = World::new(policy, memory, optee(Abi::Smc));
        let (base, len) = (PhysAddr(0), ByteLen(MIB));
        let placement = Placement::default();
        let got = match StaticPool::probe(purpose(VIDEO), base, len, placement, &mut world) {
            Err(errno) => errno.to_string(),
            Ok(mut pool) => {
                pool.alloc(ByteLen(PAGE), &mut world).map_or_else(|f| short(&f), |_| "0".into())
            }
        };
        assert_eq!(got, want);
    }
}
