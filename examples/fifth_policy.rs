// SPDX-License-Identifier: Apache-2.0
//! A policy of one's own beside the four presets: what it leaves, and what it costs.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
use ringfence::engine::event::{Event, ViolationKind};
use ringfence::engine::{RunOptions, run};
use ringfence::scenario;
use ringfence::tee::{Policy, Provenance};
use std::collections::BTreeMap;

/// As a vendor might ship it: reclaimed memory is empty and nobody is at work in it, devices are
/// looked at, carve-outs are checked whole; caches and the direct map are nobody's business.
pub(crate) const VENDOR: Policy = Policy {
    provenance: Provenance::WholeRange,
    scrub_before_reclaim: true,
    drain_before_reclaim: true,
    attach_by_use_case: true,
    ..Policy::merged()
};
const POLICIES: [Policy; 3] = [Policy::merged(), VENDOR, Policy::hardened()];
/// Hazards of the review; the last is the same work under each, without any.
const SCENARIOS: &str = "residue-after-free residue-after-reclaim dma-after-reclaim reclaim-fails \
    close-while-scanning freed-under-call granule-truncates granule-rounds-out overlapping-lend \
    wrong-device overrun stream-switch";

type Failure = Box<dyn std::error::Error>;

/// Violations by kind of a scenario under a policy, or how many cycles it took without any.
fn judge(name: &str, policy: Policy) -> Result<String, Failure> {
    let path = format!("{}/scenarios/review/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut scenario = scenario::load(path.as_ref(), &[], None)?;
    scenario.tee.policy = policy;
    let mut kinds = BTreeMap::<ViolationKind, usize>::new();
    let log = run(&scenario, &RunOptions::default(), &mut |_| ())?;
    for event in &log.events {
        match event {
            Event::Violation(found) => *kinds.entry(found.violation).or_default() += 1,
            Event::Summary(all) if kinds.is_empty() => return Ok(format!("{} cycles", all.cycles)),
            _ => {}
        }
    }
    let told = kinds.iter().map(|(kind, n)| format!("{n} {}", kind.names().1));
    Ok(told.collect::<Vec<_>>().join(", "))
}

/// The table, a line a scenario.
pub(crate) fn report() -> Result<String, Failure> {
    let mut text = String::from("| scenario | merged | vendor | hardened |\n|---|---|---|---|\n");
    for name in SCENARIOS.split_whitespace() {
        let cells = POLICIES.map(|policy| judge(name, policy));
        let cells: Result<Vec<_>, _> = cells.into_iter().collect();
        text += &format!("| {name} | {} |\n", cells?.join(" | "));
    }
    Ok(text)
}

fn main() -> Result<(), Failure> {
    print!("{}", report()?);
    Ok(())
}
