// SPDX-License-Identifier: Apache-2.0
//! The cache's storage: sets, ways, lines, and who has to make room.
use super::{LINE, World};
use crate::units::Cycle;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A cache line. Lines of the two worlds are two lines, whatever their address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) addr: u64,
    pub(super) world: World,
    pub(super) valid: bool,
    pub(super) dirty: bool,
    pub(super) data: [u8; LINE as usize],
    /// When it came to be here.
    pub(super) since: Cycle,
}

impl Line {
    const NONE: Self = Self {
        addr: 0,
        world: World::NonSecure,
        valid: false,
        dirty: false,
        data: [0; LINE as usize],
        since: Cycle(0),
    };

    /// A clean line.
    pub(super) const fn clean(addr: u64, world: World, since: Cycle) -> Self {
        Self { addr, world, since, valid: true, ..Self::NONE }
    }
}

/// All lines.
pub(super) struct Lines {
    lines: Vec<Line>,
    ways: usize,
    valid: usize,
}

impl Lines {
    pub(super) fn new(sets: usize, ways: usize) -> Self {
        let (sets, ways) = (sets.max(1), ways.max(1));
        Self { lines: vec![Line::NONE; sets * ways], ways, valid: 0 }
    }

    fn set(&self, addr: u64) -> usize {
        let sets = (self.lines.len() / self.ways) as u64;
        (addr / LINE % sets) as usize * self.ways
    }

    /// Where the line of `addr` is.
    pub(super) fn find(&self, addr: u64, world: World) -> Option<usize> {
        let set = self.set(addr);
        let held = |line: &Line| line.valid && line.addr == addr && line.world == world;
        let way = self.lines[set..set + self.ways].iter().position(held)?;
        Some(set + way)
    }

    /// Who goes for a new line at `addr`: an empty way, else any.
    pub(super) fn victim(&self, addr: u64, rng: &mut ChaCha8Rng) -> usize {
        let set = self.set(addr);
        let empty = self.lines[set..set + self.ways].iter().position(|line| !line.valid);
        set + empty.unwrap_or_else(|| rng.random_range(0..self.ways as u64) as usize)
    }

    /// Any line that is there.
    pub(super) fn any(&self, rng: &mut ChaCha8Rng) -> Option<usize> {
        if self.valid == 0 {
            return None;
        }
        let all = self.lines.len();
        let from = rng.random_range(0..all as u64) as usize;
        (0..all).map(|n| (from + n) % all).find(|&at| self.lines[at].valid)
    }

    pub(super) fn at(&self, index: usize) -> &Line {
        &self.lines[index]
    }

    /// The line, to be changed but not to come or go.
    pub(super) fn at_mut(&mut self, index: usize) -> &mut Line {
        &mut self.lines[index]
    }

    /// Puts a line in the place of another, which is lost.
    pub(super) fn put(&mut self, index: usize, line: Line) {
        self.valid += usize::from(!self.lines[index].valid);
        self.lines[index] = line;
    }

    /// Forgets a line.
    pub(super) fn drop(&mut self, index: usize) {
        self.valid -= usize::from(self.lines[index].valid);
        self.lines[index].valid = false;
    }

    /// No line at all.
    pub(super) fn empty(&self) -> bool {
        self.valid == 0
    }

    /// Dirty lines, each with its address.
    pub(super) fn dirty(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.valid && line.dirty)
    }
}
