// SPDX-License-Identifier: Apache-2.0
//! A secure playback from the allocator's side: what fits, what is left behind.
use super::*;
use crate::scenario::Role;

const VIDEO: UseCase = UseCase::SecureVideo;
const NV12_1080: u64 = 3_133_440;

fn tee() -> Tee {
    let pools = vec![
        fixture::pool(VIDEO, Role::Bitstream, 0x8800_0000, 4 * MIB),
        fixture::pool(VIDEO, Role::Frame, 0x9000_0000, 64 * MIB),
    ];
    Tee::new(&scenario(range(0x8000_0000, 512 * MIB), pools)).expect("valid")
}

#[test]
fn a_pool_of_64_mib_holds_21_frames_of_1080p() {
    let mut tee = tee();
    let frames: Vec<_> =
        (0..21).map(|_| tee.alloc(VIDEO, Role::Frame, ByteLen(NV12_1080)).expect("fits")).collect();
    assert_eq!(tee.alloc(VIDEO, Role::Frame, ByteLen(NV12_1080)), Err(Errno::Enomem.into()));
    let last = tee.buffer(frames[20]).expect("live").range;
    assert_eq!(last.base, PhysAddr(0x9000_0000 + 20 * NV12_1080));
    tee.put(frames[7]).expect("live");
    let again = tee.alloc(VIDEO, Role::Frame, ByteLen(NV12_1080)).expect("fits again");
    assert_eq!(tee.buffer(again).expect("live").offset, ByteLen(7 * NV12_1080));
}

#[test]
fn a_tidy_playback_leaves_nothing_behind() {
    let (decoder, display) = (MasterId(2), MasterId(3));
    let mut tee = tee();
    for _ in 0..3 {
        let frame = tee.alloc(VIDEO, Role::Frame, ByteLen(NV12_1080)).expect("fits");
        for (master, direction) in
            [(decoder, DmaDirection::Bidirectional), (display, DmaDirection::ToDevice)]
        {
            let attachment = tee.attach(frame, master).expect("live");
            let grant = tee.map(attachment, direction).expect("maps");
            tee.unmap(attachment, grant.id);
            tee.detach(attachment);
        }
        tee.put(frame).expect("live");
    }
    let effects = tee.take_effects();
    let count = |wanted: fn(&Effect) -> bool| effects.iter().filter(|e| wanted(e)).count();
    assert_eq!(count(|e| matches!(e, Effect::Allocated(_))), 3);
    assert_eq!(count(|e| matches!(e, Effect::Released(_))), 3);
    assert_eq!(count(|e| matches!(e, Effect::GrantOpened(_))), 6);
    assert_eq!(count(|e| matches!(e, Effect::GrantClosed(_))), 6);
    assert_eq!(count(|e| matches!(e, Effect::Outcome(_))), 0);
    assert_eq!(tee.live_buffers().count(), 0);
    assert_eq!((tee.live_attachments().count(), tee.live_grants().count()), (0, 0));
    let whole = tee.heaps().pools(VIDEO).iter().all(|pool| pool.pool.is_whole());
    assert!(whole, "every page is back");
}

#[test]
fn leaks_are_seen() {
    let mut tee = tee();
    let frame = tee.alloc(VIDEO, Role::Frame, ByteLen(1)).expect("fits");
    let attachment = tee.attach(frame, MasterId(3)).expect("live");
    let grant = tee.map(attachment, DmaDirection::ToDevice).expect("maps");
    assert_eq!(tee.live_buffers().next().map(|buffer| buffer.id), Some(frame));
    assert_eq!(tee.live_attachments().next(), Some((attachment, frame, MasterId(3))));
    assert_eq!(tee.live_grants().next(), Some(&grant));
}
