// SPDX-License-Identifier: Apache-2.0
//! The independent judge: intent (grants), rule (golden firewall) and fact (pins) on one timeline.
//!
//! The engine makes one [`Oracle`] a run and, for every cycle that it steps, in this order:
//! 1. [`Oracle::intent`] with every [`Event::Buffer`](crate::engine::event::Event::Buffer),
//!    [`Event::Grant`](crate::engine::event::Event::Grant),
//!    [`Event::Pool`](crate::engine::event::Event::Pool),
//!    [`Event::Upkeep`](crate::engine::event::Event::Upkeep),
//!    [`Event::Job`](crate::engine::event::Event::Job) and
//!    [`Event::Confine`](crate::engine::event::Event::Confine) of the cycle,
//!    [`Oracle::attempt`] before an intruder's access is issued, and
//!    [`Oracle::planted`] when a byte is changed behind the board;
//! 2. [`Oracle::observe`] with what was driven on APB and what the pins showed;
//! 3. [`Oracle::protocol`] and [`Oracle::hang`] for what other watchers found;
//! 4. [`Oracle::drain_events`] whenever it likes; the events are in order of occurrence.
//!
//! Cycles that were skipped because nothing was in flight need no call. At the end
//! [`Oracle::finish`] compares the shadow with memory and the judged beats with the pin counts.
//!
//! ```
//! use ringfence::oracle::{Closing, Oracle, PoolIntent};
//! use ringfence::scenario::Scenario;
//! use ringfence::units::{Cycle, PhysAddr};
//! use ringfence_sim::{ApbIn, Outputs, PinCounts};
//!
//! fn judge(scenario: &Scenario, pools: Vec<PoolIntent>, cycles: &[(ApbIn, Outputs)]) -> bool {
//!     let mut oracle = Oracle::new(scenario, 1, pools);
//!     let mut log = Vec::new();
//!     for (cycle, (apb, out)) in (0..).zip(cycles) {
//!         oracle.observe(Cycle(cycle), apb, out);
//!         oracle.drain_events(&mut log);
//!     }
//!     let pins: PinCounts = Default::default(); // from the board
//!     let mut pages = std::iter::empty::<(PhysAddr, &[u8])>(); // from memory
//!     let judgement = oracle.finish(Closing {
//!         cycle: Cycle(cycles.len() as u64),
//!         pins: &pins,
//!         memory: &mut pages,
//!         underruns: 0,
//!         due: &[],
//!     });
//!     log.extend(judgement.events);
//!     judgement.verdict == ringfence::engine::event::Verdict::Pass
//! }
//! ```
//!
//! What it holds true, and reports when it is not: the firewall does what its registers say and
//! changes nothing that it lets pass (fact against rule); the fabric changes nothing; memory holds
//! what was written; and nobody got more, or less, than the grants say (fact against intent). It
//! reads nothing but pins and events; requirements of the scenario, names and labels never decide.
mod addresses;
mod answers;
mod areas;
mod attribution;
mod book;
mod build;
mod burst;
mod checks;
mod evidence;
mod extension;
mod fabric;
mod face;
mod golden;
mod inflight;
mod judge;
mod leaks;
mod ledger;
mod names;
mod programming;
mod registerbus;
mod registers;
mod rule;
mod scoreboard;
mod settle;
mod taint;
mod violation;
mod writes;

#[cfg(test)]
mod tests;

pub use build::Build;
pub use checks::CODES;
pub use face::{Closing, Counts, Due, Judgement, PoolIntent, Rights};
pub use golden::{Accepted, Golden, Mismatch};
pub use judge::Oracle;
