// SPDX-License-Identifier: Apache-2.0
//! Whether the firewall has regions enough for a scenario's pools.
use super::model::{Background, Scenario};
use crate::units::AddrRange;
use thiserror::Error;

/// Regions of a TZC-400 that can be placed; region 0 is the background (`BUILD_CONFIG`, 9 in all).
pub const REGIONS: usize = 8;

/// The scenario needs more regions than the hardware has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the map needs {needed} regions, {pools} for pools and {gaps} for ordinary DRAM; \
     the hardware has {REGIONS} and the background"
)]
pub struct OverBudget {
    /// Regions needed.
    pub needed: usize,
    /// Of these for pools.
    pub pools: usize,
    /// Of these for ordinary DRAM.
    pub gaps: usize,
}

/// Whether what `scenario` protects from boot on fits the hardware's regions; what is lent later is
/// admitted when it is lent.
///
/// # Errors
/// When it does not.
pub fn region_budget(scenario: &Scenario) -> Result<(), OverBudget> {
    let pools: Vec<AddrRange> =
        scenario.pools.iter().filter(|pool| pool.is_static()).map(|pool| pool.range).collect();
    check(scenario.memory.dram, scenario.firewall.background, &pools)
}

/// The same for the parts, so that it can be reported together with other problems. `pools` are
/// sorted by base and do not overlap.
///
/// # Errors
/// As [`region_budget`].
pub(super) fn check(
    dram: AddrRange,
    background: Background,
    pools: &[AddrRange],
) -> Result<(), OverBudget> {
    // An open background programs no region at all.
    if background == Background::Allow {
        return Ok(());
    }
    let mut gaps = 0;
    let mut at = dram.base;
    for pool in pools {
        gaps += usize::from(pool.base > at);
        at = at.max(pool.end());
    }
    gaps += usize::from(dram.end() > at);
    let needed = pools.len() + gaps;
    if needed <= REGIONS { Ok(()) } else { Err(OverBudget { needed, pools: pools.len(), gaps }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{ByteLen, PhysAddr};

    fn range(base: u64, len: u64) -> AddrRange {
        AddrRange { base: PhysAddr(base), len: ByteLen(len) }
    }

    #[test]
    fn gaps_count_and_neighbours_share_none() {
        let dram = range(0x8000_0000, 0x1000_0000);
        let apart: Vec<_> = (1..=4).map(|i| range(0x8000_0000 + i * 0x10_0000, 0x1000)).collect();
        let over = OverBudget { needed: 9, pools: 4, gaps: 5 };
        assert_eq!(check(dram, Background::Deny, &apart), Err(over));
        assert_eq!(check(dram, Background::Allow, &apart), Ok(()));
        assert_eq!(check(dram, Background::Deny, &apart[..3]), Ok(()));
        let side_by_side: Vec<_> =
            (0..7).map(|i| range(0x8000_0000 + i * 0x1000, 0x1000)).collect();
        assert_eq!(check(dram, Background::Deny, &side_by_side), Ok(()));
        let nine: Vec<_> = (0..9).map(|i| range(0x8000_0000 + i * 0x1000, 0x1000)).collect();
        assert_eq!(check(dram, Background::Deny, &nine).map_err(|over| over.needed), Err(10));
        assert_eq!(check(dram, Background::Deny, &[dram]), Ok(()));
    }
}
