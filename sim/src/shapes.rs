// SPDX-License-Identifier: Apache-2.0
// The tables of boards and of firewalls that can be built; also read by the build script. A new
// shape is a new line here.

/// A board that is built into this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name in scenarios and in [`Board::new`](crate::Board::new).
    pub name: &'static str,
    /// Filters, each with a DRAM channel: 1, 2 or 4.
    pub filters: usize,
    /// Bytes of one channel before the next one follows.
    pub granule: u64,
    /// Cycles between an address handshake and the firewall's decision, 0 or 1.
    pub check_latency: u8,
}

/// Every shape that is built.
pub const SHAPES: &[Shape] = &[
    Shape { name: "f1", filters: 1, granule: 4096, check_latency: 0 },
    Shape { name: "f4", filters: 4, granule: 4096, check_latency: 0 },
];

/// A firewall alone, for [`Pins`](crate::Pins).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinsShape {
    /// Name in [`Pins::new`](crate::Pins::new): filters, regions, address and data bits, ID bits,
    /// check latency, and `x` for the extension block.
    pub name: &'static str,
    /// Filters: 1, 2 or 4.
    pub filters: usize,
    /// Regions, 2 to 9, the background included.
    pub regions: usize,
    /// Address bits, 32 to 48.
    pub address_bits: u32,
    /// Data bits: 32, 64 or 128.
    pub data_bits: u32,
    /// ID bits, 1 to 8.
    pub id_bits: u32,
    /// Transactions that a filter keeps, each direction, 2 to 256.
    pub outstanding: u32,
    /// Cycles between an address handshake and the decision, 0 or 1.
    pub check_latency: u8,
    /// Whether it has the extension block.
    pub extension: bool,
    /// Wires instead of a firewall, to measure against.
    pub wires: bool,
}

/// Shapes of [`PINS`] that every build has; the others need the feature `all-pins`.
pub const PINS_ALWAYS: usize = 2;

/// Firewalls: a pairwise cover of filters, regions, address, data and ID bits, latency and
/// extension (sim/tests/model/shapes.rs holds it to that), with tables of many depths.
pub const PINS: &[PinsShape] = &[
    pins("f1r9a40w128i7l0x", [1, 9, 64], [40, 128, 7], 0, true),
    pins("f1r9a40w128i7l1x", [1, 9, 64], [40, 128, 7], 1, true),
    pins("f4r2a48w32i1l0", [4, 2, 8], [48, 32, 1], 0, false),
    pins("f2r4a48w64i4l1", [2, 4, 16], [48, 64, 4], 1, false),
    pins("f4r2a32w128i4l1x", [4, 2, 64], [32, 128, 4], 1, true),
    pins("f2r9a32w32i7l0", [2, 9, 2], [32, 32, 7], 0, false),
    pins("f1r4a32w64i1l1x", [1, 4, 3], [32, 64, 1], 1, true),
    pins("f1r4a40w32i4l0", [1, 4, 256], [40, 32, 4], 0, false),
    pins("f2r2a40w64i1l0x", [2, 2, 64], [40, 64, 1], 0, true),
    pins("f4r4a40w64i7l1x", [4, 4, 16], [40, 64, 7], 1, true),
    pins("f1r2a48w32i7l1x", [1, 2, 5], [48, 32, 7], 1, true),
    pins("f2r4a48w128i1l0", [2, 4, 4], [48, 128, 1], 0, false),
    pins("f4r9a48w64i4l0", [4, 9, 32], [48, 64, 4], 0, false),
    pins("f1r9a32w32i1l0x", [1, 9, 16], [32, 32, 1], 0, true),
];

/// Firewalls with the planted faults; two filters, so that one can disturb the other.
pub const FAULTY_PINS: &[PinsShape] = &[
    pins("faulty0", [2, 9, 8], [40, 64, 4], 0, true),
    pins("faulty1", [2, 9, 8], [40, 128, 4], 1, true),
];

/// A firewall of every number of filters and both latencies for each number of regions.
macro_rules! latency_pins {
    ($($regions:literal)*) => {
        &[
            wires("wires1", 1),
            wires("wires2", 2),
            wires("wires4", 4),
            $(
                sized(concat!("f1r", $regions, "l0"), 1, $regions, 0),
                sized(concat!("f2r", $regions, "l0"), 2, $regions, 0),
                sized(concat!("f4r", $regions, "l0"), 4, $regions, 0),
                sized(concat!("f1r", $regions, "l1"), 1, $regions, 1),
                sized(concat!("f2r", $regions, "l1"), 2, $regions, 1),
                sized(concat!("f4r", $regions, "l1"), 4, $regions, 1),
            )*
        ]
    };
}

/// Firewalls, and wires in their place, that `make latency` compares.
pub const LATENCY_PINS: &[PinsShape] = latency_pins![2 3 4 5 6 7 8 9];

const fn pins(
    name: &'static str,
    [filters, regions, outstanding]: [usize; 3],
    [address_bits, data_bits, id_bits]: [u32; 3],
    check_latency: u8,
    extension: bool,
) -> PinsShape {
    let outstanding = outstanding as u32;
    PinsShape {
        name,
        filters,
        regions,
        address_bits,
        data_bits,
        id_bits,
        outstanding,
        check_latency,
        extension,
        wires: false,
    }
}

const fn sized(name: &'static str, filters: usize, regions: usize, latency: u8) -> PinsShape {
    pins(name, [filters, regions, 64], [32, 32, 1], latency, false)
}

const fn wires(name: &'static str, filters: usize) -> PinsShape {
    PinsShape { wires: true, ..sized(name, filters, 2, 0) }
}
