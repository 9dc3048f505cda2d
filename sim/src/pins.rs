// SPDX-License-Identifier: Apache-2.0
//! What crosses the boundary in one cycle: everything driven and everything seen.

pub use crate::bridge::{
    ApbIn, Ax, B, Desc, Handshake, Inputs, MemIn, Outputs, PinsInputs, PinsOutputs, Port, R, Raw,
    ReadBeat, Status, Straps, W,
};

/// Master ports of the board.
pub const MASTERS: usize = 8;
/// Most filters a shape has.
pub const MAX_FILTERS: usize = 4;
/// Observed AXI ports: masters 0..8, filter slave sides 8..12, filter memory sides 12..16.
pub const PORTS: usize = MASTERS + 2 * MAX_FILTERS;
/// First observed port that is the slave side of a filter.
pub const FILTER_SIDE: usize = MASTERS;
/// First observed port that is the memory side of a filter.
pub const MEMORY_SIDE: usize = MASTERS + MAX_FILTERS;
/// First observed port of a [`Pins`](crate::Pins) that is a memory side; before it the slave sides.
pub const PINS_MEMORY_SIDE: usize = MAX_FILTERS;
/// Bytes of one beat.
pub const BEAT_BYTES: usize = 16;

impl Handshake {
    /// Ports at which the channel's handshake happens in this cycle.
    pub const fn fire(self) -> u16 {
        self.valid & self.ready
    }
}

/// Handshakes counted at the pins by the model's wrapper, `[port][channel]` in the order AR, AW, W, R, B.
pub type PinCounts = [[u64; 5]; PORTS];
