// SPDX-License-Identifier: Apache-2.0
//! The firewall's driver: plans regions, programs them over the register bus, handles faults.
//!
//! Shares nothing with the oracle but units and register offsets.
mod apb;
mod fault;
mod plan;
mod program;
pub mod registers;
#[cfg(test)]
mod tests;

pub use apb::{ApbDriver, ApbError, ApbFault, End, Ticket};
pub use fault::{FailureRecord, FaultHandler, Handled, SPURIOUS_LIMIT};
pub use plan::{ADDRESS_BITS, PROGRAMMABLE, PlanError, RegionRights, RegionSetting, plan};
pub use program::{
    Hardware, Op, background, boot, close_gates, fence, identify, open_gates, region_disable_first,
    region_driver,
};
