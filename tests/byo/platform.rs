// SPDX-License-Identifier: Apache-2.0
//! Platform files: what they mean, and that they mean the same as a scenario's own tables.
use super::common::{go, lines, summary};
use super::{load, shipped, try_load};
use ringfence::engine::event::{Event, Verdict};
use ringfence::engine::{RunError, RunOptions, run};
use ringfence::scenario::Order;
use std::fs;
use std::path::{Path, PathBuf};

const JUNO: &str = include_str!("../../scenarios/platforms/juno-tzmp1.platform.toml");
const CARVE_OUTS: &str = include_str!("../../scenarios/platforms/juno-carve-outs.toml");

/// Scenario and platform in a folder of their own.
fn pair(dir: &Path, scenario: &str, platform: &str) -> PathBuf {
    fs::write(dir.join("juno-tzmp1.platform.toml"), platform).expect("written");
    let path = dir.join("own.toml");
    fs::write(&path, scenario).expect("written");
    path
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "no `{from}`");
    text.replacen(from, to, 1)
}

#[test]
fn the_shipped_platform_is_what_its_source_says() {
    let scenario = load(&shipped("platforms/juno-carve-outs.toml"), &[]);
    let nsaid = |name: &str| {
        let found = scenario.masters.iter().find(|master| master.name == name);
        found.map(|master| (master.id.0, master.nsaid.0, master.secure))
    };
    assert_eq!(nsaid("ap"), Some((0, 9, false)));
    assert_eq!(nsaid("v550"), Some((2, 7, false)));
    assert_eq!(nsaid("dp650"), Some((3, 8, false)));
    assert_eq!(nsaid("usb"), Some((5, 4, false)));
    assert!(nsaid("crypto").is_some_and(|crypto| crypto.2));
    let frames = &scenario.pools[0];
    assert_eq!((frames.name.as_str(), frames.range.base.0), ("frames", 0xe700_0000));
    assert_eq!(frames.range.len.0, 224 << 20);
    assert_eq!(scenario.reserved.len(), 4);
    let log = go(&scenario);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(summary(&log).blocked_expected, 32);
}

#[test]
fn a_platform_is_nothing_but_a_part_of_the_scenario() {
    let dir = tempfile::tempdir().expect("a folder");
    let apart = load(&pair(dir.path(), CARVE_OUTS, JUNO), &[]);
    let head = JUNO.find("[sim]").expect("there");
    let own = changed(CARVE_OUTS, "platform = \"juno-tzmp1.platform.toml\"\n", "");
    let text = format!("{own}\n{}", &JUNO[head..]);
    let together = super::common::parse(&text, &[]);
    assert_eq!(lines(&go(&apart)), lines(&go(&together)));
}

#[test]
fn scenarios_and_overrides_have_the_last_word() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = changed(CARVE_OUTS, "[[traffic]]", "[firewall]\norder = \"planned\"\n[[traffic]]");
    let path = pair(dir.path(), &text, JUNO);
    assert_eq!(load(&path, &[]).firewall.order, Order::Planned);
    assert_eq!(load(&path, &["firewall.order=driver"]).firewall.order, Order::Driver);
    let sets =
        ["master.usb.nsaid=6", "memory.latency=90 ns", "reserved-memory.vpu-priv.size=8 MiB"];
    let scenario = load(&path, &sets);
    assert_eq!(scenario.masters[5].nsaid.0, 6);
    assert_eq!(scenario.memory.latency_ps, 90_000);
    assert_eq!(scenario.reserved[3].range.len.0, 8 << 20);
    // Another platform for one run, found beside the scenario.
    let other = changed(JUNO, "nsaid = 5", "nsaid = 12");
    fs::write(dir.path().join("other.toml"), other).expect("written");
    let scenario = load(&path, &["platform=other.toml", "master.usb.nsaid=6"]);
    assert_eq!((scenario.masters[6].nsaid.0, scenario.masters[5].nsaid.0), (12, 6));
}

/// What comes of the shipped scenario when a node is not hidden from the kernel.
fn unhidden(policy: &str) -> Result<(), String> {
    let dir = tempfile::tempdir().expect("a folder");
    let node = "name   = \"media-prot\"\nbase   = 0xe700_0000\nsize   = \"224 MiB\"\nno-map = true";
    let soc = changed(JUNO, node, &node.replace("true", "false"));
    let scenario = load(&pair(dir.path(), CARVE_OUTS, &soc), &[&format!("tee.policy={policy}")]);
    match run(&scenario, &RunOptions::default(), &mut |_| ()) {
        Ok(_) => Ok(()),
        Err(RunError::Setup(text) | RunError::Board(text)) => Err(text),
    }
}

#[test]
fn memory_that_the_kernel_owns_is_no_carve_out() {
    assert_eq!(unhidden("v8"), Ok(()), "nobody looks");
    assert_eq!(unhidden("merged"), Err("pool frames: ENXIO".into()), "memremap does");
    assert_eq!(unhidden("hardened"), Err("pool frames: EINVAL".into()));
}

#[test]
fn only_a_lend_pool_loses_its_direct_map() {
    let removed = |compatible: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        let soc = changed(JUNO, "shared-dma-pool", compatible);
        let text = "schema-version = 1\nname = \"own\"\nsummary = \"x\"\n\
            platform = \"juno-tzmp1.platform.toml\"\n[tee]\npolicy = \"prepare-lend\"\nabi = \"ffa\"\n\
            [[pool]]\nname = \"video\"\nheap = \"protected,secure-video\"\nkind = \"dynamic\"\n\
            reserved = \"linux-cma\"\nmin-size = \"64 KiB\"\n[[client]]\nname = \"a\"\nsteps = [\n\
            { alloc = \"b\", heap = \"protected,secure-video\", role = \"frame\", size = \"4 KiB\" },\n\
            { close = \"b\" } ]\n";
        let log = go(&load(&pair(dir.path(), text, &soc), &[]));
        assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
        log.events.iter().any(
            |event| matches!(event, Event::Step { what, .. } if what.contains("DirectMapRemove")),
        )
    };
    assert!(removed("arm,ffa-lend-pool"));
    assert!(!removed("shared-dma-pool"));
}

#[test]
fn one_device_has_one_contiguous_area() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = "[[reserved-memory]]\nname = \"second\"\nbase = 0xc000_0000\nsize = \"4 MiB\"\n\
                reusable = true\ncompatible = \"shared-dma-pool\"\n";
    let pool = |name: &str, heap: &str, node: &str| {
        format!(
            "[[pool]]\nname = \"{name}\"\nheap = \"protected,{heap}\"\nkind = \"dynamic\"\n\
             reserved = \"{node}\"\n"
        )
    };
    let text = |second: &str| {
        format!(
            "schema-version = 1\nname = \"own\"\nsummary = \"x\"\n\
             platform = \"juno-tzmp1.platform.toml\"\n{}{}[[client]]\nname = \"a\"\n\
             steps = [{{ wait = \"1 us\" }}]\n",
            pool("video", "secure-video", "linux-cma"),
            pool("ui", "trusted-ui", second),
        )
    };
    let soc = format!("{JUNO}\n{node}");
    assert!(try_load(&pair(dir.path(), &text("linux-cma"), &soc), &[]).is_ok());
    let wrong = try_load(&pair(dir.path(), &text("second"), &soc), &[]).expect_err("two areas");
    assert!(wrong.contains("have two areas"), "{wrong}");
}
