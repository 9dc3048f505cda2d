// SPDX-License-Identifier: Apache-2.0
//! Sparse DRAM contents, poisoned until first written.
use crate::units::{AddrRange, PAGE, PhysAddr};

const PAGE_BYTES: usize = PAGE as usize;
const CHUNK: usize = 512;

/// Bytes of DRAM by page, made on first touch. A byte never written reads as poison: a fixed
/// function of its address, so that a run repeats and a leak of it is recognisable.
pub struct Contents {
    dram: AddrRange,
    /// Bits of an address that name a cell.
    cells: u64,
    // Two levels, so that a look-up is two indexings and a sparse 64 GiB map costs little.
    chunks: Vec<Option<Box<[u32; CHUNK]>>>,
    pages: Vec<(u64, Box<[u8; PAGE_BYTES]>)>,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("pages", &self.pages.len()).finish_non_exhaustive()
    }
}

const ABSENT: u32 = u32::MAX;

fn poison(addr: u64) -> u64 {
    // Fibonacci hashing of the word's address; odd bytes differ from their neighbours.
    (addr >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 0x0100_0000_0000_0001
}

impl Contents {
    /// Empty memory where `dram` is.
    pub fn new(dram: AddrRange) -> Self {
        let chunks = dram.len.0.div_ceil(PAGE * CHUNK as u64) as usize;
        let chunks = (0..chunks).map(|_| None).collect();
        Self { dram, cells: u64::MAX, chunks, pages: Vec::new() }
    }

    /// Memory that decodes only the address bits of `cells`: what differs above is one cell.
    #[must_use]
    pub fn aliased(self, cells: u64) -> Self {
        Self { cells, ..self }
    }

    /// Whether there is DRAM at `addr`.
    pub fn present(&self, addr: PhysAddr) -> bool {
        self.dram.contains(PhysAddr(addr.0 & self.cells))
    }

    /// The 16-byte lane word at the beat that holds `addr`; `None` where no DRAM is.
    pub fn read_beat(&mut self, addr: PhysAddr) -> Option<[u64; 2]> {
        let (page, at) = self.locate(addr)?;
        let bytes = &self.pages[page].1[at..at + 16];
        let word = |i: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[8 * i..8 * i + 8]);
            u64::from_le_bytes(eight)
        };
        Some([word(0), word(1)])
    }

    /// Writes the strobed lanes of the beat that holds `addr`; `false` where no DRAM is.
    pub fn write_beat(&mut self, addr: PhysAddr, data: [u64; 2], strobes: u16) -> bool {
        let Some((page, at)) = self.locate(addr) else {
            return false;
        };
        let bytes = &mut self.pages[page].1[at..at + 16];
        if strobes == 0xffff {
            bytes[..8].copy_from_slice(&data[0].to_le_bytes());
            bytes[8..].copy_from_slice(&data[1].to_le_bytes());
            return true;
        }
        let lanes = data[0].to_le_bytes().into_iter().chain(data[1].to_le_bytes());
        for (lane, value) in lanes.enumerate() {
            if strobes >> lane & 1 == 1 {
                bytes[lane] = value;
            }
        }
        true
    }

    /// Flips bit 0 of a byte behind the board's back: only for faults that a scenario plants.
    pub fn plant_flip(&mut self, addr: PhysAddr) -> bool {
        let Some((page, at)) = self.locate(addr) else {
            return false;
        };
        self.pages[page].1[at + (addr.0 % 16) as usize] ^= 1;
        true
    }

    /// All pages touched so far, by address.
    pub fn pages(&self) -> impl Iterator<Item = (PhysAddr, &[u8])> {
        let mut order: Vec<usize> = (0..self.pages.len()).collect();
        order.sort_unstable_by_key(|&i| self.pages[i].0);
        order.into_iter().map(|i| (PhysAddr(self.pages[i].0), &self.pages[i].1[..]))
    }

    /// Index of the page and offset of the beat in it; makes the page on first touch.
    fn locate(&mut self, addr: PhysAddr) -> Option<(usize, usize)> {
        if !self.present(addr) {
            return None;
        }
        let addr = PhysAddr(addr.0 & self.cells);
        let page = (addr.0 - self.dram.base.0) / PAGE;
        let (chunk, slot) = (page as usize / CHUNK, page as usize % CHUNK);
        let table = self.chunks[chunk].get_or_insert_with(|| Box::new([ABSENT; CHUNK]));
        if table[slot] == ABSENT {
            table[slot] = self.pages.len() as u32;
            let base = addr.0 & !(PAGE - 1);
            let mut bytes = Box::new([0; PAGE_BYTES]);
            for (i, word) in bytes.chunks_exact_mut(8).enumerate() {
                word.copy_from_slice(&poison(base + 8 * i as u64).to_le_bytes());
            }
            self.pages.push((base, bytes));
        }
        Some((table[slot] as usize, (addr.0 % PAGE) as usize & !15))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteLen;

    fn memory() -> Contents {
        Contents::new(
            AddrRange::new(PhysAddr(0x8000_0000), ByteLen(0x10_0000)).expect("does not wrap"),
        )
    }

    #[test]
    fn strobes_select_lanes_and_neighbours_stay() {
        let mut m = memory();
        let before = m.read_beat(PhysAddr(0x8000_0010)).expect("DRAM");
        assert!(m.write_beat(PhysAddr(0x8000_0018), [0x1111, 0x22 << 56], 0x8001));
        let after = m.read_beat(PhysAddr(0x8000_001f)).expect("DRAM");
        assert_eq!(after[0], before[0] & !0xff | 0x11);
        assert_eq!(after[1], before[1] & !(0xff << 56) | 0x22 << 56);
    }

    #[test]
    fn nothing_is_outside_dram() {
        let mut m = memory();
        assert_eq!(m.read_beat(PhysAddr(0x7fff_fff0)), None);
        assert!(!m.write_beat(PhysAddr(0x8010_0000), [0; 2], 0xffff));
    }

    #[test]
    fn poison_is_never_zero() {
        let mut m = memory();
        for beat in 0..256 {
            let word = m.read_beat(PhysAddr(0x8000_0000 + 16 * beat)).expect("DRAM");
            assert!(word[0] != 0 && word[1] != 0);
        }
    }
}
