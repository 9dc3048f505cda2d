// SPDX-License-Identifier: Apache-2.0
//! `[[pool]]`: protected memory, and whether the firewall has regions enough for it.
use super::context::{Check, Site, duplicates, show};
use super::reserved::Nodes;
use crate::scenario::budget::{self, OverBudget};
use crate::scenario::file;
use crate::scenario::model::{Background, Pool, PoolKind, Role, UseCase};
use crate::scenario::problem::{Problem, Span, suggest};
use crate::scenario::quantity::Kind;
use crate::units::{AddrRange, ByteLen, PAGE, PhysAddr};
use toml::Spanned;

/// Heap names that Linux's protected heaps have.
pub(super) const HEAPS: [(&str, UseCase); 3] = [
    ("protected,secure-video", UseCase::SecureVideo),
    ("protected,trusted-ui", UseCase::TrustedUi),
    ("protected,secure-video-record", UseCase::SecureVideoRecord),
];

/// Roles by name.
pub(super) const ROLES: [(&str, Role); 6] = [
    ("bitstream", Role::Bitstream),
    ("frame", Role::Frame),
    ("private", Role::Private),
    ("ui", Role::Ui),
    ("raw", Role::Raw),
    ("output", Role::Output),
];

/// The pools of a file: valid ones by base address, and the names of all.
pub(super) struct Pools {
    entries: Vec<Entry>,
    /// What the platform reserves.
    pub(super) nodes: Nodes,
}

struct Entry {
    name: Option<String>,
    span: Span,
    pool: Option<Pool>,
    /// What the secure world says of it instead of what it protects.
    claim: Option<(PhysAddr, ByteLen)>,
}

impl Pools {
    /// Reads and compares all pools.
    pub(super) fn read(
        file: &file::File,
        dram: Option<AddrRange>,
        background: Option<Background>,
        check: &mut Check<'_>,
    ) -> Self {
        let nodes = Nodes::read(file, dram, check);
        let tables = file.pool.iter().flatten().enumerate();
        let mut entries: Vec<Entry> =
            tables.map(|(i, table)| entry(i, table, dram, &nodes, check)).collect();
        let names: Vec<(String, Span)> = file.pool.iter().flatten().filter_map(named).collect();
        duplicates(check, "[[pool]]", "name", &names);
        overlaps(&entries, check);
        one_area(&entries, check);
        entries.sort_by_key(|entry| entry.pool.as_ref().map(|pool| pool.range.base));
        let pools = Self { entries, nodes };
        if let (Some(dram), Some(background), Some(valid)) = (dram, background, pools.valid()) {
            // What is lent now and then is admitted, or not, when it is lent.
            let fixed: Vec<Pool> = valid.into_iter().filter(Pool::is_static).collect();
            let ranges: Vec<AddrRange> = fixed.iter().map(|pool| pool.range).collect();
            if let Err(over) = budget::check(dram, background, &ranges) {
                pools.over_budget(&over, &fixed, check);
            }
        }
        pools
    }
    /// All pools by base address, if every one is valid.
    pub(super) fn valid(&self) -> Option<Vec<Pool>> {
        self.entries.iter().map(|entry| entry.pool.clone()).collect()
    }
    /// What the secure world says of pools, by their index in [`Self::valid`].
    pub(super) fn claims(&self) -> Vec<(usize, PhysAddr, ByteLen)> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(i, e)| e.claim.map(|(base, len)| (i, base, len))).collect()
    }
    /// Those that are valid.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pool> {
        self.entries.iter().filter_map(|entry| entry.pool.as_ref())
    }
    /// Whether the file declares any static pool of this role, even one that is not valid.
    pub(super) fn may_have(&self, role: Role) -> bool {
        self.entries.iter().any(|entry| {
            entry.pool.as_ref().is_none_or(|pool| pool.is_static() && pool.roles.contains(&role))
        })
    }
    /// Whether the file declares any static pool, even one that is not valid.
    pub(super) fn may_have_any(&self) -> bool {
        self.entries.iter().any(|entry| entry.pool.as_ref().is_none_or(Pool::is_static))
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
        let fits = |pool: &Pool| {
            let kind = pool.is_static() || can_be_lent(use_case);
            kind && pool.use_case == use_case && pool.roles.contains(&role)
        };
        let mut found = self.entries.iter().enumerate().filter_map(|(i, entry)| {
            entry.pool.as_ref().filter(|pool| fits(pool)).map(|pool| (i, pool))
        });
        found.next().filter(|_| found.next().is_none())
    }
    /// Bytes for buffers in the `i`-th pool.
    pub(super) fn room(&self, i: usize) -> u64 {
        self.entries[i].pool.as_ref().map_or(0, |pool| pool.room().0)
    }
    /// Place of the `i`-th pool's name.
    pub(super) fn span(&self, i: usize) -> Span {
        self.entries[i].span.clone()
    }

    fn over_budget(&self, over: &OverBudget, fixed: &[Pool], check: &mut Check<'_>) {
        let mut problem = Problem::new("scenario::region-budget", over.to_string());
        for (i, pool) in fixed.iter().enumerate() {
            let entry = self.entries.iter().find(|e| e.name.as_deref() == Some(&pool.name));
            let span = entry.map_or(0..0, |entry| entry.span.clone());
            let hole = fixed.get(i + 1).map(|next| next.range.base.0 - pool.range.end().0);
            let label = match hole {
                Some(hole) if hole > 0 => {
                    format!("`{}` takes one, and the {hole} B up to the next pool one", pool.name)
                }
                _ => format!("`{}` takes one", pool.name),
            };
            problem = problem.at(span, label);
        }
        let too_many = over.needed - budget::REGIONS;
        let help = holes_closed(fixed, too_many).unwrap_or_else(|| {
            format!(
                "{too_many} too many even with no hole between pools: merge some, role = \"any\""
            )
        });
        check.report(problem.help(format!(
            "with background = \"deny\" every pool and every stretch of ordinary DRAM around and \
             between pools takes a region; {help}"
        )));
    }
}

/// Which pools to put side by side so that `too_many` regions fewer are needed.
fn holes_closed(fixed: &[Pool], too_many: usize) -> Option<String> {
    let pairs = fixed.iter().zip(fixed.iter().skip(1));
    let holes = pairs.filter(|(lower, upper)| lower.range.end() < upper.range.base);
    let moves: Vec<String> = holes
        .take(too_many)
        .map(|(lower, upper)| format!("`{}` right behind `{}`", upper.name, lower.name))
        .collect();
    (moves.len() == too_many).then(|| format!("it fits with {}", moves.join(" and ")))
}

/// Whether OP-TEE takes memory for a use case: of recording it knows nothing (`enum mobj_use_case`).
pub(super) fn can_be_lent(use_case: UseCase) -> bool {
    use_case != UseCase::SecureVideoRecord
}

fn named(table: &Spanned<file::Pool>) -> Option<(String, Span)> {
    table.get_ref().name.as_ref().map(|name| (name.get_ref().clone(), name.span()))
}

fn entry(
    i: usize,
    table: &Spanned<file::Pool>,
    dram: Option<AddrRange>,
    nodes: &Nodes,
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
    let kinds = [("static", false), ("dynamic", true)];
    let dynamic = raw.kind.as_ref().map_or(Some(false), |kind| check.word("kind", kind, &kinds));
    let roles = roles(raw, &site, dynamic, check);
    let range = range(raw, &site, dram, dynamic, nodes, check);
    let kind = kind(raw, dynamic, range, check);
    let claim = claim(raw, dynamic, check);
    let line = check.line(&table.span());
    let pool = (|| {
        Some(Pool {
            name: good?,
            use_case: use_case?,
            roles: roles?,
            kind: kind?,
            range: range?,
            line,
        })
    })();
    Entry { name: text, span, pool, claim }
}

/// Any address and any size: whether they are good is what the kernel is asked.
fn claim(
    raw: &file::Pool,
    dynamic: Option<bool>,
    check: &mut Check<'_>,
) -> Option<(PhysAddr, ByteLen)> {
    let (base, size) = match (&raw.claimed_base, &raw.claimed_size) {
        (None, None) => return None,
        (Some(base), Some(size)) if dynamic != Some(true) => (base, size),
        (base, size) => {
            let first = base.as_ref().map(Spanned::span);
            let span = first.or(size.as_ref().map(Spanned::span)).unwrap_or(0..0);
            let message = "`claimed-base` and `claimed-size` go together, in a static pool";
            check.report(
                Problem::new("scenario::claim", message)
                    .at(span, "not like this")
                    .help("what the secure world tells the kernel of a carve-out: both, or none"),
            );
            return None;
        }
    };
    let len = check.quantity(Kind::Size, "claimed-size", size)?;
    Some((PhysAddr(*base.get_ref()), ByteLen(len)))
}

/// Where a pool is: a node of the platform, or a place of its own.
fn range(
    raw: &file::Pool,
    site: &Site,
    dram: Option<AddrRange>,
    dynamic: Option<bool>,
    nodes: &Nodes,
    check: &mut Check<'_>,
) -> Option<AddrRange> {
    let Some(name) = &raw.reserved else {
        let range = check.pages(site, raw.base.as_ref(), raw.size.as_ref(), dram)?;
        let span = raw.base.as_ref().map_or(site.span.clone(), Spanned::span);
        return nodes.keep_out(range, &site.title, &span, false, check).then_some(range);
    };
    let base = raw.base.as_ref().map(|base| ("base", base.span()));
    let size = raw.size.as_ref().map(|size| ("size", size.span()));
    let own: Vec<_> = base.into_iter().chain(size).collect();
    for (key, span) in &own {
        check.report(
            Problem::new("scenario::unused-key", format!("`{key}` stands beside `reserved`"))
                .at(span.clone(), "the node says where it is")
                .at(name.span(), "the node")
                .help("drop one of them"),
        );
    }
    let node = nodes.resolve(name, dynamic?, check)?;
    own.is_empty().then_some(node.range)
}

/// A static pool serves one role, or all; a dynamic one all, for the lend names no role.
fn roles(
    raw: &file::Pool,
    site: &Site,
    dynamic: Option<bool>,
    check: &mut Check<'_>,
) -> Option<Vec<Role>> {
    let all = || ROLES.map(|(_, role)| role).to_vec();
    if dynamic? {
        if let Some(role) = &raw.role {
            check.report(
                Problem::new("scenario::unused-key", "`role` means nothing for a dynamic pool")
                    .at(role.span(), "the lend names a use case and no role")
                    .help("drop it: a dynamic pool serves every role of its use case"),
            );
            return None;
        }
        return Some(all());
    }
    let role = check.need(site, "role", raw.role.as_ref())?;
    if role.get_ref() == "any" {
        return Some(all());
    }
    let words: Vec<_> = ROLES.map(|(word, role)| (word, Some(role))).into_iter().collect();
    let words = [words, vec![("any", None)]].concat();
    check.word("role", &role, &words)?.map(|role| vec![role])
}

fn kind(
    raw: &file::Pool,
    dynamic: Option<bool>,
    area: Option<AddrRange>,
    check: &mut Check<'_>,
) -> Option<PoolKind> {
    if !dynamic? {
        if let Some(min_size) = &raw.min_size {
            check.report(
                Problem::new("scenario::unused-key", "`min-size` means nothing for a static pool")
                    .at(min_size.span(), "a carve-out is protected as a whole")
                    .help("kind = \"dynamic\", or drop it"),
            );
            return None;
        }
        return Some(PoolKind::Static);
    }
    let bytes = check.quantity_or(Kind::Size, "min-size", raw.min_size.as_ref(), 1 << 20)?;
    let written = raw.min_size.as_ref().or(raw.size.as_ref()).or(raw.reserved.as_ref());
    let span = written.map_or(0..0, Spanned::span);
    let most = area?.len.0;
    let why = "bytes that the first buffer lends; the upper bound is the area's `size`";
    let bytes = check.within("min-size", bytes, span, PAGE..=most.max(PAGE), why)?;
    Some(PoolKind::Dynamic { min_size: ByteLen(bytes) })
}

/// The kernel has one contiguous area; pools that are lent take their memory from it in turn.
fn one_area(entries: &[Entry], check: &mut Check<'_>) {
    let mut dynamic = entries.iter().filter_map(|entry| {
        let pool = entry.pool.as_ref().filter(|pool| !pool.is_static())?;
        Some((pool, entry.span.clone()))
    });
    let Some((first, place)) = dynamic.next() else { return };
    for (other, span) in dynamic.filter(|(other, _)| other.range != first.range) {
        if first.range.overlaps(other.range) {
            continue; // reported already
        }
        let message = format!("pools `{}` and `{}` have two areas", first.name, other.name);
        check.report(
            Problem::new("scenario::two-areas", message)
                .at(span, show(other.range))
                .at(place.clone(), show(first.range))
                .help("the kernel has one contiguous area: the same `base` and `size` for both"),
        );
    }
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
            let one_area = a.range == b.range && !a.is_static() && !b.is_static();
            if one_area && a.use_case != b.use_case {
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
