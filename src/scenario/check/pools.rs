// SPDX-License-Identifier: Apache-2.0
//! `[[pool]]`: protected memory, and whether the firewall has regions enough for it.
use super::context::{Check, duplicates, show};
use crate::scenario::budget::{self, OverBudget};
use crate::scenario::file;
use crate::scenario::model::{Background, Pool, Role, UseCase};
use crate::scenario::problem::{Problem, Span, suggest};
use crate::units::AddrRange;
use toml::Spanned;

/// Heap names that Linux's protected heaps have.
pub(super) const HEAPS: [(&str, UseCase); 3] = [
    ("protected,secure-video", UseCase::SecureVideo),
    ("protected,trusted-ui", UseCase::TrustedUi),
    ("protected,secure-video-record", UseCase::SecureVideoRecord),
];

/// Roles by name.
pub(super) const ROLES: [(&str, Role); 2] =
    [("bitstream", Role::Bitstream), ("frame", Role::Frame)];

/// The pools of a file: valid ones by base address, and the names of all.
pub(super) struct Pools {
    entries: Vec<Entry>,
}

struct Entry {
    name: Option<String>,
    span: Span,
    pool: Option<Pool>,
}

impl Pools {
    /// Reads and compares all pools.
    pub(super) fn read(
        file: &file::File,
        dram: Option<AddrRange>,
        background: Option<Background>,
        check: &mut Check<'_>,
    ) -> Self {
        let tables = file.pool.iter().flatten().enumerate();
        let mut entries: Vec<Entry> =
            tables.map(|(i, table)| entry(i, table, dram, check)).collect();
        let names: Vec<(String, Span)> = file.pool.iter().flatten().filter_map(named).collect();
        duplicates(check, "[[pool]]", "name", &names);
        overlaps(&entries, check);
        entries.sort_by_key(|entry| entry.pool.as_ref().map(|pool| pool.range.base));
        let pools = Self { entries };
        if let (Some(dram), Some(background), Some(valid)) = (dram, background, pools.valid()) {
            let ranges: Vec<AddrRange> = valid.iter().map(|pool| pool.range).collect();
            if let Err(over) = budget::check(dram, background, &ranges) {
                pools.over_budget(&over, check);
            }
        }
        pools
    }
    /// All pools by base address, if every one is valid.
    pub(super) fn valid(&self) -> Option<Vec<Pool>> {
        self.entries.iter().map(|entry| entry.pool.clone()).collect()
    }
    /// Those that are valid.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pool> {
        self.entries.iter().filter_map(|entry| entry.pool.as_ref())
    }
    /// Whether the file declares any pool of this role, even one that is not valid.
    pub(super) fn may_have(&self, role: Role) -> bool {
        self.entries.iter().any(|entry| entry.pool.as_ref().is_none_or(|pool| pool.role == role))
    }
    /// The pool that a key names: its index in [`Self::valid`], and itself.
    pub(super) fn resolve(
        &self,
        check: &mut Check<'_>,
        key: &str,
        name: &Spanned<String>,
    ) -> Option<(usize, &Pool)> {
        let wanted = name.get_ref().as_str();
        let at = self.entries.iter().position(|entry| entry.name.as_deref() == Some(wanted));
        if let Some(at) = at {
            return self.entries[at].pool.as_ref().map(|pool| (at, pool));
        }
        let names = self.entries.iter().filter_map(|entry| entry.name.as_deref());
        check.report(
            Problem::new(
                "scenario::unknown-pool",
                format!("`{key}` names unknown pool `{wanted}`"),
            )
            .at(name.span(), "no [[pool]] has this name")
            .help(suggest(wanted, "declared pools", names)),
        );
        None
    }
    /// The only pool of a use case and role, if there is exactly one.
    pub(super) fn only(&self, use_case: UseCase, role: Role) -> Option<(usize, &Pool)> {
        let fits = |pool: &Pool| pool.use_case == use_case && pool.role == role;
        let mut found = self.entries.iter().enumerate().filter_map(|(i, entry)| {
            entry.pool.as_ref().filter(|pool| fits(pool)).map(|pool| (i, pool))
        });
        found.next().filter(|_| found.next().is_none())
    }
    /// Place of the `i`-th pool's name.
    pub(super) fn span(&self, i: usize) -> Span {
        self.entries[i].span.clone()
    }

    fn over_budget(&self, over: &OverBudget, check: &mut Check<'_>) {
        let mut problem = Problem::new("scenario::region-budget", over.to_string());
        for entry in &self.entries {
            let name = entry.name.as_deref().unwrap_or("?");
            problem = problem.at(entry.span.clone(), format!("`{name}` takes one"));
        }
        check.report(problem.help(
            "with background = \"deny\" every pool and every gap of ordinary DRAM around and \
             between pools takes a region; put pools side by side or merge those of one role",
        ));
    }
}

fn named(table: &Spanned<file::Pool>) -> Option<(String, Span)> {
    table.get_ref().name.as_ref().map(|name| (name.get_ref().clone(), name.span()))
}

fn entry(
    i: usize,
    table: &Spanned<file::Pool>,
    dram: Option<AddrRange>,
    check: &mut Check<'_>,
) -> Entry {
    let raw = table.get_ref();
    let site = check.site(&["pool", &i.to_string()], table.span());
    let name = check.need(&site, "name", raw.name.as_ref());
    let text = name.as_ref().map(|name| name.get_ref().clone());
    let span = name.as_ref().map_or(table.span(), Spanned::span);
    let good = name.and_then(|name| check.name(&name));
    let heap = check.need(&site, "heap", raw.heap.as_ref());
    let use_case = heap.and_then(|heap| check.word("heap", &heap, &HEAPS));
    let role = check.need(&site, "role", raw.role.as_ref());
    let role = role.and_then(|role| check.word("role", &role, &ROLES));
    let range = check.pages(&site, raw.base.as_ref(), raw.size.as_ref(), dram);
    let line = check.line(&table.span());
    let pool =
        (|| Some(Pool { name: good?, use_case: use_case?, role: role?, range: range?, line }))();
    Entry { name: text, span, pool }
}

fn overlaps(entries: &[Entry], check: &mut Check<'_>) {
    for (i, later) in entries.iter().enumerate() {
        for earlier in &entries[..i] {
            let (Some(a), Some(b)) = (&earlier.pool, &later.pool) else {
                continue;
            };
            if !a.range.overlaps(b.range) {
                continue;
            }
            check.report(
                Problem::new(
                    "scenario::overlap",
                    format!("pools `{}` and `{}` share memory", a.name, b.name),
                )
                .at(later.span.clone(), show(b.range))
                .at(earlier.span.clone(), show(a.range))
                .help("a page belongs to one pool"),
            );
        }
    }
}
