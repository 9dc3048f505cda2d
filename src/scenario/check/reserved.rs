// SPDX-License-Identifier: Apache-2.0
//! `[[reserved-memory]]`: what a device tree sets aside, and the pools that name it.
use super::context::{Check, duplicates, show};
use crate::scenario::file;
use crate::scenario::problem::{Problem, Span, suggest};
use crate::scenario::setup::Reserved;
use crate::units::AddrRange;
use toml::Spanned;

/// What marks an area of movable memory.
const CMA: &str = "shared-dma-pool";
/// What marks one whose direct map goes before a lend (2026).
const LEND_POOL: &str = "arm,ffa-lend-pool";

/// The nodes of a file: valid ones, and the names of all.
pub(super) struct Nodes {
    entries: Vec<Entry>,
}

struct Entry {
    name: Option<String>,
    span: Span,
    node: Option<Reserved>,
}

impl Nodes {
    /// Reads and compares all nodes.
    pub(super) fn read(file: &file::File, dram: Option<AddrRange>, check: &mut Check<'_>) -> Self {
        let tables = file.reserved_memory.iter().flatten().enumerate();
        let entries: Vec<Entry> = tables.map(|(i, table)| entry(i, table, dram, check)).collect();
        let named = |entry: &Entry| entry.name.clone().map(|name| (name, entry.span.clone()));
        let names: Vec<_> = entries.iter().filter_map(named).collect();
        duplicates(check, "[[reserved-memory]]", "name", &names);
        for (i, later) in entries.iter().enumerate() {
            for earlier in &entries[..i] {
                let (Some(a), Some(b)) = (&earlier.node, &later.node) else { continue };
                if a.range.overlaps(b.range) {
                    let message = format!("nodes `{}` and `{}` share memory", a.name, b.name);
                    check.report(
                        Problem::new("scenario::overlap", message)
                            .at(later.span.clone(), show(b.range))
                            .at(earlier.span.clone(), show(a.range))
                            .help("a device tree reserves a page once"),
                    );
                }
            }
        }
        Self { entries }
    }

    /// All nodes, if every one is valid.
    pub(super) fn valid(&self) -> Option<Vec<Reserved>> {
        self.entries.iter().map(|entry| entry.node.clone()).collect()
    }

    fn iter(&self) -> impl Iterator<Item = &Reserved> {
        self.entries.iter().filter_map(|entry| entry.node.as_ref())
    }

    /// The node that a pool names, which must be of the pool's kind.
    pub(super) fn resolve(
        &self,
        name: &Spanned<String>,
        dynamic: bool,
        check: &mut Check<'_>,
    ) -> Option<&Reserved> {
        let wanted = name.get_ref().as_str();
        let found = self.entries.iter().find(|entry| entry.name.as_deref() == Some(wanted));
        let Some(entry) = found else {
            let names = self.entries.iter().filter_map(|entry| entry.name.as_deref());
            let message = format!("`reserved` names unknown node `{wanted}`");
            check.report(
                Problem::new("scenario::unknown-node", message)
                    .at(name.span(), "no [[reserved-memory]] has this name")
                    .help(suggest(wanted, "nodes", names)),
            );
            return None;
        };
        let node = entry.node.as_ref()?;
        if node.cma == dynamic {
            return Some(node);
        }
        let (message, help) = if dynamic {
            let message = format!("`{wanted}` is no contiguous area");
            (message, format!("a dynamic pool lends movable memory: `reusable` and `{CMA}`"))
        } else {
            let message = format!("`{wanted}` holds movable pages");
            (message, "a carve-out is not `reusable`; or kind = \"dynamic\"".to_owned())
        };
        check.report(
            Problem::new("scenario::wrong-node", message)
                .at(name.span(), "named here")
                .at(entry.span.clone(), "declared here")
                .help(help),
        );
        None
    }

    /// Reports memory that is reserved for something else. `kernel` is memory that the kernel only
    /// uses, which may be reserved but not hidden from it.
    pub(super) fn keep_out(
        &self,
        range: AddrRange,
        what: &str,
        span: &Span,
        kernel: bool,
        check: &mut Check<'_>,
    ) -> bool {
        let taken = |node: &&Reserved| node.range.overlaps(range) && (!kernel || node.no_map);
        let Some(node) = self.iter().find(taken) else { return true };
        let help = if kernel {
            "a `no-map` node is not the kernel's; ordinary traffic stays on ordinary memory"
                .to_owned()
        } else {
            format!("a pool that is the node says so: reserved = \"{}\"", node.name)
        };
        check.report(
            Problem::new("scenario::reserved", format!("{what} reaches into node `{}`", node.name))
                .at(span.clone(), format!("the node is {}", show(node.range)))
                .help(help),
        );
        false
    }
}

fn entry(
    i: usize,
    table: &Spanned<file::ReservedMemory>,
    dram: Option<AddrRange>,
    check: &mut Check<'_>,
) -> Entry {
    let raw = table.get_ref();
    let site = check.site(&["reserved-memory", &i.to_string()], table.span());
    let name = check.need(&site, "name", raw.name.as_ref());
    let text = name.as_ref().map(|name| name.get_ref().clone());
    let span = name.as_ref().map_or(table.span(), Spanned::span);
    let good = name.and_then(|name| check.name(&name));
    let range = check.pages(&site, raw.base.as_ref(), raw.size.as_ref(), dram);
    let flag = |field: &file::Field<bool>| field.as_ref().is_some_and(|f| *f.get_ref());
    let (no_map, reusable) = (flag(&raw.no_map), flag(&raw.reusable));
    if let (true, true, Some(at)) = (no_map, reusable, &raw.reusable) {
        check.report(
            Problem::new("scenario::reserved", format!("{} is hidden and reusable", site.title))
                .at(at.span(), "the kernel cannot use what it does not map")
                .help("Linux refuses such a node; drop `no-map` or `reusable`"),
        );
        return Entry { name: text, span, node: None };
    }
    let compatible = raw.compatible.as_ref().map_or("", |text| text.get_ref().as_str());
    let lend_pool = compatible == LEND_POOL;
    let cma = reusable && (lend_pool || compatible == CMA);
    let node = (|| Some(Reserved { name: good?, range: range?, no_map, cma, lend_pool }))();
    Entry { name: text, span, node }
}
