// SPDX-License-Identifier: Apache-2.0
//! The hazards that are judged, and what must come of each.
#![allow(dead_code, reason = "the review's tables use a part of it")]
use super::verdict::Class::{self, Clean, Denied, Violation};
use ringfence::engine::event::ViolationKind::{
    self, Escape, FalseDeny, LateLanding, Overreach, Residue, SelfInflicted, TaintLeak,
    UndeclaredAttempt,
};

/// A hazard on the board.
pub(crate) struct Row {
    pub(crate) hazard: &'static str,
    pub(crate) path: &'static str,
    /// Kinds of violations under a kernel as merged, the most serious first.
    pub(crate) kernel: &'static [ViolationKind],
    pub(crate) hardened: Class,
    /// Single switches, each of which is enough.
    pub(crate) switches: &'static [&'static str],
    /// The platform on which its cost is measured.
    pub(crate) platform: &'static [&'static str],
}

const fn row(
    hazard: &'static str,
    path: &'static str,
    kernel: &'static [ViolationKind],
    hardened: Class,
    switches: &'static [&'static str],
) -> Row {
    Row { hazard, path, kernel, hardened, switches, platform: &[] }
}

const fn on(platform: &'static [&'static str], row: Row) -> Row {
    Row { platform, ..row }
}

const DRAIN: &[&str] = &["tee.drain-before-reclaim=true"];
const ALIGN: &[&str] = &["tee.alignment-honoured=true"];

pub(crate) const ROWS: [Row; 21] = [
    row(
        "H1",
        "review/speculation.toml",
        &[SelfInflicted],
        Clean,
        &["tee.direct-map=removed-and-flushed"],
    ),
    row(
        "H2",
        "review/dirty-lines.toml",
        &[Residue, SelfInflicted],
        Clean,
        &["tee.cache-before-lend=true"],
    ),
    row(
        "H3 free",
        "review/residue-after-free.toml",
        &[Residue],
        Clean,
        &["tee.scrub-on-free=true"],
    ),
    row(
        "H3 reclaim",
        "review/residue-after-reclaim.toml",
        &[Residue],
        Clean,
        &["tee.scrub-on-free=true", "tee.scrub-before-reclaim=true"],
    ),
    on(
        &["firewall.order=driver"],
        row("H4", "review/programming-order.toml", &[FalseDeny], Clean, &["firewall.order=gated"]),
    ),
    row("H5", "review/dma-after-reclaim.toml", &[LateLanding], Clean, DRAIN),
    row("H6", "review/close-while-scanning.toml", &[LateLanding, Residue], Clean, DRAIN),
    row("H6 with a file", "review/importer-holds-file.toml", &[], Clean, &[]),
    row("H7", "review/reclaim-fails.toml", &[FalseDeny], Clean, &["tee.reclaim-checked=true"]),
    row(
        "H8",
        "review/get-put-race.toml",
        &[LateLanding, Residue],
        Clean,
        &["tee.get-put-closed=true"],
    ),
    row("H9", "review/freed-under-call.toml", &[Overreach], Clean, &["tee.call-holds-buffer=true"]),
    row("H10", "review/bounce.toml", &[SelfInflicted], Clean, &["tee.bounce-refused=true"]),
    on(
        &["tee.granule=64k", "tee.rounding=truncate", "pool.video.min-size=200 KiB"],
        row("H11 truncated", "review/granule-truncates.toml", &[Escape], Denied, ALIGN),
    ),
    on(
        &["tee.granule=64k", "tee.rounding=out", "pool.video.min-size=200 KiB"],
        row("H11 rounded out", "review/granule-rounds-out.toml", &[FalseDeny], Clean, ALIGN),
    ),
    row("H12", "review/overlapping-lend.toml", &[Escape], Denied, &["tee.overlap-refused=true"]),
    row("H15", "review/wrong-device.toml", &[UndeclaredAttempt], Denied, &[]),
    row("H16", "review/straddle.toml", &[], Denied, &[]),
    row("H17", "review/wrong-direction.toml", &[Overreach, UndeclaredAttempt], Violation, &[]),
    row("H18", "review/overrun.toml", &[Overreach], Violation, &["tee.region-per-buffer=true"]),
    row("H19", "review/exfiltration.toml", &[TaintLeak], Denied, &["tee.destination-rule=true"]),
    row("unmap", "bugs/dma-after-unmap.toml", &[Overreach], Violation, &[]),
];
