// SPDX-License-Identifier: Apache-2.0
//! The destination rule on the board: while protected memory is mapped for a master to read,
//! firmware has it write no ordinary memory.
use super::player::Call;
use super::plays::Play;
use super::{Around, Clients};
use crate::engine::event::{ConfineEvent, ConfinePhase, Event};
use crate::scenario::Scenario;
use crate::tee::Grant;
use crate::units::{Cycle, MasterId};

impl Clients {
    /// What the rule asks for beside the begin or end of a mapping; both calls of the secure world
    /// are paid where registers have to change.
    pub(super) fn confinement(&self, scenario: &Scenario, grant: &Grant) -> Vec<Play> {
        let master = grant.master;
        let own = scenario.masters.iter().find(|m| m.id == master).is_none_or(|m| m.secure);
        let ruled = scenario.tee.policy.destination_rule && grant.direction.rights().read;
        if !ruled || own || master == self.hands.kernel {
            return Vec::new();
        }
        if self.reads(master) == self.guard.confined(master) {
            return vec![Play::Confine(master), Play::Confined(master)];
        }
        let smc = Play::Wait(scenario.tee.smc);
        vec![smc.clone(), Play::Confine(master), Play::Confined(master), smc]
    }

    /// Whether protected memory is mapped for a master to read.
    fn reads(&self, master: MasterId) -> bool {
        self.live.iter().any(|grant| grant.master == master && grant.direction.rights().read)
    }

    /// Has firmware do what the mappings of this moment ask for; another call may have changed
    /// them since this one began.
    pub(super) fn confine(
        &mut self,
        cycle: Cycle,
        master: MasterId,
        call: &mut Call,
        around: &mut Around<'_, '_>,
    ) {
        let reads = self.reads(master);
        if reads == self.guard.confined(master) {
            return;
        }
        let phase = if reads { ConfinePhase::Requested } else { ConfinePhase::LiftRequested };
        self.events.push(Event::Confine(ConfineEvent { cycle, master, phase }));
        let queued = self.guard.confine(around.scenario, master, reads);
        Self::program(queued, call, around);
    }

    /// Tells what is in force for a master since the registers changed.
    pub(super) fn confined(&mut self, cycle: Cycle, master: MasterId) {
        let now = self.guard.confined(master);
        let bit = 1 << (master.0 & 7);
        if (self.confined & bit != 0) == now {
            return;
        }
        self.confined ^= bit;
        let phase = if now { ConfinePhase::InForce } else { ConfinePhase::Lifted };
        self.events.push(Event::Confine(ConfineEvent { cycle, master, phase }));
    }
}
