// SPDX-License-Identifier: Apache-2.0
//! Files whose playback, traffic, intruders or expectations are wrong.
use super::{SHIPPED, case, golden};

#[test]
fn playback_does_not_fit() {
    case(
        "does-not-fit",
        &[("buffers         = 4", "buffers         = 6"), ("\"8 KiB\"", "\"65 KiB\"")],
        &["6 buffers of 208896 B", "the bitstream does not fit its pool"],
    );
}

#[test]
fn playback_limits() {
    case(
        "playback-limits",
        &[
            ("\"480x272\"", "\"481x272\""),
            ("frames          = 8", "frames          = 0"),
            ("burst           = 16", "burst           = 65"),
            ("outstanding     = 16", "outstanding     = 17"),
        ],
        &["both sides must be even", "must be 1 to 64", "must be 1 to 16", ": 4 problems\n"],
    );
}

#[test]
fn traffic_in_a_pool() {
    case(
        "traffic-in-pool",
        &[("base   = 0xa000_0000", "base   = 0x9000_0000")],
        &["[[traffic]] `cpu` reaches into pool `bitstream`"],
    );
}

#[test]
fn intruder_without_target_or_with_rights() {
    let without_pools = SHIPPED.split("[[pool]]").next().expect("a head").to_owned()
        + "[[intruder]]\nmaster = \"gpu\"\nattacks = [\"read-frames\"]\n\
           [[expect]]\nkind = \"blocked\"\nmaster = \"gpu\"\n";
    golden("no-target", without_pools.as_bytes(), &[], 3, &["`read-frames` has no target"]);
    case(
        "intruder-has-rights",
        &[("master       = \"gpu\"", "master       = \"vdec\"")],
        &["takes part in the playback", "nothing of `gpu` will be blocked"],
    );
}

#[test]
fn no_expectation() {
    let text = SHIPPED.split("[[expect]]").next().expect("a head");
    golden("no-expectation", text.as_bytes(), &[], 3, &["the scenario expects nothing"]);
}

#[test]
fn frames_that_never_come() {
    case(
        "frames-never-come",
        &[("after-frames = 4", "after-frames = 9")],
        &["waits for frames that never come", "8 are decoded"],
    );
}
