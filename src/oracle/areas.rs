// SPDX-License-Identifier: Apache-2.0
//! Protected memory over time: pools that stand from boot on, and memory lent and reclaimed.
use super::face::PoolIntent;
use crate::engine::event::{PoolEvent, PoolPhase, Upkeep, UpkeepEvent};
use crate::units::{AddrRange, Direction, PhysAddr};

/// Where an area stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Protected, for the pool's masters.
    Lent,
    /// Being lent or reclaimed: either answer is right.
    Transition,
    /// The kernel's own again; the pool's masters still know its addresses.
    Returned,
}

/// A stretch of protected memory, or one that was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) pool: u8,
    pub(super) range: AddrRange,
    pub(super) stage: Stage,
    /// Masters that were granted a buffer in it, a bit each.
    pub(super) granted: u8,
    /// The reclaim waited for its masters.
    pub(super) drained: bool,
    /// The firewall's region went with the reclaim.
    pub(super) opened: bool,
    /// When it was the kernel's again.
    returned: u64,
}

impl Area {
    /// Whether the ordinary world reaches it again, by the firewall or by right.
    pub(super) fn is_open(&self) -> bool {
        self.opened || self.stage == Stage::Returned
    }
}

/// All areas, and who is at work in memory on the system's own account.
#[derive(Debug)]
pub(super) struct Areas {
    list: Vec<Area>,
    upkeeps: Vec<(Upkeep, u8, AddrRange)>,
}

impl Areas {
    pub(super) fn new(pools: &[PoolIntent]) -> Self {
        let fixed = (0u8..).zip(pools).filter_map(|(pool, intent)| {
            let (stage, granted) = (Stage::Lent, 0);
            intent.range.map(|range| Area {
                pool,
                range,
                stage,
                granted,
                drained: false,
                opened: false,
                returned: 0,
            })
        });
        Self { list: fixed.collect(), upkeeps: Vec::new() }
    }

    /// The area of an address, or the address at which the next one begins.
    pub(super) fn at(&self, at: u64) -> Result<&Area, u64> {
        let mut next = u64::MAX;
        for area in &self.list {
            if area.range.contains(PhysAddr(at)) {
                return Ok(area);
            }
            if area.range.base.0 > at {
                next = next.min(area.range.base.0);
            }
        }
        Err(next)
    }

    /// Whether a buffer can be in `range`.
    pub(super) fn protects(&self, range: AddrRange) -> bool {
        self.list.iter().any(|area| area.stage != Stage::Returned && area.range.covers(range))
    }

    /// Whether an address is in memory that is protected, or being lent or reclaimed.
    pub(super) fn keeps(&self, at: u64) -> bool {
        self.at(at).is_ok_and(|area| area.stage != Stage::Returned)
    }

    /// A master was granted a buffer in `range`.
    pub(super) fn granted(&mut self, range: AddrRange, master: u8) {
        for area in self.list.iter_mut().filter(|area| area.range.covers(range)) {
            area.granted |= 1 << (master & 7);
        }
    }

    /// Takes a phase of a dynamic pool.
    pub(super) fn phase(&mut self, event: &PoolEvent) {
        let Some(range) = AddrRange::new(event.base, event.len) else { return };
        if event.phase == PoolPhase::LendRequested {
            self.list.retain(|a| a.stage != Stage::Returned || !a.range.overlaps(range));
            let (pool, stage) = (event.pool, Stage::Transition);
            let (drained, opened) = (false, false);
            let area = Area { pool, range, stage, granted: 0, drained, opened, returned: 0 };
            self.list.push(area);
            return;
        }
        let own = |a: &&mut Area| a.range == range && a.pool == event.pool;
        let Some(area) = self.list.iter_mut().find(own) else { return };
        match event.phase {
            PoolPhase::LendProgrammed | PoolPhase::Quarantined => area.stage = Stage::Lent,
            PoolPhase::LendRequested | PoolPhase::ReclaimRequested => {
                area.stage = Stage::Transition;
            }
            PoolPhase::Drained => area.drained = true,
            PoolPhase::Opened => area.opened = true,
            PoolPhase::Returned => {
                (area.stage, area.returned) = (Stage::Returned, event.cycle.0);
            }
        }
    }

    /// Since when memory that holds any of `range` is the kernel's again; the latest.
    pub(super) fn returned_since(&self, range: AddrRange) -> Option<u64> {
        let back = |area: &&Area| area.stage == Stage::Returned && area.range.overlaps(range);
        self.list.iter().filter(back).map(|area| area.returned).max()
    }

    /// Takes begin or end of an upkeep.
    pub(super) fn upkeep(&mut self, event: &UpkeepEvent) {
        let Some(range) = AddrRange::new(event.base, event.len) else { return };
        let this = (event.what, event.master.0, range);
        if event.begins {
            self.upkeeps.push(this);
        } else if let Some(at) = self.upkeeps.iter().position(|one| *one == this) {
            self.upkeeps.remove(at);
        }
    }

    /// Whether what a master writes in `[first, end)` clears it, by itself or out of its cache.
    #[inline]
    pub(super) fn cleans(&self, master: u8, first: u64, end: u64) -> bool {
        self.upkeeps.iter().any(|(what, who, range)| {
            let inside = range.base.0 <= first && end <= range.end().0;
            *who == master && inside && !what.unmeant()
        })
    }

    /// What a master does in `[first, end)` on the system's own account; the latest that was told.
    /// What is one transaction is over with it.
    #[inline]
    pub(super) fn doing(
        &mut self,
        master: u8,
        direction: Direction,
        first: u64,
        end: u64,
    ) -> Option<Upkeep> {
        let inside = |range: &AddrRange| range.base.0 <= first && end <= range.end().0;
        let at = self.upkeeps.iter().rposition(|(what, who, range)| {
            let way = match what {
                Upkeep::Bounce => true,
                Upkeep::Speculate => direction == Direction::Read,
                _ => direction == Direction::Write,
            };
            *who == master && way && inside(range)
        })?;
        let what = self.upkeeps[at].0;
        if matches!(what, Upkeep::Evict | Upkeep::Speculate) {
            self.upkeeps.remove(at);
        }
        Some(what)
    }
}
