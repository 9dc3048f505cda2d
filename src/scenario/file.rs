// SPDX-License-Identifier: Apache-2.0
//! A scenario file as it is written: names unresolved, quantities still text.
//!
//! Every key is optional here, so that one that is missing is reported with all other problems
//! instead of stopping the reader; `check` says which are required. Every value keeps its place.
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A key that may be missing.
pub(super) type Field<T> = Option<Spanned<T>>;

/// `[[...]]` tables.
pub(super) type Tables<T> = Option<Vec<Spanned<T>>>;

/// Keys at the top that are one table.
pub(super) const SINGLE_TABLES: [&str; 9] =
    ["sim", "memory", "firewall", "tee", "playback", "ui", "recording", "cache", "replay"];

/// Keys at the top that are lists of tables.
pub(super) const TABLE_LISTS: [&str; 10] = [
    "master",
    "reserved-memory",
    "pool",
    "client",
    "traffic",
    "intruder",
    "expect",
    "plant",
    "iommu",
    "bounce",
];

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) schema_version: Field<u64>,
    pub(super) name: Field<String>,
    pub(super) summary: Field<String>,
    pub(super) tags: Field<Vec<Spanned<String>>>,
    pub(super) seed: Field<u64>,
    #[expect(dead_code, reason = "its file is part of the document by now")]
    pub(super) platform: Field<String>,
    pub(super) sim: Field<Sim>,
    pub(super) memory: Field<Memory>,
    pub(super) firewall: Field<Firewall>,
    pub(super) tee: Field<Tee>,
    pub(super) master: Tables<Master>,
    pub(super) reserved_memory: Tables<ReservedMemory>,
    pub(super) pool: Tables<Pool>,
    pub(super) playback: Field<Playback>,
    pub(super) ui: Field<Ui>,
    pub(super) recording: Field<Recording>,
    pub(super) replay: Field<Replay>,
    pub(super) client: Tables<Client>,
    pub(super) traffic: Tables<Traffic>,
    pub(super) intruder: Tables<Intruder>,
    pub(super) expect: Tables<Expect>,
    pub(super) plant: Tables<Plant>,
    pub(super) cache: Field<Cache>,
    pub(super) iommu: Tables<Iommu>,
    pub(super) bounce: Tables<Bounce>,
}

/// `[sim]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sim {
    pub(super) clock: Field<String>,
    pub(super) shape: Field<String>,
    pub(super) limit: Field<String>,
    pub(super) wait_budget: Field<String>,
    pub(super) bin: Field<String>,
    pub(super) duration: Field<String>,
}

/// `[memory]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Memory {
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
    pub(super) alias_bits: Field<u64>,
    pub(super) latency: Field<String>,
    pub(super) bandwidth: Field<String>,
}

/// `[firewall]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Firewall {
    pub(super) background: Field<String>,
    pub(super) order: Field<String>,
    pub(super) action: Field<String>,
    pub(super) speculation: Field<bool>,
}

/// `[tee]`: a policy by name, single switches of it, and how the secure world is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Tee {
    pub(super) policy: Field<String>,
    pub(super) abi: Field<String>,
    pub(super) smc: Field<String>,
    pub(super) ta_call: Field<String>,
    pub(super) granule: Field<String>,
    pub(super) rounding: Field<String>,
    pub(super) strategy: Field<String>,
    pub(super) drain: Field<String>,
    pub(super) region_per_buffer: Field<bool>,
    pub(super) provenance: Field<String>,
    pub(super) direct_map: Field<String>,
    pub(super) mapping: Field<String>,
    pub(super) counted_heap: Field<bool>,
    pub(super) scrub_on_free: Field<bool>,
    pub(super) scrub_before_reclaim: Field<bool>,
    pub(super) cache_before_lend: Field<bool>,
    pub(super) invalidate_before_lend: Field<bool>,
    pub(super) cache_after_reclaim: Field<bool>,
    pub(super) drain_before_reclaim: Field<bool>,
    pub(super) attach_by_use_case: Field<bool>,
    pub(super) bounce_refused: Field<bool>,
    pub(super) alignment_honoured: Field<bool>,
    pub(super) overlap_refused: Field<bool>,
    pub(super) reclaim_checked: Field<bool>,
    pub(super) call_holds_buffer: Field<bool>,
    pub(super) destination_rule: Field<bool>,
    pub(super) get_put_closed: Field<bool>,
}

/// `[[client]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Client {
    pub(super) name: Field<String>,
    pub(super) start: Field<String>,
    pub(super) jitter: Field<String>,
    pub(super) steps: Field<Vec<Spanned<Step>>>,
}

/// A step; which keys go with which is checked later.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Step {
    pub(super) alloc: Field<String>,
    pub(super) dup: Field<String>,
    pub(super) close: Field<String>,
    pub(super) attach: Field<String>,
    pub(super) detach: Field<String>,
    pub(super) map: Field<String>,
    pub(super) unmap: Field<String>,
    pub(super) dma: Field<String>,
    pub(super) copy: Field<String>,
    pub(super) register: Field<String>,
    pub(super) unregister: Field<String>,
    pub(super) ta: Field<String>,
    pub(super) recycle: Field<String>,
    pub(super) cpu: Field<String>,
    pub(super) op: Field<String>,
    pub(super) lend: Field<String>,
    pub(super) reclaim: Field<String>,
    pub(super) mmap: Field<String>,
    pub(super) mmap_shm: Field<String>,
    pub(super) vmap: Field<String>,
    pub(super) sync: Field<String>,
    pub(super) share: Field<String>,
    pub(super) sdp: Field<String>,
    pub(super) command: Field<String>,
    pub(super) shared: Field<String>,
    pub(super) shared_size: Field<String>,
    pub(super) target: Field<String>,
    pub(super) loops: Field<u64>,
    pub(super) wait: Field<String>,
    pub(super) mark: Field<String>,
    pub(super) r#await: Field<String>,
    pub(super) die: Field<bool>,
    pub(super) unbind: Field<bool>,
    pub(super) heap: Field<String>,
    pub(super) role: Field<String>,
    pub(super) size: Field<String>,
    pub(super) master: Field<String>,
    pub(super) direction: Field<String>,
    pub(super) read: Field<String>,
    pub(super) write: Field<String>,
    pub(super) offset: Field<String>,
    pub(super) at: Field<u64>,
    pub(super) nowait: Field<bool>,
    pub(super) attack: Field<bool>,
    pub(super) to: Field<String>,
    pub(super) anyway: Field<bool>,
    pub(super) declassify: Field<bool>,
    pub(super) fails: Field<String>,
    pub(super) race: Field<String>,
}

/// `[[master]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Master {
    pub(super) name: Field<String>,
    pub(super) port: Field<u64>,
    pub(super) ip: Field<String>,
    pub(super) nsaid: Field<u64>,
    pub(super) world: Field<String>,
    pub(super) miswired: Field<bool>,
    pub(super) dma_bits: Field<u64>,
    pub(super) force_bounce: Field<bool>,
    pub(super) coherent: Field<bool>,
}

/// `[cache]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cache {
    pub(super) master: Field<String>,
    pub(super) sets: Field<u64>,
    pub(super) ways: Field<u64>,
    pub(super) denied_lines: Field<String>,
    pub(super) evict_every: Field<String>,
    pub(super) read_ahead: Field<String>,
    pub(super) speculate_every: Field<String>,
    pub(super) tlb_window: Field<String>,
}

/// `[[iommu]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Iommu {
    pub(super) master: Field<String>,
    pub(super) mode: Field<String>,
    pub(super) entries: Field<u64>,
    pub(super) walk: Field<String>,
    pub(super) invalidation: Field<String>,
    pub(super) flush_unmaps: Field<u64>,
    pub(super) flush_within: Field<String>,
}

/// `[[bounce]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Bounce {
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
    pub(super) master: Field<String>,
}

/// `[[pool]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Pool {
    pub(super) name: Field<String>,
    pub(super) heap: Field<String>,
    pub(super) role: Field<String>,
    pub(super) kind: Field<String>,
    pub(super) reserved: Field<String>,
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
    pub(super) min_size: Field<String>,
    pub(super) claimed_base: Field<u64>,
    pub(super) claimed_size: Field<String>,
}

/// `[[reserved-memory]]`: a child of `/reserved-memory` in a device tree.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ReservedMemory {
    pub(super) name: Field<String>,
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
    pub(super) no_map: Field<bool>,
    pub(super) reusable: Field<bool>,
    pub(super) compatible: Field<String>,
}

/// `[replay]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Replay {
    pub(super) history: Field<String>,
    pub(super) speed: Field<u64>,
    pub(super) max_gap: Field<String>,
    pub(super) transfer: Field<String>,
    pub(super) next_owner: Field<String>,
    pub(super) window: Field<String>,
    pub(super) devices: Field<BTreeMap<Spanned<String>, Spanned<String>>>,
}

/// `[playback]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Playback {
    pub(super) size: Field<String>,
    pub(super) frames: Field<u64>,
    pub(super) fps: Field<u64>,
    pub(super) time_scale: Field<String>,
    pub(super) buffers: Field<u64>,
    pub(super) bitstream: Field<String>,
    pub(super) reference_reads: Field<String>,
    pub(super) burst: Field<u64>,
    pub(super) outstanding: Field<u64>,
    pub(super) crypto: Field<String>,
    pub(super) decoder: Field<String>,
    pub(super) display: Field<String>,
    pub(super) bitstream_pool: Field<String>,
    pub(super) frame_pool: Field<String>,
}

/// `[ui]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Ui {
    pub(super) size: Field<String>,
    pub(super) updates: Field<u64>,
    pub(super) fps: Field<u64>,
    pub(super) time_scale: Field<String>,
    pub(super) burst: Field<u64>,
    pub(super) outstanding: Field<u64>,
    pub(super) crypto: Field<String>,
    pub(super) display: Field<String>,
    pub(super) pool: Field<String>,
}

/// `[recording]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Recording {
    pub(super) size: Field<String>,
    pub(super) frames: Field<u64>,
    pub(super) fps: Field<u64>,
    pub(super) time_scale: Field<String>,
    pub(super) buffers: Field<u64>,
    pub(super) stream: Field<String>,
    pub(super) reference_reads: Field<String>,
    pub(super) burst: Field<u64>,
    pub(super) outstanding: Field<u64>,
    pub(super) camera: Field<String>,
    pub(super) encoder: Field<String>,
    pub(super) crypto: Field<String>,
    pub(super) raw_pool: Field<String>,
    pub(super) frame_pool: Field<String>,
    pub(super) private_pool: Field<String>,
    pub(super) output_pool: Field<String>,
    pub(super) export: Field<u64>,
}

/// `[[traffic]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Traffic {
    pub(super) master: Field<String>,
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
    pub(super) rate: Field<String>,
    pub(super) writes: Field<String>,
    pub(super) access: Field<String>,
}

/// `[[intruder]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Intruder {
    pub(super) master: Field<String>,
    pub(super) attacks: Field<Vec<Spanned<String>>>,
    pub(super) burst: Field<String>,
    pub(super) outstanding: Field<u64>,
    pub(super) every: Field<String>,
    pub(super) after_frames: Field<u64>,
    pub(super) writes: Field<String>,
}

/// `[[expect]]`; which keys go with which kind is checked later.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Expect {
    pub(super) kind: Field<String>,
    pub(super) master: Field<String>,
    pub(super) min: Field<u64>,
    pub(super) max: Field<u64>,
    pub(super) time: Field<String>,
    pub(super) rate: Field<String>,
}

/// `[[plant]]`; which keys go with which kind is checked later.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Plant {
    pub(super) kind: Field<String>,
    pub(super) master: Field<String>,
    pub(super) addr: Field<u64>,
    pub(super) after_frames: Field<u64>,
    pub(super) fault: Field<u64>,
    pub(super) point: Field<String>,
    pub(super) times: Field<u64>,
}
