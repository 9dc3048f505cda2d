// SPDX-License-Identifier: Apache-2.0
//! Firmware at run time: what is protected now, and the register writes from there to the next.
use crate::firmware::{
    self, ApbDriver, ApbError, Hardware, NOBODY, Op, Protected, RegionFile, RegionSetting, Ticket,
    close_gates, fence, open_gates, plan_confined, plan_for, protected_at_boot,
};
use crate::scenario::Scenario;
use crate::tee::Rights;
use crate::units::{AddrRange, ByteLen, MasterId};
use ringfence_sim::MASTERS;
use std::collections::VecDeque;

/// The firewall's map and its changes, one at a time and in order.
pub(super) struct Guard {
    hw: Hardware,
    protected: Vec<Protected>,
    regions: Vec<RegionSetting>,
    /// Masters that write no ordinary memory, a bit each.
    confined: u8,
    queue: VecDeque<Vec<Op>>,
    running: Option<Ticket>,
}

impl Guard {
    /// The map as the firewall boots with it.
    pub(super) fn new(scenario: &Scenario, filters: usize) -> Self {
        let protected = protected_at_boot(scenario);
        // A map that does not fit is refused at boot, before anything runs.
        let regions = plan_for(scenario, &protected, &[]).unwrap_or_default();
        let hw = Hardware::board(filters as u8);
        Self { hw, protected, regions, confined: 0, queue: VecDeque::new(), running: None }
    }

    /// Queues the register writes that protect a range, whatever it was before.
    ///
    /// # Errors
    /// In words, when the firewall cannot hold the map; it stays as it is.
    pub(super) fn protect(&mut self, scenario: &Scenario, one: Protected) -> Result<(), String> {
        let mut next = self.without(scenario, one.range);
        next.push(one);
        self.change(scenario, next)
    }

    /// Queues the register writes that open a range again, whoever else had it protected:
    /// `plat_set_protmem_range` sets a range to a use case and counts nobody.
    ///
    /// # Errors
    /// As [`Self::protect`].
    pub(super) fn restore(&mut self, scenario: &Scenario, range: AddrRange) -> Result<(), String> {
        let next = self.without(scenario, range);
        self.change(scenario, next)
    }

    /// What is protected outside a range; a carve-out whose buffers have regions stays whole.
    fn without(&self, scenario: &Scenario, range: AddrRange) -> Vec<Protected> {
        let mut next = Vec::new();
        for one in &self.protected {
            let carve_out = scenario.tee.region_per_buffer && one.rights == NOBODY;
            if carve_out || !one.range.overlaps(range) {
                next.push(*one);
                continue;
            }
            let (base, end) = (one.range.base, one.range.end());
            let parts = [(base, range.base.min(end)), (range.end().max(base), end)];
            for (base, end) in parts.into_iter().filter(|(base, end)| base < end) {
                let len = ByteLen(end.0 - base.0);
                next.push(Protected { range: AddrRange { base, len }, ..*one });
            }
        }
        next
    }

    /// Queues the register writes that give a master other rights where `range` lies.
    ///
    /// # Errors
    /// As [`Self::protect`].
    pub(super) fn admit(
        &mut self,
        scenario: &Scenario,
        range: AddrRange,
        master: MasterId,
        rights: Rights,
    ) -> Result<(), String> {
        let mut next = self.protected.clone();
        if let Some(one) = next.iter_mut().rfind(|one| one.range.covers(range)) {
            one.rights[usize::from(master.0) % MASTERS] = rights;
        }
        self.change(scenario, next)
    }

    /// Queues the register writes that keep a master from writing ordinary memory, or let it again.
    ///
    /// # Errors
    /// As [`Self::protect`].
    pub(super) fn confine(
        &mut self,
        scenario: &Scenario,
        master: MasterId,
        on: bool,
    ) -> Result<(), String> {
        let bit = 1 << (master.0 & 7);
        self.confined = if on { self.confined | bit } else { self.confined & !bit };
        self.change(scenario, self.protected.clone())
    }

    /// Whether a master is kept from writing ordinary memory.
    pub(super) const fn confined(&self, master: MasterId) -> bool {
        self.confined >> (master.0 & 7) & 1 == 1
    }

    /// What a master may do where `range` lies.
    pub(super) fn rights(&self, range: AddrRange, master: MasterId) -> Rights {
        let one = self.protected.iter().rfind(|one| one.range.covers(range));
        one.map_or(Rights::READ_WRITE, |one| one.rights[usize::from(master.0) % MASTERS])
    }

    fn change(&mut self, scenario: &Scenario, next: Vec<Protected>) -> Result<(), String> {
        let regions = plan_confined(scenario, &next, &self.regions, self.confined)
            .map_err(|e| e.to_string())?;
        let old = RegionFile::reset(self.hw).with(&self.regions);
        let new = old.with(&regions);
        let (order, budget) = (scenario.firewall.order, scenario.sim.wait_budget);
        let change = firmware::change(order, &old, &new, budget).map_err(|e| e.to_string())?;
        self.queue.push_back(change.ops);
        (self.protected, self.regions) = (next, regions);
        Ok(())
    }

    /// Queues closing every gate until nothing is in flight behind it, and opening it again.
    pub(super) fn drain(&mut self, scenario: &Scenario) {
        let budget = scenario.sim.wait_budget;
        let mut ops = close_gates(self.hw, budget).to_vec();
        ops.extend(open_gates(self.hw, scenario.firewall.order, budget));
        ops.push(fence());
        self.queue.push_back(ops);
    }

    /// One cycle; `Some` when all that was queued is done, or why it failed.
    pub(super) fn poll(&mut self, apb: &mut ApbDriver) -> Option<Result<(), ApbError>> {
        if let Some(ticket) = self.running {
            let end = apb.take_end(ticket)?;
            self.running = None;
            if let Err(error) = end.result {
                self.queue.clear();
                return Some(Err(error));
            }
        }
        match self.queue.front() {
            None => Some(Ok(())),
            Some(ops) => {
                // Somebody else may have the bus; then again in the next cycle.
                if let Some(ticket) = apb.start(ops) {
                    self.running = Some(ticket);
                    self.queue.pop_front();
                }
                None
            }
        }
    }
}
