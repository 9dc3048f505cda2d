// SPDX-License-Identifier: Apache-2.0
//! Line by line at the pace of a screen: which lines to ask for, and which came too late.
use crate::units::Cycle;
use std::ops::Range;

/// Lines fetched ahead of the one on the screen: the line FIFO.
const AHEAD: u32 = 4;

/// A picture that is being scanned out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lines {
    height: u32,
    slot: u64,
    began: u64,
    asked: u32,
    arrived: u32,
    checked: u32,
}

impl Lines {
    /// Begins at `cycle` and lasts a slot.
    pub(super) const fn begin(height: u32, slot: Cycle, cycle: Cycle) -> Self {
        let (slot, began) = (slot.0, cycle.0);
        Self { height, slot, began, asked: 0, arrived: 0, checked: 0 }
    }

    /// A descriptor has ended.
    pub(super) const fn arrive(&mut self) {
        self.arrived += 1;
    }

    /// Cycle at which line `line` goes to the screen.
    fn deadline(&self, line: u32) -> Cycle {
        let lines = u64::from(self.height) + u64::from(AHEAD);
        Cycle(self.began + self.slot * u64::from(line + AHEAD) / lines)
    }

    /// Lines whose time has come without their data; `needed` descriptors are all of those up to a
    /// line.
    pub(super) fn late(&mut self, now: Cycle, needed: impl Fn(u32) -> u32) -> u64 {
        let mut late = 0;
        while self.checked < self.height && self.deadline(self.checked) <= now {
            late += u64::from(self.arrived < needed(self.checked));
            self.checked += 1;
        }
        late
    }

    /// Lines that the FIFO has room for; they count as asked for.
    pub(super) fn ask(&mut self) -> Range<u32> {
        let first = self.asked;
        self.asked = self.asked.max(self.height.min(self.checked + AHEAD));
        first..self.asked
    }

    /// When the next line goes to the screen; `None` after the last.
    pub(super) fn next(&self) -> Option<Cycle> {
        (self.checked < self.height).then(|| self.deadline(self.checked))
    }

    /// The line that was asked for last, in words for who waits.
    pub(super) const fn asked(&self) -> u32 {
        self.asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_asked_ahead_and_late_ones_counted_once() {
        let mut lines = Lines::begin(8, Cycle(120), Cycle(1000));
        assert_eq!(lines.ask(), 0..4);
        assert_eq!(lines.ask(), 4..4, "the FIFO is full");
        assert_eq!(lines.late(Cycle(1039), |line| line + 1), 0);
        assert_eq!(lines.next(), Some(Cycle(1040)));
        lines.arrive();
        assert_eq!(lines.late(Cycle(1050), |line| line + 1), 1, "line 0 came, line 1 did not");
        assert_eq!(lines.ask(), 4..6);
        assert_eq!(lines.late(Cycle(1120), |line| line + 1), 6);
        assert_eq!((lines.next(), lines.ask()), (None, 6..8));
    }
}
