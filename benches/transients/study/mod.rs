// SPDX-License-Identifier: Apache-2.0
//! The transient study: what the firewall lets through between two register writes, from its pins.
pub(crate) mod firewall;
pub(crate) mod memory;
pub(crate) mod orders;
pub(crate) mod poll;
pub(crate) mod rows;

use ringfence::firmware::{RegionRights, RegionSetting};
use ringfence::report::transients::{self, OrderCost};
use ringfence::tee::Rights;
use ringfence::units::{AddrRange, ByteLen, PhysAddr};

/// A region from its first to its last byte, both ways for a set of identities.
pub(crate) fn region(index: u8, base: u64, top: u64, nsaids: u16) -> RegionSetting {
    let range = AddrRange { base: PhysAddr(base), len: ByteLen(top + 1 - base) };
    let rights = RegionRights { secure: Rights::NONE, nsaid_read: nsaids, nsaid_write: nsaids };
    RegionSetting { index, range, rights }
}

/// Rows A to E and the boot order as a table, with the registers behind whose writes it happens.
pub(crate) fn rows_table(rows: &[rows::Row], boot: &rows::Boot) -> String {
    let mut text = String::from(
        "| row | calls | states | range open to id 9 | range in two regions | live memory denied \
         | live memory in two regions |\n|---|---|--:|---|---|---|---|\n",
    );
    let cell = |places: Vec<String>| match &places[..] {
        [] => "0".to_owned(),
        [one] => format!("1: {one}"),
        [first, .., last] => format!("{}: {first} to {last}", places.len()),
    };
    for row in rows {
        let cells = [
            cell(row.places(rows::leaks)),
            cell(row.places(rows::overlaps)),
            cell(row.places(rows::denies)),
            cell(row.places(rows::live_overlaps)),
        ];
        text += &format!(
            "| {} | {} | {} | {} |\n",
            row.name,
            row.calls,
            row.states.len(),
            cells.join(" | ")
        );
    }
    text + &format!(
        "\nboot order: {} writes, {} states expose the secure OS, {} overlaps, ordinary memory \
         unusable in {} states\n",
        boot.writes, boot.exposed, boot.overlaps, boot.unusable
    )
}

/// Every order on every change: what the changes are, the table, and what it is made of.
pub(crate) fn orders_table() -> (String, Vec<OrderCost>) {
    let (mut text, mut costs) = (String::new(), Vec::new());
    for transition in orders::transitions() {
        text += &format!("- `{}`: {}\n", transition.name, transition.what);
        for (name, order) in orders::ORDERS {
            costs.push(orders::measure(&transition, name, order));
        }
    }
    (format!("{text}\n{}", transients::table(&costs)), costs)
}
