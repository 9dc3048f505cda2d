// SPDX-License-Identifier: Apache-2.0
//! What of a device tree is about memory, as it stands there.
use super::Error;
use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node as _, Property as _};

/// Bytes of the header that hold the length of the blob.
const TOTAL_SIZE: std::ops::Range<usize> = 4..8;

/// Address and length, as written.
pub(super) type Range = (u64, u64);

/// The memory of a device tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Property `model` of the root.
    pub(super) model: Option<String>,
    /// Ranges of the memory nodes, with the node's name.
    pub(super) memory: Vec<(String, Range)>,
    /// Reserved by the blob's own header (`/memreserve/`).
    pub(super) header: Vec<Range>,
    /// Children of `/reserved-memory`.
    pub(super) reserved: Vec<Node>,
    /// What could not be read, in words.
    pub(super) odd: Vec<String>,
}

/// A child of `/reserved-memory`.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// With its unit address.
    pub(super) name: String,
    /// Where it is, if the tree says.
    pub(super) reg: Vec<Range>,
    /// How much, where the kernel is to find a place.
    pub(super) size: Option<u64>,
    /// Of that place.
    pub(super) alignment: Option<u64>,
    /// Where it may be.
    pub(super) alloc_ranges: Vec<Range>,
    pub(super) no_map: bool,
    pub(super) reusable: bool,
    pub(super) compatible: Vec<String>,
    /// `linux,cma-default`
    pub(super) cma_default: bool,
}

/// Cells of an address and of a size, of a node's children.
#[derive(Clone, Copy)]
struct Cells {
    address: usize,
    size: usize,
}

/// Reads a blob.
pub(super) fn read(blob: &[u8]) -> Result<Tree, Error> {
    // A file may be longer than the tree in it.
    let total =
        blob.get(TOTAL_SIZE).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let whole = total.and_then(|total| blob.get(..total as usize)).unwrap_or(blob);
    let fdt = Fdt::new(whole).map_err(|error| Error::NotATree(error.to_string()))?;
    let root = fdt.root();
    let mut tree = Tree { model: text(&root, "model"), ..Tree::default() };
    let cells = cells(&root, "/", 2, 1)?;
    for node in root.children().filter(is_memory) {
        let name = node.name().to_owned();
        let usable = property(&node, "linux,usable-memory");
        let reg = usable.or_else(|| property(&node, "reg")).unwrap_or_default();
        match ranges(&reg, cells) {
            _ if disabled(&node) => tree.odd.push(format!("/{name} is disabled")),
            Some(found) => tree.memory.extend(found.into_iter().map(|r| (name.clone(), r))),
            None => tree.odd.push(format!("/{name}: its ranges cannot be read")),
        }
    }
    tree.header = fdt.memory_reservations().map(|r| (r.address(), r.size())).collect();
    let Some(reserved) = root.children().find(|node| node.name() == "reserved-memory") else {
        return Ok(tree);
    };
    let cells = self::cells(&reserved, "/reserved-memory", 2, 1)?;
    for node in reserved.children() {
        if disabled(&node) {
            tree.odd.push(format!("/reserved-memory/{} is disabled", node.name()));
        } else {
            let node = child(&node, cells, &mut tree.odd);
            tree.reserved.push(node);
        }
    }
    Ok(tree)
}

fn is_memory(node: &FdtNode<'_>) -> bool {
    let kind = text(node, "device_type");
    kind.map_or(node.name_without_address() == "memory", |kind| kind == "memory")
}

fn disabled(node: &FdtNode<'_>) -> bool {
    text(node, "status").is_some_and(|status| status != "okay" && status != "ok")
}

fn child(node: &FdtNode<'_>, cells: Cells, odd: &mut Vec<String>) -> Node {
    let name = node.name().to_owned();
    let mut list = |key: &str| {
        let value = property(node, key).unwrap_or_default();
        ranges(&value, cells).unwrap_or_else(|| {
            odd.push(format!("/reserved-memory/{name}: `{key}` cannot be read"));
            Vec::new()
        })
    };
    let (reg, alloc_ranges) = (list("reg"), list("alloc-ranges"));
    let number = |key: &str| property(node, key).and_then(|value| number(&value));
    let flag = |key: &str| property(node, key).is_some();
    Node {
        reg,
        size: number("size"),
        alignment: number("alignment"),
        alloc_ranges,
        no_map: flag("no-map"),
        reusable: flag("reusable"),
        compatible: strings(&property(node, "compatible").unwrap_or_default()),
        cma_default: flag("linux,cma-default"),
        name,
    }
}

fn cells(node: &FdtNode<'_>, name: &'static str, address: u32, size: u32) -> Result<Cells, Error> {
    let get = |property: &'static str, default: u32| {
        let value = self::property(node, property);
        let cells = value.map_or(Some(u64::from(default)), |value| number(&value));
        let cells = cells.map_or(u32::MAX, |cells| u32::try_from(cells).unwrap_or(u32::MAX));
        if cells <= 2 {
            Ok(cells as usize)
        } else {
            Err(Error::Cells { node: name, property, cells })
        }
    };
    Ok(Cells { address: get("#address-cells", address)?, size: get("#size-cells", size)? })
}

fn property(node: &FdtNode<'_>, name: &str) -> Option<Vec<u8>> {
    node.property(name).map(|property| property.value().to_vec())
}

fn text(node: &FdtNode<'_>, name: &str) -> Option<String> {
    strings(&property(node, name)?).into_iter().next()
}

/// Texts of a list, each ended by a NUL.
fn strings(value: &[u8]) -> Vec<String> {
    let parts = value.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

/// One or two cells.
fn number(value: &[u8]) -> Option<u64> {
    if value.len() == 4 || value.len() == 8 { take(value, value.len() / 4) } else { None }
}

/// The number in the first cells.
fn take(value: &[u8], cells: usize) -> Option<u64> {
    let bytes = value.get(..cells * 4)?;
    Some(bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)))
}

/// A list of ranges; `None` when it is no whole number of them.
fn ranges(value: &[u8], cells: Cells) -> Option<Vec<Range>> {
    let width = 4 * (cells.address + cells.size);
    if width == 0 || !value.len().is_multiple_of(width) {
        return value.is_empty().then(Vec::new);
    }
    value
        .chunks(width)
        .map(|entry| {
            Some((take(entry, cells.address)?, take(&entry[4 * cells.address..], cells.size)?))
        })
        .collect()
}
