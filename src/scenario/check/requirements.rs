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

const EXPECT_KINDS: [&str; 5] =
    ["blocked", "frames-shown", "underruns", "transition", "throughput"];
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

/// Reads every `[[expect]]`; there must be one.
pub(super) fn expects(
    file: &file::File,
    clock: Hertz,
    frames: Option<u32>,
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
        let what = requirement(table.get_ref(), &site, file, clock, frames, masters, check)?;
        Some(Expect { what, line: check.line(&table.span()) })
    };
    tables.iter().enumerate().filter_map(one).collect()
}

fn requirement(
    raw: &file::Expect,
    site: &Site,
    file: &file::File,
    clock: Hertz,
    frames: Option<u32>,
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
            needs_playback(&kind, file, check)?;
            let frames = frames?;
            let Some(min) = &raw.min else {
                return Some(Requirement::FramesShown { min: frames.into() });
            };
            let why = "the upper bound is the playback's `frames`; without `min`, all of them";
            let min = check.number("min", min, 1..=frames.into(), why)?;
            Some(Requirement::FramesShown { min })
        }
        "underruns" => {
            only_keys(check, "underruns", &["max"], &keys);
            needs_playback(&kind, file, check)?;
            let max = raw.max.as_ref().map_or(0, |max| *max.get_ref());
            Some(Requirement::Underruns { max })
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

fn needs_playback(kind: &Spanned<String>, file: &file::File, check: &mut Check<'_>) -> Option<()> {
    if file.playback.is_some() || check.was_wrong(&Check::top(), "playback") {
        return Some(());
    }
    check.report(
        Problem::new("scenario::no-playback", format!("`{}` needs a playback", kind.get_ref()))
            .at(kind.span(), "there is no [playback]")
            .help("add a [playback], or drop this [[expect]]"),
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
