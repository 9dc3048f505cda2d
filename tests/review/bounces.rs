// SPDX-License-Identifier: Apache-2.0
//! (c) Bounce buffers for memory that the processor cannot touch.
use super::{Shown, Upkeep};
use std::fmt::Write as _;

/// Text of a scenario, and what stands there instead.
type Change = (&'static str, &'static str);

/// What is bounced, where, and what of the scenario is changed.
const ROWS: [(&str, &str, &[Change]); 9] = [
    ("by size, a no-map carve-out", "review/bounce/sizes.toml", &[]),
    ("by size, one pool", "review/bounce/frames.toml", &[]),
    ("32 address bits, denied reads are errors", "review/bounce.toml", &[]),
    ("32 address bits, denied reads are zeros", "review/bounce/narrow-master.toml", &[]),
    ("the same, copied back", "review/bounce/copied-back.toml", &[]),
    ("forced", "review/bounce/forced.toml", &[]),
    ("a restricted pool", "review/bounce/restricted.toml", &[]),
    ("slots that are used again", "review/bounce/reuse.toml", &[]),
    ("refused: a hardened policy", "review/bounce.toml", &[("\"merged\"", "\"hardened\"")]),
];

pub(crate) fn table() -> String {
    let mut text = String::from(
        "| what | scenario | mappings | reads denied | evictions denied | clear output in \
         ordinary memory, bytes | read by others | verdict |\n|---|---|---|--:|--:|--:|--:|---|\n",
    );
    for (what, path, changes) in ROWS {
        let run = Shown::of(path, changes);
        let summary = super::common::summary(&run.log);
        let scenario = path.trim_start_matches("review/").trim_end_matches(".toml");
        let maps = run.steps.iter().filter(|step| step.act.starts_with("map "));
        let maps: Vec<_> =
            maps.map(|step| format!("{}: {}", &step.act[4..], step.result)).collect();
        let _ = writeln!(
            text,
            "| {what} | {scenario} | {} | {} | {} | {} | {} | {} |",
            maps.join(", "),
            run.denied(Upkeep::Bounce),
            run.denied(Upkeep::Evict),
            summary.tainted_bytes,
            summary.taint_read_bytes,
            run.verdict()
        );
    }
    text
}
