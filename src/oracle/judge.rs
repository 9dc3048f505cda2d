// SPDX-License-Identifier: Apache-2.0
//! The judge's order of business in one cycle.
use super::face::{Closing, Counts, Judgement, PoolIntent};
use crate::engine::event::{Attempt, Event, Verdict};
use crate::scenario::Scenario;
use crate::units::{Cycle, PhysAddr};
use ringfence_sim::{ApbIn, Outputs};

/// The judge of one run.
pub struct Oracle {
    events: Vec<Event>,
}

impl Oracle {
    /// A judge for a board with so many filters; `pools` in the scenario's order.
    pub fn new(_scenario: &Scenario, _filters: usize, _pools: Vec<PoolIntent>) -> Self {
        Self { events: Vec::new() }
    }

    /// Judges one stepped cycle; cycles are given in order.
    pub fn observe(&mut self, _cycle: Cycle, _apb: &ApbIn, _out: &Outputs) {}

    /// Takes an [`Event::Buffer`] or [`Event::Grant`]; others are ignored.
    pub fn intent(&mut self, _event: &Event) {}

    /// Takes an intruder's own record, before the access is issued.
    pub fn attempt(&mut self, _attempt: &Attempt) {}

    /// Takes note that the scenario changed a byte behind the board.
    pub fn planted(&mut self, _addr: PhysAddr) {}

    /// Takes what the protocol checkers found at an observed port.
    pub fn protocol(
        &mut self,
        _cycle: Cycle,
        _port: usize,
        _rule: &str,
        _section: &str,
        _detail: &str,
        _provoked: bool,
    ) {
    }

    /// Takes note that something waited longer than its budget.
    pub fn hang(&mut self, _cycle: Cycle, _who: &str, _what: &str) {}

    /// Moves the events since the last call to the end of `into`.
    pub fn drain_events(&mut self, into: &mut Vec<Event>) {
        into.append(&mut self.events);
    }

    /// Judges the whole.
    pub fn finish(self, _closing: Closing<'_, '_>) -> Judgement {
        Judgement {
            verdict: Verdict::Fail,
            reason: "no evidence: nothing was judged".into(),
            counts: Counts::default(),
            events: self.events,
        }
    }
}
