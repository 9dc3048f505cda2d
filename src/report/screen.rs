// SPDX-License-Identifier: Apache-2.0
//! What `run` prints: the verdict first, at most [`LINES`] lines, clear without colour.
use crate::engine::capture::Captures;
use crate::engine::event::Event;
use crate::report::digest::{ATTEMPT_KINDS, Digest};
use crate::report::format::{
    grouped, grouped_hundredths, kind_name, microseconds, nanoseconds, party_name, plain,
    serialized_name, short, table, verdict_word,
};
use crate::report::picture;
use std::fmt::Write as _;
use std::path::Path;

/// Longest output.
const LINES: usize = 25;
/// Violation groups named one by one.
const GROUPS: usize = 4;
/// Requirements not met that are named one by one.
const UNMET: usize = 2;
/// Pictures of intruders named one by one.
const SEEN: usize = 2;

/// The screen for a run whose files are in `folder`.
pub fn screen(events: &[Event], captures: &Captures, folder: &Path) -> String {
    let digest = Digest::new(events);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}  {}  seed {}  {}",
        verdict_word(digest.summary.verdict),
        short(digest.scenario(), 60),
        digest.seed(),
        short(&digest.summary.reason, 80),
    );
    run(&mut out, &digest);
    security(&mut out, &digest);
    violations(&mut out, &digest);
    let files = files(&digest, captures, folder);
    let room = LINES - out.lines().count() - files.lines().count();
    masters(&mut out, &digest, room);
    out.push_str(&files);
    out
}

fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "  {label:<10}{text}");
}

fn run(out: &mut String, digest: &Digest<'_>) {
    let s = &digest.summary;
    let text = format!(
        "{} cycles ({} passed over) = {} us on the board",
        grouped(s.cycles),
        grouped(s.skipped_cycles),
        microseconds(nanoseconds(digest.clock(), s.cycles)),
    );
    line(out, "run", &text);
    let different = digest.evidence.iter().filter(|line| line.pins != line.judged).count();
    let channels = if digest.evidence.is_empty() {
        "no channel counted".to_owned()
    } else if different == 0 {
        format!("equal on all {} channels", digest.evidence.len())
    } else {
        format!("DIFFERENT on {different} of {} channels", digest.evidence.len())
    };
    let (pins, judged) = (grouped(s.beats_at_pins), grouped(s.beats_checked));
    line(out, "evidence", &format!("{pins} data beats at the pins, {judged} judged, {channels}"));
}

fn security(out: &mut String, digest: &Digest<'_>) {
    let s = &digest.summary;
    let text = format!(
        "escapes {} ({} B read, {} B written), overreach {}, late landings {}, residue {} B, \
         taint leaks {}",
        grouped(s.escapes),
        grouped(s.escaped_bytes_read),
        grouped(s.escaped_bytes_written),
        grouped(s.overreach),
        grouped(s.late_landings),
        grouped(s.residue_bytes),
        grouped(s.taint_leaks),
    );
    line(out, "security", &text);
    let text = format!(
        "false denies {}, protocol errors {}, display underruns {}",
        grouped(s.false_denies),
        grouped(s.protocol_errors),
        grouped(s.underruns),
    );
    line(out, "function", &text);
    let kinds: Vec<String> = ATTEMPT_KINDS
        .iter()
        .map(|kind| (digest.attempted(*kind), serialized_name(kind)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", grouped(count)))
        .collect();
    let tried = if kinds.is_empty() { "none".into() } else { kinds.join(", ") };
    let (expected, other) = (grouped(s.blocked_expected), grouped(s.blocked_unexpected));
    line(out, "blocked", &format!("{expected} expected, {other} unexpected; attempts: {tried}"));
    let ([met, declared], [fast, asked]) = (digest.met(false), digest.met(true));
    line(out, "expected", &format!("{met} of {declared} met; performance {fast} of {asked} met"));
    let unmet = digest.requirements.iter().filter(|r| !r.met);
    for r in unmet.clone().take(UNMET) {
        line(out, "", &format!("NOT MET: {}; seen: {}", short(r.what, 60), short(r.seen, 30)));
    }
    let more = unmet.count().saturating_sub(UNMET);
    if more > 0 {
        line(out, "", &format!("NOT MET: {more} more"));
    }
}

fn violations(out: &mut String, digest: &Digest<'_>) {
    let groups = digest.groups();
    for group in groups.iter().take(GROUPS) {
        let first = group.members[0];
        let fault = first.fault.first().map_or("nobody named", |party| party_name(*party));
        let text = format!(
            "{} {} x{}: {}; cycle {}; fault: {fault}",
            plain(&first.rule),
            kind_name(first.violation),
            group.members.len(),
            short(&first.title, 60),
            grouped(first.cycle.0),
        );
        line(out, "violation", &text);
    }
    let more: usize = groups.iter().skip(GROUPS).map(|group| group.members.len()).sum();
    let unlisted = digest.summary.violations_not_listed;
    if more > 0 || unlisted > 0 {
        let more = grouped(more as u64 + unlisted);
        line(out, "violation", &format!("{more} more, see the report"));
    }
}

/// Throughput and latency of the masters that moved data, in at most `room` lines.
fn masters(out: &mut String, digest: &Digest<'_>, room: usize) {
    let titles = ["master", "MB/s", "p50 ns", "p99 ns", "max ns"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    let moved = digest.summary.masters.iter().filter(|m| m.bytes_read + m.bytes_written > 0);
    for total in moved {
        rows.push(vec![
            short(&total.name, 20),
            grouped_hundredths(total.centi_mb_per_s),
            grouped(total.latency_p50_ns),
            grouped(total.latency_p99_ns),
            grouped(total.latency_max_ns),
        ]);
    }
    let more = rows.len().saturating_sub(room);
    if more > 0 {
        rows.truncate(room.saturating_sub(1));
        rows.push(vec![format!("and {} more", more + 1)]);
    }
    if rows.len() > 1 {
        out.push_str(&table(&rows, 1, 2));
    }
}

fn files(digest: &Digest<'_>, captures: &Captures, folder: &Path) -> String {
    let mut out = String::new();
    let path = |name: &str| plain(&folder.join(name).to_string_lossy());
    let names = picture::names(captures);
    for name in names.iter().take(SEEN + 1) {
        line(&mut out, "picture", &path(name));
    }
    if names.len() > SEEN + 1 {
        let more = names.len() - SEEN - 1;
        line(&mut out, "picture", &format!("{more} more in {}", path("")));
    }
    if digest.header.is_some() {
        line(&mut out, "plot", &path("throughput.svg"));
    }
    line(&mut out, "report", &path("report.txt"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn show(log: &crate::engine::RunLog) -> String {
        screen(&log.events, &log.captures, Path::new("reports/runs/x-17"))
    }

    #[test]
    fn the_verdict_comes_first_and_the_report_last() {
        for (log, word) in fixture::all().iter().zip(["PASS", "FAIL", "INTERRUPTED", "FAIL"]) {
            let text = show(log);
            assert!(text.starts_with(word), "{text}");
            assert_eq!(text.lines().last(), Some("  report    reports/runs/x-17/report.txt"));
            assert!(text.lines().count() <= LINES, "{text}");
            assert!(!text.contains('\u{1b}'));
        }
    }

    #[test]
    fn it_never_grows_past_its_limit() {
        let mut log = fixture::open_firewall();
        let mut events = log.events.clone();
        for event in &log.events {
            if let Event::Violation(violation) = event {
                let mut other = violation.clone();
                other.fingerprint.push_str(&other.id);
                events.insert(1, Event::Violation(other));
            }
            if let Event::Expectation { what, seen, .. } = event {
                let (what, seen) = (what.clone(), seen.clone());
                events.insert(1, Event::Expectation { what, met: false, seen, performance: false });
            }
        }
        log.events = events;
        let Some(Event::Summary(summary)) = log.events.last_mut() else { panic!("no summary") };
        summary.masters.iter_mut().for_each(|total| total.bytes_read += 1);
        let seen = log.captures.seen[0].clone();
        log.captures.seen = vec![seen; 8];
        let text = show(&log);
        assert!(text.lines().count() <= LINES, "{} lines\n{text}", text.lines().count());
        assert!(text.contains("more"), "{text}");
    }

    #[test]
    fn pictures_are_named_where_they_are_written() {
        let text = show(&fixture::open_firewall());
        assert!(text.contains("picture   reports/runs/x-17/displayed.png"), "{text}");
        assert!(text.contains("picture   reports/runs/x-17/seen-by-gpu.png"), "{text}");
        assert!(text.contains("violation TZ001 escape x4: gpu read of"), "{text}");
    }
}
