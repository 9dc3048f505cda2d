// SPDX-License-Identifier: Apache-2.0
//! Programming orders: how a firewall that is in use gets from one region file to another.
use super::plan::RegionSetting;
use super::program::{
    Hardware, Op, all_regions, background, close_gates, fence, open_gates, region_disable_first,
    region_driver, region_enabled_last, write,
};
use super::regions::{ATTRIBUTES_WORD, RegionFile, RegionWords, offset_of};
use super::registers as reg;
use super::search::{NoOrder, RegisterWrite, STATE_BUDGET, search};
use crate::scenario::Order;
use crate::units::Cycle;

/// An order that this hardware cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// `commit` without the extension block.
    #[error(
        "order `commit` needs the extension block (0xe00), which this firewall is built without; \
         `gated` and `planned` need nothing beyond the TZC-400"
    )]
    NoExtension,
}

/// A change of the region file as operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What to do on the register bus.
    pub ops: Vec<Op>,
    /// Why the gate is closed although the order is `planned`.
    pub fallback: Option<NoOrder>,
}

/// The operations that make `new` out of `old`, in an order, on a firewall whose gates are all
/// open; they are open again at the end. Regions that do not differ are not touched. `budget`
/// bounds each poll.
///
/// # Errors
/// When the hardware has not what the order needs.
pub fn change(
    order: Order,
    old: &RegionFile,
    new: &RegionFile,
    budget: Cycle,
) -> Result<Change, OrderError> {
    let hw = new.hardware();
    let mut fallback = None;
    let ops = match order {
        Order::Driver => each(old, new, |index, to| region_driver(index, to).to_vec()),
        Order::DisableFirst => {
            let mut ops = each(old, new, |index, to| region_disable_first(index, to).to_vec());
            ops.push(fence());
            ops
        }
        Order::Gated => gated(old, new, budget),
        Order::Commit => {
            let mut ops = commit_block(hw, &play(&old.missing(new)))?;
            ops.push(fence());
            ops
        }
        Order::Planned => match search(old, new, STATE_BUDGET) {
            Ok(writes) => play(&writes).into_iter().chain([fence()]).collect(),
            Err(reason) => {
                fallback = Some(reason);
                gated(old, new, budget)
            }
        },
    };
    Ok(Change { ops, fallback })
}

/// Behind closed gates the order of the writes does not matter: close, drain, write, fence, open.
fn gated(old: &RegionFile, new: &RegionFile, budget: Cycle) -> Vec<Op> {
    let hw = new.hardware();
    let mut ops = close_gates(hw, budget).to_vec();
    ops.extend(each(old, new, |index, to| region_enabled_last(index, to).to_vec()));
    ops.push(fence());
    ops.extend(open_gates(hw, Order::Gated, budget));
    ops.push(fence());
    ops
}

/// `writes` staged and applied in one cycle. A block that is not there reads as 0 and stops the
/// sequence before anything is written.
pub(super) fn commit_block(hw: Hardware, writes: &[Op]) -> Result<Vec<Op>, OrderError> {
    if !hw.extension {
        return Err(OrderError::NoExtension);
    }
    let known = Op::Check { offset: reg::EXT_ID, mask: u32::MAX, value: reg::EXT_ID_VALUE };
    let mut ops =
        vec![write(reg::EXT_ENABLE, 1), known, write(reg::COMMIT_CTRL, reg::COMMIT_SHADOW)];
    ops.extend_from_slice(writes);
    ops.push(write(reg::COMMIT_CTRL, reg::COMMIT_SHADOW | reg::COMMIT_NOW));
    ops.push(fence());
    ops.push(write(reg::COMMIT_CTRL, 0));
    Ok(ops)
}

/// The writes of boot in planned order, from the values of reset; that those are what is there is
/// checked first, for the plan says nothing about anything else.
pub(super) fn planned_boot(hw: Hardware, plan: &[RegionSetting]) -> Vec<Op> {
    let old = RegionFile::reset(hw);
    let new = old.with(plan);
    let off = |index| {
        // The background is on at every filter, which firmware need not know of.
        let mask = if index == 0 { !reg::ALL_FILTERS } else { u32::MAX };
        Op::Check { offset: offset_of(index, ATTRIBUTES_WORD), mask, value: 0 }
    };
    let checks = (0..hw.regions).map(off);
    match search(&old, &new, STATE_BUDGET) {
        Ok(writes) => checks.chain(play(&writes)).collect(),
        // The gates are closed in boot, so that any order does.
        Err(_) => all_regions(hw, Order::Gated, plan),
    }
}

/// Every region that differs, by index, as `one` writes it.
fn each(old: &RegionFile, new: &RegionFile, one: impl Fn(u8, &RegionWords) -> Vec<Op>) -> Vec<Op> {
    let pairs = (0..).zip(old.regions().iter().zip(new.regions()));
    let differ = pairs.filter(|(_, (from, to))| from != to);
    differ
        .flat_map(|(index, (_, to))| match index {
            0 => background(to).to_vec(),
            _ => one(index, to),
        })
        .collect()
}

fn play(writes: &[RegisterWrite]) -> Vec<Op> {
    writes.iter().map(|(offset, value)| write(*offset, *value)).collect()
}
