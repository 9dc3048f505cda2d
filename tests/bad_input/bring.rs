// SPDX-License-Identifier: Apache-2.0
//! Platforms, histories and blobs that are wrong: each error points into the file that it is about.
use super::{golden_beside, ringfence, stderr};
use std::fs;

const PLATFORM: &str = include_str!("../../scenarios/platforms/juno-tzmp1.platform.toml");
const CARVE_OUTS: &str = include_str!("../../scenarios/platforms/juno-carve-outs.toml");
const REPLAY: &str = include_str!("../../scenarios/histories/replay.toml");

const HEAD: &str = "time,pid,op,buffer,heap,size,device,direction,role\n";

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the shipped file no longer has `{from}`");
        text.replacen(from, to, 1)
    })
}

/// The shipped platform with changes, under the shipped scenario with changes.
fn platform(name: &str, scenario: &[(&str, &str)], soc: &[(&str, &str)], fragments: &[&str]) {
    let text = changed(CARVE_OUTS, scenario);
    let soc = changed(PLATFORM, soc);
    let beside = [("juno-tzmp1.platform.toml", soc.as_str())];
    golden_beside(name, text.as_bytes(), &beside, &[], 3, fragments);
}

/// A history on the shipped scenario with changes.
fn history(name: &str, scenario: &[(&str, &str)], rows: &str, fragments: &[&str]) {
    let soc = [("../platforms/juno-tzmp1.platform.toml", "soc.platform.toml")];
    let text = changed(&changed(REPLAY, &soc), scenario);
    let beside = [("soc.platform.toml", PLATFORM), ("player.csv", rows)];
    golden_beside(name, text.as_bytes(), &beside, &[], 3, fragments);
}

#[test]
fn mistakes_in_a_platform_are_shown_there() {
    platform(
        "platform-mistakes",
        &[],
        &[
            ("nsaid = 9", "nsaid = 19"),
            ("ip    = \"decoder\"", "ip    = \"decodr\""),
            ("latency   = ", "latencey  = "),
            ("size   = \"96 MiB\"", "size   = 96"),
            ("clock = \"600 MHz\"", "clock = \"600 MHz\"\nlimit = \"5 ms\""),
            ("schema-version = 1\nname    = \"juno-tzmp1\"", "schema-version = 2\nnaem = \"x\""),
            ("[firewall]", "[playback]\nframes = 1\n[firewall]"),
        ],
        &[
            "juno-tzmp1.platform.toml:",
            "must be 0 to 15",
            "did you mean `decoder`?",
            "did you mean `latency`?",
            "`limit` of [sim] does not belong in a platform",
            "`playback` does not belong in a platform",
            "platforms of version 1",
            "a platform needs `name`",
        ],
    );
}

#[test]
fn broken_syntax_of_a_platform() {
    platform(
        "platform-syntax",
        &[],
        &[("clock = \"600 MHz\"", "clock = \"600 MHz")],
        &["juno-tzmp1.platform.toml:", "not valid TOML"],
    );
}

#[test]
fn scenario_and_platform_conflict() {
    platform(
        "platform-conflict",
        &[("[playback]", "[[master]]\nname = \"gpu2\"\n[memory]\nbase = 0\n[playback]")],
        &[],
        &[
            "the scenario and its platform both have `master`",
            "the scenario and its platform both have `memory`",
            "see also juno-tzmp1.platform.toml:",
            ": 2 problems\n",
        ],
    );
}

#[test]
fn a_platform_that_is_not_there() {
    golden_beside(
        "platform-missing",
        CARVE_OUTS.as_bytes(),
        &[],
        &[],
        3,
        &["cannot read the platform `juno-tzmp1.platform.toml`", "No such file"],
    );
}

#[test]
fn an_override_of_a_platform_is_checked_as_everything_else() {
    let beside = [("juno-tzmp1.platform.toml", PLATFORM)];
    let sets = ["--set", "master.gpu.nsaid=7", "--set", "memory.latency=soon"];
    golden_beside(
        "platform-set",
        CARVE_OUTS.as_bytes(),
        &beside,
        &sets,
        3,
        &["share NSAID 7", "see also juno-tzmp1.platform.toml:", "is not a time"],
    );
}

#[test]
fn reserved_memory() {
    platform(
        "reserved-memory",
        &[
            ("reserved = \"vpu-prot\"", "reserved = \"vpu-prt\""),
            ("reserved = \"media-prot\"", "reserved = \"linux-cma\"\nsize = \"1 MiB\""),
            ("base   = 0xa000_0000", "base   = 0xf500_0000"),
            (
                "[[traffic]]",
                "[[pool]]\nname = \"own\"\nheap = \"protected,trusted-ui\"\nrole = \"frame\"\n\
                 base = 0xe700_0000\nsize = \"4 KiB\"\n[[traffic]]",
            ),
        ],
        &[
            ("base   = 0xfb00_0000", "base   = 0xfa00_0000"),
            ("base       = 0xe000_0000", "base       = 0xe000_0000\nno-map = true"),
        ],
        &[
            "`reserved` names unknown node `vpu-prt`",
            "did you mean `vpu-prot`?",
            "`size` stands beside `reserved`",
            "`own` reaches into node `media-prot`",
            "nodes `vpu-prot` and `vpu-priv` share memory",
            "is hidden and reusable",
            "a `no-map` node is not the kernel's",
        ],
    );
    platform(
        "reserved-kind",
        &[("reserved = \"media-prot\"", "reserved = \"linux-cma\"")],
        &[],
        &["`linux-cma` holds movable pages", "see also juno-tzmp1.platform.toml:"],
    );
}

#[test]
fn settings_of_a_replay() {
    history(
        "replay-settings",
        &[
            ("speed      = 1000", "speed      = 0"),
            ("max-gap    = \"50 us\"", "max-gap    = \"50\""),
            ("= \"v550\"", "= \"v55\""),
            ("[replay]", "[[client]]\nname = \"x\"\nsteps = [{ wait = \"1 us\" }]\n[replay]"),
        ],
        &format!("{HEAD}0,1,alloc,a,\"protected,secure-video\",4096,,,\n"),
        &[
            "`speed` = 0 is out of range",
            "`max-gap` = \"50\" is not a time",
            "did you mean `v550`?",
            "[[client]] stands beside a replay",
            ": 4 problems\n",
        ],
    );
}

#[test]
fn form_of_a_history() {
    let heap = "\"protected,secure-video\"";
    history(
        "history-form",
        &[],
        &format!(
            "time,pid,op,buffer,heap,size,devise\n1,1,alloc,a,{heap},1\n0.5,1,close,a\nx,1,close,a\n1,1,close,a,,,,\n"
        ),
        &[
            "player.csv:1:30",
            "did you mean `device`?",
            "is earlier than the one before",
            "\"x\" is not a time",
            "8 cells, and 7 columns",
        ],
    );
    history("history-empty", &[], "", &["the history has no rows"]);
}

#[test]
fn meaning_of_a_history() {
    let rows = [
        "0,1,alloc,a,\"protected,secure-vidoe\",4096,,,",
        "1,1,alloc,b,\"/dev/dma_heap/protected,secure-video\",4 KiB,,,",
        "2,1,alloc,c,\"protected,secure-video\",4096,,,",
        "2,1,alloc,c,\"protected,secure-video\",4096,,,",
        "3,2,close,c,,,,,",
        "3,1,attach,c,,,v551,,",
        "3,1,map,c,,,v550,,",
        "3,1,attach,c,,,v550,,",
        "3,1,map,c,,,v550,both,",
        "3,1,unmap,c,,,dp650,,",
        "3,2,detach,c,,,v550,,",
        "3,1,unregister,c,,,,,",
        "3,1,write,c,,,tee,,",
        "3,1,close,c,,4096,,,",
        "3,1,close,c,,,,,",
        "4,1,cloze,c,,,,,",
        "4,1,close,,,,,,",
        "4,a b,close,c,,,,,",
    ];
    let text = format!("{HEAD}{}\n", rows.join("\n"));
    history(
        "history-meaning",
        &[],
        &text,
        &[
            "did you mean `protected,secure-video`?",
            "is not a size",
            "there is a buffer `c` already",
            "the process holds no file of it",
            "unknown device `v551`",
            "the device is not attached",
            "`direction` cannot be `both`",
            "the device has no mapping of it",
            "attached for another process",
            "it is not registered",
            "not registered",
            "`size` means nothing for `close`",
            "did you mean `close`?",
            "`close` needs `buffer`",
            "is not a name",
        ],
    );
}

#[test]
fn usage_of_replays_and_of_the_converter() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("x.dtb"), b"no tree").expect("written");
    fs::write(dir.path().join("there.toml"), "").expect("written");
    for (args, code, part) in [
        (&["run", "--replay", "nosuch.csv"][..], 2, "cannot read nosuch.csv"),
        (&["run", "a", "b", "--replay", "x.dtb"], 2, "takes one scenario"),
        (&["run", "a", "--policy", "v8"], 2, "--replay"),
        (&["platform"], 2, "FILE.dtb"),
        (&["platform", "nosuch.dtb"], 2, "cannot read nosuch.dtb"),
        (&["platform", "."], 2, "cannot read ."),
        (&["platform", "x.dtb"], 3, "not a device tree"),
    ] {
        let output = ringfence(dir.path(), args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(part), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 2, "nothing was written");
}
