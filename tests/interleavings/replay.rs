// SPDX-License-Identifier: Apache-2.0
//! The listed races against the search, and on the whole allocator in the same order.
use crate::explore::explore;
use crate::machine::{Finding, Setup};
use ringfence::scenario::{Role, UseCase};
use ringfence::tee::optee::{Abi, Optee, Platform};
use ringfence::tee::{
    Backing, Config, Diverged, Effect, Outcome, Placement, Policy, PoolPlan, ROLES, Race, Step,
    SystemMemory, Tee,
};
use ringfence::units::{AddrRange, ByteLen, PhysAddr};

const VIDEO: UseCase = UseCase::SecureVideo;

fn tee(policy: Policy) -> Tee {
    let range = |base, len| AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap");
    let dram = [range(0x8000_0000, 512 << 20)];
    let area = range(0x8800_0000, 16 << 20);
    let memory = SystemMemory::new(&dram, &[], 40).with_cma(area, false);
    let pool = PoolPlan {
        name: "pool".into(),
        heap: VIDEO,
        roles: ROLES.to_vec(),
        backing: Backing::Dynamic,
        placement: Placement::default(),
    };
    let config = Config {
        policy,
        memory: memory.expect("ordinary memory"),
        optee: Optee::new(Abi::Smc, &dram, Platform::default()),
        devices: Vec::new(),
        pools: vec![pool],
        built_in: true,
    };
    Tee::build(config).expect("valid")
}

fn outcomes(tee: &mut Tee) -> Vec<Outcome> {
    let outcome = |effect| if let Effect::Outcome(o) = effect { Some(o) } else { None };
    tee.take_effects().into_iter().filter_map(outcome).collect()
}

#[test]
fn the_listed_races_are_the_shortest_that_the_search_finds() {
    let seen = explore(&Setup::new(Policy::merged(), &Race::CALLERS, true), None);
    for race in Race::ALL {
        let way = seen.way(Finding::Outcome(race.outcome(0))).expect("found");
        assert_eq!(way.turns, race.turns(), "{race:?}");
    }
}

#[test]
fn a_race_on_the_whole_allocator_ends_as_it_did_in_the_search() {
    for race in Race::ALL {
        let (last, before) = race.turns().split_last().expect("turns");
        let mut tee = tee(Policy::merged());
        let mut short = tee.clone();
        let replayed = tee.replay(VIDEO, Role::Frame, &Race::CALLERS, race.turns());
        assert_eq!(replayed, Ok(Ok(())), "{race:?}");
        assert!(outcomes(&mut tee).contains(&race.outcome(0)), "{race:?}");
        // It is the last step that does it.
        let replayed = short.replay(VIDEO, Role::Frame, &Race::CALLERS, before);
        assert_eq!(replayed, Ok(Ok(())), "{race:?} without {last:?}");
        assert!(!outcomes(&mut short).contains(&race.outcome(0)), "{race:?} without {last:?}");
    }
}

#[test]
fn a_hardened_kernel_leaves_the_way() {
    for race in Race::ALL.into_iter().filter(|race| *race != Race::AddOnZero) {
        let mut tee = tee(Policy::hardened());
        let replayed = tee.replay(VIDEO, Role::Frame, &Race::CALLERS, race.turns());
        let left = Diverged { caller: 1, listed: Step::Unlock, next: Some(Step::Revive) };
        assert_eq!(replayed, Ok(Err(left)), "{race:?}");
        assert_eq!(outcomes(&mut tee), [], "{race:?}");
    }
}
