// SPDX-License-Identifier: Apache-2.0
//! From what a device tree says to a map that a board can have: one range of DRAM, reserved nodes
//! of whole pages inside it, none over another.
use super::Error;
use super::tree::{Node, Range, Tree};
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};

/// End of the board's addresses.
const ADDRESS_END: u64 = 1 << 40;
/// What a contiguous area is aligned on: a page block of arm64 with 4 KiB pages.
const PAGE_BLOCK: u64 = 2 << 20;

/// A node with its place.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Fit for a platform file, and like no other's.
    pub(super) name: String,
    /// What it is in the tree.
    pub(super) node: Node,
    pub(super) range: AddrRange,
    /// Remarks for the reader.
    pub(super) notes: Vec<String>,
}

/// What a board can have.
#[derive(Clone, Debug)]
pub(super) struct Map {
    pub(super) dram: AddrRange,
    pub(super) nodes: Vec<Placed>,
    /// What could not be taken over, in words.
    pub(super) left_out: Vec<String>,
}

/// Makes a map of a tree.
pub(super) fn place(tree: &Tree) -> Result<Map, Error> {
    let mut left_out = tree.odd.clone();
    let dram = dram(tree, &mut left_out).ok_or(Error::NoMemory)?;
    let mut map = Map { dram, nodes: Vec::new(), left_out };
    for (address, size) in &tree.header {
        map.left_out.push(format!("/memreserve/ {}: has no name", words(*address, *size)));
    }
    // What has a place comes first: the kernel finds room for the others around it.
    for node in tree.reserved.iter().filter(|node| !node.reg.is_empty()) {
        for (at, range) in node.reg.iter().enumerate() {
            map.fixed(node, at, *range);
        }
    }
    for node in tree.reserved.iter().filter(|node| node.reg.is_empty()) {
        map.find_room(node);
    }
    map.nodes.sort_by_key(|placed| placed.range.base);
    Ok(map)
}

/// The largest stretch of memory, in whole pages below the board's end.
fn dram(tree: &Tree, left_out: &mut Vec<String>) -> Option<AddrRange> {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    for (name, (base, len)) in &tree.memory {
        let end = base.saturating_add(*len).min(ADDRESS_END) / PAGE * PAGE;
        let start = base.checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
        if start < end {
            parts.push((start, end));
        } else if *len > 0 {
            left_out.push(format!("/{name} {}: no whole page below 2^40", words(*base, *len)));
        }
    }
    parts.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (start, end) in parts {
        match joined.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    let best = joined.iter().copied().rev().max_by_key(|(start, end)| end - start)?;
    for (start, end) in joined.into_iter().filter(|part| *part != best) {
        let what = words(start, end - start);
        left_out.push(format!("memory {what}: a board has one range, and this is not the largest"));
    }
    Some(AddrRange { base: PhysAddr(best.0), len: ByteLen(best.1 - best.0) })
}

impl Map {
    fn fixed(&mut self, node: &Node, at: usize, (base, len): Range) {
        let what = format!("/reserved-memory/{} {}", node.name, words(base, len));
        let start = base / PAGE * PAGE;
        let end = base.checked_add(len).and_then(|end| end.checked_next_multiple_of(PAGE));
        let Some(end) = end.filter(|_| len > 0) else {
            self.left_out.push(format!("{what}: is empty or wraps around"));
            return;
        };
        let range = AddrRange { base: PhysAddr(start), len: ByteLen(end - start) };
        let mut notes = Vec::new();
        if (start, end) != (base, base + len) {
            notes.push(format!("widened to whole pages; the tree says {}", words(base, len)));
        }
        if at > 0 {
            notes.push(format!("range {} of its `reg`", at + 1));
        }
        if !self.dram.covers(range) {
            self.left_out.push(format!("{what}: outside the memory above"));
        } else if let Some(other) = self.over(range) {
            let other = other.name.clone();
            self.left_out.push(format!("{what}: over `{other}`"));
        } else {
            self.add(node, range, notes);
        }
    }

    fn over(&self, range: AddrRange) -> Option<&Placed> {
        self.nodes.iter().find(|placed| placed.range.overlaps(range))
    }

    fn add(&mut self, node: &Node, range: AddrRange, notes: Vec<String>) {
        let name = self.name(&node.name);
        self.nodes.push(Placed { name, node: node.clone(), range, notes });
    }

    /// From the top down, as memblock does, in the first range that has room.
    fn find_room(&mut self, node: &Node) {
        let what = format!("/reserved-memory/{}", node.name);
        let size = node.size.and_then(|size| size.checked_next_multiple_of(PAGE));
        let Some(size) = size.filter(|size| *size > 0) else {
            self.left_out.push(format!("{what}: has neither `reg` nor a usable `size`"));
            return;
        };
        let block = if node.reusable && !node.no_map { PAGE_BLOCK } else { PAGE };
        let align = node.alignment.unwrap_or(0).max(block).checked_next_multiple_of(PAGE);
        let anywhere = [(self.dram.base.0, self.dram.len.0)];
        let ranges = if node.alloc_ranges.is_empty() { &anywhere[..] } else { &node.alloc_ranges };
        let found = align
            .and_then(|align| ranges.iter().find_map(|range| self.top_down(*range, size, align)));
        let Some(base) = found else {
            self.left_out.push(format!("{what}: no room for {size} bytes where it may be"));
            return;
        };
        let range = AddrRange { base: PhysAddr(base), len: ByteLen(size) };
        let note = "no address in the tree: the kernel finds room at boot and says where in its \
                    log; this is a guess";
        self.add(node, range, vec![note.to_owned()]);
    }

    fn top_down(&self, (base, len): Range, size: u64, align: u64) -> Option<u64> {
        let low = base.max(self.dram.base.0);
        let mut end = base.saturating_add(len).min(self.dram.end().0);
        // Each turn goes below one node more.
        for _ in 0..=self.nodes.len() {
            let start = end.checked_sub(size)? / align * align;
            if start < low {
                return None;
            }
            let range = AddrRange { base: PhysAddr(start), len: ByteLen(size) };
            match self.over(range) {
                None => return Some(start),
                Some(placed) => end = placed.range.base.0,
            }
        }
        None
    }

    /// A name that a platform file takes, like no other's.
    fn name(&self, node: &str) -> String {
        let plain = node.split('@').next().unwrap_or_default();
        let good = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let text: String = plain.chars().map(good).take(48).collect();
        let text = match text.trim_matches('-') {
            "" => "node".to_owned(),
            text => text.to_owned(),
        };
        let taken = |name: &str| self.nodes.iter().any(|placed| placed.name == name);
        let numbered = (2..).map(|n| format!("{text}-{n}"));
        std::iter::once(text.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(text)
    }
}

/// A range in words.
pub(super) fn words(base: u64, len: u64) -> String {
    format!("{} +{len:#x}", PhysAddr(base))
}
