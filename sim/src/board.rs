// SPDX-License-Identifier: Apache-2.0
//! The whole board: masters, fabric and firewall.

use std::fmt;

use crate::bridge::{self, BoardModel, Flags, Inputs, Outputs, Tally};
use crate::pins::PinCounts;
use crate::replay::Recording;
use crate::shapes::SHAPES;

/// How a board is run. The default is the right one for every use but tests of ringfence itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardOptions {
    /// Clocks of idle units are held; the outputs are the same in every cycle either way.
    pub hold_clocks: bool,
    /// Planted RTL fault, an id of `sim/faults.txt`; 0 for none. Needs feature `planted-faults`.
    pub fault: u32,
    /// Planted fault of the wrapper: units count as idle one cycle early. Must break things.
    pub early_idle: bool,
}

impl Default for BoardOptions {
    fn default() -> Self {
        Self { hold_clocks: true, fault: 0, early_idle: false }
    }
}

/// Why there is no board.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoardError {
    /// No such shape in this build.
    UnknownShape(String),
    /// The shape's bare flavour is not in this build.
    NoBare(String),
    /// A planted fault was asked for, but this build carries none, or not this one.
    NoFault(u32),
    /// No such firewall in this build.
    UnknownPins(String),
    /// The runtime and the models were compiled from two versions of Verilator.
    VersionMismatch {
        /// Version of the runtime.
        runtime: String,
        /// Version of the models.
        model: String,
    },
}

impl fmt::Display for BoardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownShape(name) => {
                let known: Vec<_> = SHAPES.iter().map(|shape| shape.name).collect();
                write!(f, "no board shape '{name}' in this build; there are {}", known.join(", "))
            }
            Self::NoBare(name) => {
                write!(
                    f,
                    "no bare flavour of board '{name}' in this build; build with feature bare"
                )
            }
            Self::NoFault(id) => write!(
                f,
                "no planted fault {id} in this build; build with feature planted-faults, \
                 faults 1 to {}",
                crate::FAULTS
            ),
            Self::UnknownPins(name) => {
                write!(f, "no firewall '{name}' in this build; the feature all-pins has all shapes")
            }
            Self::VersionMismatch { runtime, model } => write!(
                f,
                "the Verilator runtime is {runtime}, the models are {model}; \
                 run `cargo clean -p verilated` and build again"
            ),
        }
    }
}

impl std::error::Error for BoardError {}

/// Checks what holds for every model before one is made.
pub(crate) fn check_versions() -> Result<(), BoardError> {
    let (runtime, model) = (bridge::runtime_version(), bridge::model_version());
    if runtime == model { Ok(()) } else { Err(BoardError::VersionMismatch { runtime, model }) }
}

/// A board that is stepped cycle by cycle.
///
/// Outputs are those of the last stepped cycle, sampled before its clock edge; a handshake whose
/// VALID and READY are both high there has happened.
pub struct Board {
    model: cxx::UniquePtr<BoardModel>,
    inputs: Box<Inputs>,
    outputs: Box<Outputs>,
    tally: Box<Tally>,
    filters: usize,
}

impl Board {
    /// Makes a board and resets it.
    ///
    /// # Errors
    /// When the shape or the fault is not in this build, or the build mixes Verilator versions.
    pub fn new(shape: &str, options: BoardOptions) -> Result<Self, BoardError> {
        check_versions()?;
        let known = SHAPES.iter().find(|known| known.name == shape);
        let known = known.ok_or_else(|| BoardError::UnknownShape(shape.to_owned()))?;
        let fault = u8::try_from(options.fault).ok().filter(|&id| id <= crate::FAULTS);
        let fault = fault.ok_or(BoardError::NoFault(options.fault))?;
        let flags =
            Flags { hold_clocks: options.hold_clocks, early_idle: options.early_idle, fault };
        let built = if fault == 0 { shape.to_owned() } else { format!("{shape}-faulty") };
        let model = bridge::new_board(&built, &flags);
        if model.is_null() {
            return Err(BoardError::UnknownShape(built));
        }
        let mut board = Self {
            model,
            inputs: Box::default(),
            outputs: Box::default(),
            tally: Box::default(),
            filters: known.filters,
        };
        board.reset();
        Ok(board)
    }

    /// Filters of this shape.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Board-wide reset: everything queued or in flight is dropped, the cycle counter restarts at 0
    /// and the counts are cleared. Of the inputs, only the wiring (`raw_enable`, `straps`) stays.
    pub fn reset(&mut self) {
        let wiring = (self.inputs.raw_enable, self.inputs.straps);
        *self.inputs = Inputs::default();
        (self.inputs.raw_enable, self.inputs.straps) = wiring;
        *self.outputs = Outputs::default();
        self.model.pin_mut().reset(&self.inputs, &mut self.outputs, &mut self.tally);
    }

    /// What is driven from now on; it stays until it is changed.
    pub fn inputs(&mut self) -> &mut Inputs {
        &mut self.inputs
    }

    /// What was seen in the last stepped cycle.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Both sides at once, for a caller that answers what it sees.
    pub fn io(&mut self) -> (&mut Inputs, &Outputs) {
        (&mut self.inputs, &self.outputs)
    }

    /// One fabric cycle.
    pub fn step(&mut self) {
        self.model.pin_mut().step(&self.inputs, &mut self.outputs, &mut self.tally);
    }

    /// Lets `cycles` pass in which nothing happens. Only while [`quiescent`](Self::quiescent) and
    /// with nothing offered in the inputs.
    pub fn skip(&mut self, cycles: u64) {
        debug_assert!(self.quiescent(), "a unit is busy: time must not jump");
        debug_assert!(!offers(&self.inputs), "an input is valid: time must not jump");
        self.tally.cycle += cycles;
    }

    /// Whether no unit was busy and nothing was offered in the last stepped cycle.
    pub fn quiescent(&self) -> bool {
        self.tally.quiescent
    }

    /// Cycles since reset.
    pub fn cycle(&self) -> u64 {
        self.tally.cycle
    }

    /// Handshakes since reset, counted by the wrapper from the raw signals.
    pub fn pin_counts(&self) -> &PinCounts {
        &self.tally.pins
    }

    /// Whether the rolling hash is kept; off at first.
    pub fn set_hashing(&mut self, on: bool) {
        self.tally.hashing = on;
    }

    /// Rolling hash of handshake masks and moved payloads over the cycles stepped with hashing on.
    pub fn output_hash(&self) -> u64 {
        self.tally.hash
    }

    /// Resets the board and keeps what is driven from then on, until
    /// [`take_recording`](Self::take_recording). No reset and no time jump may come between.
    pub fn start_recording(&mut self) {
        self.reset();
        self.model.pin_mut().record();
    }

    /// Ends a recording and returns it; none when none was started.
    pub fn take_recording(&mut self) -> Option<Recording> {
        let recording = self.model.pin_mut().recorded();
        (!recording.is_null()).then_some(Recording(recording))
    }

    /// Texts of the RTL assertions that failed since reset, each with its cycle. Those of the last
    /// stepped cycle's clock edge appear with the next step.
    pub fn assertion_failures(&self) -> Vec<String> {
        self.model.failures()
    }
}

/// Whether any unit is offered something to do.
fn offers(inputs: &Inputs) -> bool {
    let raw = (0..crate::MASTERS).any(|i| {
        let raw = &inputs.raw[i];
        inputs.raw_enable >> i & 1 == 1 && (raw.ar_valid || raw.aw_valid || raw.w_valid)
    });
    raw || inputs.rd_desc_valid | inputs.wr_desc_valid | inputs.ws_valid != 0
        || inputs.mem.iter().any(|mem| mem.r_valid || mem.b_valid)
        || inputs.apb.sel
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board")
            .field("filters", &self.filters)
            .field("cycle", &self.tally.cycle)
            .finish_non_exhaustive()
    }
}
