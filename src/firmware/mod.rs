// SPDX-License-Identifier: Apache-2.0
//! The firewall's driver: plans regions, programs them over the register bus, handles faults.
//!
//! Shares nothing with the oracle but units and register offsets.
mod apb;
mod fault;
mod judge;
mod operations;
mod orders;
mod plan;
mod program;
mod regions;
pub mod registers;
mod search;
#[cfg(test)]
mod tests;

pub use apb::{ApbDriver, ApbError, ApbFault, End, Ticket};
pub use fault::{FailureRecord, FaultHandler, Handled, SPURIOUS_LIMIT};
pub use judge::{Breach, Judge, Wrong};
pub use operations::{
    disable_filters, dump, enable_filters, get_config, set_action, update_filters,
};
pub use orders::{Change, OrderError, change};
pub use plan::{
    ADDRESS_BITS, NOBODY, PROGRAMMABLE, PlanError, Protected, RegionRights, RegionSetting, by_port,
    plan, plan_confined, plan_for, protected_at_boot,
};
pub use program::{
    Hardware, Op, background, boot, close_gates, fence, identify, open_gates, region_disable_first,
    region_driver, region_enabled_last,
};
pub use regions::{Grants, MAX_REGIONS, REGION_WORDS, RegionFile, RegionWords};
pub use search::{NoOrder, RegisterWrite, STATE_BUDGET, search};
