// SPDX-License-Identifier: Apache-2.0
//! `[replay]`: how a heap history becomes the steps of clients.
use super::clients::{Around, secure_master};
use super::context::Check;
use super::rows::Rows;
use crate::scenario::file;
use crate::scenario::history;
use crate::scenario::problem::Problem;
use crate::scenario::quantity::Kind;
use crate::scenario::script::{Clients, Replay};
use crate::units::{ByteLen, Cycle};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// A microsecond on the board is so many of the history, where nothing else is said.
const SPEED: u64 = 1000;
/// Bytes of one transfer at most.
const MAX_TRANSFER: u64 = 64 << 20;

/// Reads `[replay]` and its history. `None` where nothing is replayed; inside, `None` where a
/// problem was reported.
pub(super) fn replay(
    file: &file::File,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Option<(Clients, Replay)>> {
    let given = check.history();
    let table = file.replay.as_ref();
    if table.is_none() && given.is_none() {
        return None;
    }
    let empty = file::Replay::default();
    let raw = table.map_or(&empty, Spanned::get_ref);
    let site = check.site(&["replay"], table.map_or(0..0, Spanned::span));
    let alone = alone(file, check);
    let settings = settings(raw, around, check);
    let devices = devices(raw, around, check);
    let Some((attached, base)) = given else {
        check.need(&site, "history", raw.history.as_ref());
        return Some(None);
    };
    let rows = match history::read(&attached.text, base) {
        Ok(rows) => rows,
        Err(problems) => {
            problems.into_iter().for_each(|problem| check.report(problem));
            return Some(None);
        }
    };
    let stem = Path::new(&attached.name).file_stem().unwrap_or_default();
    Some((|| {
        alone?;
        let settings = Replay {
            history: stem.to_string_lossy().into_owned(),
            rows: rows.len() as u32,
            ..settings?
        };
        let clients = Rows::new(&settings, devices?, around, check).clients(&rows)?;
        secure_master(&clients.list, around, check)?;
        Some((clients, settings))
    })())
}

/// A history's processes are all that call the allocator.
fn alone(file: &file::File, check: &mut Check<'_>) -> Option<()> {
    let client = file.client.iter().flatten().next().map(|table| ("[[client]]", table.span()));
    let playback = file.playback.as_ref().map(|table| ("[playback]", table.span()));
    let beside: Vec<_> = client.into_iter().chain(playback).collect();
    for (what, span) in &beside {
        check.report(
            Problem::new("replay::not-alone", format!("{what} stands beside a replay"))
                .at(span.clone(), "it would use the same heaps and masters")
                .help("a history's processes are the only ones; take one of the two away"),
        );
    }
    beside.is_empty().then_some(())
}

fn settings(raw: &file::Replay, around: &Around<'_>, check: &mut Check<'_>) -> Option<Replay> {
    let speed = raw.speed.as_ref().map_or(Some(SPEED), |speed| {
        let why = "microseconds of the history in one on the board";
        check.number("speed", speed, 1..=1_000_000_000, why)
    });
    let time =
        |key: &str, value: Option<&Spanned<String>>, default: &str, check: &mut Check<'_>| {
            let default = Spanned::new(0..0, default.to_owned());
            check.cycles(key, value.unwrap_or(&default), around.clock)
        };
    let max_gap = time("max-gap", raw.max_gap.as_ref(), "50 us", check);
    let window = time("window", raw.window.as_ref(), "1000 ms", check);
    let transfer = bytes("transfer", raw.transfer.as_ref(), check);
    let next_owner = bytes("next-owner", raw.next_owner.as_ref(), check);
    let window_us = |cycles: Cycle| {
        (u128::from(cycles.0) * 1_000_000 / u128::from(around.clock.0.max(1))) as u64
    };
    Some(Replay {
        history: String::new(),
        rows: 0,
        speed: speed?,
        max_gap: max_gap?,
        transfer: transfer?,
        next_owner: next_owner?,
        window_us: window.map(window_us)?,
    })
}

/// Whole beats, or none.
fn bytes(key: &str, value: Option<&Spanned<String>>, check: &mut Check<'_>) -> Option<ByteLen> {
    let Some(value) = value else { return Some(ByteLen(4096)) };
    let bytes = check.quantity(Kind::Size, key, value)?;
    let why = "bytes, at most 64 MiB; 0 B for none";
    check.within(key, bytes, value.span(), 0..=MAX_TRANSFER, why)?;
    Some(ByteLen(bytes / 16 * 16))
}

/// What the history calls a device, and which master that is.
fn devices(
    raw: &file::Replay,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<BTreeMap<String, crate::units::MasterId>> {
    let mut found = BTreeMap::new();
    let mut complete = true;
    for (name, master) in raw.devices.iter().flat_map(|devices| devices.get_ref().iter()) {
        let master = around.masters.resolve(check, "devices", master).map(|master| master.id);
        complete &= master.is_some();
        found.extend(master.map(|master| (name.get_ref().clone(), master)));
    }
    complete.then_some(found)
}
