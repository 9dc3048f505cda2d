// SPDX-License-Identifier: Apache-2.0
//! Bounds every wait: nothing may stand still for longer than the scenario's budget.
use crate::scenario::Scenario;
use crate::units::Cycle;
use ringfence_sim::{FILTER_SIDE, MASTERS, MAX_FILTERS, Outputs};

/// Remembers when anything last moved, and who offered without being taken.
pub(super) struct Watchdog {
    budget: Cycle,
    moved: Cycle,
    stuck: [u16; 5],
}

impl Watchdog {
    pub(super) fn new(budget: Cycle) -> Self {
        Self { budget, moved: Cycle(0), stuck: [0; 5] }
    }

    pub(super) fn observe(&mut self, cycle: Cycle, out: &Outputs) {
        let fires = out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire();
        if fires != 0 {
            self.moved = cycle;
        } else {
            let channels = [out.ar, out.aw, out.w, out.r, out.b];
            self.stuck = channels.map(|channel| channel.valid & !channel.ready);
        }
    }

    /// Nothing was in flight until `cycle`.
    pub(super) fn rested(&mut self, cycle: Cycle) {
        self.moved = cycle;
    }

    /// Whether something is in flight and nothing has moved for the whole budget.
    pub(super) fn expired(&mut self, cycle: Cycle, still: bool) -> bool {
        if still {
            self.moved = cycle;
        }
        cycle.0 - self.moved.0 > self.budget.0
    }

    /// Who holds the bus: offers that nobody takes.
    pub(super) fn holder(&self, scenario: &Scenario) -> String {
        let mut held = Vec::new();
        for (mask, channel) in self.stuck.iter().zip(["AR", "AW", "W", "R", "B"]) {
            for port in 0..16 {
                if mask >> port & 1 == 1 {
                    held.push(format!("{channel} at {}", port_name(scenario, port)));
                }
            }
        }
        if held.is_empty() {
            "nobody offers anything".into()
        } else {
            format!("offered and not taken: {}", held.join(", "))
        }
    }
}

/// Name of an observed port.
fn port_name(scenario: &Scenario, port: usize) -> String {
    if port < MASTERS {
        scenario.masters[port].name.clone()
    } else if port < FILTER_SIDE + MAX_FILTERS {
        format!("filter{}.s", port - FILTER_SIDE)
    } else {
        format!("filter{}.m", port - FILTER_SIDE - MAX_FILTERS)
    }
}
