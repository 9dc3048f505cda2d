// SPDX-License-Identifier: Apache-2.0
//! Which bytes a burst touches (IHI 0022, A3.4.1), beat by beat.
use crate::units::PAGE;
use ringfence_sim::{Ax, BEAT_BYTES};

/// `AxBURST` of a burst that stays at one address.
pub(super) const FIXED: u8 = 0;
/// `AxBURST` of a burst that goes up.
pub(super) const INCR: u8 = 1;
/// `AxBURST` of a burst that goes round in a container.
pub(super) const WRAP: u8 = 2;
/// log2 of the bus in bytes.
const BUS: u8 = BEAT_BYTES.trailing_zeros() as u8;

/// Beats of a burst.
pub(super) const fn beats(ax: &Ax) -> u16 {
    ax.len as u16 + 1
}

/// The bytes `[first, end)` that a burst can touch.
pub(super) const fn span(ax: &Ax) -> (u64, u64) {
    let size = 1u64 << (ax.size & 7);
    let total = size * beats(ax) as u64;
    let aligned = ax.addr & !(size - 1);
    match ax.burst {
        FIXED => (ax.addr, aligned + size),
        WRAP if total.is_power_of_two() => {
            (ax.addr & !(total - 1), (ax.addr & !(total - 1)) + total)
        }
        _ => (ax.addr, aligned + total),
    }
}

/// Beat `index`: the bus-aligned address of its lanes, and a bit a lane that it transfers.
#[inline]
pub(super) const fn beat(ax: &Ax, index: u16) -> (u64, u16) {
    let bus = BEAT_BYTES as u64;
    if ax.burst == INCR && ax.size == BUS {
        let lanes = if index == 0 { u16::MAX << (ax.addr & (bus - 1)) } else { u16::MAX };
        return ((ax.addr & !(bus - 1)) + bus * index as u64, lanes);
    }
    odd_beat(ax, index)
}

/// [`beat`] of what is not a plain burst of whole beats.
const fn odd_beat(ax: &Ax, index: u16) -> (u64, u16) {
    let bus = BEAT_BYTES as u64;
    // Wider than the bus is malformed and denied whole; the lanes then only serve reports.
    let shift = if ax.size > BUS { BUS } else { ax.size };
    let size = 1u64 << shift;
    let aligned = ax.addr & !(size - 1);
    let total = size * beats(ax) as u64;
    let addr = match ax.burst {
        FIXED => ax.addr,
        WRAP if total.is_power_of_two() => {
            (ax.addr & !(total - 1)) | ((aligned + size * index as u64) & (total - 1))
        }
        _ if index == 0 => ax.addr,
        _ => aligned + size * index as u64,
    };
    let first = addr & (bus - 1);
    let end = (addr & !(size - 1) & (bus - 1)) + size;
    (addr & !(bus - 1), ((1u32 << end) - (1u32 << first)) as u16)
}

/// Set lanes; cheap where all are, which is the rule.
#[inline]
pub(super) const fn ones(lanes: u16) -> u32 {
    if lanes == u16::MAX { 16 } else { lanes.count_ones() }
}

/// Whether the firewall denies the burst whole, whatever its address (tzasc.md, N14); `bus` is log2
/// of the data bus in bytes.
pub(super) const fn malformed(ax: &Ax, bus: u8) -> bool {
    if ax.size > bus {
        return true;
    }
    let size = 1u64 << ax.size;
    let total = size * beats(ax) as u64;
    let shape = match ax.burst {
        FIXED => ax.len > 15,
        INCR => crosses_page(ax),
        WRAP => !matches!(ax.len, 1 | 3 | 7 | 15) || ax.addr & (size - 1) != 0,
        _ => true,
    };
    shape || ax.lock != 0 && bad_exclusive(ax, total)
}

/// What an exclusive access must not be (IHI 0022, A7.2.4).
const fn bad_exclusive(ax: &Ax, total: u64) -> bool {
    total > 128 || ax.len > 15 || !total.is_power_of_two() || ax.addr & (total - 1) != 0
}

/// Whether an INCR burst's last byte, counted from the aligned start, leaves the first one's page.
pub(super) const fn crosses_page(ax: &Ax) -> bool {
    let size = 1u64 << (ax.size & 7);
    let last = (ax.addr & !(size - 1)) + size * beats(ax) as u64 - 1;
    ax.burst == INCR && last / PAGE != ax.addr / PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ax(addr: u64, len: u8, size: u8, burst: u8) -> Ax {
        Ax { addr, len, size, burst, ..Ax::default() }
    }

    /// Byte by byte, from the definition in the AXI specification.
    fn bytes(ax: &Ax) -> Vec<Vec<u64>> {
        let size = 1u64 << ax.size;
        let total = size * u64::from(ax.len + 1);
        let aligned = ax.addr / size * size;
        (0..=u64::from(ax.len))
            .map(|i| {
                let start = match ax.burst {
                    FIXED => ax.addr,
                    WRAP => {
                        let low = ax.addr / total * total;
                        low + (aligned - low + i * size) % total
                    }
                    _ if i == 0 => ax.addr,
                    _ => aligned + i * size,
                };
                (start..start / size * size + size).collect()
            })
            .collect()
    }

    #[test]
    fn lanes_follow_the_definition() {
        for size in 0..=4u8 {
            for (burst, lens) in
                [(INCR, &[0, 1, 4, 15][..]), (FIXED, &[0, 3]), (WRAP, &[1, 3, 7, 15])]
            {
                for &len in lens {
                    for offset in 0..64 {
                        let a = ax(0x1000 + offset, len, size, burst);
                        if burst == WRAP && !a.addr.is_multiple_of(1 << size) {
                            continue;
                        }
                        let (low, end) = span(&a);
                        for (i, want) in bytes(&a).iter().enumerate() {
                            let (cell, lanes) = beat(&a, i as u16);
                            let got: Vec<u64> =
                                (0..16).filter(|l| lanes >> l & 1 == 1).map(|l| cell + l).collect();
                            assert_eq!(&got, want, "{a:?} beat {i}");
                            assert!(want.iter().all(|b| (low..end).contains(b)));
                        }
                    }
                }
            }
        }
    }

    fn malformed(ax: &Ax) -> bool {
        super::malformed(ax, BUS)
    }

    #[test]
    fn a_burst_that_ends_on_the_edge_is_legal_and_one_more_beat_is_not() {
        assert!(!malformed(&ax(0x1f80, 7, 4, INCR)));
        assert!(malformed(&ax(0x1f80, 8, 4, INCR)));
        assert!(!malformed(&ax(0x1ff8, 0, 4, INCR)));
        assert!(malformed(&ax(0x1ff8, 1, 4, INCR)));
        assert!(malformed(&ax(0x1000, 0, 4, 3)) && malformed(&ax(0x1000, 0, 5, INCR)));
        assert!(malformed(&ax(0x1000, 16, 0, FIXED)) && !malformed(&ax(0x1000, 15, 0, FIXED)));
        assert!(malformed(&ax(0x1000, 2, 4, WRAP)) && malformed(&ax(0x1008, 3, 4, WRAP)));
        let lock = |a: Ax| Ax { lock: 1, ..a };
        assert!(!malformed(&lock(ax(0x1080, 7, 4, INCR))));
        assert!(
            malformed(&lock(ax(0x1080, 15, 4, INCR))) && malformed(&lock(ax(0x1010, 1, 4, INCR)))
        );
        assert!(malformed(&lock(ax(0x1000, 2, 4, INCR))));
        assert!(malformed(&lock(ax(0x1000, 31, 2, INCR))), "more than 16 beats");
        assert!(!malformed(&lock(ax(0x1000, 15, 3, INCR))));
    }
}
