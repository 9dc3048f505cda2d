// SPDX-License-Identifier: Apache-2.0
//! `[cache]`, `[[iommu]]` and `[[bounce]]`: what stands between a master and the bus.
use super::clients::Around;
use super::context::{Check, Site, duplicates};
use super::pools::Pools;
use crate::scenario::devices::{BouncePool, Cache, Deferred, Iommu};
use crate::scenario::file;
use crate::scenario::model::Ip;
use crate::scenario::problem::Problem;
use crate::scenario::quantity::Kind;
use crate::units::{AddrRange, Cycle, Hertz, MasterId};
use toml::Spanned;

/// All of them.
pub(super) struct Devices {
    pub(super) cache: Option<Cache>,
    pub(super) iommus: Vec<Iommu>,
    pub(super) bounce: Vec<BouncePool>,
}

/// Reads them; `None` only where a problem was reported.
pub(super) fn devices(
    file: &file::File,
    dram: Option<AddrRange>,
    pools: &Pools,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Devices> {
    let cache = match &file.cache {
        None => Some(None),
        Some(table) => cache(table, around, check).map(Some),
    };
    let tables: Vec<_> = file.iommu.iter().flatten().collect();
    let named = |table: &&Spanned<file::Iommu>| {
        table.get_ref().master.as_ref().map(|name| (name.get_ref().clone(), name.span()))
    };
    let whose: Vec<_> = tables.iter().filter_map(named).collect();
    duplicates(check, "[[iommu]]", "master", &whose);
    let one = |(i, table): (usize, &&Spanned<file::Iommu>)| iommu(i, table, around, check);
    let iommus: Vec<Option<Iommu>> = tables.iter().enumerate().map(one).collect();
    let tables = file.bounce.iter().flatten().enumerate();
    let bounce: Vec<Option<BouncePool>> =
        tables.map(|(i, table)| bounce(i, table, dram, pools, around, check)).collect();
    Some(Devices {
        cache: cache?,
        iommus: iommus.into_iter().collect::<Option<_>>()?,
        bounce: bounce.into_iter().collect::<Option<_>>()?,
    })
}

/// A master whose pins nobody else drives: what stands in front of it drives them itself.
fn own_port(
    name: Option<&Spanned<String>>,
    site: &Site,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<(MasterId, Ip)> {
    let name = check.need(site, "master", name)?;
    let master = around.masters.resolve(check, "master", &name)?;
    let (id, ip) = (master.id, master.ip);
    if let Some(busy) = around.other_work(id) {
        let message = format!("`{}` has other work", name.get_ref());
        check.report(
            Problem::new("scenario::master-taken", message)
                .at(name.span(), format!("it is driven by {busy}"))
                .help("here only [[client]]s can use it; name another master"),
        );
        return None;
    }
    Some((id, ip))
}

fn cache(
    table: &Spanned<file::Cache>,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Cache> {
    let raw = table.get_ref();
    let site = check.site(&["cache"], table.span());
    let master = own_port(raw.master.as_ref(), &site, around, check);
    let master = master.and_then(|(id, ip)| {
        if ip == Ip::Cpu {
            return Some(id);
        }
        let span = raw.master.as_ref().map_or(site.span.clone(), Spanned::span);
        check.report(
            Problem::new("scenario::no-processor", "only a processor has a cache")
                .at(span, "not a master with ip = \"cpu\"")
                .help("name the master with ip = \"cpu\""),
        );
        None
    });
    let mut number = |key: &str, field: &file::Field<u64>, default: u64, most: u64, why: &str| {
        field.as_ref().map_or(Some(default), |value| check.number(key, value, 1..=most, why))
    };
    let sets = number("sets", &raw.sets, 64, 1 << 14, "a cache has 1 to 16384 sets");
    let ways = number("ways", &raw.ways, 4, 64, "a cache has 1 to 64 ways");
    let sets = sets.filter(|sets| {
        let power = sets.is_power_of_two();
        if !power {
            let span = raw.sets.as_ref().map_or(site.span.clone(), Spanned::span);
            check.report(
                Problem::new("scenario::out-of-range", format!("{sets} sets are no power of two"))
                    .at(span, "a set is chosen by address bits")
                    .help(format!("for example: sets = {}", sets.next_power_of_two())),
            );
        }
        power
    });
    let keeps = raw.denied_lines.as_ref().map_or(Some(true), |word| {
        check.word("denied-lines", word, &[("kept", true), ("dropped", false)])
    });
    let evict = maybe_time("evict-every", raw.evict_every.as_ref(), around.clock, check);
    let speculate =
        maybe_time("speculate-every", raw.speculate_every.as_ref(), around.clock, check);
    let window = time("tlb-window", raw.tlb_window.as_ref(), "5 us", around.clock, check);
    let ahead = check.quantity_or(Kind::Percent, "read-ahead", raw.read_ahead.as_ref(), 0);
    let ahead = ahead.and_then(|percent| {
        let span = raw.read_ahead.as_ref().map_or(0..0, Spanned::span);
        check.within("read-ahead", percent, span, 0..=100, "percent")
    });
    Some(Cache {
        master: master?,
        sets: sets? as usize,
        ways: ways? as usize,
        keeps_denied_lines: keeps?,
        evict_every: evict?,
        ahead_percent: ahead? as u8,
        speculate_every: speculate?,
        tlb_window: window?,
    })
}

fn iommu(
    i: usize,
    table: &Spanned<file::Iommu>,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Iommu> {
    let raw = table.get_ref();
    let site = check.site(&["iommu", &i.to_string()], table.span());
    let master = own_port(raw.master.as_ref(), &site, around, check);
    let master = master.and_then(|(id, ip)| {
        if !matches!(ip, Ip::Cpu | Ip::Crypto) {
            return Some((id, ip));
        }
        let span = raw.master.as_ref().map_or(site.span.clone(), Spanned::span);
        check.report(
            Problem::new("scenario::no-device", "kernel and TEE touch memory without an IOMMU")
                .at(span, "a processor, or the TEE's own master")
                .help("name a device: a decoder, a display, ..."),
        );
        None
    });
    let entries = raw.entries.as_ref().map_or(Some(16), |value| {
        check.number("entries", value, 1..=1024, "an IOTLB has 1 to 1024 entries")
    });
    let walk = time("walk", raw.walk.as_ref(), "100 ns", around.clock, check);
    let flush = time("invalidation", raw.invalidation.as_ref(), "500 ns", around.clock, check);
    let deferred = raw.mode.as_ref().map_or(Some(false), |word| {
        check.word("mode", word, &[("strict", false), ("deferred", true)])
    });
    let within = time("flush-within", raw.flush_within.as_ref(), "10 ms", around.clock, check);
    let unmaps = raw.flush_unmaps.as_ref().map_or(Some(256), |value| {
        check.number("flush-unmaps", value, 1..=4096, "a flush queue holds 1 to 4096 unmaps")
    });
    let queue = [
        ("flush-within", raw.flush_within.as_ref().map(Spanned::span)),
        ("flush-unmaps", raw.flush_unmaps.as_ref().map(Spanned::span)),
    ];
    for (key, span) in queue.into_iter().filter(|_| deferred == Some(false)) {
        let Some(span) = span else { continue };
        let message = format!("`{key}` means nothing for a strict IOMMU");
        check.report(
            Problem::new("scenario::unused-key", message)
                .at(span, "nothing waits in a queue")
                .help("drop it, or set mode = \"deferred\""),
        );
    }
    let (unmaps, within) = (unmaps? as usize, within?);
    Some(Iommu {
        master: master?.0,
        entries: entries? as usize,
        walk: walk?,
        invalidation: flush?,
        deferred: deferred?.then_some(Deferred { unmaps, within }),
    })
}

fn bounce(
    i: usize,
    table: &Spanned<file::Bounce>,
    dram: Option<AddrRange>,
    pools: &Pools,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<BouncePool> {
    let raw = table.get_ref();
    let site = check.site(&["bounce", &i.to_string()], table.span());
    let range = check.pages(&site, raw.base.as_ref(), raw.size.as_ref(), dram);
    let master = match &raw.master {
        None => Some(None),
        Some(name) => around.masters.resolve(check, "master", name).map(|master| Some(master.id)),
    };
    let range = range?;
    let inside = pools.iter().find(|pool| pool.range.overlaps(range));
    if let Some(pool) = inside {
        let span = raw.base.as_ref().map_or(site.span.clone(), Spanned::span);
        let message = format!("{} reaches into pool `{}`", site.title, pool.name);
        check.report(
            Problem::new("scenario::bounce-in-pool", message)
                .at(span, "bounce buffers are ordinary memory")
                .help("give them another base"),
        );
        return None;
    }
    Some(BouncePool { range, master: master? })
}

fn maybe_time(
    key: &str,
    field: Option<&Spanned<String>>,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<Option<Cycle>> {
    field.map_or(Some(None), |_| time(key, field, "", clock, check).map(Some))
}

fn time(
    key: &str,
    field: Option<&Spanned<String>>,
    default: &str,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<Cycle> {
    check.time_or(key, field, default, clock, "cycles")
}
