// SPDX-License-Identifier: Apache-2.0
//! Scenario files: TOML to raw file to validated [`Scenario`], with places to point at.
mod model;
pub use model::*;
