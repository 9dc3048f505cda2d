// SPDX-License-Identifier: Apache-2.0
//! What a firewall was built with (tzasc.md section 6, parameters).
use ringfence_sim::{BEAT_BYTES, PinsShape};

/// Parameters that change what registers and addresses mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// Filters: 1, 2 or 4.
    pub filters: usize,
    /// Regions, the background included.
    pub regions: usize,
    /// Address bits, 32 to 48.
    pub address_bits: u32,
    /// log2 of the data bus in bytes.
    pub bus: u8,
    /// Whether it has the extension block.
    pub extension: bool,
}

impl Build {
    /// The firewall of a board.
    pub const fn board(filters: usize) -> Self {
        let bus = BEAT_BYTES.trailing_zeros() as u8;
        Self { filters, regions: 9, address_bits: 40, bus, extension: true }
    }

    /// A firewall alone.
    pub const fn pins(shape: &PinsShape) -> Self {
        Self {
            filters: shape.filters,
            regions: shape.regions,
            address_bits: shape.address_bits,
            bus: (shape.data_bits / 8).trailing_zeros() as u8,
            extension: shape.extension,
        }
    }

    /// A bit a filter.
    pub(super) const fn filter_mask(&self) -> u32 {
        (1 << self.filters) - 1
    }

    /// Address bits above 32, as the HIGH registers keep them.
    pub(super) const fn high_mask(&self) -> u32 {
        ((1u64 << (self.address_bits - 32)) - 1) as u32
    }
}
