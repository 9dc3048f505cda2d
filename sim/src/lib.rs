// SPDX-License-Identifier: Apache-2.0
//! The ringfence board behind safe Rust types: pins and beats, never grants or scenarios.
mod pins;
pub use pins::*;
