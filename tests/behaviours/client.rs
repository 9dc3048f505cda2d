// SPDX-License-Identifier: Apache-2.0
//! B42 to B50: registration with the TEE, calls, and what the TEE makes of them.
use crate::rig::*;
use ringfence::tee::optee::{Caller, Executor, Memref, Param, Receiver};
use ringfence::tee::{BufferId, Effect, FaultPoint, Fd, MemoryOp, MemrefArg, Policy, World};
use ringfence::units::{ByteLen, PAGE};

const SDP_TA: Executor = Executor::Ta { secure_data_path: true };

fn register(rig: &mut Rig, id: BufferId) -> i32 {
    rig.tee.register_fd(Fd::Buffer(id), 0, false).expect("registers")
}

const fn arg(id: i32, offset: u64, len: u64) -> MemrefArg {
    MemrefArg { id, offset, len }
}

pub(crate) fn b42(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let table = [
        ("flags 1", Fd::Buffer(id), 1, false),
        ("closed", Fd::Closed, 0, false),
        ("no dma-buf", Fd::OtherFile, 0, false),
        ("another exporter", Fd::OtherExporter, 0, false),
        ("another TEE", Fd::Buffer(id), 0, true),
    ];
    for (what, fd, flags, another) in table {
        let result = rig.tee.register_fd(fd, flags, another);
        rig.result(what, &result);
    }
    for point in [FaultPoint::ShmObject, FaultPoint::CopyOut] {
        rig.plant(point);
        let result = rig.tee.register_fd(Fd::Buffer(id), 0, false);
        rig.result(&format!("{point:?}"), &result);
    }
    let shm = register(&mut rig, id);
    rig.say(format!("id {shm}, {} bytes", rig.tee.shm_len(shm).expect("open").0));
    rig.done()
}

pub(crate) fn b43(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let shm = register(&mut rig, id);
    rig.tee.put(id).expect("the user closes");
    rig.say(format!("live {}", rig.live(id)));
    let call = rig.tee.invoke(SDP_TA, Caller::Client, &[arg(shm, 0, PAGE)]);
    rig.result("used", &call);
    rig.tee.call_ends(call.expect("enters"));
    rig.tee.close_shm(shm).expect("open");
    rig.say(format!("live {}", rig.live(id)));
    rig.done()
}

pub(crate) fn b44(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let (one, two) = (register(&mut rig, id), register(&mut rig, id));
    rig.tee.close_shm(one).expect("open");
    let three = register(&mut rig, id);
    rig.say(format!("ids {one} {two} {three}"));
    rig.done()
}

pub(crate) fn b45(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    let id = rig.try_alloc(VIDEO, 17_000).expect("room");
    rig.buffer();
    let shm = register(&mut rig, id);
    let n = rig.tee.shm_len(shm).expect("open").0;
    let parts = [
        ("last byte", n - 1, 1),
        ("one too far", n - 1, 2),
        ("behind", n, 1),
        ("overflow", 2, u64::MAX),
        ("empty at the end", n, 0),
    ];
    for (what, offset, len) in parts {
        let call = rig.tee.invoke(SDP_TA, Caller::Client, &[arg(shm, offset, len)]);
        rig.result(what, &call);
        if let Ok(call) = call {
            rig.tee.call_ends(call);
        }
    }
    let unknown = rig.tee.invoke(SDP_TA, Caller::Client, &[arg(99, 0, 1)]);
    rig.result("unknown id", &unknown);
    rig.say(format!("references {}", rig.tee.shm_references(shm)));
    rig.done()
}

pub(crate) fn b46(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    for (what, mut rig) in [("dynamic", Rig::lent(policy)), ("static", Rig::fixed(policy))] {
        rig.say(what);
        let (used, _other) = (rig.buffer(), rig.buffer());
        let shm = register(&mut rig, used);
        let call = rig.tee.invoke(SDP_TA, Caller::Client, &[arg(shm, 0, PAGE)]).expect("enters");
        rig.say(format!("references {}", rig.tee.shm_references(shm)));
        rig.tee.put(used).expect("live");
        rig.tee.close_shm(shm).expect("open");
        let outcomes = rig.tee.take_effects();
        let freed = |effect: &&Effect| matches!(effect, Effect::Outcome(_));
        let freed: Vec<_> = outcomes.iter().filter(freed).copied().collect();
        rig.log.extend(lines(&freed));
        rig.alloc(VIDEO, PAGE);
        rig.tee.call_ends(call);
        rig.say(format!("after the call: live {}", rig.live(used)));
        log.extend(rig.done());
    }
    log
}

fn cookie(rig: &Rig, heap: ringfence::scenario::UseCase) -> u64 {
    let pools = rig.tee.heaps().pools(heap);
    match &pools.first().expect("registered").pool {
        ringfence::tee::Pool::Dynamic(pool) => pool.memory().expect("lent"),
        ringfence::tee::Pool::Static(_) => unreachable!("a dynamic pool"),
    }
}

pub(crate) fn b47(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    let one = rig.try_alloc(VIDEO, PAGE).expect("room");
    let two = rig.try_alloc(VIDEO, PAGE).expect("room");
    let effects = rig.tee.take_effects();
    let lends: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Memory(m) if m.op == MemoryOp::Lend => Some(m.range),
            _ => None,
        })
        .collect();
    let within = |id| lends.iter().any(|lend| lend.covers(rig.tee.buffer(id).expect("live").range));
    let (first, second) = (within(one), within(two));
    let mut secure = rig.tee.world().clone().optee;
    let (cookie, len) = (cookie(&rig, VIDEO), ByteLen(2 * PAGE));
    let across = secure.objects.get(Memref::Cookie { cookie, offset: 0, len });
    rig.say(format!("lends {}, both inside {}", lends.len(), first && second));
    rig.result("one reference across both", &across);
    rig.done()
}

pub(crate) fn b48(policy: Policy) -> Vec<String> {
    let mut rig = Rig::both(policy);
    let video = rig.try_alloc(VIDEO, PAGE).expect("room");
    let ui = rig.try_alloc(UI, PAGE).expect("room");
    let at = |id: BufferId| rig.tee.buffer(id).expect("live").range.base.0;
    let (offset, len) = (at(ui) - at(video), ByteLen(PAGE));
    let mut secure = rig.tee.world().clone().optee;
    let across = secure.objects.get(Memref::Cookie { cookie: cookie(&rig, VIDEO), offset, len });
    let regions = rig.tee.world().optee.platform.regions();
    let apart = !regions[0].overlaps(regions[1]);
    rig.say(format!("regions {}, apart {apart}", regions.len()));
    rig.result("one use case's cookie, the other's offset", &across);
    rig.done()
}

pub(crate) fn b49(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    let id = rig.buffer();
    let shm = register(&mut rig, id);
    let call = rig.tee.invoke(SDP_TA, Caller::Client, &[arg(shm, 0, PAGE)]).expect("enters");
    let cookie = cookie(&rig, VIDEO);
    rig.tee.put(id).expect("live");
    rig.tee.close_shm(shm).expect("open");
    rig.say("closed");
    rig.effects();
    let mut secure = rig.tee.world().clone().optee;
    let by_cookie = Memref::Cookie { cookie, offset: 0, len: ByteLen(PAGE) };
    for (what, memref) in [("cookie", by_cookie), ("address", Memref::Address(range(CMA, PAGE)))] {
        let again = secure.objects.get(memref);
        rig.result(&format!("another reference by {what}"), &again);
    }
    rig.alloc(VIDEO, PAGE);
    rig.quiet();
    rig.tee.call_returns(call);
    rig.say("returned");
    rig.effects();
    rig.tee.call_ends(call);
    rig.say("ended");
    rig.effects();
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

/// Lends over SMC and writes the result.
fn lend(log: &mut Vec<String>, what: &str, world: &mut World, cookie: u64, base: u64) {
    let params = [Param::Value { a: 1, b: 0 }, Param::Tmem { range: range(base, MIB), cookie }];
    let result = world.optee.lend(&params, &mut world.context);
    log.push(format!("{what}: {}", word(&result)));
}

fn reclaim(log: &mut Vec<String>, what: &str, world: &mut World, cookie: u64) {
    world.context.effects.clear();
    let result = world.optee.reclaim(&[Param::Rmem { cookie }], &mut world.context);
    log.push(format!("{what}: {}", word(&result)));
    let outcomes = world.context.effects.iter();
    let outcomes: Vec<_> = outcomes.filter(|e| matches!(e, Effect::Outcome(_))).copied().collect();
    log.extend(lines(&outcomes));
}

pub(crate) fn b50(policy: Policy) -> Vec<String> {
    let (mut log, mut world) = (Vec::new(), world(policy));
    let shared = world.optee.objects.register(7, range(CMA + 8 * MIB - 1, 2));
    log.push(format!("register: {}", word(&shared)));
    lend(&mut log, "lend over registered", &mut world, 1, CMA + 8 * MIB);
    lend(&mut log, "lend", &mut world, 1, CMA);
    let shared = world.optee.objects.register(8, range(CMA + MIB - 1, 1));
    log.push(format!("register over lent: {}", word(&shared)));
    lend(&mut log, "overlap", &mut world, 2, CMA + MIB / 2);
    lend(&mut log, "cookie twice", &mut world, 1, CMA + 4 * MIB);
    let parts = [Param::Value { a: 1, b: 0 }];
    let result = world.optee.lend(&parts, &mut world.context);
    log.push(format!("one parameter: {}", word(&result)));
    reclaim(&mut log, "reclaim", &mut world, 2);
    reclaim(&mut log, "reclaim again", &mut world, 2);
    log.extend(over_ffa(policy));
    log
}

fn over_ffa(policy: Policy) -> Vec<String> {
    let (mut log, mut world) = (vec!["FF-A".to_string()], world(policy));
    let receivers = [Receiver::of_attribute(0x2_8001)];
    for (handle, base) in [(1, CMA), (2, CMA + MIB / 2), (3, CMA + 4 * MIB)] {
        let lent = world.optee.ffa_lend(handle, range(base, MIB), 1, &receivers);
        log.push(format!("lend {handle}: {}", word(&lent)));
    }
    for (what, handle, use_case) in
        [("assign", 1, 1), ("assign again", 1, 1), ("overlap", 2, 1), ("other use case", 3, 2)]
    {
        let result = world.optee.assign(handle, use_case, &mut world.context);
        log.push(format!("{what}: {}", word(&result)));
    }
    let result = world.optee.assign(9, 1, &mut world.context);
    log.push(format!("unknown handle: {}", word(&result)));
    log.push(format!("reclaim before release: {}", word(&world.optee.ffa_reclaim(1))));
    log.push(format!("release: {}", word(&world.optee.ffa_release(1, &mut world.context))));
    log.push(format!("release again: {}", word(&world.optee.ffa_release(1, &mut world.context))));
    log.push(format!("reclaim: {}", word(&world.optee.ffa_reclaim(1))));
    log
}
