// SPDX-License-Identifier: Apache-2.0
//! `replay.txt`, `replay.csv` and `replay.json`: a heap history under several policies, side by
//! side; or under the one of a run.
mod figures;

use crate::engine::event::{Event, ReplayHeader};
use crate::report::Artifact;
use crate::report::format::{grouped, hundredths, kind_name, plain, serialized_name, table};
pub use figures::{Figures, Free, PoolFigures, replayed};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Replays of one history.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Version of the shape of `replay.json`.
    pub schema: u32,
    /// Scenario that holds pools and platform.
    pub scenario: String,
    /// How the history is replayed.
    pub replay: ReplayHeader,
    /// By policy, in the order asked for.
    pub policies: Vec<Column>,
}

/// A history under one policy.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// What is different: `merged`, `merged, buddy`.
    pub policy: String,
    /// Name of its run's folder.
    pub run: String,
    /// What it came to.
    pub figures: Figures,
}

/// Files for a run that replays a history; none for another one.
pub fn artifacts(events: &[Event]) -> Vec<Artifact> {
    let header = events.iter().find_map(|event| match event {
        Event::Run(header) => Some(header),
        _ => None,
    });
    let (Some(header), Some(replay)) = (header, replayed(events)) else { return Vec::new() };
    let Some(figures) = Figures::of(events) else { return Vec::new() };
    let policy = header.overrides.iter().find_map(|set| set.strip_prefix("tee.policy="));
    let policy = policy.unwrap_or("as the scenario says").to_owned();
    let policies = vec![Column { policy, run: String::new(), figures }];
    let (schema, scenario) = (1, header.scenario.clone());
    Comparison { schema, scenario, replay: replay.clone(), policies }.artifacts()
}

impl Comparison {
    /// The files of a comparison's folder.
    pub fn artifacts(&self) -> Vec<Artifact> {
        let mut json = serde_json::to_vec_pretty(self).expect("figures have text keys only");
        json.push(b'\n');
        vec![
            ("replay.txt".into(), self.text().into_bytes()),
            ("replay.csv".into(), self.csv()),
            ("replay.json".into(), json),
        ]
    }

    /// As people read it: a column a policy.
    pub fn text(&self) -> String {
        let replay = &self.replay;
        let mut out = format!(
            "REPLAY  {}: {} rows on {}; 1 us on the board is {} us of the history, no pause over \
             {} cycles\n",
            plain(&replay.history),
            grouped(u64::from(replay.rows)),
            plain(&self.scenario),
            grouped(replay.speed),
            grouped(replay.max_gap.0),
        );
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row = |title: &str, cell: &dyn Fn(&Figures) -> String| {
            let cells = self.policies.iter().map(|column| cell(&column.figures));
            rows.push(std::iter::once(title.to_owned()).chain(cells).collect());
        };
        row("verdict", &|f| crate::report::format::verdict_word(f.verdict).to_owned());
        row("most in use, MiB", &|f| mib(f.peak_bytes));
        row("most fragmented: free, MiB", &|f| worst(f).map_or("-".into(), |w| mib(w.total)));
        row("  largest free run, MiB", &|f| worst(f).map_or("-".into(), |w| mib(w.largest)));
        row("ENOMEM", &|f| grouped(f.enomem));
        row("  with bytes enough free", &|f| grouped(f.enomem_fragmented));
        for error in self.keys(|f| f.refused.keys().cloned().collect()) {
            row(&plain(&error), &|f| grouped(f.refused.get(&error).copied().unwrap_or(0)));
        }
        row("not made after a refusal", &|f| grouped(f.not_made));
        row("lends", &|f| grouped(sum(f, |pool| pool.lends)));
        row("reclaims", &|f| grouped(sum(f, |pool| pool.reclaims)));
        let window = replay.window_us / 1000;
        row(&format!("  lent again within {window} ms"), &|f| grouped(sum(f, |p| p.thrash)));
        row("longest allocation, us", &|f| micros(f, f.longest_alloc));
        row("longest release, us", &|f| micros(f, f.longest_release));
        for name in self.keys(|f| f.outcomes.keys().cloned().collect()) {
            let title = format!("kernel: {}", plain(&name));
            row(&title, &|f| grouped(f.outcomes.get(&name).copied().unwrap_or(0)));
        }
        row("transfers denied", &|f| grouped(f.denied_transfers));
        row("buffers left at the end", &|f| grouped(f.left));
        row("violations", &|f| grouped(f.violations));
        for kind in self.keys(|f| f.violations_by_kind.keys().copied().collect()) {
            let title = format!("  {}", kind_name(kind));
            row(&title, &|f| grouped(f.violations_by_kind.get(&kind).copied().unwrap_or(0)));
        }
        let names = self.policies.iter().map(|column| plain(&column.policy));
        let head: Vec<String> = std::iter::once(String::new()).chain(names).collect();
        rows.insert(0, head);
        let _ = write!(out, "{}", table(&rows, 1, 2));
        out
    }

    /// What any of the policies has, in order.
    fn keys<T: Ord>(&self, of: impl Fn(&Figures) -> Vec<T>) -> BTreeSet<T> {
        self.policies.iter().flat_map(|column| of(&column.figures)).collect()
    }

    /// A line a policy; errors, outcomes and kinds as `name=count` in one cell each.
    fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = [
            "policy",
            "verdict",
            "rows",
            "peak_bytes",
            "fragmented_cycle",
            "fragmented_free",
            "fragmented_largest",
            "enomem",
            "enomem_fragmented",
            "refused",
            "not_made",
            "lends",
            "reclaims",
            "quarantined",
            "thrash",
            "longest_alloc_cycles",
            "longest_release_cycles",
            "outcomes",
            "denied_transfers",
            "left",
            "violations",
            "violations_by_kind",
            "cycles",
        ];
        writer.write_record(header).expect("a vector takes every byte");
        for Column { policy, figures: f, .. } in &self.policies {
            let worst = worst(f).unwrap_or_default();
            let kinds = f.violations_by_kind.iter().map(|(kind, n)| (kind_name(*kind), *n));
            let text = |map: &std::collections::BTreeMap<String, u64>| {
                joined(map.iter().map(|(name, n)| (name.clone(), *n)))
            };
            let record = [
                policy.clone(),
                serialized_name(&f.verdict),
                f.rows.to_string(),
                f.peak_bytes.to_string(),
                worst.cycle.to_string(),
                worst.total.to_string(),
                worst.largest.to_string(),
                f.enomem.to_string(),
                f.enomem_fragmented.to_string(),
                text(&f.refused),
                f.not_made.to_string(),
                sum(f, |pool| pool.lends).to_string(),
                sum(f, |pool| pool.reclaims).to_string(),
                sum(f, |pool| pool.quarantined).to_string(),
                sum(f, |pool| pool.thrash).to_string(),
                f.longest_alloc.to_string(),
                f.longest_release.to_string(),
                text(&f.outcomes),
                f.denied_transfers.to_string(),
                f.left.to_string(),
                f.violations.to_string(),
                joined(kinds),
                f.cycles.to_string(),
            ];
            writer.write_record(&record).expect("every record has the header's length");
        }
        writer.into_inner().expect("a vector takes every byte")
    }
}

fn joined(pairs: impl Iterator<Item = (String, u64)>) -> String {
    pairs.map(|(name, count)| format!("{name}={count}")).collect::<Vec<_>>().join(" ")
}

fn sum(figures: &Figures, of: impl Fn(&PoolFigures) -> u64) -> u64 {
    figures.pools.iter().map(of).sum()
}

/// The pool and moment with most free bytes outside the largest run.
fn worst(figures: &Figures) -> Option<Free> {
    let all = figures.pools.iter().filter_map(|pool| pool.most_fragmented);
    all.max_by_key(|free| free.total - free.largest)
}

fn mib(bytes: u64) -> String {
    hundredths((u128::from(bytes) * 100 / (1 << 20)) as u64)
}

fn micros(figures: &Figures, cycles: u64) -> String {
    let hundredth = u128::from(cycles) * 100_000_000 / u128::from(figures.clock_hz.max(1));
    hundredths(hundredth as u64)
}
