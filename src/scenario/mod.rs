// SPDX-License-Identifier: Apache-2.0
//! Scenario files: TOML to raw file to validated [`Scenario`], with places to point at.
//!
//! `document` parses and applies overrides, `recover` turns it into the raw `file`, `check` into a
//! [`Scenario`]; each reports all that it finds as `problem`s.
mod budget;
mod check;
mod devices;
mod document;
mod example;
mod file;
mod history;
mod load;
mod model;
mod platform;
mod problem;
mod quantity;
mod recover;
mod script;
mod setup;
mod usecases;

pub use budget::{OverBudget, REGIONS, region_budget};
pub use devices::{BouncePool, Cache, Deferred, Iommu};
pub use load::{Invalid, LoadError, load, load_replay, parse, parse_bytes};
pub use model::*;
pub use problem::{Attached, Problem, Sources, Style, closest};
pub use script::{
    Act, Client, Clients, CopyJob, CpuOp, Dma, HistoryRow, Replay, Sdp, SdpCommand, SdpTarget,
    Step, Target, View,
};
pub use setup::{Drain, Reserved, TeeSetup};
pub use usecases::{Nv12, Playback, Recording, Ui};
