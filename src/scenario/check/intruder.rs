// SPDX-License-Identifier: Apache-2.0
//! `[[traffic]]` and `[[intruder]]`: what masters do beside the playback.
use super::context::{Check, Site, duplicates, show};
use super::masters::Masters;
use super::pools::Pools;
use crate::scenario::file;
use crate::scenario::model::{Attack, Intruder, Role, Traffic};
use crate::scenario::problem::{Problem, Span};
use crate::scenario::quantity::Kind;
use crate::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, MasterId};
use toml::Spanned;

/// Bytes of a beat.
const BEAT: u64 = 16;

/// Longest burst of a driver, bytes (64 beats).
const MAX_BURST: u64 = 64 * BEAT;

/// Attacks by name.
const ATTACKS: [(&str, Attack); 6] = [
    ("read-frames", Attack::ReadFrames),
    ("write-frames", Attack::WriteFrames),
    ("read-bitstream", Attack::ReadBitstream),
    ("edges", Attack::Edges),
    ("read-pools", Attack::ReadPools),
    ("write-pools", Attack::WritePools),
];

/// Reads every `[[traffic]]`.
pub(super) fn traffic(
    file: &file::File,
    clock: Hertz,
    dram: Option<AddrRange>,
    masters: &Masters,
    pools: &Pools,
    check: &mut Check<'_>,
) -> Vec<Traffic> {
    let tables: Vec<_> = file.traffic.iter().flatten().collect();
    let who: Vec<_> =
        tables.iter().filter_map(|table| named(table.get_ref().master.as_ref())).collect();
    duplicates(check, "[[traffic]]", "master", &who);
    let one = |(i, table): (usize, &&Spanned<file::Traffic>)| {
        let raw = table.get_ref();
        let site = check.site(&["traffic", &i.to_string()], table.span());
        let master = check.need(&site, "master", raw.master.as_ref());
        let master = master.and_then(|name| masters.resolve(check, "master", &name)).map(|m| m.id);
        let range = check.pages(&site, raw.base.as_ref(), raw.size.as_ref(), dram);
        let range = range.filter(|range| outside_pools(*range, raw, &site, pools, check));
        let rate = check.need(&site, "rate", raw.rate.as_ref()).and_then(|rate| {
            let bytes = check.quantity(Kind::Rate, "rate", &rate)?;
            let port = clock.0.saturating_mul(BEAT);
            let why = "bytes a second; the upper bound is one port: 16 bytes a cycle";
            check.within("rate", bytes, rate.span(), 1..=port, why)
        });
        let writes = share(raw.writes.as_ref(), 30, check);
        let access = burst(raw.access.as_ref(), "access", 64, check);
        Some(Traffic {
            master: master?,
            range: range?,
            rate: ByteRate(rate?),
            write_percent: writes?,
            access: access?,
        })
    };
    tables.iter().enumerate().filter_map(one).collect()
}

fn named(field: Option<&Spanned<String>>) -> Option<(String, Span)> {
    field.map(|name| (name.get_ref().clone(), name.span()))
}

fn outside_pools(
    range: AddrRange,
    raw: &file::Traffic,
    site: &Site,
    pools: &Pools,
    check: &mut Check<'_>,
) -> bool {
    let span = raw.base.as_ref().map_or(site.span.clone(), Spanned::span);
    let Some(pool) = pools.iter().find(|pool| pool.range.overlaps(range)) else {
        return pools.nodes.keep_out(range, &site.title, &span, true, check);
    };
    let message = format!("{} reaches into pool `{}`", site.title, pool.name);
    check.report(Problem::new("scenario::traffic-in-pool", message).at(span, show(range)).help(
        format!(
            "ordinary traffic stays on ordinary memory; the pool is {}; an access that is \
                 meant to be blocked is an [[intruder]]",
            show(pool.range)
        ),
    ));
    false
}

/// A share of writes, percent.
fn share(field: Option<&Spanned<String>>, default: u64, check: &mut Check<'_>) -> Option<u32> {
    let percent = check.quantity_or(Kind::Percent, "writes", field, default)?;
    let span = field.map_or(0..0, Spanned::span);
    check.within("writes", percent, span, 0..=100, "percent").map(|percent| percent as u32)
}

/// Bytes of a burst: a power of two, so that bursts laid end to end never cross a page.
fn burst(
    field: Option<&Spanned<String>>,
    key: &str,
    default: u64,
    check: &mut Check<'_>,
) -> Option<ByteLen> {
    let bytes = check.quantity_or(Kind::Size, key, field, default)?;
    if bytes.is_power_of_two() && (BEAT..=MAX_BURST).contains(&bytes) {
        return Some(ByteLen(bytes));
    }
    let span = field.map_or(0..0, Spanned::span);
    check.report(
        Problem::new("scenario::out-of-range", format!("`{key}` = {bytes} B is not possible"))
            .at(span, "must be 16, 32, 64, 128, 256, 512 or 1024 B")
            .help("1 to 64 beats of 16 bytes, a power of two, so that no burst crosses 4 KiB"),
    );
    None
}

/// Reads every `[[intruder]]`.
pub(super) fn intruders(
    file: &file::File,
    clock: Hertz,
    taking_part: &[(MasterId, &str)],
    decoded: u32,
    masters: &Masters,
    pools: &Pools,
    check: &mut Check<'_>,
) -> Vec<Intruder> {
    let tables: Vec<_> = file.intruder.iter().flatten().collect();
    let who: Vec<_> =
        tables.iter().filter_map(|table| named(table.get_ref().master.as_ref())).collect();
    duplicates(check, "[[intruder]]", "master", &who);
    let one = |(i, table): (usize, &&Spanned<file::Intruder>)| {
        let raw = table.get_ref();
        let site = check.site(&["intruder", &i.to_string()], table.span());
        let master = intruding_master(raw, &site, taking_part, masters, check);
        let attacks = attacks(raw, &site, pools, check);
        let burst = burst(raw.burst.as_ref(), "burst", 256, check);
        let outstanding = raw.outstanding.as_ref().map_or(Some(4), |value| {
            check.number("outstanding", value, 1..=16, "a driver keeps up to 16 bursts in flight")
        });
        let every =
            raw.every.as_ref().map_or(Some(Cycle(100)), |v| check.cycles("every", v, clock));
        let after = after_frames(raw.after_frames.as_ref(), decoded, check);
        let writes = share(raw.writes.as_ref(), 10, check);
        Some(Intruder {
            master: master?,
            attacks: attacks?,
            burst: burst?,
            outstanding: outstanding? as u8,
            every: every?,
            after_frames: after?,
            write_percent: writes?,
            line: check.line(&table.span()),
        })
    };
    tables.iter().enumerate().filter_map(one).collect()
}

fn intruding_master(
    raw: &file::Intruder,
    site: &Site,
    taking_part: &[(MasterId, &str)],
    masters: &Masters,
    check: &mut Check<'_>,
) -> Option<MasterId> {
    let name = check.need(site, "master", raw.master.as_ref())?;
    let master = masters.resolve(check, "master", &name)?;
    let Some((_, what)) = taking_part.iter().find(|(part, _)| *part == master.id) else {
        return Some(master.id);
    };
    let what = what.replace(['[', ']'], "");
    check.report(
        Problem::new("scenario::intruder-has-rights", format!("`{}` is no intruder", master.name))
            .at(name.span(), format!("takes part in {what}"))
            .help("what it is permitted to do cannot be told from an attack; name another master"),
    );
    None
}

fn attacks(
    raw: &file::Intruder,
    site: &Site,
    pools: &Pools,
    check: &mut Check<'_>,
) -> Option<Vec<Attack>> {
    let list = check.need(site, "attacks", raw.attacks.as_ref())?;
    let words: Vec<&str> = ATTACKS.iter().map(|(word, _)| *word).collect();
    if list.get_ref().is_empty() && !check.was_wrong(site, "attacks") {
        check.report(
            Problem::new("scenario::no-target", format!("{} attacks nothing", site.title))
                .at(list.span(), "empty")
                .help(format!("attacks: {}", words.join(", "))),
        );
        return None;
    }
    let mut attacks = Vec::new();
    for word in list.get_ref() {
        let Some(attack) = check.word("attacks", word, &ATTACKS) else {
            continue;
        };
        let there = match attack {
            Attack::ReadFrames | Attack::WriteFrames => pools.may_have(Role::Frame),
            Attack::ReadBitstream => pools.may_have(Role::Bitstream),
            Attack::Edges | Attack::ReadPools | Attack::WritePools => pools.may_have_any(),
        };
        if there || check.was_wrong(&Check::top(), "pool") {
            attacks.push(attack);
            continue;
        }
        let role = if attack == Attack::ReadBitstream { "bitstream" } else { "frame" };
        check.report(
            Problem::new("scenario::no-target", format!("`{}` has no target", word.get_ref()))
                .at(word.span(), "no [[pool]] for it")
                .help(format!("declare a [[pool]] with role = \"{role}\", or drop this attack")),
        );
    }
    (attacks.len() == list.get_ref().len()).then_some(attacks)
}

/// Frames to wait for; more than are decoded would wait for ever.
pub(super) fn after_frames(
    field: Option<&Spanned<u64>>,
    decoded: u32,
    check: &mut Check<'_>,
) -> Option<u32> {
    let Some(value) = field else { return Some(0) };
    if *value.get_ref() <= u64::from(decoded) {
        return Some(*value.get_ref() as u32);
    }
    let (seen, help) = match decoded {
        0 => (
            "there is no [playback]".to_owned(),
            "after-frames = 0, or add a [playback]".to_owned(),
        ),
        n => (format!("{n} are decoded"), format!("0 to {n}, or raise [playback] frames")),
    };
    check.report(
        Problem::new("scenario::no-target", "`after-frames` waits for frames that never come")
            .at(value.span(), seen)
            .help(help),
    );
    None
}
