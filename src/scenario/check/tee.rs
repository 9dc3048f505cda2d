// SPDX-License-Identifier: Apache-2.0
//! `[tee]`: the allocator's policy, the secure world and the times of its calls.
use super::context::Check;
use crate::scenario::file;
use crate::scenario::problem::Problem;
use crate::scenario::setup::{Drain, TeeSetup};
use crate::tee::optee::{Abi, Rounding};
use crate::tee::{DirectMap, FaultPoint, Granule, Mapping, Policy, Provenance, Strategy};
use crate::units::{Cycle, Hertz};
use toml::Spanned;

const ABIS: [(&str, Abi); 2] = [("smc", Abi::Smc), ("ffa", Abi::FfA)];

const GRANULES: [(&str, Granule); 5] = [
    ("4k", Granule::Kib4),
    ("64k", Granule::Kib64),
    ("1m", Granule::Mib1),
    ("2m", Granule::Mib2),
    ("size-aligned", Granule::SizeAligned),
];

const ROUNDINGS: [(&str, Rounding); 3] =
    [("refuse", Rounding::Refuse), ("truncate", Rounding::Truncate), ("out", Rounding::Out)];

const STRATEGIES: [(&str, Strategy); 3] = [
    ("first-fit", Strategy::FirstFit),
    ("best-fit", Strategy::BestFit),
    ("buddy", Strategy::Buddy),
];

const DRAINS: [(&str, Drain); 3] =
    [("filter", Drain::Filter), ("master", Drain::Master), ("both", Drain::Both)];

const PROVENANCES: [(&str, Provenance); 3] = [
    ("none", Provenance::None),
    ("first-page", Provenance::FirstPage),
    ("whole-range", Provenance::WholeRange),
];

const DIRECT_MAPS: [(&str, DirectMap); 4] = [
    ("kept", DirectMap::Kept),
    ("removed-in-lend-pool", DirectMap::RemovedInLendPool),
    ("removed", DirectMap::Removed),
    ("removed-and-flushed", DirectMap::RemovedAndFlushed),
];

const MAPPINGS: [(&str, Mapping); 4] = [
    ("page", Mapping::Page),
    ("page-synced", Mapping::PageSynced),
    ("resource", Mapping::Resource),
    ("token", Mapping::Token),
];

/// Places at which `[[plant]]` can make the kernel or the secure world fail.
pub(super) const FAULT_POINTS: [(&str, FaultPoint); 10] = [
    ("buffer-object", FaultPoint::BufferObject),
    ("attachment-table", FaultPoint::AttachmentTable),
    ("dma-map", FaultPoint::DmaMap),
    ("shm-object", FaultPoint::ShmObject),
    ("copy-out", FaultPoint::CopyOut),
    ("dma-pages", FaultPoint::DmaPages),
    ("pool-map", FaultPoint::PoolMap),
    ("lend-refused", FaultPoint::LendRefused),
    ("reclaim-refused", FaultPoint::ReclaimRefused),
    ("range-restore", FaultPoint::RangeRestore),
];

/// Reads `[tee]`; without it the kernel is as merged.
pub(super) fn tee(
    table: Option<&Spanned<file::Tee>>,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<TeeSetup> {
    let empty = file::Tee::default();
    let raw = table.map_or(&empty, Spanned::get_ref);
    let policy = policy(raw, check);
    let abi = word("abi", raw.abi.as_ref(), &ABIS, Abi::Smc, check);
    let granule = word("granule", raw.granule.as_ref(), &GRANULES, Granule::Kib4, check);
    let rounding = word("rounding", raw.rounding.as_ref(), &ROUNDINGS, Rounding::Refuse, check);
    let strategy = word("strategy", raw.strategy.as_ref(), &STRATEGIES, Strategy::FirstFit, check);
    let drain = word("drain", raw.drain.as_ref(), &DRAINS, Drain::Both, check);
    let smc = time("smc", raw.smc.as_ref(), "1 us", clock, check);
    let ta_call = time("ta-call", raw.ta_call.as_ref(), "5 us", clock, check);
    Some(TeeSetup {
        policy: policy?,
        abi: abi?,
        smc: smc?,
        ta_call: ta_call?,
        granule: granule?,
        rounding: rounding?,
        strategy: strategy?,
        claims: Vec::new(), // said of pools
        drain: drain?,
        region_per_buffer: raw.region_per_buffer.as_ref().is_some_and(|value| *value.get_ref()),
    })
}

/// A playback's buffers are mapped before the firewall is up, so that none can have its own region.
pub(super) fn beside_playback(file: &file::File, check: &mut Check<'_>) {
    let tee = file.tee.as_ref().map(Spanned::get_ref);
    let switch = tee.and_then(|tee| tee.region_per_buffer.as_ref());
    let used = file.playback.is_some() || file.ui.is_some() || file.recording.is_some();
    if let Some(switch) = switch.filter(|switch| *switch.get_ref() && used) {
        check.report(
            Problem::new("scenario::playback-regions", "a playback has one region a pool")
                .at(switch.span(), "not beside a [playback]")
                .help("drop it, or let [[client]]s allocate, map and transfer"),
        );
    }
}

/// Memory that is lent is one region, whatever is in it.
pub(super) fn regions_of_dynamic(file: &file::File, check: &mut Check<'_>) {
    let tee = file.tee.as_ref().map(Spanned::get_ref);
    let switch = tee.and_then(|tee| tee.region_per_buffer.as_ref());
    let dynamic = |pool: &&Spanned<file::Pool>| {
        pool.get_ref().kind.as_ref().is_some_and(|kind| kind.get_ref() == "dynamic")
    };
    let pool = file.pool.iter().flatten().find(dynamic);
    if let Some((switch, pool)) = switch.filter(|switch| *switch.get_ref()).zip(pool) {
        check.report(
            Problem::new("scenario::dynamic-regions", "a dynamic pool is lent as one region")
                .at(switch.span(), "means nothing for it")
                .at(pool.span(), "this pool is dynamic")
                .help("drop it, or make the pool static"),
        );
    }
}

/// The masters of a use case go to addresses; under a token no driver has one.
pub(super) fn beside_token(file: &file::File, check: &mut Check<'_>) {
    let tee = file.tee.as_ref().map(Spanned::get_ref);
    let mapping = tee.and_then(|tee| tee.mapping.as_ref());
    let used = file.playback.is_some() || file.ui.is_some() || file.recording.is_some();
    if let Some(mapping) = mapping.filter(|mapping| mapping.get_ref() == "token" && used) {
        check.report(
            Problem::new("scenario::token-use-case", "no use case runs on tokens")
                .at(mapping.span(), "no address reaches a driver")
                .help("another mapping, or let [[client]]s submit jobs"),
        );
    }
}

/// The masters of a use case work in the buffers themselves.
pub(super) fn beside_bounce(file: &file::File, check: &mut Check<'_>) {
    if file.playback.is_none() && file.ui.is_none() && file.recording.is_none() {
        return;
    }
    for master in file.master.iter().flatten().map(Spanned::get_ref) {
        let forced = master.force_bounce.as_ref().filter(|forced| *forced.get_ref());
        let spans = [forced.map(Spanned::span), master.dma_bits.as_ref().map(Spanned::span)];
        for span in spans.into_iter().flatten() {
            check.report(
                Problem::new("scenario::bounce-use-case", "no use case runs on bounce slots")
                    .at(span, "not beside a [playback], [ui] or [recording]")
                    .help("drop it, or let [[client]]s allocate, map and transfer"),
            );
        }
    }
}

/// The preset with the single switches on top of it.
fn policy(raw: &file::Tee, check: &mut Check<'_>) -> Option<Policy> {
    let mut policies = Policy::PRESETS.to_vec();
    policies.push(("kernel", Policy::merged()));
    let preset = word("policy", raw.policy.as_ref(), &policies, Policy::merged(), check);
    let mut policy = preset.unwrap_or_default();
    let provenance =
        word("provenance", raw.provenance.as_ref(), &PROVENANCES, policy.provenance, check);
    let direct_map =
        word("direct-map", raw.direct_map.as_ref(), &DIRECT_MAPS, policy.direct_map, check);
    let mapping = word("mapping", raw.mapping.as_ref(), &MAPPINGS, policy.mapping, check);
    let switches = [
        (&raw.counted_heap, &mut policy.counted_heap),
        (&raw.scrub_on_free, &mut policy.scrub_on_free),
        (&raw.scrub_before_reclaim, &mut policy.scrub_before_reclaim),
        (&raw.cache_before_lend, &mut policy.cache_before_lend),
        (&raw.invalidate_before_lend, &mut policy.invalidate_before_lend),
        (&raw.cache_after_reclaim, &mut policy.cache_after_reclaim),
        (&raw.drain_before_reclaim, &mut policy.drain_before_reclaim),
        (&raw.attach_by_use_case, &mut policy.attach_by_use_case),
        (&raw.bounce_refused, &mut policy.bounce_refused),
        (&raw.alignment_honoured, &mut policy.alignment_honoured),
        (&raw.overlap_refused, &mut policy.overlap_refused),
        (&raw.reclaim_checked, &mut policy.reclaim_checked),
        (&raw.call_holds_buffer, &mut policy.call_holds_buffer),
        (&raw.destination_rule, &mut policy.destination_rule),
        (&raw.get_put_closed, &mut policy.get_put_closed),
    ];
    for (given, switch) in switches {
        if let Some(given) = given {
            *switch = *given.get_ref();
        }
    }
    preset?;
    Some(Policy { provenance: provenance?, direct_map: direct_map?, mapping: mapping?, ..policy })
}

fn word<T: Copy>(
    key: &str,
    field: Option<&Spanned<String>>,
    words: &[(&str, T)],
    default: T,
    check: &mut Check<'_>,
) -> Option<T> {
    field.map_or(Some(default), |value| check.word(key, value, words))
}

fn time(
    key: &str,
    field: Option<&Spanned<String>>,
    default: &str,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<Cycle> {
    check.time_or(key, field, default, clock, "cycles of one call, one way")
}
