// SPDX-License-Identifier: Apache-2.0
//! The cycle loop, its actors and its events.
mod boot;
mod broker;
pub mod capture;
mod cast;
mod clients;
mod closing;
pub mod event;
mod session;
pub mod trace;
mod watchdog;

use crate::scenario::Scenario;
use crate::units::{AddrRange, ByteLen, Cycle, PhysAddr};
use session::Session;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How to run; never what to judge.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Hold the clocks of idle units (same events either way).
    pub hold_clocks: bool,
    /// Jump over cycles in which nothing is in flight and nobody is due.
    pub time_jumps: bool,
    /// Planted fault of the wrapper: units count as idle one cycle early, which must be noticed.
    pub early_idle: bool,
    /// Seed of the values that registers have before reset; needs feature `x-unique`.
    pub reset_seed: u32,
    /// Keep the rolling hash of everything seen at the board's pins; for `make bench`.
    pub hashing: bool,
    /// Keep everything driven at the board's pins; for `make bench`, without time jumps.
    pub record: bool,
    /// Keep every transaction that crosses a master's port.
    pub trace: bool,
    /// Set by a signal: end with a partial report.
    pub stop: Arc<AtomicBool>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            hold_clocks: true,
            time_jumps: true,
            early_idle: false,
            reset_seed: 0,
            hashing: false,
            record: false,
            trace: false,
            stop: Arc::default(),
        }
    }
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct RunLog {
    /// The event log, first line the header, last line the summary.
    pub events: Vec<event::Event>,
    /// Pictures.
    pub captures: capture::Captures,
    /// Memory as the run left it.
    pub memory: crate::memory::Contents,
    /// What crossed the masters' ports, if that was asked for.
    pub transactions: Vec<trace::Transaction>,
    /// What the run took, and what `make bench` asked for.
    pub measured: Measured,
}

impl RunLog {
    /// A log with pictures and nothing else, as a report reads it.
    pub fn of(events: Vec<event::Event>, captures: capture::Captures) -> Self {
        let nowhere = AddrRange { base: PhysAddr(0), len: ByteLen(0) };
        let memory = crate::memory::Contents::new(nowhere);
        let (transactions, measured) = (Vec::new(), Measured::default());
        Self { events, captures, memory, transactions, measured }
    }
}

/// Side results that differ from run to run or that only `make bench` asks for.
#[derive(Debug, Default)]
pub struct Measured {
    /// Building board and memory.
    pub start_up: Duration,
    /// From the first cycle to the judgement.
    pub running: Duration,
    /// Rolling hash of what was seen at the pins.
    pub output_hash: u64,
    /// What was driven at the pins.
    pub recording: Option<ringfence_sim::Recording>,
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
    /// The allocator or the firmware refused what the scenario asks for.
    #[error("{0}")]
    Setup(String),
}

/// Runs a scenario to its end and judges it.
///
/// # Errors
/// When the board cannot be built or the allocator or firmware refuses the scenario; what happens
/// on the board is never an error but an event.
pub fn run(
    scenario: &Scenario,
    options: &RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<RunLog, RunError> {
    let begun = Instant::now();
    let mut session = Session::new(scenario, options)?;
    let start_up = begun.elapsed();
    let ending = match session.boot()? {
        Some(ending) => ending,
        None => session.play(progress),
    };
    let mut log = session.close(ending);
    log.measured.start_up = start_up;
    log.measured.running = begun.elapsed() - start_up;
    Ok(log)
}
