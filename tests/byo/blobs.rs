// SPDX-License-Identifier: Apache-2.0
//! Device trees for the converter, written as `dtc` writes them.
use vm_fdt::{FdtReserveEntry, FdtWriter};

/// A property of a node.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing but its name.
    Flag,
    /// One text.
    Text(&'static str),
    /// Several texts.
    Texts(Vec<&'static str>),
    /// Cells.
    Cells(Vec<u32>),
    /// Whatever.
    Bytes(Vec<u8>),
}

pub(crate) type Properties = Vec<(&'static str, Value)>;

/// A tree of two levels below the root, which is all that is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blob {
    pub(crate) header: Vec<(u64, u64)>,
    pub(crate) root: Properties,
    pub(crate) nodes: Vec<(&'static str, Properties)>,
    pub(crate) reserved: Properties,
    pub(crate) children: Vec<(&'static str, Properties)>,
}

impl Blob {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let entry = |(address, size): &(u64, u64)| FdtReserveEntry::new(*address, *size);
        let header: Result<Vec<_>, _> = self.header.iter().map(entry).collect();
        let mut fdt = FdtWriter::new_with_mem_reserv(&header.expect("fine")).expect("a writer");
        let root = fdt.begin_node("").expect("a root");
        put(&mut fdt, &self.root);
        for (name, properties) in &self.nodes {
            let node = fdt.begin_node(name).expect("a node");
            put(&mut fdt, properties);
            fdt.end_node(node).expect("closed");
        }
        if !self.children.is_empty() {
            let node = fdt.begin_node("reserved-memory").expect("a node");
            put(&mut fdt, &self.reserved);
            for (name, properties) in &self.children {
                let child = fdt.begin_node(name).expect("a node");
                put(&mut fdt, properties);
                fdt.end_node(child).expect("closed");
            }
            fdt.end_node(node).expect("closed");
        }
        fdt.end_node(root).expect("closed");
        fdt.finish().expect("a blob")
    }
}

fn put(fdt: &mut FdtWriter, properties: &Properties) {
    for (name, value) in properties {
        match value {
            Value::Flag => fdt.property_null(name),
            Value::Text(text) => fdt.property_string(name, text),
            Value::Texts(texts) => {
                fdt.property_string_list(name, texts.iter().map(ToString::to_string).collect())
            }
            Value::Cells(cells) => fdt.property_array_u32(name, cells),
            Value::Bytes(bytes) => fdt.property(name, bytes),
        }
        .expect("a property");
    }
}

fn two_cells() -> Properties {
    let two = || Value::Cells(vec![2]);
    vec![("#address-cells", two()), ("#size-cells", two()), ("ranges", Value::Flag)]
}

/// A board as they are: two banks, carve-outs, areas with and without an address.
pub(crate) fn board() -> Blob {
    use Value::{Cells, Flag, Text, Texts};
    let mut root = two_cells();
    root.push(("model", Text("Example board rev B")));
    Blob {
        header: vec![(0x8000_0000, 0x1_0000)],
        root,
        nodes: vec![
            ("cpus", Vec::new()),
            (
                "memory@80000000",
                vec![
                    ("device_type", Text("memory")),
                    (
                        "reg",
                        Cells(vec![0, 0x8000_0000, 0, 0x7f00_0000, 8, 0x8000_0000, 0, 0x2000_0000]),
                    ),
                ],
            ),
        ],
        reserved: two_cells(),
        children: vec![
            (
                "secure-video@e7000000",
                vec![("reg", Cells(vec![0, 0xe700_0000, 0, 0x0400_0000])), ("no-map", Flag)],
            ),
            (
                "linux,cma",
                vec![
                    ("compatible", Texts(vec!["vendor,video-pool", "shared-dma-pool"])),
                    ("reusable", Flag),
                    ("size", Cells(vec![0, 0x0400_0000])),
                    ("alignment", Cells(vec![0, 0x0040_0000])),
                    ("alloc-ranges", Cells(vec![0, 0xc000_0000, 0, 0x4000_0000])),
                    ("linux,cma-default", Flag),
                ],
            ),
            (
                "ramoops@9ff00000",
                vec![
                    ("compatible", Text("ramoops")),
                    ("reg", Cells(vec![0, 0x9ff0_0000, 0, 0x0010_0000])),
                ],
            ),
        ],
    }
}

/// Everything that can be odd about a tree that is whole.
pub(crate) fn oddities() -> Blob {
    use Value::{Bytes, Cells, Flag, Text};
    let one = || Value::Cells(vec![1]);
    let cells = || vec![("#address-cells", one()), ("#size-cells", one())];
    let reg = |base: u32, len: u32| ("reg", Cells(vec![base, len]));
    Blob {
        header: Vec::new(),
        root: cells(),
        nodes: vec![
            ("memory@40000000", vec![reg(0x4000_0000, 0x1000_0000)]),
            ("memory@50000000", vec![reg(0x5000_0000, 0x1000_0000)]),
            ("memory@a0000000", vec![reg(0xa000_0000, 0x0800_0000), ("status", Text("disabled"))]),
            ("memory@b0000000", vec![reg(0xb000_0000, 0x0000_0400)]),
            ("memory@c0000000", vec![("reg", Bytes(vec![1, 2, 3]))]),
        ],
        reserved: cells(),
        children: vec![
            ("a,b+c@44000000", vec![reg(0x4400_0000, 0x1000), ("no-map", Flag)]),
            ("two", vec![("reg", Cells(vec![0x4500_0000, 0x1000, 0x4600_0000, 0x2000]))]),
            ("two@47000000", vec![reg(0x4700_0100, 0x0e00)]),
            ("over@45000000", vec![reg(0x4500_0000, 0x10_0000)]),
            ("outside@80000000", vec![reg(0x8000_0000, 0x1000)]),
            ("wraps@fffff000", vec![reg(0xffff_f000, 0xffff_ffff)]),
            ("empty@48000000", vec![reg(0x4800_0000, 0)]),
            ("off@49000000", vec![reg(0x4900_0000, 0x1000), ("status", Text("disabled"))]),
            ("neither", vec![("no-map", Flag)]),
            ("both@4a000000", vec![reg(0x4a00_0000, 0x1000), ("no-map", Flag), ("reusable", Flag)]),
            ("broken", vec![("reg", Bytes(vec![0; 7]))]),
            ("huge", vec![("size", Cells(vec![0x7000_0000]))]),
            ("x...", vec![("size", Cells(vec![0x1000])), ("compatible", Text("x\"y"))]),
            ("top", vec![("size", Cells(vec![0x0010_0000])), ("reusable", Flag)]),
        ],
    }
}
