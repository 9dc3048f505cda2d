// SPDX-License-Identifier: Apache-2.0
//! Every numbered behaviour of the protected heaps: a case that runs, compared with what
//! `behaviours.toml` says, under every preset policy. The allocator never reads that file.
mod acceptance;
mod allocation;
mod board;
mod buffers;
mod client;
mod provenance;
mod registration;
mod rig;

use ringfence::tee::{DirectMap, Mapping, Policy, Provenance};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::panic::catch_unwind;

/// Behaviours that the list has.
const BEHAVIOURS: u32 = 50;

type Case = fn(Policy) -> Vec<String>;

const CASES: [(u32, Case); BEHAVIOURS as usize] = [
    (1, registration::b1),
    (2, registration::b2),
    (3, registration::b3),
    (4, registration::b4),
    (5, registration::b5),
    (6, registration::b6),
    (7, registration::b7),
    (8, registration::b8),
    (9, registration::b9),
    (10, registration::b10),
    (11, registration::b11),
    (12, registration::b12),
    (13, registration::b13),
    (14, registration::b14),
    (15, registration::b15),
    (16, registration::b16),
    (17, allocation::b17),
    (18, allocation::b18),
    (19, allocation::b19),
    (20, allocation::b20),
    (21, allocation::b21),
    (22, allocation::b22),
    (23, allocation::b23),
    (24, allocation::b24),
    (25, allocation::b25),
    (26, allocation::b26),
    (27, allocation::b27),
    (28, allocation::b28),
    (29, allocation::b29),
    (30, allocation::b30),
    (31, allocation::b31),
    (32, allocation::b32),
    (33, buffers::b33),
    (34, buffers::b34),
    (35, buffers::b35),
    (36, buffers::b36),
    (37, buffers::b37),
    (38, buffers::b38),
    (39, buffers::b39),
    (40, buffers::b40),
    (41, buffers::b41),
    (42, client::b42),
    (43, client::b43),
    (44, client::b44),
    (45, client::b45),
    (46, client::b46),
    (47, client::b47),
    (48, client::b48),
    (49, client::b49),
    (50, client::b50),
];

/// A behaviour as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Behaviour {
    number: u32,
    given: String,
    call: String,
    source: String,
    outcome: Vec<String>,
    /// By preset, where it differs.
    #[serde(default)]
    under: BTreeMap<String, Vec<String>>,
    /// What crosses the bus under `merged`, where anything shows there.
    #[serde(default)]
    bus: Vec<String>,
    /// The same under `hardened`, where it differs.
    #[serde(default)]
    bus_under: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    behaviour: Vec<Behaviour>,
}

fn table() -> Vec<Behaviour> {
    toml::from_str::<Table>(include_str!("behaviours.toml")).expect("a table").behaviour
}

/// What all cases write under a policy, by number.
fn run(policy: Policy) -> BTreeMap<u32, Vec<String>> {
    CASES.iter().map(|(number, case)| (*number, case(policy))).collect()
}

#[test]
fn every_number_has_one_entry_and_one_case() {
    let all: Vec<u32> = (1..=BEHAVIOURS).collect();
    assert_eq!(CASES.iter().map(|(number, _)| *number).collect::<Vec<_>>(), all);
    assert_eq!(table().iter().map(|b| b.number).collect::<Vec<_>>(), all);
    for b in table() {
        let texts = [&b.given, &b.call, &b.source];
        assert!(texts.iter().all(|text| !text.is_empty()), "B{} says all it must", b.number);
        let presets = Policy::PRESETS.map(|(name, _)| name);
        assert!(b.under.keys().all(|name| presets.contains(&name.as_str())), "B{}", b.number);
    }
}

#[test]
fn every_case_behaves_as_written_down_under_every_preset() {
    let table = table();
    let mut wrong = String::new();
    for (name, policy) in Policy::PRESETS {
        let ran = run(policy);
        for b in &table {
            let want = b.under.get(name).unwrap_or(&b.outcome);
            let got = ran.get(&b.number).expect("ran");
            assert!(!got.is_empty(), "B{} ran and wrote nothing", b.number);
            if got != want {
                wrong +=
                    &format!("\nB{} under {name}\n  want {want:#?}\n  got  {got:#?}", b.number);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A name, and what turns that switch over.
type Switch = (&'static str, fn(&mut Policy));

/// Every switch turned over, one at a time; of an enum, to every value.
const SWITCHES: [Switch; 26] = [
    ("provenance none", |p| p.provenance = Provenance::None),
    ("provenance first page", |p| p.provenance = Provenance::FirstPage),
    ("provenance whole range", |p| p.provenance = Provenance::WholeRange),
    ("direct map kept", |p| p.direct_map = DirectMap::Kept),
    ("direct map removed in lend pool", |p| p.direct_map = DirectMap::RemovedInLendPool),
    ("direct map removed", |p| p.direct_map = DirectMap::Removed),
    ("direct map removed and flushed", |p| p.direct_map = DirectMap::RemovedAndFlushed),
    ("mapping page", |p| p.mapping = Mapping::Page),
    ("mapping page synced", |p| p.mapping = Mapping::PageSynced),
    ("mapping resource", |p| p.mapping = Mapping::Resource),
    ("mapping token", |p| p.mapping = Mapping::Token),
    ("counted heap", |p| p.counted_heap ^= true),
    ("scrub on free", |p| p.scrub_on_free ^= true),
    ("scrub before reclaim", |p| p.scrub_before_reclaim ^= true),
    ("cache before lend", |p| p.cache_before_lend ^= true),
    ("invalidate before lend", |p| p.invalidate_before_lend ^= true),
    ("cache after reclaim", |p| p.cache_after_reclaim ^= true),
    ("drain before reclaim", |p| p.drain_before_reclaim ^= true),
    ("attach by use case", |p| p.attach_by_use_case ^= true),
    ("bounce refused", |p| p.bounce_refused ^= true),
    ("alignment honoured", |p| p.alignment_honoured ^= true),
    ("overlap refused", |p| p.overlap_refused ^= true),
    ("reclaim checked", |p| p.reclaim_checked ^= true),
    ("call holds buffer", |p| p.call_holds_buffer ^= true),
    ("destination rule", |p| p.destination_rule ^= true),
    ("get and put closed", |p| p.get_put_closed ^= true),
];

#[test]
fn turning_any_switch_of_any_preset_changes_a_case() {
    for (name, preset) in Policy::PRESETS {
        let as_it_is = run(preset);
        for (switch, turn) in SWITCHES {
            let mut policy = preset;
            turn(&mut policy);
            // A resource is a page that is never bounced: where nothing is, they are the same.
            let same = policy.bounce_refused && switch == "mapping resource";
            if policy != preset && !same {
                // Cases that map cannot go on where mappings give no address: there, and only
                // there, is being refused what a case needs a way to have seen the switch.
                let token = policy.mapping == Mapping::Token;
                let seen = CASES.iter().any(|(number, case)| match token {
                    true => catch_unwind(|| case(policy)).map_or(true, |r| r != as_it_is[number]),
                    false => case(policy) != as_it_is[number],
                });
                assert!(seen, "{name}: {switch} is seen by no case");
            }
        }
    }
}

#[test]
fn the_switches_are_all_there() {
    // A new field of Policy must be turned over above; its text has a line a field.
    let fields = toml::to_string(&Policy::merged()).expect("writes").lines().count();
    let enums = 3;
    assert_eq!(SWITCHES.len(), fields - enums + 3 + 4 + 4);
}
