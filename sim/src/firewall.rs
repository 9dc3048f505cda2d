// SPDX-License-Identifier: Apache-2.0
//! The firewall alone, with one filter and both of its sides in the caller's hands.

use std::fmt;

use crate::board::{BoardError, check_versions};
use crate::bridge::{self, Flags, PinsInputs, PinsModel, PinsOutputs};

/// One filter of the firewall, stepped cycle by cycle. Outputs are those of the last stepped cycle,
/// sampled before its clock edge.
pub struct Pins {
    model: cxx::UniquePtr<PinsModel>,
    inputs: Box<PinsInputs>,
    outputs: Box<PinsOutputs>,
}

impl Pins {
    /// Makes a firewall and resets it; `hold_clocks` as in [`BoardOptions`](crate::BoardOptions).
    ///
    /// # Errors
    /// When the check latency is neither 0 nor 1, or the build mixes Verilator versions.
    pub fn new(check_latency: u8, hold_clocks: bool) -> Result<Self, BoardError> {
        check_versions()?;
        let flags = Flags { hold_clocks, early_idle: false, fault: 0 };
        let model = bridge::new_pins(&check_latency.to_string(), &flags);
        if model.is_null() {
            return Err(BoardError::UnknownLatency(check_latency));
        }
        let mut pins = Self { model, inputs: Box::default(), outputs: Box::default() };
        pins.reset();
        Ok(pins)
    }

    /// Resets the firewall and lets go of every input.
    pub fn reset(&mut self) {
        *self.inputs = PinsInputs::default();
        *self.outputs = PinsOutputs::default();
        self.model.pin_mut().reset(&mut self.outputs);
    }

    /// What is driven from now on; it stays until it is changed.
    pub fn inputs(&mut self) -> &mut PinsInputs {
        &mut self.inputs
    }

    /// What was seen in the last stepped cycle.
    pub fn outputs(&self) -> &PinsOutputs {
        &self.outputs
    }

    /// Both sides at once, for a caller that answers what it sees.
    pub fn io(&mut self) -> (&mut PinsInputs, &PinsOutputs) {
        (&mut self.inputs, &self.outputs)
    }

    /// One cycle.
    pub fn step(&mut self) {
        self.model.pin_mut().step(&self.inputs, &mut self.outputs);
    }

    /// Texts of the RTL assertions that failed since reset, each with its cycle.
    pub fn assertion_failures(&self) -> Vec<String> {
        self.model.failures()
    }
}

impl fmt::Debug for Pins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pins").finish_non_exhaustive()
    }
}
