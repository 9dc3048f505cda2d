// SPDX-License-Identifier: Apache-2.0
//! The firewall alone, in any shape, both sides of its filters in the caller's hands.

use std::fmt;

use crate::board::{BoardError, check_versions};
use crate::bridge::{self, Flags, PinsInputs, PinsModel, PinsOutputs};

/// The firewall, stepped cycle by cycle. Outputs are those of the last stepped cycle,
/// sampled before its clock edge.
pub struct Pins {
    model: cxx::UniquePtr<PinsModel>,
    inputs: Box<PinsInputs>,
    outputs: Box<PinsOutputs>,
}

impl Pins {
    /// Makes a firewall of a shape of [`PINS`](crate::PINS) and resets it; `hold_clocks` as in
    /// [`BoardOptions`](crate::BoardOptions).
    ///
    /// # Errors
    /// When the shape is not built, or the build mixes Verilator versions.
    pub fn new(shape: &str, hold_clocks: bool) -> Result<Self, BoardError> {
        Self::with_fault(shape, hold_clocks, 0)
    }

    /// The same with a planted fault of `sim/faults.txt`, for a shape of
    /// [`FAULTY_PINS`](crate::FAULTY_PINS).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_fault(shape: &str, hold_clocks: bool, fault: u8) -> Result<Self, BoardError> {
        check_versions()?;
        let flags = Flags { hold_clocks, early_idle: false, fault };
        let model = bridge::new_pins(shape, &flags);
        if model.is_null() {
            return Err(BoardError::UnknownPins(shape.to_owned()));
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
