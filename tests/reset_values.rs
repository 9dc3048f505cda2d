// SPDX-License-Identifier: Apache-2.0
//! Whatever registers hold before reset, a run is the same to the byte.
mod common;
use common::{go_with, lines, playback};
use ringfence::engine::RunOptions;

#[test]
fn eight_seeds_before_reset_give_one_run() {
    let scenario = playback(&[], "");
    let run = |reset_seed| {
        lines(&go_with(&scenario, &RunOptions { reset_seed, ..RunOptions::default() }))
    };
    let zeros = run(0);
    for seed in 1..=8 {
        assert!(run(seed) == zeros, "seed {seed} gives other events");
    }
}
