// SPDX-License-Identifier: Apache-2.0
//! Plans, sequences, the register bus and the fault handler, each against a tiny firewall.
mod bus;
mod faults;
mod model;
mod operations;
mod plans;
mod search;
mod sequences;

use crate::scenario::{Pool, Role, Scenario, UseCase};
use crate::tee::fixture;
use crate::units::PAGE;

/// DRAM of the tests: 64 pages, so that every page can be asked.
const DRAM_BASE: u64 = 0x1_8000_0000;
const DRAM_PAGES: u64 = 64;

/// A pool at a page number of DRAM.
fn pool(role: Role, page: u64, pages: u64) -> Pool {
    fixture::pool(UseCase::SecureVideo, role, DRAM_BASE + page * PAGE, pages * PAGE)
}

fn scenario(pools: Vec<Pool>) -> Scenario {
    fixture::scenario(fixture::range(DRAM_BASE, DRAM_PAGES * PAGE), pools)
}

/// One pool a role, with memory around both.
fn playback() -> Scenario {
    scenario(vec![pool(Role::Bitstream, 8, 4), pool(Role::Frame, 20, 16)])
}
