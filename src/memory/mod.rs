// SPDX-License-Identifier: Apache-2.0
//! DRAM behind the firewall: sparse contents, timing, and the AXI side of one channel.
//!
//! Contents change only through write beats that came out of a filter; nothing else has a handle.
mod contents;
mod port;
mod timing;

pub use contents::Contents;
pub use port::{MemoryPort, beat_addr};
pub use timing::{DramTiming, FixedTiming, Request};
