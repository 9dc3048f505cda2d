// SPDX-License-Identifier: Apache-2.0
// The one table of boards that the binary ships; also read by the build script. A new shape is a
// new line here.

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
