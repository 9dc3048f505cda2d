// SPDX-License-Identifier: Apache-2.0
//! The platform's firewall behind `plat_set_protmem_range`.
use super::regions::{Budget, cut};
use crate::tee::effect::MemoryOp;
use crate::tee::faults::FaultPoint;
use crate::tee::outcome::Outcome;
use crate::tee::pagemap::Granule;
use crate::tee::result::TeeResult;
use crate::tee::world::{Context, Lendable};
use crate::units::{AddrRange, ByteLen, PhysAddr};

/// What firmware makes of a range that no region can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// Refuses it.
    #[default]
    Refuse,
    /// Shifts base and end right: the ends stay open.
    Truncate,
    /// Rounds out: neighbours are shut in.
    Out,
}

/// The firewall as its driver sees it: a number of regions of a granule.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    granule: Granule,
    rounding: Rounding,
    limit: Option<u32>,
    budget: Option<Budget>,
    regions: Vec<AddrRange>,
    /// What is protected, as the firewall has it: what comes later replaces what it overlaps.
    pieces: Vec<AddrRange>,
}

impl Platform {
    /// A firewall whose regions are multiples of `granule`; `limit` of them, or no limit.
    pub const fn new(granule: Granule, rounding: Rounding, limit: Option<u32>) -> Self {
        Self { granule, rounding, limit, budget: None, regions: Vec::new(), pieces: Vec::new() }
    }

    /// The same, of a firewall that needs regions for ordinary memory too.
    #[must_use]
    pub fn with_budget(self, budget: Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// What regions are multiples of.
    pub const fn granule(&self) -> Granule {
        self.granule
    }

    /// Regions in force, in order of coming.
    pub fn regions(&self) -> &[AddrRange] {
        &self.regions
    }

    /// Protects a range from boot on, with a region.
    ///
    /// # Errors
    /// As [`Self::protect`].
    pub fn protect_at_boot(&mut self, range: AddrRange) -> Result<(), TeeResult> {
        self.open(range, None).map(|_| ())
    }

    /// Protects a range (`plat_set_protmem_range` with a use case).
    ///
    /// # Errors
    /// `NOT_SUPPORTED` when no region is left, `BAD_PARAMETERS` when none can have that range;
    /// nothing is protected then.
    pub fn protect(&mut self, what: Lendable, context: &mut Context) -> Result<(), TeeResult> {
        let range = self.open(what.range, Some(context))?;
        context.region(MemoryOp::Lend, what, range);
        Ok(())
    }

    /// Opens a range to the ordinary world again (`plat_set_protmem_range` with use case 0).
    ///
    /// # Errors
    /// `GENERIC` when the platform fails; the region stays.
    pub fn restore(&mut self, what: Lendable, context: &mut Context) -> Result<(), TeeResult> {
        let range = self.region(what.range).ok_or(TeeResult::Generic)?;
        let rest = cut(&self.pieces, range);
        let full = self.budget.as_ref().is_some_and(|budget| budget.needed(&rest) > budget.most);
        if full || context.faults.hit(FaultPoint::RangeRestore) {
            context.outcome(Outcome::StillProtected { range });
            return Err(TeeResult::Generic);
        }
        if let Some(at) = self.regions.iter().position(|region| *region == range) {
            self.regions.remove(at);
        }
        self.pieces = rest;
        context.region(MemoryOp::Reclaim, what, range);
        Ok(())
    }

    /// Takes a region for a range; with a `context`, only if the firewall has room for the map.
    fn open(
        &mut self,
        range: AddrRange,
        context: Option<&mut Context>,
    ) -> Result<AddrRange, TeeResult> {
        if self.limit.is_some_and(|limit| self.regions.len() >= limit as usize) {
            return Err(TeeResult::NotSupported);
        }
        let region = self.region(range).ok_or(TeeResult::BadParameters)?;
        let mut pieces = cut(&self.pieces, region);
        pieces.push(region);
        if let (Some(budget), Some(context)) = (&self.budget, context) {
            let (needed, available) = (budget.needed(&pieces), budget.most);
            if needed > available {
                context.outcome(Outcome::NoRegionLeft { range: region, needed, available });
                return Err(TeeResult::NotSupported);
            }
        }
        self.pieces = pieces;
        self.regions.push(region);
        Ok(region)
    }

    /// The region that firmware programs for a range.
    fn region(&self, range: AddrRange) -> Option<AddrRange> {
        if self.granule.holds(range) {
            return Some(range);
        }
        let unit = self.granule.bytes();
        let (base, end) = match self.rounding {
            Rounding::Refuse => return None,
            Rounding::Truncate => (range.base.0 / unit * unit, range.end().0 / unit * unit),
            Rounding::Out => {
                (range.base.0 / unit * unit, range.end().0.checked_next_multiple_of(unit)?)
            }
        };
        Some(AddrRange { base: PhysAddr(base), len: ByteLen(end - base) })
    }
}
