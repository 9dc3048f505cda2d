// SPDX-License-Identifier: Apache-2.0
//! The platform file as text.
use super::place::{Map, Placed};
use super::tree::Tree;
use crate::units::PhysAddr;
use std::fmt::Write as _;

/// What no device tree says.
const MASTERS: &str = "\
# Who the bus masters are, which identity (NSAID) the firewall sees of each and which world they are
# in stands in no device tree: look into the SoC's manual or its trusted firmware. Until they are
# filled in, the eight ports are the board's own: cpu 9, crypto (secure), vdec 7, display 8, gpu 10,
# camera 13, encoder 14, dma 5.
#
# [[master]]
# name  = \"vdec\"
# port  = 2                    # 0 to 7
# ip    = \"decoder\"            # cpu, crypto, decoder, display, gpu, camera, encoder, dma
# nsaid = 7                    # 0 to 15; none with world = \"secure\"
#
# Nor does a device tree say how the firewall is set up ([firewall]), what a region is a multiple
# of ([tee] granule) or how fast the fabric is ([sim] clock): the defaults of a scenario hold.
";

/// Writes a platform.
pub(super) fn write(tree: &Tree, map: &Map, name: &str) -> String {
    let mut out = String::new();
    let model = tree.model.as_ref().map_or(String::new(), |model| format!(" ({})", plain(model)));
    let _ = writeln!(out, "# Made by `ringfence platform` of a device tree{model}.");
    let _ = writeln!(out, "schema-version = 1\nname    = \"{}\"", file_name(name));
    let _ = writeln!(out, "\n[memory]");
    let _ = writeln!(out, "base = {}", address(map.dram.base));
    let _ = writeln!(out, "size = \"{}\"", size(map.dram.len.0));
    let _ = write!(out, "\n{MASTERS}");
    for placed in &map.nodes {
        reserved(&mut out, placed);
    }
    if !map.left_out.is_empty() {
        let _ = writeln!(out, "\n# Left out:");
        for what in &map.left_out {
            let _ = writeln!(out, "# - {}", plain(what));
        }
    }
    out
}

fn reserved(out: &mut String, placed: &Placed) {
    let node = &placed.node;
    let _ = writeln!(out, "\n# /reserved-memory/{}", plain(&node.name));
    if node.cma_default {
        let _ = writeln!(out, "# the default contiguous area (linux,cma-default)");
    }
    for note in &placed.notes {
        let _ = writeln!(out, "# {}", plain(note));
    }
    let hidden = node.no_map && node.reusable;
    if hidden {
        let _ = writeln!(out, "# `no-map` and `reusable`, which Linux refuses: taken as `no-map`");
    }
    let _ = writeln!(out, "[[reserved-memory]]");
    let _ = writeln!(out, "name   = \"{}\"", placed.name);
    let _ = writeln!(out, "base   = {}", address(placed.range.base));
    let _ = writeln!(out, "size   = \"{}\"", size(placed.range.len.0));
    if node.no_map {
        let _ = writeln!(out, "no-map = true");
    }
    if node.reusable && !hidden {
        let _ = writeln!(out, "reusable = true");
    }
    // The first one that ringfence knows decides, as the first driver that matches does.
    let known = |name: &&String| ["shared-dma-pool", "arm,ffa-lend-pool"].contains(&name.as_str());
    if let Some(compatible) = node.compatible.iter().find(known).or(node.compatible.first()) {
        let _ = writeln!(out, "compatible = \"{}\"", compatible_text(compatible));
    }
}

/// `0x9000_0000`, as TOML takes it.
fn address(at: PhysAddr) -> String {
    let (high, middle, low) = (at.0 >> 32, at.0 >> 16 & 0xffff, at.0 & 0xffff);
    if high == 0 {
        format!("0x{middle:04x}_{low:04x}")
    } else {
        format!("0x{high:x}_{middle:04x}_{low:04x}")
    }
}

/// In the largest unit that is exact.
fn size(bytes: u64) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} B"),
    }
}

/// Text for a comment: one line of printable characters.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(160).collect()
}

/// A name that a platform takes.
fn file_name(name: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let text: String = name.chars().map(good).take(64).collect();
    match text.trim_matches('-') {
        "" => "platform".to_owned(),
        text => text.to_owned(),
    }
}

/// What is neither a quote nor a backslash.
fn compatible_text(text: &str) -> String {
    let good = |c: &char| c.is_ascii_alphanumeric() || ",.-_+".contains(*c);
    text.chars().filter(good).take(64).collect()
}
