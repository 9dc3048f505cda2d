// SPDX-License-Identifier: Apache-2.0
//! The Verilated models behind their Rust types.

mod bench;
mod dma;
mod faults;
mod held;
mod pins;
mod raw;
mod shapes;
