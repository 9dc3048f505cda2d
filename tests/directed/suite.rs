// SPDX-License-Identifier: Apache-2.0
//! Directed tests of the firewall alone. Numbers are those of the properties in tzasc.md section 6.
use crate::access::{
    denied_reads, denied_writes, edges, exclusives, filters, identities, one_verdict, order,
    overlap, page_edge, shapes, wrong_last,
};
use crate::aliases::aliased_cells;
use crate::rig::{Check, Rig};
use crate::state::{
    clear_and_fail, clears, counters, extension_strobes, failures, gate, lock_and_commit,
    non_secure, register_map, reset, two_failures,
};

/// A directed test: the properties that it shows, its name, and the test.
pub(crate) type Test = (&'static str, &'static str, fn(&mut Rig) -> Check);

/// All of them; each begins after a reset.
pub(crate) const SUITE: &[Test] = &[
    ("6", "top and base are inclusive", edges),
    ("7 13", "an enable is its filter's alone", filters),
    ("8 9 10", "worlds, identities and directions apart", identities),
    ("11 12 14", "overlap denies, the background does not overlap", overlap),
    ("16", "no alias of a protected cell is open", aliased_cells),
    ("19", "a burst may end on the edge and not cross it", page_edge),
    ("20", "the shape of a burst does not change its verdict", shapes),
    ("28", "exclusives: EXOKAY only if allowed", exclusives),
    ("2 29 51", "a denied read is zeros with the response of ACTION", denied_reads),
    ("18 29", "a denied write changes nothing", denied_writes),
    ("30", "WLAST moves no beat", wrong_last),
    ("37 38", "the gate closes, drains and opens", gate),
    ("26", "answers of one ID stay in order", order),
    ("35", "one verdict a burst", one_verdict),
    ("40", "a reset in traffic leaves everything closed", reset),
    ("42", "non-secure accesses to the registers do nothing", non_secure),
    ("43 44", "reset values and writable bits", register_map),
    ("45 47 48", "the first failure stays until it is cleared", failures),
    ("49", "a clear is its filter's alone", clears),
    ("50", "a failure in the cycle of a clear stays", clear_and_fail),
    ("52", "of two failures in a cycle the write is logged", two_failures),
    ("46", "locks are sticky, commits are whole", lock_and_commit),
    ("46", "the extension's bytes have strobes", extension_strobes),
    ("53", "counters count", counters),
];
