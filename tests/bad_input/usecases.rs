// SPDX-License-Identifier: Apache-2.0
//! Files whose trusted UI or recording is wrong, or does not fit.
use super::case_of;

const UI: &str = include_str!("../../scenarios/trusted-ui/keypad.toml");
const RECORDING: &str = include_str!("../../scenarios/recording/camera.toml");
const ALL: &str = include_str!("../../scenarios/attacks/all-use-cases.toml");

#[test]
fn wrong_pictures_and_places() {
    case_of(
        UI,
        "ui",
        &[
            ("size    = \"240x128\"", "size = \"40x20\""),
            ("updates = 8", "updates = 0\nfps = 30"),
            ("role = \"ui\"  ", "role = \"frame\""),
            ("kind = \"updates-shown\"", "kind = \"frames-recorded\""),
        ],
        &["too small for a keypad", "`frames-recorded` needs a recording", "must name its `pool`"],
    );
    case_of(
        RECORDING,
        "recording",
        &[
            ("export  = 0xb000_0000", "export = 0x9000_0000\ncamera = \"encoder\""),
            ("base = 0x9002_0000\nsize = \"256 KiB\"", "base = 0x9002_0000\nsize = \"64 KiB\""),
        ],
        &["`export` reaches into pool `raw`", "cannot be the recording's camera", "do not fit"],
    );
}

#[test]
fn a_pool_a_role_for_everything_does_not_fit_the_firewall() {
    case_of(
        ALL,
        "not-admitted",
        &[
            ("base = 0x9001_0000", "base = 0x9200_0000"),
            ("base = 0x9011_0000", "base = 0x9400_0000"),
            ("base = 0x9015_0000", "base = 0x9800_0000"),
        ],
        &[
            "the map needs 9 regions, 4 for pools and 5 for ordinary DRAM",
            "it fits with `frames` right behind `bitstream`",
        ],
    );
}

#[test]
fn no_use_case_runs_on_tokens() {
    case_of(
        UI,
        "token-use-case",
        &[("[firewall]", "[tee]\nmapping = \"token\"\n\n[firewall]")],
        &["no use case runs on tokens"],
    );
}

#[test]
fn a_recording_cannot_be_lent() {
    case_of(
        RECORDING,
        "recording-lent",
        &[
            ("role = \"raw\"   ", "kind = \"dynamic\"\nmin-size = \"64 KiB\" #"),
            ("export  =", "raw-pool = \"raw\"\nexport ="),
        ],
        &["refuses to be lent memory for it"],
    );
}
