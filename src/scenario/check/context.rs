// SPDX-License-Identifier: Apache-2.0
//! What every check needs: where problems go, and how keys, quantities and words are read.
use crate::scenario::document::Document;
use crate::scenario::example::example;
use crate::scenario::problem::{Attached, Problem, Sources, Span, suggest};
use crate::scenario::quantity::{self, Kind, Time};
use crate::scenario::recover::{Pruned, title};
use crate::units::{AddrRange, ByteLen, Cycle, Hertz, PAGE, PhysAddr};
use std::ops::RangeInclusive;
use toml::Spanned;

/// Longest time of a setting, cycles: more is no setting but a hang.
const LONGEST: u64 = 1 << 32;

/// A bound on memory for a file that is nothing but mistakes.
const MAX_PROBLEMS: usize = 1000;

/// A table of the file, for messages about what is not in it.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// As in [`Pruned`].
    pub(super) path: Vec<String>,
    /// As messages call it.
    pub(super) title: String,
    /// Its header.
    pub(super) span: Span,
}

/// Collects problems.
pub(super) struct Check<'a> {
    /// So far.
    pub(super) problems: Vec<Problem>,
    pruned: &'a [Pruned],
    document: &'a Document<'a>,
    sources: &'a Sources,
}

impl<'a> Check<'a> {
    /// Nothing found yet.
    pub(super) fn new(
        pruned: &'a [Pruned],
        document: &'a Document<'a>,
        sources: &'a Sources,
    ) -> Self {
        Self { problems: Vec::new(), pruned, document, sources }
    }
    /// Notes a problem, unless there are more than anybody will read.
    pub(super) fn report(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
    /// The history and where it lies.
    pub(super) fn history(&self) -> Option<(&'a Attached, usize)> {
        let base = self.sources.history_base();
        self.sources.history.as_ref().map(|file| (file, base))
    }
    /// Overrides as given.
    pub(super) fn overrides(&self) -> Vec<String> {
        self.sources.overrides.clone()
    }
    /// Line of a span in the file; 0 where it came from an override.
    pub(super) fn line(&self, span: &Span) -> u32 {
        self.sources.line(span)
    }
    /// The whole file as a table.
    pub(super) fn top() -> Site {
        Site { path: Vec::new(), title: "the scenario".to_owned(), span: 0..0 }
    }
    /// A table of the file, `["sim"]` or `["master", "2"]`.
    pub(super) fn site(&self, path: &[&str], span: Span) -> Site {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        Site { title: title(self.document.get_ref(), &path), path, span }
    }
    /// Whether `key` of a table was there but wrong, and is reported already.
    pub(super) fn was_wrong(&self, site: &Site, key: &str) -> bool {
        self.pruned.iter().any(|pruned| pruned.table == site.path && pruned.key == key)
    }
    /// The value of a required key.
    pub(super) fn need<T: Clone>(
        &mut self,
        site: &Site,
        key: &str,
        field: Option<&Spanned<T>>,
    ) -> Option<Spanned<T>> {
        if field.is_none() && !self.was_wrong(site, key) {
            self.report(
                Problem::new("scenario::missing-key", format!("{} needs `{key}`", site.title))
                    .at(site.span.clone(), format!("`{key}` is missing"))
                    .help(format!("for example: {key} = {}", example(&site.path, key))),
            );
        }
        field.cloned()
    }
    /// A quantity that is not a time.
    pub(super) fn quantity(
        &mut self,
        kind: Kind,
        key: &str,
        value: &Spanned<String>,
    ) -> Option<u64> {
        let result = quantity::number(kind, value.get_ref());
        self.exact(kind, key, value, result)
    }
    /// As [`Self::quantity`], with a default for a key that is not there.
    pub(super) fn quantity_or(
        &mut self,
        kind: Kind,
        key: &str,
        value: Option<&Spanned<String>>,
        default: u64,
    ) -> Option<u64> {
        value.map_or(Some(default), |value| self.quantity(kind, key, value))
    }
    /// A time, before the clock is known.
    pub(super) fn time(&mut self, key: &str, value: &Spanned<String>) -> Option<Time> {
        let result = quantity::time(value.get_ref());
        self.exact(Kind::Time, key, value, result)
    }
    /// A time in cycles, at least one.
    pub(super) fn cycles(
        &mut self,
        key: &str,
        value: &Spanned<String>,
        clock: Hertz,
    ) -> Option<Cycle> {
        let cycles = self.time(key, value)?.cycles(clock);
        if cycles.is_none_or(|cycles| cycles.0 == 0) {
            let problem = format!("`{key}` = \"{}\" is not a usable time", value.get_ref());
            let problem = Problem::new("scenario::out-of-range", problem)
                .at(value.span(), "must be at least one cycle and fit 64 bits");
            self.report(problem.help(Kind::Time.help(&quantity::QuantityError::NoUnit)));
            return None;
        }
        cycles
    }
    /// A time in cycles, with a default for a key that is not there; a longer one than a setting
    /// can mean is an error.
    pub(super) fn time_or(
        &mut self,
        key: &str,
        field: Option<&Spanned<String>>,
        default: &str,
        clock: Hertz,
        why: &str,
    ) -> Option<Cycle> {
        let default = Spanned::new(0..0, default.to_owned());
        let value = field.unwrap_or(&default);
        let cycles = self.cycles(key, value, clock)?;
        self.within(key, cycles.0, value.span(), 1..=LONGEST, why).map(Cycle)
    }
    fn exact<T>(
        &mut self,
        kind: Kind,
        key: &str,
        value: &Spanned<String>,
        result: Result<T, quantity::QuantityError>,
    ) -> Option<T> {
        result
            .map_err(|error| {
                let text = value.get_ref();
                let message = format!("`{key}` = \"{text}\" is not {}", kind.noun());
                self.report(
                    Problem::new("scenario::bad-quantity", message)
                        .at(value.span(), error.to_string())
                        .help(kind.help(&error)),
                );
            })
            .ok()
    }
    /// A number within a range; `why` says where the bound comes from.
    pub(super) fn number(
        &mut self,
        key: &str,
        value: &Spanned<u64>,
        range: RangeInclusive<u64>,
        why: &str,
    ) -> Option<u64> {
        self.within(key, *value.get_ref(), value.span(), range, why)
    }
    /// As [`Self::number`], for a value that was read already.
    pub(super) fn within(
        &mut self,
        key: &str,
        value: u64,
        span: Span,
        range: RangeInclusive<u64>,
        why: &str,
    ) -> Option<u64> {
        if range.contains(&value) {
            return Some(value);
        }
        let allowed = match (*range.start(), *range.end()) {
            (low, u64::MAX) => format!("must be {low} or more"),
            (low, high) => format!("must be {low} to {high}"),
        };
        self.report(
            Problem::new("scenario::out-of-range", format!("`{key}` = {value} is out of range"))
                .at(span, allowed)
                .help(why),
        );
        None
    }
    /// A word out of a list.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        value: &Spanned<String>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = value.get_ref().as_str();
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let help = suggest(text, &format!("`{key}` is one of"), words.iter().map(|(w, _)| *w));
            self.report(
                Problem::new("scenario::unknown-word", format!("`{key}` cannot be `{text}`"))
                    .at(value.span(), "not one of its values")
                    .help(help),
            );
        }
        found
    }
    /// A name that is a label, a folder and a key of `--set`.
    pub(super) fn name(&mut self, value: &Spanned<String>) -> Option<String> {
        let text = value.get_ref();
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if (1..=64).contains(&text.len()) && text.chars().all(good) && !text.starts_with('-') {
            return Some(text.clone());
        }
        self.report(
            Problem::new("scenario::bad-name", format!("`{}` is not a name", text.escape_debug()))
                .at(value.span(), "1 to 64 letters, digits, `-` and `_`, not starting with `-`")
                .help("names become folders, captions and keys of --set"),
        );
        None
    }
    /// A range of whole pages inside DRAM.
    pub(super) fn pages(
        &mut self,
        site: &Site,
        base: Option<&Spanned<u64>>,
        size: Option<&Spanned<String>>,
        dram: Option<AddrRange>,
    ) -> Option<AddrRange> {
        let base = self.need(site, "base", base);
        let size = self.need(site, "size", size);
        let bytes = size.as_ref().and_then(|size| self.quantity(Kind::Size, "size", size));
        let base_ok =
            base.as_ref().is_some_and(|base| self.aligned("base", *base.get_ref(), base.span()));
        let (base, size, bytes) = (base?, size?, bytes?);
        if bytes == 0 {
            let problem =
                Problem::new("scenario::out-of-range", format!("{} is empty", site.title));
            self.report(problem.at(size.span(), "no bytes").help("for example: size = \"2 MiB\""));
            return None;
        }
        if !self.aligned("size", bytes, size.span()) || !base_ok {
            return None;
        }
        let start = PhysAddr(*base.get_ref());
        let Some(range) = AddrRange::new(start, ByteLen(bytes)) else {
            self.report(
                Problem::new("scenario::overflow", format!("{} wraps around", site.title))
                    .at(size.span(), "base + size passes the end of the 64-bit address space")
                    .at(base.span(), "counted from here"),
            );
            return None;
        };
        let Some(dram) = dram else { return Some(range) };
        if dram.covers(range) {
            return Some(range);
        }
        let message = format!("{} is outside DRAM", site.title);
        let label = show(range);
        self.report(
            Problem::new("scenario::outside-dram", message)
                .at(base.span(), label)
                .help(format!("DRAM is {} ([memory] base and size)", show(dram))),
        );
        None
    }
    pub(super) fn aligned(&mut self, key: &str, value: u64, span: Span) -> bool {
        if value.is_multiple_of(PAGE) {
            return true;
        }
        let (below, above) = (value / PAGE * PAGE, value.checked_next_multiple_of(PAGE));
        let write = |value: u64| {
            if key == "base" { PhysAddr(value).to_string() } else { format!("{value} B") }
        };
        let near =
            above.map_or(write(below), |above| format!("{} or {}", write(below), write(above)));
        self.report(
            Problem::new("scenario::unaligned", format!("`{key}` is no multiple of 4 KiB"))
                .at(span, format!("{} B over a page boundary", value % PAGE))
                .help(format!("the firewall's regions are whole 4 KiB pages; nearest: {near}")),
        );
        false
    }
}

/// First and last byte of a range that is not empty.
pub(super) fn show(range: AddrRange) -> String {
    let last = PhysAddr(range.end().0.saturating_sub(1));
    format!("{} to {last}", range.base)
}

/// Reports every name that occurs twice. `what` is a table, `[[pool]]`.
pub(super) fn duplicates<T: PartialEq + std::fmt::Display>(
    check: &mut Check<'_>,
    what: &str,
    key: &str,
    values: &[(T, Span)],
) {
    for (i, (value, span)) in values.iter().enumerate() {
        if let Some((_, first)) = values[..i].iter().find(|(earlier, _)| earlier == value) {
            check.report(
                Problem::new("scenario::duplicate", format!("two {what} have {key} `{value}`"))
                    .at(span.clone(), "again here")
                    .at(first.clone(), "first here")
                    .help(format!("every {what} needs a {key} of its own")),
            );
        }
    }
}
