// SPDX-License-Identifier: Apache-2.0
//! Static pools: B12, B13, B15, B16, B20, B21.
use super::*;
use proptest::prelude::*;

const NO_MEMORY: Failure = Failure::Errno(Errno::Enomem);

#[test]
fn b12_b13_b15_creation() {
    let table = [
        ("whole pages in memory", 0x8000_0000, MIB, Ok(())),
        ("base not aligned (B12)", 0x8000_0800, MIB, Err(Errno::Einval)),
        ("size not aligned (B12)", 0x8000_0000, MIB + 1, Err(Errno::Einval)),
        ("first page in no section (B13)", 0x7fff_f000, MIB, Err(Errno::Einval)),
        ("far above memory (B13)", 0x20_0000_0000, MIB, Err(Errno::Einval)),
        ("only the first page is looked at (B13)", 0x9fff_f000, 1024 * MIB, Ok(())),
        ("size 0 (B15)", 0x8000_0000, 0, Ok(())),
    ];
    for (what, base, len, want) in table {
        let made = new_pool(range(base, len), &mut world());
        assert_eq!(made.map(|_| ()), want, "{what}");
    }
}

#[test]
fn b13_a_hole_in_a_present_section_passes() {
    // DRAM ends 1 MiB into its last section; a pool behind it is no memory at all.
    let mut world = world_at(range(0x8000_0000, SECTION + MIB));
    assert!(new_pool(range(0x8000_0000 + SECTION + 2 * MIB, MIB), &mut world).is_ok());
    let next = range(0x8000_0000 + 2 * SECTION, MIB);
    assert_eq!(new_pool(next, &mut world).map(|_| ()), Err(Errno::Einval));
    assert!(!Sections::of(&[range(0x8000_0000, 0)]).pfn_valid(PhysAddr(0x8000_0000)));
}

#[test]
fn b15_an_empty_pool_serves_nobody() {
    let (mut pool, mut world) = (pool(0), world());
    assert_eq!(pool.alloc(ByteLen(PAGE), &mut world), Err(NO_MEMORY));
    assert!(pool.is_whole());
}

#[test]
fn b16_a_run_at_address_0_fails_and_is_lost() {
    let mut world = world_at(range(0, SECTION));
    let mut pool = new_pool(range(0, 4 * PAGE), &mut world).expect("valid");
    assert_eq!(pool.alloc(ByteLen(2 * PAGE), &mut world), Err(NO_MEMORY));
    let run = pool.alloc(ByteLen(PAGE), &mut world).expect("behind the lost pages");
    assert_eq!((run.range.base, run.offset), (PhysAddr(2 * PAGE), ByteLen(2 * PAGE)));
    pool.give(&run, &mut world);
    assert_eq!(pool.free(), ByteLen(2 * PAGE));
    assert!(!pool.is_whole(), "two pages are gone for good");
}

#[test]
fn b20_first_fit_at_the_lowest_address_and_no_splitting() {
    let (mut pool, mut world) = (pool(8), world());
    let runs: Vec<_> = (0..8).map(|_| pool.alloc(ByteLen(1), &mut world).expect("room")).collect();
    let offsets: Vec<_> = runs.iter().map(|run| run.offset.0 / PAGE).collect();
    assert_eq!(offsets, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(pool.alloc(ByteLen(1), &mut world), Err(NO_MEMORY));
    for page in [1, 4, 5, 7] {
        pool.give(&runs[page], &mut world);
    }
    assert_eq!(
        pool.alloc(ByteLen(3 * PAGE), &mut world),
        Err(NO_MEMORY),
        "4 free pages, none 3 long"
    );
    assert_eq!(pool.alloc(ByteLen(2 * PAGE), &mut world).expect("room").offset, ByteLen(4 * PAGE));
    assert_eq!(pool.alloc(ByteLen(PAGE), &mut world).expect("room").offset, ByteLen(PAGE));
}

#[test]
fn b21_a_freed_run_returns_at_once_as_a_new_generation() {
    let (mut pool, mut world) = (pool(4), world());
    let first = pool.alloc(ByteLen(2 * PAGE), &mut world).expect("room");
    pool.give(&first, &mut world);
    let second = pool.alloc(ByteLen(2 * PAGE), &mut world).expect("room");
    assert_eq!(first.range, second.range);
    assert_eq!((first.generation, second.generation), (1, 2));
}

#[test]
fn lengths_that_no_pool_has_are_out_of_memory() {
    let (mut pool, mut world) = (pool(4), world());
    for len in [0, 5 * PAGE, u64::MAX, u64::MAX - PAGE + 1] {
        assert_eq!(pool.alloc(ByteLen(len), &mut world), Err(NO_MEMORY), "{len}");
    }
    assert!(pool.is_whole());
}

#[test]
fn capacity_and_fragmentation_as_measured() {
    const NV12_1080: u64 = 3_133_440;
    const NV12_4K: u64 = 12_533_760;
    let fill = |mib: u64, len: u64| {
        let (mut pool, mut world) = (pool(mib * MIB / PAGE), world());
        std::iter::from_fn(|| pool.alloc(ByteLen(len), &mut world).ok()).count()
    };
    let table = [
        (1, 17_000, 51),
        (1, NV12_1080, 0),
        (4, NV12_1080, 1),
        (32, NV12_1080, 10),
        (32, NV12_4K, 2),
        (64, NV12_1080, 21),
        (64, NV12_4K, 5),
    ];
    for (mib, len, want) in table {
        assert_eq!(fill(mib, len), want, "{mib} MiB of {len} bytes");
    }

    let (mut pool, mut world) = (pool(32 * MIB / PAGE), world());
    let mut frames = Vec::new();
    while let Ok(frame) = pool.alloc(ByteLen(NV12_1080), &mut world) {
        frames.push(frame);
        if pool.alloc(ByteLen(64 << 10), &mut world).is_err() {
            break;
        }
    }
    for frame in &frames {
        pool.give(frame, &mut world);
    }
    assert_eq!(pool.free(), ByteLen(32_899_072));
    assert_eq!(pool.alloc(ByteLen(NV12_4K), &mut world), Err(NO_MEMORY));
}

/// What a pool should do, said with intervals instead of bits: `[first, first + pages)`.
fn expected_first_fit(taken: &[(u64, u64)], size: u64, pages: u64) -> Option<u64> {
    let ends = taken.iter().map(|(first, pages)| first + pages);
    let mut starts: Vec<u64> = ends.chain([0]).collect();
    starts.sort_unstable();
    starts.into_iter().find(|&start| {
        let end = start + pages;
        end <= size && taken.iter().all(|&(first, len)| end <= first || first + len <= start)
    })
}

proptest! {
    #[test]
    fn a_pool_behaves_like_a_set_of_intervals(
        size in 0_u64..200,
        steps in proptest::collection::vec((any::<bool>(), 0_u64..40, any::<u16>()), 0..200),
    ) {
        let (mut pool, mut world) = (pool(size), world());
        let mut live: Vec<Allocation> = Vec::new();
        let mut made = 0;
        for (free, pages, pick) in steps {
            if free && !live.is_empty() {
                pool.give(&live.swap_remove(usize::from(pick) % live.len()), &mut world);
            } else {
                let taken: Vec<_> = live
                    .iter()
                    .map(|run| (run.offset.0 / PAGE, run.range.len.0 / PAGE))
                    .collect();
                // A length anywhere in its last page takes the same pages.
                let len = (pages * PAGE).saturating_sub(u64::from(pick) % PAGE);
                let want = expected_first_fit(&taken, size, len.div_ceil(PAGE));
                let want = want.filter(|_| len > 0).ok_or(NO_MEMORY);
                let got = pool.alloc(ByteLen(len), &mut world);
                prop_assert_eq!(got.map(|run| run.offset.0 / PAGE), want);
                if let Ok(run) = got {
                    made += 1;
                    prop_assert_eq!(run.generation, made);
                    prop_assert_eq!(run.range.base.0, 0x8000_0000 + run.offset.0);
                    prop_assert_eq!(run.range.len.0, len.div_ceil(PAGE) * PAGE);
                    prop_assert!(live.iter().all(|other| !other.range.overlaps(run.range)));
                    live.push(run);
                }
            }
            let used: u64 = live.iter().map(|run| run.range.len.0).sum();
            prop_assert_eq!(pool.free(), ByteLen(size * PAGE - used));
        }
        for run in live {
            pool.give(&run, &mut world);
        }
        prop_assert!(pool.is_whole());
        prop_assert_eq!(pool.alloc(ByteLen(size * PAGE), &mut world).is_ok(), size > 0);
    }
}
