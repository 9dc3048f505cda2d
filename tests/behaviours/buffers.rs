// SPDX-License-Identifier: Apache-2.0
//! B33 to B41: attachments, mappings and the end of a buffer.
use crate::rig::*;
use ringfence::tee::{DmaDirection, FaultPoint, Policy};
use ringfence::units::PAGE;

const TO: DmaDirection = DmaDirection::ToDevice;
const FROM: DmaDirection = DmaDirection::FromDevice;

pub(crate) fn b33(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    for (what, master) in [("display", DISPLAY), ("gpu", GPU)] {
        for turn in ["first", "second"] {
            let attached = rig.tee.attach(id, master);
            rig.result(&format!("{what}, {turn}"), &attached);
        }
    }
    rig.plant(FaultPoint::AttachmentTable);
    let attached = rig.tee.attach(id, DISPLAY);
    rig.result("no memory", &attached);
    rig.done()
}

pub(crate) fn b34(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let one = rig.tee.attach(id, DISPLAY).expect("live");
    let two = rig.tee.attach(id, DISPLAY).expect("live");
    let first = rig.tee.map(one, TO).expect("maps");
    let second = rig.tee.map(two, TO).expect("maps");
    rig.say(format!("tables: {}", if first.range == second.range { "equal" } else { "other" }));
    rig.tee.unmap(one, first.id);
    rig.tee.detach(one);
    let left: Vec<_> = rig.tee.live_grants().map(|grant| grant.id == second.id).collect();
    rig.say(format!("left: {left:?}"));
    rig.done()
}

pub(crate) fn b35(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let attachment = rig.tee.attach(id, DISPLAY).expect("live");
    rig.plant(FaultPoint::DmaMap);
    let failed = rig.tee.map(attachment, TO);
    rig.result("no mapping", &failed);
    for (what, direction) in [("to device", TO), ("from device", FROM), ("again", TO)] {
        let mapped = rig.tee.map(attachment, direction);
        rig.result(what, &mapped);
    }
    let ordinary = rig.tee.map_ordinary(DISPLAY, range(DRAM, PAGE), FROM);
    rig.result("writes ordinary memory beside", &ordinary);
    let reads = rig.tee.map_ordinary(DISPLAY, range(DRAM, PAGE), TO);
    rig.result("reads ordinary memory beside", &reads);
    rig.log.extend(the_other_way_round(policy));
    rig.done()
}

fn the_other_way_round(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let attachment = rig.tee.attach(id, DISPLAY).expect("live");
    rig.tee.map_ordinary(DISPLAY, range(DRAM, PAGE), FROM).expect("nothing protected yet");
    let mapped = rig.tee.map(attachment, TO);
    rig.result("reads protected memory after", &mapped);
    let mapped = rig.tee.map(attachment, FROM);
    rig.result("writes protected memory after", &mapped);
    rig.tee.unmap_ordinary(DISPLAY, range(DRAM, PAGE));
    let mapped = rig.tee.map(attachment, TO);
    rig.result("once it does not write", &mapped);
    rig.done()
}

pub(crate) fn b36(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let grant = rig.map(id, DISPLAY).expect("maps");
    rig.tee.unmap(grant.attachment, grant.id);
    rig.effects();
    rig.say("a device of 31 address bits, which reaches no slots either");
    let mapped = rig.map(id, SHORT_DISPLAY);
    rig.result("map", &mapped);
    rig.effects();
    rig.say("a device that must bounce");
    let mapped = rig.map(id, FORCED_DISPLAY);
    rig.result("map", &mapped);
    rig.effects();
    if let Ok(grant) = mapped {
        rig.say(format!("device is given {:x}", grant.range.base.0));
        rig.tee.unmap(grant.attachment, grant.id);
    }
    let mut large = Rig::lent(policy);
    let id = large.try_alloc(VIDEO, 65 * PAGE).expect("room");
    large.quiet();
    let mapped = large.map(id, FORCED_DISPLAY);
    large.result("more than 256 KiB", &mapped);
    large.effects();
    rig.effects();
    rig.log.extend(large.done());
    rig.done()
}

pub(crate) fn b37(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let one = rig.tee.attach(id, DISPLAY).expect("live");
    let two = rig.tee.attach(id, DISPLAY).expect("live");
    let grant = rig.tee.map(one, TO).expect("maps");
    rig.tee.unmap(two, grant.id);
    rig.effects();
    let left = rig.tee.live_grants().count();
    rig.say(format!("mappings: {left}"));
    rig.done()
}

pub(crate) fn b38(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let (mmap, vmap) = (rig.tee.mmap(id), rig.tee.vmap(id));
    rig.result("mmap", &mmap);
    rig.result("vmap", &vmap);
    for flags in [1, 5, 0, 8] {
        let sync = rig.tee.sync(id, flags);
        rig.result(&format!("sync {flags}"), &sync);
    }
    let shm = rig.tee.register_fd(ringfence::tee::Fd::Buffer(id), 0, false).expect("registers");
    let mapped = rig.tee.mmap_shm(shm);
    rig.result("mmap of the registration", &mapped);
    rig.effects();
    rig.done()
}

pub(crate) fn b39(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    rig.tee.get(id).expect("an importer");
    let shm = rig.tee.register_fd(ringfence::tee::Fd::Buffer(id), 0, false).expect("registers");
    rig.tee.put(id).expect("the user closes");
    rig.say(format!("user closed: live {}", rig.live(id)));
    rig.tee.put(id).expect("the importer closes");
    rig.say(format!("importer closed: live {}", rig.live(id)));
    rig.tee.close_shm(shm).expect("open");
    rig.say(format!("registration closed: live {}", rig.live(id)));
    rig.done()
}

pub(crate) fn b40(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    rig.tee.attach(id, DISPLAY).expect("live");
    rig.tee.put(id).expect("live");
    rig.say(format!("live {}", rig.live(id)));
    rig.effects();
    rig.done()
}

pub(crate) fn b41(policy: Policy) -> Vec<String> {
    let mut rig = Rig::fixed(policy);
    let id = rig.buffer();
    let grant = rig.map(id, DISPLAY).expect("maps");
    rig.tee.put(id).expect("live");
    let next = rig.alloc(VIDEO, PAGE).expect("room");
    let same = rig.tee.buffer(next).expect("live").range == grant.range;
    rig.say(format!("the device still points at it: {same}"));
    // The same at a reclaim: it waits for no device either.
    let mut lent = Rig::lent(policy);
    let id = lent.buffer();
    lent.map(id, DISPLAY).expect("maps");
    lent.quiet();
    lent.tee.put(id).expect("live");
    lent.effects();
    rig.log.extend(lent.done());
    rig.log
}
