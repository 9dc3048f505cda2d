// SPDX-License-Identifier: Apache-2.0
//! What a pool should do, said with intervals of bytes. Shares nothing with the allocator but the
//! names of strategies and granules.
use ringfence::tee::{Errno, Granule, Strategy};

const PAGE: u64 = 4096;

/// A range that somebody holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    start: u64,
    end: u64,
}

/// A pool as intervals.
#[derive(Debug)]
pub(crate) struct Model {
    base: u64,
    len: u64,
    fit: Strategy,
    granule: Granule,
    regions: Option<usize>,
    held: Vec<Held>, // by address
}

impl Model {
    pub(crate) fn new(
        base: u64,
        len: u64,
        fit: Strategy,
        granule: Granule,
        regions: Option<usize>,
    ) -> Self {
        Self { base, len, fit, granule, regions, held: Vec::new() }
    }

    /// Bytes that nobody holds.
    pub(crate) fn free(&self) -> u64 {
        self.len - self.held.iter().map(|held| held.end - held.start).sum::<u64>()
    }

    /// Length and alignment of what `len` bytes take; `None` when no pool has that.
    fn wanted(&self, len: u64) -> Option<(u64, u64)> {
        let unit = match self.granule {
            Granule::Kib4 | Granule::SizeAligned => PAGE,
            Granule::Kib64 => 0x1_0000,
            Granule::Mib1 => 0x10_0000,
            Granule::Mib2 => 0x20_0000,
        };
        let units = u128::from(len).div_ceil(u128::from(unit));
        let whole =
            u64::try_from(units * u128::from(unit)).ok().filter(|whole| *whole <= self.len)?;
        let power = (0..64).map(|bit| 1_u64 << bit).find(|power| *power >= whole)?;
        Some(match (self.fit, self.granule) {
            (Strategy::Buddy, _) => (power, power.max(unit)),
            (_, Granule::SizeAligned) => (power, power),
            _ => (whole, unit),
        })
    }

    /// Gaps between what is held, by address.
    fn gaps(&self) -> Vec<Held> {
        let mut gaps = Vec::new();
        let mut start = self.base;
        for held in &self.held {
            gaps.push(Held { start, end: held.start });
            start = held.end;
        }
        gaps.push(Held { start, end: self.base + self.len });
        gaps.retain(|gap| gap.end > gap.start);
        gaps
    }

    /// Where `len` bytes must go, as first byte and length; or the errno.
    pub(crate) fn place(&self, len: u64) -> Result<(u64, u64), Errno> {
        if len == 0 || len > u64::MAX - (PAGE - 1) {
            return Err(Errno::Einval);
        }
        let (len, align) = self.wanted(len).ok_or(Errno::Enomem)?;
        let fits = |gap: &Held| {
            let start = gap.start.div_ceil(align) * align;
            (start + len <= gap.end).then_some((gap.end - gap.start, start))
        };
        let mut found: Vec<_> = self.gaps().iter().filter_map(fits).collect();
        if self.fit == Strategy::BestFit {
            found.sort_unstable();
        }
        let (_, start) = *found.first().ok_or(Errno::Enomem)?;
        if self.regions.is_some_and(|regions| self.held.len() >= regions) {
            return Err(Errno::Enomem);
        }
        Ok((start, len))
    }

    pub(crate) fn take(&mut self, start: u64, len: u64) {
        self.held.push(Held { start, end: start + len });
        self.held.sort_unstable_by_key(|held| held.start);
        assert!(self.held.windows(2).all(|pair| pair[0].end <= pair[1].start), "granted twice");
    }

    pub(crate) fn give(&mut self, start: u64) {
        self.held.retain(|held| held.start != start);
    }
}
