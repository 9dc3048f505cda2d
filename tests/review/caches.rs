// SPDX-License-Identifier: Apache-2.0
//! (b) Cache maintenance on memory that the processor cannot touch.
use super::{Shown, Upkeep, common};
use std::fmt::Write as _;

/// What happens, and where.
const ROWS: [(&str, &str); 5] = [
    ("dirty lines evicted before the region closes", "review/cache/evicted-before.toml"),
    ("dirty lines evicted after it has closed", "review/dirty-lines.toml"),
    ("a denied read's zeros, hit after reclaim", "review/cache/stale-zeros.toml"),
    ("maintenance with a kernel mapping", "review/cache/maintenance-mapped.toml"),
    ("maintenance without one", "review/cache/maintenance-unmapped.toml"),
];

pub(crate) fn table() -> String {
    let mut text = String::from(
        "| what | scenario | evictions denied | read ahead denied | maintenance denied | residue, \
         bytes | steps that fail | verdict |\n|---|---|--:|--:|--:|--:|---|---|\n",
    );
    for (what, path) in ROWS {
        let run = Shown::of(path, &[]);
        let scenario = path.trim_start_matches("review/").trim_end_matches(".toml");
        let failed = run.steps.iter().filter(|step| step.result != "done");
        let mut failed: Vec<_> =
            failed.map(|step| format!("{}: {}", step.act, step.result)).collect();
        if failed.is_empty() {
            failed.push("none".into());
        }
        let [evicted, ahead, maintained] =
            [Upkeep::Evict, Upkeep::Speculate, Upkeep::Maintain].map(|what| run.denied(what));
        let _ = writeln!(
            text,
            "| {what} | {scenario} | {evicted} | {ahead} | {maintained} | {} | {} | {} |",
            common::summary(&run.log).residue_bytes,
            failed.join(", "),
            run.verdict()
        );
    }
    text
}

/// One buffer through map, use and unmap: direction, maintenance, device, and the lend.
pub(crate) fn matrix() -> String {
    let mut text = String::from(
        "| mapping | device | direction | before the lend | lines denied at map | processor reads \
         after reclaim |\n|---|---|---|---|--:|---|\n",
    );
    for mapping in ["page", "page-synced"] {
        for coherent in [false, true] {
            // Without maintenance at map there is nothing that a coherent device spares.
            if coherent && mapping == "page" {
                continue;
            }
            for direction in ["to-device", "from-device", "bidirectional"] {
                for lend in ["", CLEAN, DROPPED, BOTH] {
                    text += &line(mapping, coherent, direction, lend);
                }
            }
        }
    }
    text
}

const CLEAN: &str = "cache-before-lend = true\n";
const DROPPED: &str = "cache-before-lend = true\ninvalidate-before-lend = true\n";
const BOTH: &str = "cache-before-lend = true\ncache-after-reclaim = true\n";

fn line(mapping: &str, coherent: bool, direction: &str, lend: &str) -> String {
    let (mapped, device) =
        (format!("mapping = \"{mapping}\"\n{lend}"), format!("coherent = {coherent}"));
    let towards = format!("direction = \"{direction}\"");
    let job = if direction == "to-device" { "read = \"16 KiB\" },\n  { unmap" } else { JOB };
    let run = Shown::of(
        "review/cache/directions.toml",
        &[
            ("mapping = \"page\"\n", &mapped),
            ("coherent = false", &device),
            ("direction = \"bidirectional\"", &towards),
            (JOB, job),
        ],
    );
    let stale = common::violations(&run.log).iter().any(|v| v.check == "stale-line");
    let residue = common::summary(&run.log).residue_bytes;
    let read = match (stale, residue) {
        (true, _) => "its own old zeros, a stale line".to_owned(),
        (false, 0) => "what it cleared".to_owned(),
        (false, bytes) => format!("the buffer, {bytes} bytes of residue"),
    };
    format!(
        "| {mapping} | {} | {direction} | {} | {} | {read} |\n",
        if coherent { "coherent" } else { "not coherent" },
        match lend {
            "" => "nothing",
            BOTH => "clean; invalidate after reclaim",
            DROPPED => "clean, invalidate",
            _ => "clean",
        },
        run.denied(Upkeep::Maintain),
    )
}

const JOB: &str = "write = \"16 KiB\" },\n  { unmap";
