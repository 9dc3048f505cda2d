// SPDX-License-Identifier: Apache-2.0
//! A scenario file as it is written: names unresolved, quantities still text.
//!
//! Every key is optional here, so that one that is missing is reported with all other problems
//! instead of stopping the reader; `check` says which are required. Every value keeps its place.
use serde::Deserialize;
use toml::Spanned;

/// A key that may be missing.
pub(super) type Field<T> = Option<Spanned<T>>;

/// `[[...]]` tables.
pub(super) type Tables<T> = Option<Vec<Spanned<T>>>;

/// Keys at the top that are one table.
pub(super) const SINGLE_TABLES: [&str; 4] = ["sim", "memory", "firewall", "playback"];

/// Keys at the top that are lists of tables.
pub(super) const TABLE_LISTS: [&str; 6] =
    ["master", "pool", "traffic", "intruder", "expect", "plant"];

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) schema_version: Field<u64>,
    pub(super) name: Field<String>,
    pub(super) summary: Field<String>,
    pub(super) tags: Field<Vec<Spanned<String>>>,
    pub(super) seed: Field<u64>,
    pub(super) sim: Field<Sim>,
    pub(super) memory: Field<Memory>,
    pub(super) firewall: Field<Firewall>,
    pub(super) master: Tables<Master>,
    pub(super) pool: Tables<Pool>,
    pub(super) playback: Field<Playback>,
    pub(super) traffic: Tables<Traffic>,
    pub(super) intruder: Tables<Intruder>,
    pub(super) expect: Tables<Expect>,
    pub(super) plant: Tables<Plant>,
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
}

/// `[[pool]]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Pool {
    pub(super) name: Field<String>,
    pub(super) heap: Field<String>,
    pub(super) role: Field<String>,
    pub(super) base: Field<u64>,
    pub(super) size: Field<String>,
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
}
