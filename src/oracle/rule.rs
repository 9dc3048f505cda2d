// SPDX-License-Identifier: Apache-2.0
//! What the programmed registers mean for one address (tzasc.md, N2, N3, N4, N14).
use super::burst;
use super::registers::Registers;
use crate::units::PAGE;
use ringfence_sim::Ax;

/// The golden firewall's answer to one address handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent outcomes of one decision")]
pub(super) struct Verdict {
    /// Let through.
    pub(super) allow: bool,
    /// The region that decided; the lowest one of several.
    pub(super) region: u8,
    /// Two or more regions hit.
    pub(super) overlap: bool,
    /// Denied for its shape.
    pub(super) malformed: bool,
    /// Forwarded before the check: its address appears at memory even when denied.
    pub(super) speculative: bool,
    /// Response that ACTION asks for when denied.
    pub(super) deny_resp: u8,
}

/// Judges an address at the slave side of a filter.
pub(super) fn verdict(registers: &Registers, filter: usize, ax: &Ax, write: bool) -> Verdict {
    let page = ax.addr / PAGE;
    let mut region = 0;
    let mut hits = 0;
    for index in (1..registers.build.regions).rev() {
        let r = &registers.region[index];
        let enabled = r.attributes >> filter & 1 == 1;
        if enabled && r.base / PAGE <= page && page <= r.top / PAGE {
            hits += 1;
            region = index;
        }
    }
    let malformed = burst::malformed(ax, registers.build.bus);
    let r = &registers.region[region];
    let granted = if ax.prot & 2 == 0 {
        r.attributes >> (30 + u32::from(write)) & 1 == 1
    } else {
        r.id_access >> (16 * u32::from(write) + u32::from(ax.nsaid & 15)) & 1 == 1
    };
    Verdict {
        allow: granted && hits < 2 && !malformed,
        region: region as u8,
        overlap: hits >= 2,
        malformed,
        speculative: registers.speculation >> u32::from(write) & 1 == 0
            && !malformed
            && ax.lock == 0,
        deny_resp: if registers.action & 1 == 1 { 3 } else { 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::build::Build;
    use ringfence_sim::Ax;

    /// An independent definition: for every page the list of who may do what, painted region by
    /// region from the register words, from page numbers alone.
    fn paint(regions: &[[u32; 4]], filter: usize, pages: usize) -> Vec<(usize, u32, u32)> {
        let mut painted = vec![(0, 0, 0); pages];
        for [base, top, attributes, id] in &regions[1..] {
            if attributes & (1 << filter) == 0 {
                continue;
            }
            for (page, cell) in (0..).zip(&mut painted) {
                if (*base..=*top).contains(&page) {
                    *cell = (cell.0 + 1, *attributes, *id);
                }
            }
        }
        for cell in &mut painted {
            if cell.0 == 0 {
                *cell = (0, regions[0][2], regions[0][3]);
            }
        }
        painted
    }

    fn registers(regions: &[[u32; 4]]) -> Registers {
        let mut r = Registers::new(Build::board(2));
        r.write(0x00c, 3, 0xf);
        for (n, [base, top, attributes, id]) in regions.iter().enumerate() {
            let at = 0x100 + 0x20 * n as u16;
            for (offset, value) in
                [(0, base << 12), (8, top << 12), (0x10, *attributes), (0x14, *id)]
            {
                r.write(at + offset, value, 0xf);
            }
        }
        r
    }

    /// 3 regions, 6 pages, 2 filters, 4 NSAIDs, both worlds and directions.
    #[test]
    #[allow(clippy::print_stdout, reason = "how many, for a reader with --nocapture")]
    fn every_verdict_of_a_small_space_is_that_of_the_painted_pages() {
        const PAGES: usize = 6;
        let filters = [0u32, 1, 2, 3];
        let mut judged = 0;
        for case in 0..PAGES.pow(4) {
            let digit = |k: u32| (case / PAGES.pow(k) % PAGES) as u32;
            let regions = [
                [0, 0xff, 0x4000_0000, 0x0005_000a],
                [digit(0), digit(1), 0x4000_0000 | filters[case % 4], 0x0006_0009],
                [digit(2), digit(3), 0x8000_0000 | filters[case / 4 % 4], 0x0009_0003],
            ];
            let r = registers(&regions);
            for filter in 0..2 {
                for (page, &(hits, attributes, id)) in
                    paint(&regions, filter, PAGES).iter().enumerate()
                {
                    // NSAIDs 0 to 3, each in both worlds.
                    for who in 0..8u8 {
                        for write in [false, true] {
                            let ax = Ax {
                                addr: page as u64 * PAGE + 0xff0,
                                size: 4,
                                burst: 1,
                                prot: if who >= 4 { 0 } else { 2 },
                                nsaid: who & 3,
                                ..Ax::default()
                            };
                            let allowed = match (who, write) {
                                (4.., false) => attributes & 0x4000_0000 != 0,
                                (4.., true) => attributes & 0x8000_0000 != 0,
                                (n, false) => id & (1 << n) != 0,
                                (n, true) => id & (0x1_0000 << n) != 0,
                            };
                            let got = verdict(&r, filter, &ax, write);
                            assert_eq!(
                                got.allow,
                                allowed && hits < 2,
                                "{regions:x?} {ax:?} {write}"
                            );
                            assert_eq!(got.overlap, hits > 1);
                            judged += 1;
                        }
                    }
                }
            }
        }
        println!("{judged} verdicts");
        assert_eq!(judged, 6u32.pow(4) * 2 * 6 * 16);
    }

    #[test]
    fn identities_and_directions_are_independent_in_every_region() {
        for region in 0..9u16 {
            for nsaid in 0..16u8 {
                for write in [false, true] {
                    let mut r = Registers::new(Build::board(1));
                    let at = 0x100 + 0x20 * region;
                    r.write(at, 0x8000_0000, 0xf);
                    r.write(at + 8, 0x8000_0000, 0xf);
                    r.write(at + 0x10, 1, 0xf);
                    r.write(at + 0x14, 1 << (u32::from(nsaid) + 16 * u32::from(write)), 0xf);
                    for other in 0..16u8 {
                        for direction in [false, true] {
                            let ax = Ax {
                                addr: 0x8000_0ff0,
                                size: 4,
                                burst: 1,
                                prot: 2,
                                nsaid: other,
                                ..Ax::default()
                            };
                            let got = verdict(&r, 0, &ax, direction);
                            assert_eq!(got.allow, other == nsaid && direction == write);
                            let secure = Ax { prot: 0, ..ax };
                            assert!(!verdict(&r, 0, &secure, direction).allow);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn high_words_count() {
        let mut r = Registers::new(Build::board(1));
        for (offset, value) in
            [(0x120, 0xffff_f000u32), (0x128, 0x0000_0fff), (0x12c, 1), (0x130, 1), (0x134, 2)]
        {
            r.write(offset, value, 0xf);
        }
        let at = |addr| Ax { addr, size: 4, burst: 1, prot: 2, nsaid: 1, ..Ax::default() };
        assert!(verdict(&r, 0, &at(0xffff_f000), false).allow);
        assert!(verdict(&r, 0, &at(0x1_0000_0fff), false).allow);
        assert!(!verdict(&r, 0, &at(0x1_0000_1000), false).allow);
        assert!(!verdict(&r, 0, &at(0x0000_0000), false).allow);
    }
}
