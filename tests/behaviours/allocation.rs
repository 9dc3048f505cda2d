// SPDX-License-Identifier: Apache-2.0
//! B17 to B32: allocation from static and dynamic pools.
use crate::rig::*;
use ringfence::scenario::{Role, UseCase};
use ringfence::tee::optee::ProtmemConfig;
use ringfence::tee::optee::{Caller, Executor};
use ringfence::tee::{
    Backing, BufferId, DynamicPool, Failure, FaultPoint, HeapRequest, MemrefArg, Placement, Policy,
};
use ringfence::units::{ByteLen, PAGE};

const SDP_TA: Executor = Executor::Ta { secure_data_path: true };

pub(crate) fn b17(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    for len in [0, u64::MAX, u64::MAX - PAGE + 1] {
        rig.alloc(VIDEO, len);
    }
    for len in [1, PAGE, PAGE + 1] {
        let id = rig.try_alloc(VIDEO, len).expect("room");
        let got = rig.tee.buffer(id).expect("live").range.len.0;
        rig.say(format!("{len}: {got} bytes"));
    }
    rig.done()
}

fn ioctl(rig: &mut Rig, what: &str, request: HeapRequest) -> Option<BufferId> {
    let result = rig.tee.heap_ioctl(VIDEO, Role::Frame, request);
    rig.result(what, &result);
    result.ok()
}

const fn request(fd: u32, fd_flags: u32, heap_flags: u64) -> HeapRequest {
    HeapRequest::Alloc { len: PAGE, fd, fd_flags, heap_flags }
}

pub(crate) fn b18(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    ioctl(&mut rig, "fd 1", request(1, 0, 0));
    ioctl(&mut rig, "fd flags 0o100", request(0, 0o100, 0));
    ioctl(&mut rig, "heap flags 1", request(0, 0, 1));
    ioctl(&mut rig, "close-on-exec, read and write", request(0, 0o2_000_002, 0));
    rig.done()
}

pub(crate) fn b19(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    ioctl(&mut rig, "unknown number", HeapRequest::UnknownNumber);
    ioctl(&mut rig, "unknown request", HeapRequest::UnknownRequest);
    ioctl(&mut rig, "bad pointer", HeapRequest::BadPointer);
    rig.plant(FaultPoint::CopyOut);
    ioctl(&mut rig, "answer that cannot be copied out", request(0, 0, 0));
    let live = rig.tee.live_buffers().count();
    rig.say(format!("live: {live}"));
    let opened = rig.tee.open_heap(UI);
    rig.result("open of a heap that was never made", &opened);
    rig.done()
}

pub(crate) fn b20(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let runs: Vec<_> =
        (0..4).map(|_| rig.try_alloc(VIDEO, 16 * PAGE).expect("a quarter")).collect();
    for at in [1, 3] {
        rig.tee.put(runs[at]).expect("live");
    }
    rig.alloc(VIDEO, 17 * PAGE);
    rig.alloc(VIDEO, 16 * PAGE);
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b21(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let first = rig.buffer();
    rig.tee.put(first).expect("live");
    rig.effects();
    let again = rig.alloc(VIDEO, PAGE).expect("room");
    let generation = rig.tee.buffer(again).expect("live").generation;
    rig.say(format!("generation {generation}"));
    rig.effects();
    rig.done()
}

pub(crate) fn b22(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    rig.plant(FaultPoint::BufferObject);
    rig.alloc(VIDEO, PAGE);
    rig.alloc(VIDEO, 65 * PAGE);
    rig.tee.shutdown();
    rig.effects();
    rig.done()
}

pub(crate) fn b23(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    rig.plant(FaultPoint::FileDescriptor);
    ioctl(&mut rig, "no descriptor", request(0, 0, 0));
    let live = rig.tee.live_buffers().count();
    rig.say(format!("live: {live}"));
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b24(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    rig.buffer();
    let id = rig.try_alloc(VIDEO, 17_000).expect("room");
    for (from_end, offset) in [(true, 0), (false, 0), (true, -1), (false, 4096)] {
        let at = rig.tee.lseek(id, from_end, offset);
        let said = at.map_or_else(|errno| errno.to_string(), |len| len.0.to_string());
        rig.say(format!("seek {} {offset}: {said}", if from_end { "end" } else { "set" }));
    }
    let offset = rig.tee.buffer(id).expect("live").offset.0;
    rig.say(format!("offset {offset}"));
    rig.done()
}

pub(crate) fn b25(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    rig.effects();
    rig.alloc(VIDEO, PAGE);
    rig.effects();
    // The same out of an area that is no lend pool.
    let mut plain = config(policy, &[(VIDEO, Backing::Dynamic)]);
    plain.memory = memory(false);
    let mut other = Rig::of(plain);
    other.alloc(VIDEO, PAGE);
    other.effects();
    rig.log.extend(other.log);
    rig.log
}

pub(crate) fn b26(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    for point in [FaultPoint::DmaPages, FaultPoint::LendRefused, FaultPoint::PoolMap] {
        rig.say(format!("{point:?}"));
        rig.plant(point);
        rig.alloc(VIDEO, PAGE);
        rig.effects();
    }
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b27(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    rig.alloc(VIDEO, 257 * PAGE);
    let reclaimed = rig.tee.world().memory.movable().0;
    rig.say(format!("movable: {reclaimed}"));
    rig.alloc(VIDEO, PAGE);
    rig.quiet();
    rig.alloc(VIDEO, 255 * PAGE);
    rig.alloc(VIDEO, PAGE);
    rig.effects();
    rig.done()
}

pub(crate) fn b28(policy: Policy) -> Vec<String> {
    let mut rig = Rig::both(policy);
    let first = rig.buffer();
    rig.tee.put(first).expect("live");
    rig.effects();
    for heap in [UI, VIDEO] {
        let id = rig.try_alloc(heap, PAGE).expect("room");
        let base = rig.tee.buffer(id).expect("live").range.base.0;
        rig.say(format!("{heap:?} at {base:x}"));
    }
    rig.log.extend(window(policy));
    rig.done()
}

/// The last buffer goes while another comes: between the count and the mutex.
fn window(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    let last = rig.buffer();
    let teardown = rig.tee.put_begin(last).expect("live").expect("the last reference");
    rig.quiet();
    rig.say("in the window");
    rig.alloc(VIDEO, PAGE);
    rig.effects();
    rig.tee.put_finish(last, teardown);
    rig.say("teardown");
    rig.effects();
    rig.alloc(VIDEO, PAGE);
    rig.done()
}

pub(crate) fn b29(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    for point in [FaultPoint::ReclaimRefused, FaultPoint::RangeRestore] {
        let mut rig = Rig::lent(policy);
        rig.say(format!("{point:?}"));
        let id = rig.buffer();
        rig.plant(point);
        rig.tee.put(id).expect("live");
        rig.effects();
        let movable = rig.tee.world().memory.movable().0;
        rig.say(format!("movable: {movable}"));
        log.extend(rig.done());
    }
    log
}

pub(crate) fn b30(policy: Policy) -> Vec<String> {
    let mut rig = Rig::lent(policy);
    let id = rig.buffer();
    let shm = rig.tee.register_fd(ringfence::tee::Fd::Buffer(id), 0, false).expect("registers");
    let arg = MemrefArg { id: shm, offset: 0, len: PAGE };
    let call = rig.tee.invoke(SDP_TA, Caller::Client, &[arg]).expect("enters");
    rig.tee.call_returns(call);
    rig.tee.put(id).expect("live");
    rig.tee.close_shm(shm).expect("open");
    rig.say("closed");
    rig.effects();
    rig.tee.call_ends(call);
    rig.say("call ended");
    rig.effects();
    rig.done()
}

fn lent_at(rig: &mut Rig, heap: UseCase) -> Result<(), Failure> {
    rig.try_alloc(heap, PAGE)?;
    let regions = rig.tee.world().optee.platform.regions();
    let last = regions.last().copied().expect("lent");
    rig.say(format!("{heap:?}: region {:x}+{:x}", last.base.0, last.len.0));
    Ok(())
}

pub(crate) fn b31(policy: Policy) -> Vec<String> {
    let mut record = config(policy, &[(RECORD, Backing::Dynamic)]);
    record.optee = record.optee.with_config(3, ProtmemConfig::default());
    let mut rig = Rig::of(record);
    let refused = rig.try_alloc(RECORD, PAGE);
    rig.result("use case 3", &refused);
    let mut wide = config(policy, &[(VIDEO, Backing::Dynamic), (UI, Backing::Dynamic)]);
    let alignment = ByteLen(2 * MIB);
    let wish = ProtmemConfig { alignment, ..ProtmemConfig::default() };
    wide.optee = wide.optee.with_config(2, wish);
    let mut other = Rig::of(wide);
    for heap in [VIDEO, UI] {
        lent_at(&mut other, heap).expect("lends");
    }
    rig.log.extend(other.log);
    rig.log
}

pub(crate) fn b32(policy: Policy) -> Vec<String> {
    let mut log = Vec::new();
    let mut try_probe = |what: &str, heap, attributes: usize, fault: Option<FaultPoint>| {
        let mut world = world(policy);
        let config =
            ProtmemConfig { attributes: vec![0x2_8001; attributes], ..ProtmemConfig::default() };
        world.optee = world.optee.clone().with_config(1, config);
        if let Some(point) = fault {
            world.context.faults.plant(point, 1);
        }
        let pool = DynamicPool::probe(purpose(heap), Placement::default(), &mut world);
        let said = pool.map_or_else(
            |errno| errno.to_string(),
            |pool| format!("{} attributes", pool.config().attributes.len()),
        );
        log.push(format!("{what}: {said}"));
        assert!(world.context.faults.spent());
    };
    try_probe("none", VIDEO, 0, None);
    try_probe("three, asked twice", VIDEO, 3, None);
    try_probe("error", VIDEO, 1, Some(FaultPoint::ConfigRefused));
    try_probe("more than asked", VIDEO, 1, Some(FaultPoint::ConfigTooLong));
    try_probe("unknown use case", UI, 1, None);
    log
}
