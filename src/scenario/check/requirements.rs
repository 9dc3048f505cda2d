// SPDX-License-Identifier: Apache-2.0
//! `[[expect]]` and `[[plant]]`: what must come of it, and what is broken on purpose.
use super::context::{Check, Site, show};
use super::intruder::after_frames;
use super::masters::Masters;
use super::tee::FAULT_POINTS;
use crate::scenario::file;
use crate::scenario::model::{Expect, Plant, PlantKind, Requirement};
use crate::scenario::problem::{Problem, Span, suggest};
use crate::scenario::quantity::Kind;
use crate::units::{AddrRange, ByteRate, Hertz, PhysAddr};
use toml::Spanned;

const EXPECT_KINDS: [&str; 8] = [
    "blocked",
    "frames-shown",
    "updates-shown",
    "frames-recorded",
    "underruns",
    "overruns",
    "transition",
    "throughput",
];
const PLANT_KINDS: [&str; 4] = ["flip-byte", "remove-monitor", "rtl", "tee"];

/// A key that a table may hold, and where it stands if it does.
type Key<'a> = (&'a str, Option<Span>);

fn at<T>(field: Option<&Spanned<T>>) -> Option<Span> {
    field.map(Spanned::span)
}

/// Reports keys that this kind has no use for.
fn only_keys(check: &mut Check<'_>, kind: &str, allowed: &[&str], keys: &[Key<'_>]) {
    for (key, span) in keys {
        let Some(span) = span.clone().filter(|_| !allowed.contains(key)) else {
            continue;
        };
        let message = format!("`{key}` means nothing for kind = \"{kind}\"");
        check.report(
            Problem::new("scenario::unused-key", message)
                .at(span, "not a key of this kind")
                .help(format!("keys of \"{kind}\": kind, {}", allowed.join(", "))),
        );
    }
}

fn known_kind(check: &mut Check<'_>, kind: &Spanned<String>, kinds: &[&str]) {
    let text = kind.get_ref();
    check.report(
        Problem::new("scenario::unknown-word", format!("`kind` cannot be `{text}`"))
            .at(kind.span(), "not one of its values")
            .help(suggest(text, "`kind` is one of", kinds.iter().copied())),
    );
}

/// What there is to show or record, by use case.
#[derive(Clone, Copy)]
pub(super) struct Totals {
    /// Frames of the playback.
    pub(super) shown: Option<u32>,
    /// Updates of the trusted UI.
    pub(super) updates: Option<u32>,
    /// Frames of the recording.
    pub(super) recorded: Option<u32>,
}

/// Reads every `[[expect]]`; there must be one.
pub(super) fn expects(
    file: &file::File,
    clock: Hertz,
    totals: Totals,
    masters: &Masters,
    check: &mut Check<'_>,
) -> Vec<Expect> {
    let tables: Vec<_> = file.expect.iter().flatten().collect();
    // The steps of a client are requirements: each says what must come of it.
    let scripted = file.client.is_some() || file.replay.is_some() || check.history().is_some();
    if tables.is_empty() && !scripted && !check.was_wrong(&Check::top(), "expect") {
        check.report(
            Problem::new("scenario::no-expectation", "the scenario expects nothing").help(
                "a run without a requirement proves nothing; for example:\n\
                 [[expect]]\nkind = \"blocked\"\nmaster = \"gpu\"\nmin = 1",
            ),
        );
    }
    let one = |(i, table): (usize, &&Spanned<file::Expect>)| {
        let site = check.site(&["expect", &i.to_string()], table.span());
        let what = requirement(table.get_ref(), &site, file, clock, totals, masters, check)?;
        Some(Expect { what, line: check.line(&table.span()) })
    };
    tables.iter().enumerate().filter_map(one).collect()
}

fn requirement(
    raw: &file::Expect,
    site: &Site,
    file: &file::File,
    clock: Hertz,
    totals: Totals,
    masters: &Masters,
    check: &mut Check<'_>,
) -> Option<Requirement> {
    let kind = check.need(site, "kind", raw.kind.as_ref())?;
    let keys = [
        ("master", at(raw.master.as_ref())),
        ("min", at(raw.min.as_ref())),
        ("max", at(raw.max.as_ref())),
        ("time", at(raw.time.as_ref())),
        ("rate", at(raw.rate.as_ref())),
    ];
    match kind.get_ref().as_str() {
        "blocked" => {
            only_keys(check, "blocked", &["master", "min"], &keys);
            let name = check.need(site, "master", raw.master.as_ref())?;
            let master = masters.resolve(check, "master", &name)?.id;
            declared_intruder(&name, file, masters, check)?;
            let min = raw.min.as_ref().map_or(Some(1), |min| {
                check.number("min", min, 1..=u64::MAX, "at least one attempt must be blocked")
            })?;
            Some(Requirement::Blocked { master, min })
        }
        "frames-shown" => {
            only_keys(check, "frames-shown", &["min"], &keys);
            needs(&["playback"], &kind, file, check)?;
            let why = "the upper bound is the playback's `frames`; without `min`, all of them";
            let min = at_least(raw.min.as_ref(), totals.shown?, why, check)?;
            Some(Requirement::FramesShown { min })
        }
        "updates-shown" => {
            only_keys(check, "updates-shown", &["min"], &keys);
            needs(&["ui"], &kind, file, check)?;
            let why = "the upper bound is the trusted UI's `updates`; without `min`, all of them";
            let min = at_least(raw.min.as_ref(), totals.updates?, why, check)?;
            Some(Requirement::UpdatesShown { min })
        }
        "frames-recorded" => {
            only_keys(check, "frames-recorded", &["min"], &keys);
            needs(&["recording"], &kind, file, check)?;
            let why = "the upper bound is the recording's `frames`; without `min`, all of them";
            let min = at_least(raw.min.as_ref(), totals.recorded?, why, check)?;
            Some(Requirement::FramesRecorded { min })
        }
        "underruns" => {
            only_keys(check, "underruns", &["max"], &keys);
            needs(&["playback", "ui"], &kind, file, check)?;
            let max = raw.max.as_ref().map_or(0, |max| *max.get_ref());
            Some(Requirement::Underruns { max })
        }
        "overruns" => {
            only_keys(check, "overruns", &["max"], &keys);
            needs(&["recording"], &kind, file, check)?;
            let max = raw.max.as_ref().map_or(0, |max| *max.get_ref());
            Some(Requirement::Overruns { max })
        }
        "transition" => {
            only_keys(check, "transition", &["time"], &keys);
            let time = check.need(site, "time", raw.time.as_ref())?;
            let max = check.cycles("time", &time, clock)?;
            Some(Requirement::Transition { max })
        }
        "throughput" => {
            only_keys(check, "throughput", &["master", "rate"], &keys);
            let name = check.need(site, "master", raw.master.as_ref());
            let rate = check.need(site, "rate", raw.rate.as_ref());
            let rate = rate.and_then(|rate| check.quantity(Kind::Rate, "rate", &rate));
            let master = name.and_then(|name| masters.resolve(check, "master", &name));
            Some(Requirement::Throughput { master: master?.id, min: ByteRate(rate?) })
        }
        _ => {
            known_kind(check, &kind, &EXPECT_KINDS);
            None
        }
    }
}

/// Only declared attempts can be blocked as expected.
fn declared_intruder(
    name: &Spanned<String>,
    file: &file::File,
    masters: &Masters,
    check: &mut Check<'_>,
) -> Option<()> {
    let mut intruders = file.intruder.iter().flatten().map(Spanned::get_ref);
    // One whose own name is unknown, and reported, may well be the one that is meant.
    let is = |raw: &file::Intruder| {
        raw.master.as_ref().is_none_or(|master| {
            master.get_ref() == name.get_ref() || !masters.knows(master.get_ref())
        })
    };
    if intruders.any(is) || check.was_wrong(&Check::top(), "intruder") {
        return Some(());
    }
    let wanted = name.get_ref();
    check.report(
        Problem::new("scenario::no-intruder", format!("nothing of `{wanted}` will be blocked"))
            .at(name.span(), format!("no [[intruder]] has master = \"{wanted}\""))
            .help("a denial counts as expected only where the intruder is declared"),
    );
    None
}

/// `min`, or all.
fn at_least(min: Option<&Spanned<u64>>, all: u32, why: &str, check: &mut Check<'_>) -> Option<u64> {
    min.map_or(Some(all.into()), |min| check.number("min", min, 1..=all.into(), why))
}

/// Reports that the file has none of the use cases that a requirement is about.
fn needs(
    tables: &[&str],
    kind: &Spanned<String>,
    file: &file::File,
    check: &mut Check<'_>,
) -> Option<()> {
    let there = |table: &&str| match *table {
        "playback" => file.playback.is_some(),
        "ui" => file.ui.is_some(),
        _ => file.recording.is_some(),
    };
    if tables.iter().any(|table| there(table) || check.was_wrong(&Check::top(), table)) {
        return Some(());
    }
    let list = tables.join("] or [");
    let message = format!("`{}` needs a {}", kind.get_ref(), tables.join(" or a "));
    check.report(
        Problem::new("scenario::no-use-case", message)
            .at(kind.span(), format!("there is no [{list}]"))
            .help(format!("add a [{list}], or drop this [[expect]]")),
    );
    None
}

/// Reads every `[[plant]]`.
pub(super) fn plants(
    file: &file::File,
    dram: Option<AddrRange>,
    decoded: u32,
    masters: &Masters,
    check: &mut Check<'_>,
) -> Vec<Plant> {
    let one = |(i, table): (usize, &Spanned<file::Plant>)| {
        let site = check.site(&["plant", &i.to_string()], table.span());
        let what = plant(table.get_ref(), &site, dram, decoded, masters, check)?;
        Some(Plant { what, line: check.line(&table.span()) })
    };
    file.plant.iter().flatten().enumerate().filter_map(one).collect()
}

fn plant(
    raw: &file::Plant,
    site: &Site,
    dram: Option<AddrRange>,
    decoded: u32,
    masters: &Masters,
    check: &mut Check<'_>,
) -> Option<PlantKind> {
    let kind = check.need(site, "kind", raw.kind.as_ref())?;
    let keys = [
        ("master", at(raw.master.as_ref())),
        ("addr", at(raw.addr.as_ref())),
        ("after-frames", at(raw.after_frames.as_ref())),
        ("fault", at(raw.fault.as_ref())),
        ("point", at(raw.point.as_ref())),
        ("times", at(raw.times.as_ref())),
    ];
    match kind.get_ref().as_str() {
        "flip-byte" => {
            only_keys(check, "flip-byte", &["addr", "after-frames"], &keys);
            let after = after_frames(raw.after_frames.as_ref(), decoded, check);
            let addr = check.need(site, "addr", raw.addr.as_ref())?;
            let place = PhysAddr(*addr.get_ref());
            if let Some(dram) = dram.filter(|dram| !dram.contains(place)) {
                check.report(
                    Problem::new("scenario::outside-dram", "`addr` is outside DRAM")
                        .at(addr.span(), place.to_string())
                        .help(format!("DRAM is {}", show(dram))),
                );
                return None;
            }
            Some(PlantKind::FlipByte { addr: place, after_frames: after? })
        }
        "remove-monitor" => {
            only_keys(check, "remove-monitor", &["master"], &keys);
            let name = check.need(site, "master", raw.master.as_ref())?;
            let master = masters.resolve(check, "master", &name)?.id;
            Some(PlantKind::RemoveMonitor { master })
        }
        "rtl" => {
            only_keys(check, "rtl", &["fault"], &keys);
            let fault = check.need(site, "fault", raw.fault.as_ref())?;
            let why = "the number of a fault in sim/faults.txt";
            let fault = check.number("fault", &fault, 0..=u64::from(u32::MAX), why)?;
            Some(PlantKind::Rtl { fault: fault as u32 })
        }
        "tee" => {
            only_keys(check, "tee", &["point", "times"], &keys);
            let point = check.need(site, "point", raw.point.as_ref())?;
            let point = check.word("point", &point, &FAULT_POINTS);
            let times = raw.times.as_ref().map_or(Some(1), |times| {
                check.number("times", times, 1..=u64::from(u32::MAX), "how often it fails")
            });
            Some(PlantKind::Tee { point: point?, times: times? as u32 })
        }
        _ => {
            known_kind(check, &kind, &PLANT_KINDS);
            None
        }
    }
}
