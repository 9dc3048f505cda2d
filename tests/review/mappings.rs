// SPDX-License-Identifier: Apache-2.0
//! (a) What a DMA mapping of inaccessible memory means: six variants of one playback.
use super::common::{go, parse, shipped, violations};
use super::rows::{ROWS, Row};
use super::{Shown, Upkeep};
use ringfence::engine::event::{Event, GrantPhase, PoolPhase, ViolationKind};
use ringfence::units::MasterId;
use std::fmt::Write as _;

const DECODER: MasterId = MasterId(2);
/// The TEE's grants are numbered from here on.
const TEE_GRANTS: u32 = 1 << 31;

/// Name, and the addresses that a driver is given.
const VARIANTS: [(&str, &str); 6] = [
    ("page", "physical"),
    ("page-synced", "physical"),
    ("resource", "physical"),
    ("iommu-strict", "IOVA"),
    ("iommu-deferred", "IOVA"),
    ("token", "none"),
];

/// Moments at which the decoder writes without a mapping, in the order of the scenario.
const MOMENTS: [&str; 4] = ["before map", "after unmap", "after close", "after reclaim"];

pub(crate) fn table() -> String {
    let mut text = String::from("| mapping | address | usable from | forbidden master |");
    MOMENTS.iter().for_each(|moment| text += &format!(" {moment} |"));
    text += " processor | hazards left |\n|---|---|---|---|---|---|---|---|---|--:|\n";
    for (name, address) in VARIANTS {
        let run = Shown::of(&format!("review/mapping/{name}.toml"), &[]);
        let probes = run.steps("dma frame write 4096");
        let [before, unmapped, closed, reclaimed] = &probes[..] else {
            panic!("{name}: {} probes", probes.len());
        };
        let moments = [before, unmapped, closed, reclaimed].map(|step| run.cell(step));
        let _ = writeln!(
            text,
            "| {name} | {address} | {} | {} | {} | {} | {} |",
            usable(&run, before.result == "done"),
            run.cell(run.steps("dma frame read 4096")[0]),
            moments.join(" | "),
            processor(&run),
            hazards(name)
        );
    }
    text
}

/// What opens the address to the device: the region, the mapping, or each job.
fn usable(run: &Shown, before_map: bool) -> String {
    if before_map {
        let programmed = run.log.events.iter().find_map(|event| match event {
            Event::Pool(pool) if pool.phase == PoolPhase::LendProgrammed => Some(pool.cycle.0),
            _ => None,
        });
        return format!("{}, the lend", programmed.expect("lent"));
    }
    // A grant of the TEE's own is a job; the allocator's is a mapping.
    let job = run.log.events.iter().find_map(|event| match event {
        Event::Grant(grant) if grant.master == DECODER && grant.grant >= TEE_GRANTS => {
            (grant.phase == GrantPhase::Programmed).then_some(grant.cycle.0)
        }
        _ => None,
    });
    match job {
        Some(cycle) => format!("{cycle}, each job"),
        None => format!("{}, the map", run.steps("map frame")[0].ended),
    }
}

fn processor(run: &Shown) -> String {
    match run.denied(Upkeep::Maintain) {
        0 => "nothing".to_owned(),
        lines => format!("{lines} lines written back, denied"),
    }
}

/// Rows of the hazards' table that still come to a violation when their scenario is mapped so.
fn hazards(name: &str) -> String {
    let objected = ROWS.iter().filter(|row| objects(row));
    let left = objected.filter(|row| {
        let mut text = shipped(row.path);
        let mapping = match name.strip_prefix("iommu-") {
            None => name,
            Some(mode) => {
                // Tables of tables go to the end: a client's steps are the last thing of a scenario.
                for master in ["vdec", "display"] {
                    text += &format!("\n[[iommu]]\nmaster = \"{master}\"\nmode = \"{mode}\"\n");
                }
                "page"
            }
        };
        let log = go(&parse(&text, &[format!("tee.mapping={mapping}")]));
        let denied = ViolationKind::UndeclaredAttempt;
        violations(&log).iter().any(|violation| violation.violation != denied)
    });
    format!("{} of {}", left.count(), ROWS.iter().filter(|row| objects(row)).count())
}

/// Whether a row comes to a violation under a kernel as merged.
fn objects(row: &Row) -> bool {
    row.kernel.iter().any(|kind| *kind != ViolationKind::UndeclaredAttempt)
}
