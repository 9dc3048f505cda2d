// SPDX-License-Identifier: Apache-2.0
//! Heaps: B1 to B11 for static pools, B16, B17, B20, B22, B24.
use super::*;
use crate::scenario::{Role, UseCase};

const VIDEO: UseCase = UseCase::SecureVideo;

fn pools() -> Vec<RolePool> {
    vec![RolePool { role: Role::Frame, index: 0, pool: pool(16) }]
}

fn errno(result: Result<(), Refused>) -> Result<(), Errno> {
    result.map_err(|refused| refused.errno)
}

fn video() -> Heaps {
    let mut heaps = Heaps::new(true);
    errno(heaps.register(1, pools())).expect("registers");
    heaps
}

fn alloc(heaps: &mut Heaps) -> Result<Allocation, Errno> {
    heaps.alloc(VIDEO, Role::Frame, ByteLen(PAGE)).map(|(_, run)| run)
}

#[test]
fn b1_each_id_has_its_node() {
    let mut heaps = Heaps::new(true);
    for (heap, name) in USE_CASES.into_iter().zip([
        "protected,secure-video",
        "protected,trusted-ui",
        "protected,secure-video-record",
    ]) {
        assert!(!heaps.has_node(heap));
        assert_eq!(errno(heaps.register(heap_id(heap), pools())), Ok(()));
        assert!(heaps.has_node(heap));
        assert_eq!(heap_name(heap), name);
        assert_eq!(heaps.pools(heap).len(), 1);
    }
    assert_eq!(heaps.device_users(), 3, "one reference a registration (B6)");
}

#[test]
fn b2_to_b5_b11_refusals_give_the_pools_back() {
    let mut unregistered = Heaps::new(true);
    unregistered.unregister_device();
    let mut shutting_down = video();
    alloc(&mut shutting_down).expect("room");
    shutting_down.put_all(&mut Vec::new());
    let table = [
        ("id 0 (B2)", Heaps::new(true), 0, Errno::Einval),
        ("id 4 (B2)", Heaps::new(true), 4, Errno::Einval),
        ("device gone (B3)", unregistered, 1, Errno::Einval),
        ("bound (B4)", video(), 1, Errno::Ebusy),
        ("bound and shutting down (B4)", shutting_down, 1, Errno::Ebusy),
        ("not built in (B5)", Heaps::new(false), 1, Errno::Einval),
    ];
    for (what, mut heaps, id, want) in table {
        let users = heaps.device_users();
        let refused = heaps.register(id, pools()).expect_err(what);
        assert_eq!((refused.errno, refused.pools.len()), (want, 1), "{what}");
        assert_eq!(heaps.device_users(), users, "{what}: no reference is left behind");
    }
}

#[test]
fn b6_b7_put_all_without_buffers_destroys_the_pool_once() {
    let mut heaps = video();
    let mut effects = Vec::new();
    heaps.put_all(&mut effects);
    assert_eq!(effects, [Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO })]);
    assert_eq!(heaps.device_users(), 0);
    heaps.put_all(&mut effects);
    assert_eq!(effects.len(), 1, "a second call does nothing (B7)");
}

#[test]
fn b7_to_b10_life_after_put_all() {
    let mut heaps = video();
    let mut effects = Vec::new();
    let first = alloc(&mut heaps).expect("room");
    heaps.put_all(&mut effects);
    heaps.put_all(&mut effects);
    let second = alloc(&mut heaps).expect("still serves while a buffer lives (B8)");
    heaps.release(VIDEO, 0, &first, &mut effects);
    let third = alloc(&mut heaps).expect("and can be prolonged for ever");
    assert_eq!(third.range, first.range);
    heaps.release(VIDEO, 0, &second, &mut effects);
    assert!(effects.is_empty() && heaps.device_users() == 1);
    heaps.release(VIDEO, 0, &third, &mut effects);
    assert_eq!(effects, [Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO })], "B9");
    assert!(heaps.has_node(VIDEO), "the node stays (B9)");
    assert_eq!(alloc(&mut heaps), Err(Errno::Einval), "B9");
    assert_eq!(errno(heaps.register(1, pools())), Ok(()), "B10");
    assert_eq!(alloc(&mut heaps).expect("room").generation, 1);
    effects.clear();
    heaps.put_all(&mut effects);
    assert!(effects.is_empty(), "shutting down starts anew, and the buffer holds the heap (B10)");
}

#[test]
fn b17_b20_b22_errors_take_no_reference() {
    let mut heaps = video();
    let table = [
        ("length 0 (B17)", Role::Frame, 0, Errno::Einval),
        ("wraps to 0 (B17)", Role::Frame, u64::MAX, Errno::Einval),
        ("last length that does not wrap (B17)", Role::Frame, u64::MAX - PAGE + 1, Errno::Enomem),
        ("too long (B20)", Role::Frame, 17 * PAGE, Errno::Enomem),
        ("no pool for the role", Role::Bitstream, PAGE, Errno::Enodev),
    ];
    for (what, role, len, want) in table {
        assert_eq!(heaps.alloc(VIDEO, role, ByteLen(len)), Err(want), "{what}");
    }
    let none = heaps.alloc(UseCase::TrustedUi, Role::Frame, ByteLen(PAGE));
    assert_eq!(none, Err(Errno::Enodev), "heap that was never registered");
    let mut effects = Vec::new();
    heaps.put_all(&mut effects);
    assert_eq!(effects.len(), 1, "the registration's was the only reference (B22)");
}

#[test]
fn b17_b24_lengths_are_whole_pages() {
    for (asked, got) in [(1, PAGE), (PAGE, PAGE), (PAGE + 1, 2 * PAGE), (17_000, 20_480)] {
        let run = video().alloc(VIDEO, Role::Frame, ByteLen(asked)).expect("room").1;
        assert_eq!(run.range.len, ByteLen(got));
    }
}

#[test]
fn b16_pages_lost_at_address_0_are_a_bug_at_destruction() {
    let sections = Sections::of(&[range(0, SECTION)]);
    let pool = StaticPool::new(range(0, 4 * PAGE), &sections).expect("valid");
    let mut heaps = Heaps::new(true);
    errno(heaps.register(1, vec![RolePool { role: Role::Frame, index: 7, pool }])).expect("ok");
    assert_eq!(alloc(&mut heaps), Err(Errno::Enomem));
    let mut effects = Vec::new();
    heaps.put_all(&mut effects);
    assert_eq!(
        effects,
        [
            Effect::Outcome(Outcome::PagesLostAtDestroy { pool: 7 }),
            Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO }),
        ]
    );
}

#[test]
fn errnos_have_linux_numbers() {
    let table = [
        (Errno::Ebadf, 9, "EBADF"),
        (Errno::Enomem, 12, "ENOMEM"),
        (Errno::Ebusy, 16, "EBUSY"),
        (Errno::Enodev, 19, "ENODEV"),
        (Errno::Einval, 22, "EINVAL"),
    ];
    for (errno, code, text) in table {
        assert_eq!((errno.code(), errno.to_string().as_str()), (code, text));
    }
}
