// SPDX-License-Identifier: Apache-2.0
//! Random histories of allocations against a model of intervals: no overlap, no double grant, no
//! lost page, nothing left at the end, every refusal with its errno.
//!
//! `HISTORY_STEPS` sets how many steps are walked (`make histories`: a million).
mod machine;
mod model;

use machine::{Machine, Setup};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use ringfence::tee::{Granule, Strategy as Fit};
use std::cell::Cell;

/// Steps of one history.
const STEPS: usize = 250;
/// Steps in a plain `cargo test`.
const DEFAULT: usize = 20_000;

/// One step; picks are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Allocates so many bytes.
    Alloc(u64),
    /// Takes one more reference to a live buffer.
    Get(u16),
    /// Drops a reference to a live buffer.
    Put(u16),
    /// Uses a buffer that was released.
    UseReleased(u16),
    /// Attaches, maps, unmaps and detaches a live buffer.
    Map(u16),
    /// Makes the next lend fail, or the pages for it.
    Fail(bool),
}

fn lengths() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 1_u64..(64 << 10),
        4 => 1_u64..(2 << 20),
        1 => Just(0),
        1 => Just(u64::MAX),
        1 => Just(u64::MAX - 4095),
        2 => (0_u64..40).prop_map(|pages| pages * 4096),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => lengths().prop_map(Step::Alloc),
        2 => any::<u16>().prop_map(Step::Get),
        9 => any::<u16>().prop_map(Step::Put),
        1 => any::<u16>().prop_map(Step::UseReleased),
        2 => any::<u16>().prop_map(Step::Map),
        1 => any::<bool>().prop_map(Step::Fail),
    ]
}

fn setups() -> impl Strategy<Value = Setup> {
    let fit = prop_oneof![Just(Fit::FirstFit), Just(Fit::BestFit), Just(Fit::Buddy)];
    let granule = prop_oneof![
        4 => Just(Granule::Kib4),
        2 => Just(Granule::Kib64),
        1 => Just(Granule::Mib1),
        1 => Just(Granule::Mib2),
        1 => Just(Granule::SizeAligned),
    ];
    // Regions that the hardware leaves, where every buffer has one; else one for the pool.
    let regions = prop_oneof![2 => Just(None), 1 => (1_usize..20).prop_map(Some)];
    (fit, granule, 0_u32..4, any::<bool>(), any::<bool>(), regions).prop_map(
        |(fit, granule, order, dynamic, hardened, regions)| {
            let regions = regions.filter(|_| !dynamic);
            Setup { fit, granule, mib: 1 << order, dynamic, hardened, regions }
        },
    )
}

#[test]
fn histories_end_as_the_interval_model_says() {
    let asked = std::env::var("HISTORY_STEPS").ok().map(|text| text.parse());
    let steps_to_walk: usize = asked.map_or(DEFAULT, |n| n.expect("a number of steps"));
    let cases = u32::try_from(steps_to_walk.div_ceil(STEPS)).expect("fewer steps");
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let walked = Cell::new([0_u64; 4]); // steps, granted, refused, lends
    let history = (setups(), proptest::collection::vec(steps(), STEPS));
    let result = runner.run(&history, |(setup, steps)| {
        let mut machine = Machine::new(setup);
        for step in steps {
            machine.walk(step)?;
        }
        let told = machine.finish()?;
        let sum = walked.get();
        walked.set(std::array::from_fn(|i| sum[i] + told[i]));
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let [steps, granted, refused, lends] = walked.get();
    assert!(steps >= steps_to_walk as u64 && granted > 0 && refused > 0 && lends > 0);
    #[expect(clippy::print_stdout, reason = "the figure of `make histories`")]
    {
        println!("{steps} steps: {granted} granted, {refused} refused, {lends} lends");
    }
}
