// SPDX-License-Identifier: Apache-2.0
//! What is lent to whom: layouts, regions of the hardware, granules, overlapping lends.
use super::optee::{Abi, Optee, Param, Platform, ProtmemConfig, Rounding};
use super::*;
use crate::scenario::{Ip, Role, UseCase};

const VIDEO: UseCase = UseCase::SecureVideo;
const DRAM: u64 = 0x8000_0000;
const CARVE_OUT: u64 = 0x9000_0000;
const AREA: u64 = 0x8800_0000;

fn config(pools: Vec<PoolPlan>, platform: Platform) -> Config {
    let dram = [range(DRAM, 512 * MIB)];
    let memory = SystemMemory::new(&dram, &[range(CARVE_OUT, 16 * MIB)], 40);
    Config {
        policy: Policy::merged(),
        memory: memory.with_cma(range(AREA, 16 * MIB), false).expect("ordinary memory"),
        optee: Optee::new(Abi::Smc, &dram, platform),
        devices: Vec::new(),
        pools,
        built_in: true,
    }
}

fn plan(roles: Vec<Role>, backing: Backing, placement: Placement) -> PoolPlan {
    PoolPlan { name: "pool".into(), heap: VIDEO, roles, backing, placement }
}

fn changes(tee: &mut Tee, op: MemoryOp) -> Vec<MemoryEffect> {
    let effects = tee.take_effects().into_iter();
    let changes = effects.filter_map(|e| if let Effect::Memory(m) = e { Some(m) } else { None });
    changes.filter(|change| change.op == op).collect()
}

#[test]
fn one_pool_grants_the_union_and_split_pools_their_role() {
    for (layout, abi) in
        [Layout::OnePool, Layout::SplitByRole].into_iter().zip([Abi::Smc, Abi::FfA])
    {
        let pools = layout.roles().into_iter();
        let pools = pools.map(|roles| plan(roles, Backing::Dynamic, Placement::default()));
        let mut config = config(pools.collect(), Platform::default());
        config.optee.abi = abi;
        let mut tee = Tee::build(config).expect("valid");
        tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("room");
        let lent = changes(&mut tee, MemoryOp::Lend);
        assert_eq!((lent.len(), lent[0].heap), (1, VIDEO));
        let crypto = lent[0].rights.of_ip(Ip::Crypto);
        let display = lent[0].rights.of_ip(Ip::Display);
        let split = layout == Layout::SplitByRole;
        assert_eq!(crypto, if split { Rights::NONE } else { Rights::READ_WRITE }, "{layout:?}");
        assert_eq!(display, Rights::READ, "{layout:?}");
        tee.alloc(VIDEO, Role::Bitstream, ByteLen(PAGE)).expect("room");
        let again = changes(&mut tee, MemoryOp::Lend);
        assert_eq!(again.len(), usize::from(split), "{layout:?}: a region a pool");
    }
}

#[test]
fn regions_a_buffer_end_where_the_hardware_does() {
    let placement = Placement { region_per_buffer: true, ..Placement::default() };
    let backing = Backing::Static { base: PhysAddr(CARVE_OUT), len: ByteLen(MIB) };
    let platform = Platform::new(Granule::Kib4, Rounding::Refuse, Some(3));
    let mut tee = Tee::build(config(vec![plan(ROLES.to_vec(), backing, placement)], platform))
        .expect("valid");
    let ids: Vec<_> =
        (0..3).map(|_| tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("a region")).collect();
    let lent = changes(&mut tee, MemoryOp::Lend);
    let pages: Vec<_> = lent.iter().map(|m| (m.range.base.0 - CARVE_OUT, m.range.len.0)).collect();
    assert_eq!(pages, [(0, PAGE), (PAGE, PAGE), (2 * PAGE, PAGE)]);
    let free = tee.heaps().pools(VIDEO)[0].pool.free();
    assert_eq!(tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)), Err(Errno::Enomem.into()));
    assert!(tee.take_effects().is_empty(), "nothing is granted in part");
    assert_eq!(tee.heaps().pools(VIDEO)[0].pool.free(), free);
    tee.put(ids[1]).expect("live");
    assert_eq!(changes(&mut tee, MemoryOp::Reclaim).len(), 1);
    tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("a region is free again");
}

#[test]
fn a_dynamic_pool_needs_a_region_and_gives_its_pages_back_without() {
    let pool = plan(ROLES.to_vec(), Backing::Dynamic, Placement::default());
    let platform = Platform::new(Granule::Kib4, Rounding::Refuse, Some(0));
    let mut tee = Tee::build(config(vec![pool], platform)).expect("valid");
    assert_eq!(tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)), Err(Errno::Einval.into()));
    assert_eq!(changes(&mut tee, MemoryOp::GiveBack).len(), 1);
    assert_eq!(tee.world().memory.movable(), ByteLen(16 * MIB));
}

#[test]
fn firmware_refuses_truncates_or_rounds_out_what_no_region_can_have() {
    // A pool of 1 MiB at the area's base, where regions are multiples of 2 MiB (H11).
    let table = [
        (Rounding::Refuse, Err(Errno::Einval)),
        (Rounding::Truncate, Ok(range(AREA, 0))),
        (Rounding::Out, Ok(range(AREA, 2 * MIB))),
    ];
    for (rounding, want) in table {
        let pool = plan(ROLES.to_vec(), Backing::Dynamic, Placement::default());
        let platform = Platform::new(Granule::Mib2, rounding, None);
        let mut tee = Tee::build(config(vec![pool], platform)).expect("valid");
        let got = tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).map(|_| ());
        assert_eq!(got, want.map(|_| ()).map_err(Failure::from), "{rounding:?}");
        let lent: Vec<_> = changes(&mut tee, MemoryOp::Lend).iter().map(|m| m.range).collect();
        assert_eq!(lent, want.into_iter().collect::<Vec<_>>(), "{rounding:?}");
    }
}

#[test]
fn a_policy_that_honours_the_granule_asks_for_whole_regions() {
    let pool = plan(ROLES.to_vec(), Backing::Dynamic, Placement::default());
    let mut config = config(vec![pool], Platform::new(Granule::Mib2, Rounding::Refuse, None));
    config.policy.alignment_honoured = true;
    let mut tee = Tee::build(config).expect("valid");
    tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("room");
    assert_eq!(changes(&mut tee, MemoryOp::Lend)[0].range, range(AREA, 2 * MIB));
}

#[test]
fn a_reclaim_is_blocked_over_ffa_too_and_ends_when_the_application_does() {
    let pool = plan(ROLES.to_vec(), Backing::Dynamic, Placement::default());
    let mut config = config(vec![pool], Platform::default());
    config.optee.abi = Abi::FfA;
    let mut tee = Tee::build(config).expect("valid");
    let id = tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("room");
    let shm = tee.register_fd(Fd::Buffer(id), 0, false).expect("registers");
    let ta = super::optee::Executor::Ta { secure_data_path: true };
    let arg = MemrefArg { id: shm, offset: 0, len: PAGE };
    let call = tee.invoke(ta, super::optee::Caller::Client, &[arg]).expect("enters");
    tee.put(id).expect("live");
    tee.close_shm(shm).expect("open");
    let hung = Outcome::HungCaller { pool: 0 };
    assert!(tee.take_effects().contains(&Effect::Outcome(hung)));
    assert_eq!(
        tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)),
        Err(Failure::NoReturn(hung)),
        "the pool's mutex is held"
    );
    tee.call_ends(call);
    assert_eq!(changes(&mut tee, MemoryOp::GiveBack).len(), 1);
    tee.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).expect("from scratch");
}

#[test]
fn no_fourth_use_case_and_no_unknown_role_is_lent() {
    let mut world = world();
    let area = range(DRAM, MIB);
    for (a, b) in [(0, 0), (3, 0), (4, 0), (1 << 32 | 1, 0), (1, 64)] {
        let params = [Param::Value { a, b }, Param::Tmem { range: area, cookie: 1 }];
        let got = world.optee.lend(&params, &mut world.context);
        assert_eq!(got, Err(TeeResult::BadParameters), "use case {a}, roles {b}");
    }
    for bad in [range(DRAM + 1, MIB), range(DRAM, MIB + 1), range(DRAM, 0), range(0x1000, PAGE)] {
        let params = [Param::Value { a: 1, b: 0 }, Param::Tmem { range: bad, cookie: 1 }];
        assert_eq!(
            world.optee.lend(&params, &mut world.context),
            Err(TeeResult::BadParameters),
            "{bad:?}"
        );
    }
    assert!(world.context.effects.is_empty());
}

#[test]
fn a_dynamic_pool_of_the_default_size_holds_no_frame_and_51_small_buffers() {
    let pool = plan(ROLES.to_vec(), Backing::Dynamic, Placement::default());
    let mut tee = Tee::build(config(vec![pool], Platform::default())).expect("valid");
    assert_eq!(tee.alloc(VIDEO, Role::Frame, ByteLen(3_133_440)), Err(Errno::Enomem.into()));
    let count = std::iter::from_fn(|| tee.alloc(VIDEO, Role::Frame, ByteLen(17_000)).ok()).count();
    assert_eq!(count, 51);
    assert_eq!(ProtmemConfig::default().min_size, ByteLen(MIB));
}
