// SPDX-License-Identifier: Apache-2.0
//! The ringfence board behind safe Rust types: pins and beats, never grants or scenarios.

mod board;
mod bridge;
mod capi;
mod client;
mod firewall;
mod pins;
pub mod protocol;
mod replay;
mod shapes;

pub use board::{Board, BoardError, BoardOptions};
pub use bridge::Replay;
pub use firewall::Pins;
pub use pins::*;
pub use protocol::{Channel, ProtocolError, ProtocolMonitor};
pub use replay::{Recording, ReplayKind, replay};
pub use shapes::{FAULTY_PINS, LATENCY_PINS, PINS, PINS_ALWAYS, PinsShape, SHAPES, Shape};
// The runtime is linked, not called.
use verilated as _;

/// Planted RTL faults in this build, numbered from 1 (`sim/faults.txt`).
pub const FAULTS: u8 = if cfg!(feature = "planted-faults") { 65 } else { 0 };

/// Version of Verilator that the models and the runtime were compiled with.
pub fn verilator_version() -> String {
    bridge::runtime_version()
}
