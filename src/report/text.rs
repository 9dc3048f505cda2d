// SPDX-License-Identifier: Apache-2.0
//! `report.txt`: the violations as stories, then the tables; the last line is the summary.
use crate::engine::event::{Event, Verdict};
use crate::report::digest::Digest;
use crate::report::format::{
    counted, grouped, grouped_hundredths, kind_name, microseconds, nanoseconds, plain, resp_name,
    serialized_name, table, verdict_word,
};
use crate::report::{story, updates};
use crate::units::MasterId;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Violations of one fingerprint that are told in full.
const IN_FULL: usize = 3;

/// The report as text.
pub fn export(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let mut out = heading(&digest);
    violations(&mut out, &digest);
    planted(&mut out, &digest);
    evidence(&mut out, &digest);
    expectations(&mut out, &digest);
    throughput(&mut out, &digest);
    firewall_updates(&mut out, &digest);
    denied(&mut out, &digest);
    attempts(&mut out, &digest);
    totals(&mut out, &digest);
    let _ = writeln!(out, "\n{}", summary_line(&digest));
    out.into_bytes()
}

fn heading(digest: &Digest<'_>) -> String {
    let mut out = format!("ringfence report: {}\n", plain(digest.scenario()));
    if let Some(header) = digest.header {
        let _ = writeln!(out, "  {}", plain(&header.summary));
        let set: Vec<String> =
            header.overrides.iter().map(|o| format!(" --set {}", plain(o))).collect();
        let set = set.concat();
        let _ = writeln!(
            out,
            "  seed {}, board {}, clock {} MHz; to repeat: this scenario with --seed {}{set}",
            header.seed,
            plain(&header.shape),
            header.clock_hz / 1_000_000,
            header.seed,
        );
    }
    let end = nanoseconds(digest.clock(), digest.summary.cycles);
    let _ = writeln!(
        out,
        "  {} cycles ({} passed over) = {} us",
        grouped(digest.summary.cycles),
        grouped(digest.summary.skipped_cycles),
        microseconds(end),
    );
    if digest.summary.verdict == Verdict::Interrupted {
        out.push_str("  INTERRUPTED: what follows is partial, and no evidence of a pass\n");
    }
    out
}

fn violations(out: &mut String, digest: &Digest<'_>) {
    let groups = digest.groups();
    let _ = writeln!(
        out,
        "\nVIOLATIONS  {} in {}",
        grouped(digest.summary.violations),
        counted(groups.len() as u64, "group", "groups"),
    );
    for group in &groups {
        let count = group.members.len();
        for violation in group.members.iter().take(IN_FULL) {
            let _ = write!(out, "\n{}", story::tell(violation, digest, count - 1));
        }
        if count > IN_FULL {
            let rest = counted((count - IN_FULL) as u64, "more", "more");
            let _ = writeln!(
                out,
                "\n   ... and {rest} like it ({} to {}), in violations.json",
                plain(&group.members[IN_FULL].id),
                plain(&group.members[count - 1].id),
            );
        }
    }
    if digest.summary.violations_not_listed > 0 {
        let unlisted = grouped(digest.summary.violations_not_listed);
        let _ = writeln!(out, "\n   {unlisted} more were counted but not listed (limit reached)");
    }
}

fn planted(out: &mut String, digest: &Digest<'_>) {
    if digest.planted.is_empty() {
        return;
    }
    out.push_str("\nPLANTED BY THE SCENARIO\n");
    for (cycle, what) in &digest.planted {
        let _ = writeln!(out, "  cycle {:>12}  {}", grouped(*cycle), plain(what));
    }
}

fn evidence(out: &mut String, digest: &Digest<'_>) {
    out.push_str("\nEVIDENCE  handshakes counted at the pins and judged by the oracle\n");
    if digest.evidence.is_empty() {
        out.push_str("  none in the log\n");
        return;
    }
    let mut rows = vec![row(["port", "channel", "pins", "judged", ""])];
    for line in &digest.evidence {
        rows.push(vec![
            plain(line.port),
            plain(line.name),
            grouped(line.pins),
            grouped(line.judged),
            if line.pins == line.judged { "equal".into() } else { "DIFFERENT".into() },
        ]);
    }
    out.push_str(&table(&rows, 2, 2));
    let _ = writeln!(
        out,
        "  data beats: {} at the pins, {} judged",
        grouped(digest.summary.beats_at_pins),
        grouped(digest.summary.beats_checked),
    );
}

fn expectations(out: &mut String, digest: &Digest<'_>) {
    out.push_str("\nEXPECTATIONS\n");
    if digest.requirements.is_empty() {
        out.push_str("  none declared or none reached\n");
        return;
    }
    let mut rows = Vec::new();
    for r in &digest.requirements {
        let kind = if r.performance { "performance" } else { "behaviour" };
        let met = if r.met { "met" } else { "NOT MET" };
        rows.push(vec![met.into(), kind.into(), plain(r.what), format!("seen: {}", plain(r.seen))]);
    }
    out.push_str(&table(&rows, 4, 2));
}

fn throughput(out: &mut String, digest: &Digest<'_>) {
    out.push_str("\nTHROUGHPUT AND LATENCY  MB = 10^6 bytes; latency is address to last beat\n");
    let titles = ["master", "read B", "written B", "MB/s", "p50 ns", "p99 ns", "max ns"];
    let mut rows = vec![row(titles)];
    for total in &digest.summary.masters {
        let moved = total.bytes_read + total.bytes_written > 0;
        let latency = |ns: u64| if moved { grouped(ns) } else { "-".into() };
        rows.push(vec![
            plain(&total.name),
            grouped(total.bytes_read),
            grouped(total.bytes_written),
            grouped_hundredths(total.centi_mb_per_s),
            latency(total.latency_p50_ns),
            latency(total.latency_p99_ns),
            latency(total.latency_max_ns),
        ]);
    }
    out.push_str(&table(&rows, 1, 2));
}

/// Lends and reclaims by pool, where there were any.
fn firewall_updates(out: &mut String, digest: &Digest<'_>) {
    let found = updates::rows(digest);
    if found.is_empty() {
        return;
    }
    out.push_str("\nFIREWALL UPDATES  longest of each, in cycles\n");
    let titles = ["pool", "", "times", "visible", "complete", "quiesce", "drain", "stall"];
    let mut rows = vec![row(titles)];
    for line in found {
        let cycles =
            [line.visibility, line.completion, line.quiesce, line.drain, line.stalled].map(grouped);
        let head = [line.pool, serialized_name(&line.update), grouped(line.count)];
        rows.push(head.into_iter().chain(cycles).collect());
    }
    out.push_str(&table(&rows, 2, 2));
}

/// Denied transactions by master and pool, and what they were answered.
fn denied(out: &mut String, digest: &Digest<'_>) {
    out.push_str("\nDENIED ACCESSES\n");
    if digest.denials.is_empty() {
        out.push_str("  none\n");
        return;
    }
    let mut cells: BTreeMap<(MasterId, Option<u8>, u8), [u64; 3]> = BTreeMap::new();
    for denial in &digest.denials {
        let key = (denial.access.master, denial.pool, denial.resp);
        let cell = cells.entry(key).or_default();
        cell[usize::from(!denial.expected)] += 1;
        cell[2] += denial.access.bytes.0;
    }
    let titles = ["master", "pool", "answered", "expected", "unexpected", "bytes asked for"];
    let mut rows = vec![row(titles)];
    for ((master, pool, resp), [expected, unexpected, bytes]) in cells {
        rows.push(vec![
            digest.master(master),
            digest.pool(pool),
            resp_name(resp).into(),
            grouped(expected),
            grouped(unexpected),
            grouped(bytes),
        ]);
    }
    out.push_str(&table(&rows, 3, 2));
    let [records, lost] = digest.failures;
    if records > 0 {
        out.push_str(&format!(
            "  failure log: {} records read by the fault handler, {} with later failures lost\n",
            grouped(records),
            grouped(lost)
        ));
    }
}

fn attempts(out: &mut String, digest: &Digest<'_>) {
    if digest.attempts.is_empty() {
        return;
    }
    out.push_str("\nATTEMPTS  the intruders' own records, made before each access\n");
    let mut cells = BTreeMap::new();
    for attempt in &digest.attempts {
        let cell: &mut [u64; 2] = cells.entry((attempt.master, attempt.attempt)).or_default();
        cell[0] += 1;
        cell[1] += u64::from(attempt.illegal);
    }
    let mut rows = vec![row(["master", "kind", "bursts", "illegal on purpose"])];
    for ((master, kind), [count, illegal]) in cells {
        rows.push(vec![
            digest.master(master),
            serialized_name(&kind),
            grouped(count),
            grouped(illegal),
        ]);
    }
    out.push_str(&table(&rows, 2, 2));
}

fn totals(out: &mut String, digest: &Digest<'_>) {
    let s = &digest.summary;
    out.push_str("\nTOTALS\n");
    let rows: Vec<Vec<String>> = [
        ("escapes", s.escapes),
        ("bytes read by escapes", s.escaped_bytes_read),
        ("bytes written by escapes", s.escaped_bytes_written),
        ("overreach (invisible to the firewall)", s.overreach),
        ("late landings (beats)", s.late_landings),
        ("transactions after revoke, admission definition", s.late_admission),
        ("transactions after revoke, strong definition", s.late_strong),
        ("residue bytes", s.residue_bytes),
        ("taint leaks", s.taint_leaks),
        ("protected bytes written to ordinary memory", s.tainted_bytes),
        ("of them read by others", s.taint_read_bytes),
        ("false denies", s.false_denies),
        ("blocked, expected", s.blocked_expected),
        ("blocked, unexpected", s.blocked_unexpected),
        ("beats in transition", s.in_transition),
        ("protocol errors", s.protocol_errors),
        ("protocol breaches provoked by intruders", s.protocol_provoked),
        ("denied reads seen at memory (speculation)", s.speculative_exposure),
        ("display underruns", s.underruns),
    ]
    .iter()
    .map(|(name, value)| vec![(*name).to_owned(), grouped(*value)])
    .collect();
    out.push_str(&table(&rows, 1, 2));
}

/// The last line: one line, fixed order, begins with `SUMMARY`.
fn summary_line(digest: &Digest<'_>) -> String {
    let s = &digest.summary;
    let kinds: Vec<String> =
        digest.kinds().iter().map(|(kind, n)| format!("{n} {}", kind_name(*kind))).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let [met, declared] = digest.met(false);
    let [fast, asked] = digest.met(true);
    format!(
        "SUMMARY {} {} seed={} violations={}{kinds} escapes={} blocked-expected={} \
         blocked-unexpected={} expectations={met}/{declared} performance={fast}/{asked} beats={} \
         reason: {}",
        verdict_word(s.verdict),
        plain(digest.scenario()),
        digest.seed(),
        s.violations,
        s.escapes,
        s.blocked_expected,
        s.blocked_unexpected,
        s.beats_checked,
        plain(&s.reason),
    )
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests;
