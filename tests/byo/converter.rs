// SPDX-License-Identifier: Apache-2.0
//! `ringfence platform`: what it makes of device trees, whole and broken.
use super::blobs::{Blob, Value, board, oddities};
use super::common::{go, summary};
use super::{golden, load, ringfence, text, try_load};
use proptest::prelude::*;
use ringfence::devicetree::{Error, platform};
use ringfence::engine::event::Verdict;
use std::fs;
use std::path::Path;

/// A scenario on a converted platform, whose pools are nodes of it.
fn scenario(pools: &str, buffer: &str) -> String {
    format!(
        "schema-version = 1\nname = \"own\"\nsummary = \"x\"\nplatform = \"own.platform.toml\"\n\
         {pools}\n[[client]]\nname = \"player\"\nsteps = [\n{buffer}\n]\n"
    )
}

/// A buffer that the decoder fills and the display reads, and that others do not get.
const WORK: &str = r#"
  { alloc = "a", heap = "protected,secure-video", role = "frame", size = "64 KiB" },
  { attach = "a", master = "vdec" },
  { map = "a", master = "vdec", direction = "from-device" },
  { dma = "a", master = "vdec", write = "64 KiB" },
  { dma = "a", master = "dma", read = "4 KiB", attack = true, fails = "DECERR" },
  { unmap = "a", master = "vdec" },
  { detach = "a", master = "vdec" },
  { close = "a" },
"#;

fn written(dir: &Path, blob: &Blob, scenario: &str) -> std::path::PathBuf {
    let made = platform(&blob.bytes(), "own").expect("a platform");
    fs::write(dir.join("own.platform.toml"), made).expect("written");
    let path = dir.join("own.toml");
    fs::write(&path, scenario).expect("written");
    path
}

#[test]
fn boards_become_platforms() {
    golden("board.platform.toml", &platform(&board().bytes(), "board").expect("a platform"));
    golden("oddities.platform.toml", &platform(&oddities().bytes(), "o d d").expect("a platform"));
}

#[test]
fn what_is_made_loads_and_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let carve_out = "[[pool]]\nname = \"video\"\nheap = \"protected,secure-video\"\nrole = \"frame\"\n\
                     reserved = \"secure-video\"";
    let area = "[[pool]]\nname = \"video\"\nheap = \"protected,secure-video\"\nkind = \"dynamic\"\n\
                reserved = \"linux-cma\"\nmin-size = \"256 KiB\"";
    for pools in [carve_out, area] {
        let path = written(dir.path(), &board(), &scenario(pools, WORK));
        let log = go(&load(&path, &[]));
        let summary = summary(&log);
        assert_eq!(summary.verdict, Verdict::Pass, "{pools}: {}", summary.reason);
        assert_eq!(summary.blocked_expected, 16, "4 KiB in bursts of 256 B");
    }
    let wait = scenario("", "{ wait = \"1 us\" }");
    let path = written(dir.path(), &oddities(), &wait);
    assert_eq!(load(&path, &[]).reserved.len(), 7);
}

#[test]
fn the_command_prints_or_writes_and_never_overwrites() {
    let dir = tempfile::tempdir().expect("a folder");
    // Bytes behind the tree, as a file of firmware has them.
    let mut blob = board().bytes();
    blob.extend([0xff; 100]);
    fs::write(dir.path().join("board.dtb"), blob).expect("written");
    let printed = ringfence(dir.path(), &["platform", "board.dtb"]);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    golden("board.platform.toml", &text(&printed.stdout));
    let args = ["platform", "board.dtb", "--output", "soc.platform.toml"];
    assert_eq!(ringfence(dir.path(), &args).status.code(), Some(0));
    let file = fs::read_to_string(dir.path().join("soc.platform.toml")).expect("there");
    assert_eq!(file, text(&printed.stdout));
    let again = ringfence(dir.path(), &args);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("left alone"), "{}", text(&again.stderr));
}

#[test]
fn room_is_found_below_what_is_there() {
    let mut blob = board();
    let fixed = Value::Cells(vec![0, 0xfb00_0000, 0, 0x0400_0000]);
    blob.children.push(("top@fb000000", vec![("reg", fixed)]));
    let ranges = Value::Cells(vec![0, 0x4000_0000, 0, 0x1000, 0, 0xe000_0000, 0, 0x0800_0000]);
    let size = Value::Cells(vec![0, 0x0100_0000]);
    blob.children.push(("inside", vec![("size", size), ("alloc-ranges", ranges)]));
    blob.children.push(("small", vec![("size", Value::Cells(vec![0, 0x1000]))]));
    let made = platform(&blob.bytes(), "own").expect("a platform");
    let base = |name: &str| {
        let (_, rest) = made.split_once(&format!("\"{name}\"\nbase   = ")).expect("a node");
        rest.lines().next().expect("a line").to_owned()
    };
    // DRAM ends at 0xff00_0000, below it is `top`, and `secure-video` is 0xe700_0000 to 0xeaff_ffff.
    assert_eq!(base("linux-cma"), "0xf700_0000", "below `top`");
    assert_eq!(base("inside"), "0xe600_0000", "in the second range, below `secure-video`");
    assert_eq!(base("small"), "0xf6ff_f000", "below `linux-cma`");
}

#[test]
fn trees_without_sense_are_refused() {
    assert!(matches!(platform(b"", "x"), Err(Error::NotATree(_))));
    let no_memory = Blob { nodes: Vec::new(), ..board() };
    assert_eq!(platform(&no_memory.bytes(), "x"), Err(Error::NoMemory));
    let mut cells = board();
    cells.root[0].1 = Value::Cells(vec![3]);
    let error = Error::Cells { node: "/", property: "#address-cells", cells: 3 };
    assert_eq!(platform(&cells.bytes(), "x"), Err(error));
    // Above 2^40 there is no board.
    let mut far = board();
    far.nodes[1].1[1].1 = Value::Cells(vec![0x100, 0, 0, 0x1000_0000]);
    assert_eq!(platform(&far.bytes(), "x"), Err(Error::NoMemory));
}

#[test]
fn no_text_of_a_tree_forges_a_line() {
    let mut blob = board().bytes();
    for (from, to) in [("Example board", "x\n[sim]\ny=\"z\""), ("ramoops\0", "a\"\n[b]\0\0")] {
        let at = blob.windows(from.len()).rposition(|bytes| bytes == from.as_bytes());
        let at = at.expect("the text");
        blob[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    survives(&blob);
    let made = platform(&blob, "a\"\nb").expect("still a tree");
    assert!(
        made.starts_with("# Made by `ringfence platform` of a device tree (x?[sim]?y="),
        "{made}"
    );
    assert!(
        made.contains("compatible = \"ab\"\n") && made.contains("name    = \"a--b\"\n"),
        "{made}"
    );
}

/// Whatever comes of a blob, it is an error or a platform that loads.
fn survives(blob: &[u8]) {
    let Ok(made) = platform(blob, "own") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("own.platform.toml"), &made).expect("written");
    let path = dir.path().join("own.toml");
    fs::write(&path, scenario("", "{ wait = \"1 us\" }")).expect("written");
    if let Err(problems) = try_load(&path, &[]) {
        panic!("{problems}\n{made}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(3000)
    })]

    #[test]
    fn a_broken_blob_is_no_panic(
        odd in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut blob = if odd { oddities() } else { board() }.bytes();
        for (at, byte) in changes {
            let at = at.index(blob.len());
            blob[at] = byte;
        }
        if let Some(cut) = cut {
            blob.truncate(cut.index(blob.len()));
        }
        survives(&blob);
    }

    #[test]
    fn any_numbers_in_a_whole_blob_make_a_platform_that_loads(
        memory in prop::collection::vec(any::<u32>(), 0..9),
        regs in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..5), 0..6),
        sizes in prop::collection::vec((0..0x0800_0000u32, any::<u32>()), 0..9),
    ) {
        let mut blob = board();
        blob.nodes[1].1[1].1 = Value::Cells(memory);
        for reg in regs {
            blob.children.push(("n", vec![("reg", Value::Cells(reg)), ("no-map", Value::Flag)]));
        }
        for (size, alignment) in sizes {
            let properties = vec![
                ("size", Value::Cells(vec![size])),
                ("alignment", Value::Cells(vec![alignment >> (alignment % 32)])),
                ("reusable", Value::Flag),
            ];
            blob.children.push(("s", properties));
        }
        survives(&blob.bytes());
    }
}
