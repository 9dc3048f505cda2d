// SPDX-License-Identifier: Apache-2.0
//! Every interleaving of the steps of a dynamic pool (`drivers/tee/optee/protmem.c`): what the
//! window between the last drop of the count and the mutex leads to in a kernel as merged, and
//! that a look under the mutex closes it. `make interleavings` prints what was found.
mod explore;
mod machine;
mod replay;

use explore::{Seen, explore, recount};
use machine::{Finding, Setup};
use ringfence::tee::Caller::{self, Alloc, Free};
use ringfence::tee::{Policy, Race};
use std::fmt::Write as _;

/// Callers, and the most preemptions of a schedule.
type Scene = (&'static [Caller], Option<usize>);

/// Two callers in every order; three with at most three preemptions.
const SCENES: [Scene; 3] =
    [(&Race::CALLERS, None), (&[Free, Alloc, Alloc], Some(3)), (&[Free, Free, Alloc], Some(3))];

/// A line for a setup: who, how, and what was seen.
fn headline(name: &str, setup: &Setup, bound: Option<usize>, seen: &Seen) -> String {
    let callers: Vec<String> = (1..)
        .zip(&setup.callers)
        .map(|(number, caller)| format!("T{number} {caller:?}").to_lowercase().replace('t', "T"))
        .collect();
    let bound = bound.map_or_else(|| "all".into(), |n| format!("{n} preemptions"));
    let steps = if setup.fine { "two steps" } else { "one step" };
    format!(
        "{name}; {}; {bound}; destroy in {steps}: {} schedules, {} states, {} findings\n",
        callers.join(", "),
        seen.schedules,
        seen.states.len(),
        seen.ways.len(),
    )
}

fn each(policy: Policy, mut look: impl FnMut(&Setup, Option<usize>, Seen)) {
    for (callers, bound) in SCENES {
        for fine in [false, true] {
            let setup = Setup::new(policy, callers, fine);
            look(&setup, bound, explore(&setup, bound));
        }
    }
}

/// What `make interleavings` prints.
fn report() -> String {
    let mut text = String::new();
    for name in ["merged", "hardened"] {
        let policy = Policy::preset(name).expect("a preset");
        each(policy, |setup, bound, seen| text += &headline(name, setup, bound, &seen));
    }
    for (name, setup) in controls() {
        text += &headline(name, &setup, None, &explore(&setup, None));
    }
    let seen = explore(&Setup::new(Policy::merged(), &Race::CALLERS, true), None);
    for race in Race::ALL {
        let way = seen.way(Finding::Outcome(race.outcome(0))).expect("found");
        let _ = writeln!(text, "\n{race:?}, the shortest of {} schedules:", seen.schedules);
        for (number, line) in (1..).zip(&way.lines) {
            let _ = writeln!(text, "{number:3} {line}");
        }
    }
    text
}

#[test]
fn merged_comes_to_every_outcome() {
    each(Policy::merged(), |setup, bound, seen| {
        for race in Race::ALL {
            let found = seen.way(Finding::Outcome(race.outcome(0))).is_some();
            // Not where destroying looks and frees at once: then BUG_ON or NULL comes first.
            let expected = setup.fine || race != Race::LiveMemoryOpened;
            assert_eq!(found, expected, "{race:?}: {}", headline("merged", setup, bound, &seen));
        }
        let open = seen.way(Finding::BufferInOpenMemory).is_some();
        assert_eq!(open, setup.fine, "the firewall's regions say the same");
    });
}

#[test]
fn hardened_comes_to_none() {
    each(Policy::hardened(), |setup, bound, seen| {
        let headline = headline("hardened", setup, bound, &seen);
        assert!(seen.ways.is_empty(), "{headline}{:#?}", seen.ways);
        assert!(seen.schedules > 10, "{headline}");
    });
}

/// Hardened with one half of the remedy taken away.
fn controls() -> [(&'static str, Setup); 2] {
    let whole = Setup::new(Policy::hardened(), &Race::CALLERS, true);
    let put = Setup { put_closed: false, ..whole.clone() };
    let get = Setup { get_closed: false, ..whole };
    [("hardened, release does not look again", put), ("hardened, allocation takes on 0", get)]
}

#[test]
fn half_a_remedy_is_none() {
    for (name, setup) in controls() {
        let seen = explore(&setup, None);
        assert!(!seen.ways.is_empty(), "{}", headline(name, &setup, None, &seen));
    }
}

#[test]
fn the_search_leaves_nothing_out() {
    for policy in [Policy::merged(), Policy::hardened()] {
        each(policy, |setup, bound, seen| {
            let (schedules, states) = recount(setup, bound);
            assert_eq!(seen.schedules, schedules, "{setup:?}");
            assert!(seen.states == states, "{setup:?}");
        });
    }
}

#[test]
fn the_page_holds_what_is_printed() {
    let report = report();
    #[expect(clippy::print_stdout, reason = "what `make interleavings` is for")]
    {
        print!("{report}");
    }
    let page = include_str!("../../docs/interleavings.md");
    assert!(page.contains(&report), "docs/interleavings.md holds something else");
}
