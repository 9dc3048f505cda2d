// SPDX-License-Identifier: Apache-2.0
//! B1 to B16: heaps and the making of static pools.
use crate::rig::*;
use ringfence::tee::optee::Abi;
use ringfence::tee::{
    DynamicPool, FaultPoint, Placement, Policy, SystemMemory, USE_CASES, World, heap_id, heap_name,
};
use ringfence::units::{ByteLen, PAGE};

pub(crate) fn b1(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    for heap in USE_CASES {
        rig.register(heap_id(heap));
        rig.log.push(format!("{}: {}", heap_name(heap), rig.heaps.has_node(heap)));
    }
    rig.log
}

pub(crate) fn b2(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.register(0);
    rig.register(4);
    rig.log
}

pub(crate) fn b3(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.heaps.unregister_device();
    rig.register(1);
    rig.log
}

pub(crate) fn b4(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.register(1);
    rig.register(1);
    rig.alloc();
    rig.put_all();
    rig.register(1);
    rig.log
}

pub(crate) fn b5(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, false);
    rig.register(1);
    let mut bare = config(policy, &[]);
    bare.built_in = false;
    let mut tee = Rig::of(bare);
    let fd = tee.tee.register_fd(ringfence::tee::Fd::OtherExporter, 0, false);
    tee.result("register fd", &fd);
    let pool = DynamicPool::probe(purpose(VIDEO), Placement::default(), &mut rig.world);
    let lent = pool.expect("the TEE has a configuration").get(&mut rig.world);
    rig.log.push(format!("memory for a dynamic pool: {}", word(&lent)));
    rig.log.into_iter().chain(tee.done()).collect()
}

pub(crate) fn b6(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.register(1);
    rig.users();
    let run = rig.alloc().expect("room");
    rig.put_all();
    rig.users();
    rig.release(&run);
    rig.users();
    rig.log
}

pub(crate) fn b7(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.register(1);
    rig.put_all();
    rig.put_all();
    rig.log
}

pub(crate) fn b8(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let first = rig.buffer();
    rig.tee.shutdown();
    rig.effects();
    let attached = rig.tee.attach(first, DISPLAY);
    rig.result("attach", &attached);
    if let Ok(attachment) = attached {
        rig.tee.detach(attachment);
    }
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b9(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let first = rig.buffer();
    rig.tee.shutdown();
    rig.quiet();
    rig.tee.put(first).expect("live");
    let outcomes = rig.tee.take_effects();
    let outcomes: Vec<_> = outcomes
        .into_iter()
        .filter(|effect| matches!(effect, ringfence::tee::Effect::Outcome(_)))
        .collect();
    rig.log.extend(lines(&outcomes));
    let opened = rig.tee.open_heap(VIDEO);
    rig.result("open", &opened);
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b10(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.register(1);
    rig.put_all();
    rig.register(1);
    rig.alloc();
    rig.put_all();
    rig.log
}

pub(crate) fn b11(policy: Policy) -> Vec<String> {
    let mut rig = HeapRig::new(policy, true);
    rig.world.context.faults.plant(FaultPoint::HeapSlot, 1);
    rig.register(1);
    rig.register(1);
    rig.put_all();
    rig.world.context.faults.plant(FaultPoint::HeapSlot, 1);
    rig.register(1);
    rig.log
}

/// Makes a pool and takes its first page.
fn make(log: &mut Vec<String>, what: &str, base: u64, len: u64, mut world: World) {
    let pool = probe(base, len, &mut world);
    log.push(format!("{what}: {}", word(&pool)));
    if let Ok(mut pool) = pool {
        let run = pool.alloc(ByteLen(PAGE), &mut world);
        let said = run.map_or_else(|f| short(&f), |run| format!("{:x}", run.range.base.0));
        log.push(format!("first page: {said}"));
    }
}

pub(crate) fn b12(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    make(&mut log, "base", CARVE_OUT + 0x800, MIB, world(policy));
    make(&mut log, "size", CARVE_OUT, MIB + 1, world(policy));
    log
}

pub(crate) fn b13(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    make(&mut log, "absent section", 0x40_0000_0000, MIB, world(policy));
    make(&mut log, "tail behind memory", DRAM + DRAM_LEN - MIB, 2 * MIB, world(policy));
    make(&mut log, "memory of the kernel", DRAM, MIB, world(policy));
    log
}

pub(crate) fn b14(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    let mut world = world(policy);
    world.context.faults.plant(FaultPoint::PoolObject, 2);
    log.push(format!("static: {}", word(&probe(CARVE_OUT, MIB, &mut world))));
    let dynamic = DynamicPool::probe(purpose(VIDEO), Placement::default(), &mut world);
    log.push(format!("dynamic: {}", word(&dynamic)));
    log.push(format!("again: {}", word(&probe(CARVE_OUT, MIB, &mut world))));
    log
}

pub(crate) fn b15(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    make(&mut log, "size 0", CARVE_OUT, 0, world(policy));
    log
}

pub(crate) fn b16(policy: Policy) -> Vec<String> {
    let low = range(0, 128 * MIB);
    let memory = SystemMemory::new(&[low], &[low], 40);
    let mut world = World::new(policy, memory, optee(Abi::Smc));
    let pool = probe(0, 4 * PAGE, &mut world);
    let mut log = vec![format!("at 0: {}", word(&pool))];
    if let Ok(mut pool) = pool {
        let first = pool.alloc(ByteLen(PAGE), &mut world);
        log.push(format!("first page: {}", word(&first)));
        log.push(format!("free: {}", pool.free().0));
        let next = pool.alloc(ByteLen(PAGE), &mut world);
        log.push(format!("next page: {}", word(&next)));
    }
    log
}
