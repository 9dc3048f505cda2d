// SPDX-License-Identifier: Apache-2.0
//! Memory that decodes fewer address bits than the firewall compares: what counts is the cell.
use crate::rig::{Check, PAGE, Region, Rig, SPECULATION, same};
use ringfence_sim::Ax;
use std::collections::BTreeMap;

/// Memory decodes these bits; the firewall's addresses have [`ADDRESS_BITS`].
const CELL_BITS: u32 = 32;
const ADDRESS_BITS: u32 = 40;
const NOBODY: u8 = 2;

/// Last writer of each cell, by what came out of the firewall with a strobe set.
type Cells = BTreeMap<u64, u8>;

fn cell(addr: u64) -> u64 {
    addr & ((1 << CELL_BITS) - 1)
}

/// The addresses of a cell: its own, each with one of the bits that memory ignores, and with all.
fn aliases(addr: u64) -> impl Iterator<Item = u64> {
    let bits = (CELL_BITS..ADDRESS_BITS).map(|bit| 1u64 << bit);
    let all = bits.clone().sum();
    bits.chain([0, all]).map(move |upper| upper | cell(addr))
}

/// Every alias of the first and the last beat of a protected page, read and written by a master
/// that has no right to it. Returns the cells that it reached.
fn attack(rig: &mut Rig) -> Result<Cells, String> {
    let mut cells = Cells::new();
    let last = PAGE + 0x1000 - u64::from(rig.bytes);
    for addr in aliases(PAGE).chain(aliases(last)) {
        for write in [false, true] {
            let ax = Ax { nsaid: NOBODY, ..rig.beat(addr) };
            let answer = rig.go(0, write, ax)?;
            let seen = answer.data.iter().any(|word| *word != [0; 2]);
            let strobed = answer.landed.iter().any(|(_, strb, _)| *strb != 0);
            for reached in answer.reached.iter().filter(|_| seen || strobed) {
                cells.insert(cell(reached.addr), NOBODY);
            }
        }
    }
    Ok(cells)
}

/// Property 16: no cell of a protected page is reached at any address while region 0 is closed.
/// With region 0 open to the attacker every alias but the page's own address leads to the cell:
/// what the test would see if the firewall let one through.
pub(crate) fn aliased_cells(rig: &mut Rig) -> Check {
    for speculation in [3, 0] {
        rig.reset();
        rig.ready();
        rig.write(SPECULATION, speculation);
        let page = Region { base: PAGE, top: PAGE + 0xfff, attributes: 0xf, ids: 0x2_0002 };
        rig.region(1, page);
        same("cells reached, region 0 closed", attack(rig)?, Cells::new())?;
        rig.write(0x114, 0x4_0004);
        let last = PAGE + 0x1000 - u64::from(rig.bytes);
        let both = Cells::from([(cell(PAGE), NOBODY), (cell(last), NOBODY)]);
        same("cells reached, region 0 open", attack(rig)?, both)?;
        rig.write(0x114, 0);
    }
    Ok(())
}
