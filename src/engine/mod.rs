// SPDX-License-Identifier: Apache-2.0
//! The cycle loop, its actors and its events.
pub mod capture;
pub mod event;

use crate::scenario::Scenario;
use crate::units::Cycle;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How to run; never what to judge.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Hold the clocks of idle units (same events either way).
    pub hold_clocks: bool,
    /// Jump over cycles in which nothing is in flight and nobody is due.
    pub time_jumps: bool,
    /// Set by a signal: end with a partial report.
    pub stop: Arc<AtomicBool>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            hold_clocks: true,
            time_jumps: true,
            stop: Arc::default(),
        }
    }
}

/// What a run leaves behind.
#[derive(Clone, Debug)]
pub struct RunLog {
    /// The event log, first line the header, last line the summary.
    pub events: Vec<event::Event>,
    /// Pictures.
    pub captures: capture::Captures,
}

/// How far a run is; for progress on stderr.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Cycles so far.
    pub cycle: Cycle,
    /// Frames shown so far.
    pub frames: u32,
    /// Frames to show.
    pub of: u32,
}

/// A run that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The binary does not ship the shape or the fault that the scenario asks for.
    #[error("{0}")]
    Board(String),
}

/// Runs a scenario to its end and judges it.
///
/// # Errors
/// When the board cannot be built; what happens on the board is never an error but an event.
pub fn run(
    scenario: &Scenario,
    _options: &RunOptions,
    _progress: &mut dyn FnMut(Progress),
) -> Result<RunLog, RunError> {
    Err(RunError::Board(format!(
        "no board for {}",
        scenario.sim.shape
    )))
}
