// SPDX-License-Identifier: Apache-2.0
//! Heaps: B1 to B11 for static pools, B16, B17, B20, B22, B24.
use super::*;
use crate::scenario::Role;

const VIDEO: UseCase = UseCase::SecureVideo;

fn pools() -> Vec<RolePool> {
    vec![RolePool { roles: vec![Role::Frame], index: 0, pool: Pool::Static(pool(16)) }]
}

/// Heaps with the world around them.
struct Rig {
    heaps: Heaps,
    world: World,
}

impl Rig {
    fn new(built_in: bool) -> Self {
        let mut world = world();
        world.built_in = built_in;
        Self { heaps: Heaps::new(), world }
    }

    fn video() -> Self {
        let mut rig = Self::new(true);
        rig.register(1, pools()).expect("registers");
        rig
    }

    fn register(&mut self, id: u32, pools: Vec<RolePool>) -> Result<(), Refused> {
        self.heaps.register(id, pools, &mut self.world)
    }

    fn alloc(&mut self) -> Result<Allocation, Failure> {
        self.alloc_of(VIDEO, Role::Frame, PAGE)
    }

    fn alloc_of(&mut self, heap: UseCase, role: Role, len: u64) -> Result<Allocation, Failure> {
        self.heaps.alloc(heap, role, ByteLen(len), &mut self.world).map(|(_, run)| run)
    }

    fn release(&mut self, run: &Allocation) {
        let teardown = self.heaps.release(VIDEO, 0, run, &mut self.world);
        self.heaps.finish(teardown, &mut self.world);
    }

    fn put_all(&mut self) {
        self.heaps.put_all(&mut self.world);
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.world.context.effects)
    }
}

#[test]
fn b1_each_id_has_its_node() {
    let mut rig = Rig::new(true);
    for (heap, name) in USE_CASES.into_iter().zip([
        "protected,secure-video",
        "protected,trusted-ui",
        "protected,secure-video-record",
    ]) {
        assert!(!rig.heaps.has_node(heap));
        rig.register(heap_id(heap), pools()).expect("registers");
        assert!(rig.heaps.has_node(heap));
        assert_eq!(heap_name(heap), name);
        assert_eq!(rig.heaps.pools(heap).len(), 1);
    }
    assert_eq!(rig.heaps.device_users(), 3, "one reference a registration (B6)");
}

#[test]
fn b2_to_b5_b11_refusals_give_the_pools_back() {
    let mut unregistered = Rig::new(true);
    unregistered.heaps.unregister_device();
    let mut shutting_down = Rig::video();
    shutting_down.alloc().expect("room");
    shutting_down.put_all();
    let table = [
        ("id 0 (B2)", Rig::new(true), 0, Errno::Einval),
        ("id 4 (B2)", Rig::new(true), 4, Errno::Einval),
        ("device gone (B3)", unregistered, 1, Errno::Einval),
        ("bound (B4)", Rig::video(), 1, Errno::Ebusy),
        ("bound and shutting down (B4)", shutting_down, 1, Errno::Ebusy),
        ("not built in (B5)", Rig::new(false), 1, Errno::Einval),
    ];
    for (what, mut rig, id, want) in table {
        let users = rig.heaps.device_users();
        let refused = rig.register(id, pools()).expect_err(what);
        assert_eq!((refused.errno, refused.pools.len()), (want, 1), "{what}");
        assert_eq!(rig.heaps.device_users(), users, "{what}: no reference is left behind");
    }
}

#[test]
fn b6_b7_put_all_without_buffers_destroys_the_pool_once() {
    let mut rig = Rig::video();
    rig.put_all();
    assert_eq!(rig.effects(), [Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO })]);
    assert_eq!(rig.heaps.device_users(), 0);
    rig.put_all();
    assert!(rig.effects().is_empty(), "a second call does nothing (B7)");
}

#[test]
fn b7_to_b10_life_after_put_all() {
    let mut rig = Rig::video();
    let first = rig.alloc().expect("room");
    rig.put_all();
    rig.put_all();
    let second = rig.alloc().expect("still serves while a buffer lives (B8)");
    rig.release(&first);
    let third = rig.alloc().expect("and can be prolonged for ever");
    assert_eq!(third.range, first.range);
    rig.release(&second);
    assert!(rig.effects().is_empty() && rig.heaps.device_users() == 1);
    rig.release(&third);
    assert_eq!(rig.effects(), [Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO })], "B9");
    assert!(rig.heaps.has_node(VIDEO), "the node stays (B9)");
    assert_eq!(rig.alloc(), Err(Errno::Einval.into()), "B9");
    rig.register(1, pools()).expect("B10");
    assert_eq!(rig.alloc().expect("room").generation, 1);
    rig.put_all();
    let left = rig.effects();
    assert!(left.is_empty(), "shutting down starts anew, and the buffer holds the heap (B10)");
}

#[test]
fn b17_b20_b22_errors_take_no_reference() {
    let mut rig = Rig::video();
    let table = [
        ("length 0 (B17)", Role::Frame, 0, Errno::Einval),
        ("wraps to 0 (B17)", Role::Frame, u64::MAX, Errno::Einval),
        ("last length that does not wrap (B17)", Role::Frame, u64::MAX - PAGE + 1, Errno::Enomem),
        ("too long (B20)", Role::Frame, 17 * PAGE, Errno::Enomem),
        ("no pool for the role", Role::Bitstream, PAGE, Errno::Enodev),
    ];
    for (what, role, len, want) in table {
        assert_eq!(rig.alloc_of(VIDEO, role, len), Err(want.into()), "{what}");
    }
    let none = rig.alloc_of(UseCase::TrustedUi, Role::Frame, PAGE);
    assert_eq!(none, Err(Errno::Enodev.into()), "heap that was never registered");
    rig.put_all();
    assert_eq!(rig.effects().len(), 1, "the registration's was the only reference (B22)");
}

#[test]
fn b17_b24_lengths_are_whole_pages() {
    for (asked, got) in [(1, PAGE), (PAGE, PAGE), (PAGE + 1, 2 * PAGE), (17_000, 20_480)] {
        let run = Rig::video().alloc_of(VIDEO, Role::Frame, asked).expect("room");
        assert_eq!(run.range.len, ByteLen(got));
    }
}

#[test]
fn b16_pages_lost_at_address_0_are_a_bug_at_destruction() {
    let (mut heaps, mut world) = (Heaps::new(), world_at(range(0, SECTION)));
    let len = ByteLen(4 * PAGE);
    let pool = StaticPool::new(purpose(7), PhysAddr(0), len, Placement::default(), &mut world);
    let pool = Pool::Static(pool.expect("valid"));
    let pools = vec![RolePool { roles: vec![Role::Frame], index: 7, pool }];
    heaps.register(1, pools, &mut world).expect("registers");
    let mut rig = Rig { heaps, world };
    assert_eq!(rig.alloc(), Err(Errno::Enomem.into()));
    rig.put_all();
    assert_eq!(
        rig.effects(),
        [
            Effect::Outcome(Outcome::PagesLostAtDestroy { pool: 7 }),
            Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO }),
        ]
    );
}

#[test]
fn errnos_have_linux_numbers() {
    let table = [
        (Errno::Eio, 5, "EIO"),
        (Errno::Enxio, 6, "ENXIO"),
        (Errno::Ebadf, 9, "EBADF"),
        (Errno::Enomem, 12, "ENOMEM"),
        (Errno::Eacces, 13, "EACCES"),
        (Errno::Efault, 14, "EFAULT"),
        (Errno::Ebusy, 16, "EBUSY"),
        (Errno::Eexist, 17, "EEXIST"),
        (Errno::Enodev, 19, "ENODEV"),
        (Errno::Einval, 22, "EINVAL"),
        (Errno::Emfile, 24, "EMFILE"),
        (Errno::Enotty, 25, "ENOTTY"),
        (Errno::Enospc, 28, "ENOSPC"),
    ];
    for (errno, code, text) in table {
        assert_eq!((errno.code(), errno.to_string().as_str()), (code, text));
    }
}
