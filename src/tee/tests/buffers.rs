// SPDX-License-Identifier: Apache-2.0
//! dma-bufs: B8, B9, B24, B33 to B35, B37 to B41.
use super::*;
use crate::scenario::Role;

const CRYPTO: MasterId = MasterId(1);
const DECODER: MasterId = MasterId(2);
const DISPLAY: MasterId = MasterId(3);
const GPU: MasterId = MasterId(4);
const VIDEO: UseCase = UseCase::SecureVideo;
const BITSTREAM_BASE: u64 = 0x8800_0000;
const FRAME_BASE: u64 = 0x9000_0000;

fn tee() -> Tee {
    let pools = vec![
        fixture::pool(VIDEO, Role::Bitstream, BITSTREAM_BASE, MIB),
        fixture::pool(VIDEO, Role::Frame, FRAME_BASE, MIB),
    ];
    Tee::new(&scenario(range(0x8000_0000, 512 * MIB), pools)).expect("valid")
}

/// A frame buffer with the effects so far taken away.
fn frame(tee: &mut Tee) -> BufferId {
    let id = tee.alloc(VIDEO, Role::Frame, ByteLen(17_000)).expect("room");
    tee.take_effects();
    id
}

fn outcomes(tee: &mut Tee) -> Vec<Outcome> {
    let all = tee.take_effects().into_iter();
    all.filter_map(|effect| if let Effect::Outcome(o) = effect { Some(o) } else { None }).collect()
}

#[test]
fn heap_and_role_choose_the_pool_b24() {
    let mut tee = tee();
    let stream = tee.alloc(VIDEO, Role::Bitstream, ByteLen(1)).expect("room");
    let one = tee.alloc(VIDEO, Role::Frame, ByteLen(1)).expect("room");
    let two = tee.alloc(VIDEO, Role::Frame, ByteLen(17_000)).expect("room");
    let stream = *tee.buffer(stream).expect("live");
    assert_eq!((stream.pool, stream.range), (0, range(BITSTREAM_BASE, PAGE)));
    assert_eq!(tee.buffer(one).expect("live").range, range(FRAME_BASE, PAGE));
    let two = *tee.buffer(two).expect("live");
    assert_eq!((two.pool, two.range), (1, range(FRAME_BASE + PAGE, 20_480)));
    assert_eq!((two.offset, two.generation), (ByteLen(PAGE), 2));
    let effects = tee.take_effects();
    assert_eq!(effects[0], Effect::Allocated(stream));
    assert_eq!(effects[2], Effect::Allocated(two));
    assert_eq!(tee.alloc(UseCase::TrustedUi, Role::Frame, ByteLen(1)), Err(Errno::Enodev.into()));
}

#[test]
fn pools_that_linux_refuses_are_named() {
    let setup = |pools| Tee::new(&scenario(range(0x8000_0000, MIB), pools)).map(|_| ());
    let pool = |base, len| fixture::pool(VIDEO, Role::Frame, base, len);
    let error = setup(vec![pool(0x8000_0000, PAGE), pool(0x8001_0000, PAGE)]).expect_err("B4");
    assert_eq!((error.pool, error.errno), (1, Errno::Ebusy));
    let error = setup(vec![pool(0x8000_0000, PAGE + 1)]).expect_err("B12");
    assert_eq!((error.pool, error.errno), (0, Errno::Einval));
    let error = setup(vec![pool(0x1000, PAGE)]).expect_err("B13");
    assert_eq!(error.to_string(), "pool Frame@1000: EINVAL");
}

#[test]
fn b33_any_device_attaches_and_maps_but_only_the_table_gives_rights() {
    const TO: DmaDirection = DmaDirection::ToDevice;
    const FROM: DmaDirection = DmaDirection::FromDevice;
    const BOTH: DmaDirection = DmaDirection::Bidirectional;
    let table = [
        (Role::Bitstream, CRYPTO, FROM, Rights::WRITE),
        (Role::Bitstream, CRYPTO, BOTH, Rights::READ_WRITE),
        (Role::Bitstream, DECODER, TO, Rights::READ),
        (Role::Bitstream, DECODER, FROM, Rights::NONE),
        (Role::Bitstream, DISPLAY, BOTH, Rights::NONE),
        (Role::Frame, CRYPTO, BOTH, Rights::NONE),
        (Role::Frame, DECODER, BOTH, Rights::READ_WRITE),
        (Role::Frame, DECODER, TO, Rights::READ),
        (Role::Frame, DISPLAY, TO, Rights::READ),
        (Role::Frame, DISPLAY, BOTH, Rights::READ),
        (Role::Frame, GPU, BOTH, Rights::NONE),
        (Role::Frame, MasterId(200), TO, Rights::NONE),
    ];
    let mut tee = tee();
    for (role, master, direction, want) in table {
        let id = tee.alloc(VIDEO, role, ByteLen(PAGE)).expect("room");
        let attachment = tee.attach(id, master).expect("any device");
        let grant = tee.map(attachment, direction).expect("any device");
        assert_eq!(grant.rights, want, "{role:?} {master:?} {direction:?}");
        let buffer = *tee.buffer(id).expect("live");
        assert_eq!((grant.range, grant.generation), (buffer.range, buffer.generation));
        assert_eq!(tee.take_effects()[1], Effect::GrantOpened(grant));
    }
}

#[test]
fn b34_b35_mappings_are_not_cached() {
    let mut tee = tee();
    let id = frame(&mut tee);
    let (a, b) = (tee.attach(id, DECODER).expect("live"), tee.attach(id, DECODER).expect("live"));
    let one = tee.map(a, DmaDirection::ToDevice).expect("maps");
    let two = tee.map(a, DmaDirection::FromDevice).expect("another direction is fine");
    let three = tee.map(b, DmaDirection::ToDevice).expect("maps");
    assert!(one.id != two.id && two.id != three.id && one.range == three.range);
    tee.take_effects();
    tee.unmap(a, one.id);
    assert_eq!(tee.take_effects(), [Effect::GrantClosed(one)]);
    assert_eq!(tee.live_grants().count(), 2, "the others stay");
}

#[test]
fn b37_misused_unmap_and_detach_only_warn() {
    let mut tee = tee();
    let id = frame(&mut tee);
    let (a, b) = (tee.attach(id, DECODER).expect("live"), tee.attach(id, DISPLAY).expect("live"));
    let grant = tee.map(a, DmaDirection::ToDevice).expect("maps");
    tee.take_effects();
    tee.unmap(b, grant.id);
    let foreign = Outcome::ForeignTable { attachment: b, grant: grant.id };
    assert_eq!(tee.take_effects(), [Effect::Outcome(foreign), Effect::GrantClosed(grant)]);
    tee.unmap(a, grant.id);
    assert_eq!(outcomes(&mut tee), [Outcome::UnmapWithoutMap { grant: grant.id }]);

    let left = tee.map(a, DmaDirection::ToDevice).expect("maps");
    tee.detach(a);
    assert_eq!(outcomes(&mut tee), [Outcome::DetachedWhileMapped { attachment: a, left: 1 }]);
    assert_eq!(tee.live_grants().collect::<Vec<_>>(), [&left], "the device keeps its addresses");
    tee.detach(a);
    let unknown = Outcome::UnknownAttachment { attachment: a };
    assert_eq!(outcomes(&mut tee), [unknown]);
    assert_eq!(tee.map(a, DmaDirection::ToDevice), Err(Errno::Einval));
    assert_eq!(outcomes(&mut tee), [unknown]);
}

#[test]
fn b38_no_processor_gets_a_mapping() {
    let mut tee = tee();
    let id = frame(&mut tee);
    assert_eq!(tee.mmap(id), Err(Errno::Einval));
    assert_eq!(tee.vmap(id), Err(Errno::Einval));
    let table = [(1, Ok(())), (2, Ok(())), (3, Ok(())), (7, Ok(())), (5, Ok(()))];
    let bad = [0, 4, 8, 9, u64::MAX].map(|flags| (flags, Err(Errno::Einval)));
    for (flags, want) in table.into_iter().chain(bad) {
        assert_eq!(tee.sync(id, flags), want, "flags {flags}");
    }
    assert!(tee.take_effects().is_empty());
}

#[test]
fn b39_release_waits_for_the_last_file_reference() {
    let mut tee = tee();
    let id = frame(&mut tee);
    let buffer = *tee.buffer(id).expect("live");
    tee.get(id).expect("live");
    tee.put(id).expect("the user closes");
    assert!(tee.take_effects().is_empty(), "the importer still holds it");
    assert_eq!(tee.live_buffers().collect::<Vec<_>>(), [&buffer]);
    tee.put(id).expect("the importer closes");
    assert_eq!(tee.take_effects(), [Effect::Released(buffer)]);
    assert_eq!(tee.live_buffers().count(), 0);
    let refused = [tee.put(id), tee.get(id), tee.attach(id, GPU).map(|_| ()), tee.sync(id, 1)];
    assert_eq!(refused, [Err(Errno::Ebadf); 4]);
    assert_eq!(tee.mmap(id), Err(Errno::Ebadf));
    assert_eq!(tee.buffer(id), Err(Errno::Ebadf));
    let again = frame(&mut tee);
    let again = *tee.buffer(again).expect("live");
    assert_eq!((again.range, again.generation), (buffer.range, 2), "the same pages (B21)");
    assert_ne!(again.id, id);
}

#[test]
fn b40_b41_release_frees_under_attached_devices() {
    let mut tee = tee();
    let id = frame(&mut tee);
    let buffer = *tee.buffer(id).expect("live");
    let a = tee.attach(id, DISPLAY).expect("live");
    let grant = tee.map(a, DmaDirection::ToDevice).expect("maps");
    tee.take_effects();
    tee.put(id).expect("live");
    let warn = Outcome::AttachmentsAtRelease { buffer: id, left: 1 };
    assert_eq!(tee.take_effects(), [Effect::Released(buffer), Effect::Outcome(warn)]);
    let next = frame(&mut tee);
    assert_eq!(tee.buffer(next).expect("live").range, grant.range, "the device still points here");
    assert_eq!(tee.live_grants().collect::<Vec<_>>(), [&grant]);

    let stale = Outcome::UseAfterFree { attachment: a };
    assert_eq!(tee.map(a, DmaDirection::ToDevice), Err(Errno::Einval));
    assert_eq!(outcomes(&mut tee), [stale]);
    tee.unmap(a, grant.id);
    assert_eq!(tee.take_effects(), [Effect::Outcome(stale), Effect::GrantClosed(grant)]);
    tee.detach(a);
    assert_eq!(outcomes(&mut tee), [stale]);
    assert_eq!(tee.live_attachments().count(), 0);
}

#[test]
fn b8_b9_buffers_outlive_the_driver() {
    let mut tee = tee();
    let id = frame(&mut tee);
    tee.shutdown();
    assert!(tee.take_effects().is_empty());
    let a = tee.attach(id, DISPLAY).expect("valid (B8)");
    tee.detach(a);
    let other = tee.alloc(VIDEO, Role::Bitstream, ByteLen(1)).expect("still serves (B8)");
    tee.put(id).expect("live");
    tee.put(other).expect("live");
    assert_eq!(outcomes(&mut tee), [Outcome::HeapDestroyed { heap: VIDEO }]);
    assert_eq!(tee.alloc(VIDEO, Role::Frame, ByteLen(1)), Err(Errno::Einval.into()), "B9");
    assert!(tee.heaps().has_node(VIDEO));
}
