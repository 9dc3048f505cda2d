// SPDX-License-Identifier: Apache-2.0
//! Whether the firewall has regions left: what is protected takes them, and so does every stretch of
//! ordinary memory around and between.
use crate::units::{AddrRange, ByteLen};

/// The regions that a firewall has, and what it needs them for.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Regions that there are beside the background.
    pub most: usize,
    /// Memory that is open where nothing is protected.
    pub dram: AddrRange,
    /// Memory that is shut and takes no region as a whole: carve-outs whose buffers have their own.
    pub shut: Vec<AddrRange>,
}

impl Budget {
    /// Regions that `protected` takes, every piece one whatever its neighbours are: so rights can
    /// change later without needing more.
    pub fn needed(&self, protected: &[AddrRange]) -> usize {
        let mut closed: Vec<AddrRange> = protected.iter().chain(&self.shut).copied().collect();
        closed.sort_by_key(|range| range.base);
        let mut gaps = 0;
        let mut at = self.dram.base;
        for range in closed {
            gaps += usize::from(range.base > at);
            at = at.max(range.end());
        }
        protected.len() + gaps + usize::from(self.dram.end() > at)
    }
}

/// `pieces` without what lies in `range`: a piece that reaches beyond it keeps the rest.
pub(super) fn cut(pieces: &[AddrRange], range: AddrRange) -> Vec<AddrRange> {
    let rest = |piece: &AddrRange| {
        let (base, end) = (piece.base, piece.end());
        let parts = if piece.overlaps(range) {
            [(base, range.base.min(end)), (range.end().max(base), end)]
        } else {
            [(base, end), (end, end)]
        };
        let parts = parts.into_iter().filter(|(base, end)| base < end);
        parts.map(|(base, end)| AddrRange { base, len: ByteLen(end.0 - base.0) })
    };
    pieces.iter().flat_map(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::PhysAddr;

    fn range(base: u64, len: u64) -> AddrRange {
        AddrRange { base: PhysAddr(base), len: ByteLen(len) }
    }

    #[test]
    fn disjoint_pieces_in_ordinary_memory_take_two_regions_each_and_one_more() {
        let budget = Budget { most: 8, dram: range(0x1000, 0x10_0000), shut: Vec::new() };
        let apart = |n: u64| (0..n).map(|i| range(0x2000 + i * 0x2000, 0x1000)).collect::<Vec<_>>();
        for n in 1..6 {
            assert_eq!(budget.needed(&apart(n)), 2 * n as usize + 1, "{n}");
        }
        assert_eq!(budget.needed(&[range(0x2000, 0x1000), range(0x3000, 0x1000)]), 4);
        assert_eq!(budget.needed(&[range(0x1000, 0x10_0000)]), 1);
        assert_eq!(budget.needed(&[]), 1);
    }

    #[test]
    fn memory_that_is_shut_has_no_gaps() {
        let shut = vec![range(0x4000, 0x8000)];
        let budget = Budget { most: 8, dram: range(0x1000, 0x10_0000), shut };
        assert_eq!(budget.needed(&[range(0x5000, 0x1000), range(0x8000, 0x1000)]), 4);
    }

    #[test]
    fn a_hole_in_a_piece_leaves_two() {
        let cut = |at| cut(&[range(0x1000, 0x4000), range(0x9000, 0x1000)], at);
        let rest = [range(0x1000, 0x1000), range(0x3000, 0x2000), range(0x9000, 0x1000)];
        assert_eq!(cut(range(0x2000, 0x1000)), rest);
        assert_eq!(cut(range(0x1000, 0x4000)), [range(0x9000, 0x1000)]);
        assert_eq!(cut(range(0, 0x2000)), [range(0x2000, 0x3000), range(0x9000, 0x1000)]);
        assert_eq!(cut(range(0x6000, 0x1000)).len(), 2);
    }
}
