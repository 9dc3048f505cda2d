// SPDX-License-Identifier: Apache-2.0
//! A firewall's register file of a few lines, written from the manual's text alone: numbers
//! instead of the constants under test.
use crate::firmware::Op;
use crate::scenario::Master;
use crate::tee::Rights;
use std::collections::BTreeMap;

/// Registers of a TZC-400 with 8 regions, 40 address bits and some filters.
#[derive(Clone, Debug)]
pub(super) struct Model {
    words: BTreeMap<u16, u32>,
    filters: u32,
    /// Reads of `GATE_KEEPER` until its status follows the request.
    pub(super) gate_delay: u32,
    pending: u32,
    /// Whether there is an extension block.
    pub(super) ext: bool,
    staged: Option<Vec<(u16, u32)>>,
    /// Writes in order.
    pub(super) writes: Vec<(u16, u32)>,
}

impl Model {
    pub(super) fn new(filters: u32) -> Self {
        let mut words = BTreeMap::new();
        words.insert(0x000, 8 | 39 << 8 | (filters - 1) << 24);
        words.extend([(0xfd0, 0x04), (0xfe0, 0x60), (0xfe4, 0xb4), (0xfe8, 0x2b)]);
        words.extend([(0xff0, 0x0d), (0xff4, 0xf0), (0xff8, 0x05), (0xffc, 0xb1)]);
        words.extend((1..=8).map(|region| (0x108 + 0x20 * region, 0xfff)));
        let (gate_delay, pending, writes) = (0, 0, Vec::new());
        Self { words, filters, gate_delay, pending, ext: true, staged: None, writes }
    }

    pub(super) fn set(&mut self, offset: u16, value: u32) {
        self.words.insert(offset, value);
    }

    pub(super) fn word(&self, offset: u16) -> u32 {
        self.words.get(&offset).copied().unwrap_or(0)
    }

    pub(super) fn write(&mut self, offset: u16, value: u32) {
        self.writes.push((offset, value));
        match offset {
            0xe00 if self.ext => {
                self.set(0xe00, value & 1);
                self.set(0xe04, (value & 1) * 0x5246_0001);
            }
            0xe0c if self.word(0xe00) == 1 => self.shadow(value),
            0xe00..0xf00 => {}
            0x100..0x220 if let Some(staged) = &mut self.staged => staged.push((offset, value)),
            _ => self.apply(offset, value),
        }
    }

    fn shadow(&mut self, value: u32) {
        if value & 2 != 0 {
            for (offset, value) in self.staged.take().unwrap_or_default() {
                self.apply(offset, value);
            }
        }
        self.staged = (value & 1 != 0).then(|| self.staged.take().unwrap_or_default());
    }

    fn apply(&mut self, offset: u16, value: u32) {
        let filters = (1 << self.filters) - 1;
        let (region, field) = (offset.wrapping_sub(0x100) / 0x20, offset % 0x20);
        let value = match (offset, field) {
            (0x008, _) => {
                self.pending = self.gate_delay;
                self.word(8) & 0xf_0000 | value & filters
            }
            (0x014, _) => {
                let kept = self.word(0x10) & !(value | value << 8 | value << 16);
                self.set(0x10, kept);
                return;
            }
            (0x000 | 0x010 | 0x020..0x060, _) => return,
            (0x100..0x220, 0x10) if region == 0 => value & 0xc000_0000,
            (0x100..0x220, 0..0x10) if region == 0 => return,
            (0x100..0x220, 0x00) => value & !0xfff,
            (0x100..0x220, 0x08) => value | 0xfff,
            (0x100..0x220, 0x04 | 0x0c) => value & 0xff,
            (0x100..0x220, 0x10) => value & (0xc000_0000 | filters),
            _ => value,
        };
        self.set(offset, value);
    }

    pub(super) fn read(&mut self, offset: u16) -> u32 {
        if offset == 0x008 {
            if self.pending == 0 {
                let request = self.word(8) & 0xf;
                self.set(8, request | request << 16);
            }
            self.pending = self.pending.saturating_sub(1);
        }
        if offset == 0x014 { 0 } else { self.word(offset) }
    }

    /// Plays operations and says whether all checks and polls came true.
    pub(super) fn play(&mut self, ops: &[Op]) -> bool {
        ops.iter().all(|op| self.step(*op))
    }

    pub(super) fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Write { offset, value } => self.write(offset, value),
            Op::Read { offset } => drop(self.read(offset)),
            Op::Check { offset, mask, value } => return self.read(offset) & mask == value,
            Op::Poll { offset, mask, value, .. } => {
                return (0..100).any(|_| self.read(offset) & mask == value);
            }
        }
        true
    }

    pub(super) fn gate_is_open(&self, filter: u32) -> bool {
        self.word(8) >> 16 >> filter & 1 != 0
    }

    /// What `master` could do at `addr` on a filter whose gate is open; overlaps give nothing.
    pub(super) fn rights(&self, addr: u64, filter: u32, master: &Master) -> Rights {
        let long = |low: u16| u64::from(self.word(low)) | u64::from(self.word(low + 4)) << 32;
        let hits: Vec<u16> = (1..=8)
            .map(|n| 0x100 + 0x20 * n)
            .filter(|at| self.word(at + 0x10) >> filter & 1 != 0)
            .filter(|at| long(*at) <= addr && addr <= long(at + 8))
            .collect();
        let at = match hits[..] {
            [] => 0x100,
            [one] => one,
            _ => return Rights::NONE,
        };
        let (attributes, ids) = (self.word(at + 0x10), self.word(at + 0x14));
        let bit = |word: u32, n: u32| word >> n & 1 != 0;
        if master.secure {
            return Rights { read: bit(attributes, 30), write: bit(attributes, 31) };
        }
        let nsaid = u32::from(master.nsaid.0);
        Rights { read: bit(ids, nsaid), write: bit(ids, 16 + nsaid) }
    }
}
