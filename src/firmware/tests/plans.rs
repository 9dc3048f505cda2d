// SPDX-License-Identifier: Apache-2.0
//! Plans, proven page by page.
use super::model::Model;
use super::*;
use crate::firmware::*;
use crate::scenario::Background;
use crate::tee::{Rights, rights};
use crate::units::{Cycle, PhysAddr};
use proptest::prelude::*;

/// Every page of DRAM and one on either side, every master, both directions: what the programmed
/// firewall allows is what the table says.
fn assert_exact(scenario: &Scenario, filters: u32) {
    let plan = plan(scenario).expect("fits");
    let mut model = Model::new(filters);
    let hw = Hardware::board(filters as u8);
    assert!(model.play(&boot(hw, scenario.firewall, &plan, Cycle(100)).expect("fits")));
    for page in 0..DRAM_PAGES + 2 {
        let addr = DRAM_BASE + page * PAGE - PAGE;
        let in_dram = (1..=DRAM_PAGES).contains(&page);
        let pool = scenario.pools.iter().find(|pool| pool.range.contains(PhysAddr(addr)));
        for master in &scenario.masters {
            let want = match pool {
                Some(pool) => rights(pool.use_case, pool.roles[0], master.ip),
                None if in_dram => Rights::READ_WRITE,
                None => Rights::NONE,
            };
            for (filter, addr) in (0..filters).flat_map(|f| [(f, addr), (f, addr + PAGE - 1)]) {
                assert!(model.gate_is_open(filter));
                let got = model.rights(addr, filter, master);
                assert_eq!(got, want, "{addr:#x} filter {filter} {}", master.name);
            }
        }
    }
}

fn ranges(regions: &[RegionSetting]) -> Vec<(u64, u64)> {
    let pages = |r: &RegionSetting| ((r.range.base.0 - DRAM_BASE) / PAGE, r.range.len.0 / PAGE);
    regions.iter().map(pages).collect()
}

#[test]
fn a_playback_takes_five_regions() {
    let scenario = playback();
    let plan = plan(&scenario).expect("fits");
    assert_eq!((plan[0].index, plan[0].id_access()), (0, 0));
    assert_eq!(plan[0].attributes() & 0xc000_0000, 0, "the background lets nobody in");
    assert_eq!(ranges(&plan[1..]), [(0, 8), (8, 4), (12, 8), (20, 16), (36, 28)]);
    let words: Vec<_> =
        plan[1..].iter().map(|r| (r.index, r.attributes(), r.id_access())).collect();
    // Identities: CPU 1, decoder 3, display 4, GPU 5, camera 6, encoder 7, DMA 8; crypto is secure.
    let open = (0xc000_000f, 0x01fa_01fa);
    let stream = (0xc000_000f, 0x0000_0008);
    let frame = (0x0000_000f, 0x0008_0018);
    let want: Vec<_> =
        (1..).zip([open, stream, open, frame, open]).map(|(n, (a, id))| (n, a, id)).collect();
    assert_eq!(words, want);
    assert_eq!(plan[1].top(), PhysAddr(DRAM_BASE + 8 * PAGE - 1));
    assert_exact(&scenario, 1);
    assert_exact(&scenario, 4);
}

#[test]
fn neighbours_with_equal_rights_are_one_region() {
    let table = [
        ("frame next to frame", vec![(Role::Frame, 8, 4), (Role::Frame, 12, 4)], 3),
        ("stream next to frame", vec![(Role::Bitstream, 8, 4), (Role::Frame, 12, 4)], 4),
        ("at both ends of DRAM", vec![(Role::Frame, 0, 4), (Role::Bitstream, 60, 4)], 3),
        ("an empty pool", vec![(Role::Frame, 8, 0)], 1),
        ("all of DRAM", vec![(Role::Frame, 0, 64)], 1),
        ("no pool", vec![], 1),
    ];
    for (what, pools, want) in table {
        let pools = pools.into_iter().map(|(role, page, pages)| pool(role, page, pages));
        let scenario = scenario(pools.collect());
        assert_eq!(plan(&scenario).expect("fits").len(), 1 + want, "{what}");
        assert_exact(&scenario, 2);
    }
}

#[test]
fn ranges_that_do_not_touch_stay_apart() {
    // Above DRAM nothing fills the gap between two pools of equal rights.
    let scenario = scenario(vec![pool(Role::Frame, 70, 2), pool(Role::Frame, 80, 2)]);
    let plan = plan(&scenario).expect("fits");
    assert_eq!(ranges(&plan[1..]), [(0, 64), (70, 2), (80, 2)]);
}

#[test]
fn the_order_of_pools_in_the_scenario_does_not_matter() {
    let scenario = scenario(vec![pool(Role::Frame, 20, 16), pool(Role::Bitstream, 8, 4)]);
    assert_eq!(plan(&scenario), plan(&playback()));
}

#[test]
fn a_map_of_nine_regions_does_not_fit() {
    let roles = [Role::Frame, Role::Bitstream, Role::Frame, Role::Bitstream, Role::Frame];
    let spread = |count: usize, first: u64| {
        let pools = (first..).step_by(8).zip(&roles[..count]);
        scenario(pools.map(|(page, role)| pool(*role, page, 2)).collect())
    };
    assert_eq!(plan(&spread(3, 4)).expect("2 N + 1 = 7").len(), 8);
    assert_eq!(plan(&spread(4, 0)).expect("the first gap is empty").len(), 9);
    assert_exact(&spread(4, 0), 1);
    let error = PlanError::TooManyRegions { needed: 9, available: 8, pool: 3 };
    assert_eq!(plan(&spread(4, 4)), Err(error), "pool 3 fits, the memory above it does not");
    let error = PlanError::TooManyRegions { needed: 11, available: 8, pool: 3 };
    assert_eq!(plan(&spread(5, 4)), Err(error));
    let error = PlanError::TooManyRegions { needed: 10, available: 8, pool: 4 };
    assert_eq!(plan(&spread(5, 0)), Err(error));
    assert_eq!(error.to_string(), "10 regions needed, 8 available: pool 4 does not fit");
}

#[test]
fn maps_that_no_region_can_hold_are_refused() {
    let refused = |pools| plan(&scenario(pools)).expect_err("refused");
    let overlap = refused(vec![pool(Role::Frame, 10, 4), pool(Role::Frame, 7, 4)]);
    assert_eq!(overlap, PlanError::Overlap { first: 1, second: 0 });
    let mut half = pool(Role::Frame, 8, 1);
    half.range.len.0 += 1;
    assert!(matches!(refused(vec![half]), PlanError::Range { .. }));
    let far = fixture::pool(UseCase::SecureVideo, Role::Frame, (1 << 40) - PAGE, 2 * PAGE);
    assert!(matches!(refused(vec![far]), PlanError::Range { .. }));
    let last = fixture::pool(UseCase::SecureVideo, Role::Frame, (1 << 40) - PAGE, PAGE);
    assert_eq!(plan(&scenario(vec![last])).expect("fits").len(), 3, "outside DRAM, still a region");
}

#[test]
fn an_open_firewall_has_a_background_and_nothing_else() {
    let mut scenario = playback();
    scenario.firewall.background = Background::Allow;
    let plan = plan(&scenario).expect("fits");
    assert_eq!(plan.len(), 1);
    let mut model = Model::new(1);
    assert!(
        model.play(&boot(Hardware::board(1), scenario.firewall, &plan, Cycle(100)).expect("fits"))
    );
    assert_eq!((model.word(0x110), model.word(0x114)), (0xc000_0000, u32::MAX));
    for master in &scenario.masters {
        for page in 0..DRAM_PAGES {
            let got = model.rights(DRAM_BASE + page * PAGE, 0, master);
            assert_eq!(got, Rights::READ_WRITE);
        }
    }
}

proptest! {
    #[test]
    fn any_map_that_fits_is_exact(
        cuts in proptest::collection::btree_set(0_u64..=DRAM_PAGES, 0..8),
        roles in proptest::collection::vec(proptest::option::of(any::<bool>()), 7),
    ) {
        let cuts: Vec<u64> = cuts.into_iter().collect();
        let pools = cuts.windows(2).zip(roles).filter_map(|(cut, role)| {
            let role = if role? { Role::Frame } else { Role::Bitstream };
            Some(pool(role, cut[0], cut[1] - cut[0]))
        });
        let scenario = scenario(pools.collect());
        match plan(&scenario) {
            Ok(plan) => {
                assert_exact(&scenario, 2);
                for (one, two) in plan[1..].iter().zip(&plan[2.min(plan.len())..]) {
                    prop_assert!(one.range.end() <= two.range.base);
                    let touch = one.range.end() == two.range.base;
                    prop_assert!(!touch || one.rights != two.rights, "not coalesced");
                }
            }
            Err(PlanError::TooManyRegions { needed, available, pool }) => {
                prop_assert!(needed > available && pool < scenario.pools.len());
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn memory_lent_and_reclaimed_keeps_the_other_regions_numbers() {
    use crate::tee::{PoolRights, ROLES};
    let scenario = scenario(vec![pool(Role::Frame, 40, 8)]);
    let boot = plan(&scenario).expect("fits");
    assert_eq!(ranges(&boot[1..]), [(0, 40), (40, 8), (48, 16)]);
    let mut protected = protected_at_boot(&scenario);
    let rights = by_port(&scenario, PoolRights::of(UseCase::SecureVideo, &ROLES));
    let range = fixture::range(DRAM_BASE + 10 * PAGE, 4 * PAGE);
    protected.push(Protected { range, rights, pool: 0 });
    let lent = plan_for(&scenario, &protected, &boot).expect("fits");
    assert_eq!(ranges(&lent[1..]), [(0, 10), (10, 4), (14, 26), (40, 8), (48, 16)]);
    let numbers = |plan: &[RegionSetting]| plan.iter().map(|r| r.index).collect::<Vec<_>>();
    assert_eq!(numbers(&lent), [0, 1, 4, 5, 2, 3], "only one region changes, two are new");
    protected.pop();
    let back = plan_for(&scenario, &protected, &lent).expect("fits");
    assert_eq!((ranges(&back[1..]), numbers(&back)), (ranges(&boot[1..]), numbers(&boot)));
}

#[test]
fn a_carve_out_with_a_region_a_buffer_is_shut_beside_them() {
    let mut scenario = scenario(vec![pool(Role::Frame, 40, 8)]);
    scenario.tee.region_per_buffer = true;
    let boot = plan(&scenario).expect("fits");
    assert_eq!(ranges(&boot[1..]), [(0, 40), (48, 16)], "nobody gets in, so that no region is due");
    let mut protected = protected_at_boot(&scenario);
    let mut rights = protected[0].rights;
    rights[3] = Rights::READ;
    for page in [40, 44] {
        let range = fixture::range(DRAM_BASE + page * PAGE, 2 * PAGE);
        protected.push(Protected { range, rights, pool: 0 });
    }
    let two = plan_for(&scenario, &protected, &boot).expect("fits");
    assert_eq!(ranges(&two[1..]), [(0, 40), (40, 2), (44, 2), (48, 16)]);
}
