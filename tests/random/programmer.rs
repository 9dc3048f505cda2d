// SPDX-License-Identifier: Apache-2.0
//! The register bus: regions, gates, everything, at random and during traffic.
use crate::bench::{below, pick};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{ApbIn, PinsOutputs, PinsShape};
use std::collections::VecDeque;

const ACTION: u16 = 0x004;
const GATE_KEEPER: u16 = 0x008;
const SPECULATION: u16 = 0x00c;
const INT_CLEAR: u16 = 0x014;
const REGION: u16 = 0x100;
const EXTENSION: u16 = 0xe00;

pub(crate) struct Programmer {
    shape: &'static PinsShape,
    /// Pages at which things happen: few, with neighbours, at 4 GiB and at the end of the space.
    pages: Vec<u64>,
    queue: VecDeque<ApbIn>,
    pause: u64,
    closed: u32,
    /// Where the first region is at home among the pages, and whether the next is below it.
    home: u64,
    down: bool,
    mood: Mood,
}

/// What an epoch dwells on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// A little of everything.
    Even,
    /// Few regions match, so that region 0 decides.
    Sparse,
    /// The gates close and open all the time.
    Gated,
    /// Both.
    SparseGated,
}

impl Mood {
    const ALL: [Self; 4] = [Self::Even, Self::Sparse, Self::Gated, Self::SparseGated];

    fn sparse(self) -> bool {
        matches!(self, Self::Sparse | Self::SparseGated)
    }

    fn gated(self) -> bool {
        matches!(self, Self::Gated | Self::SparseGated)
    }
}

impl Programmer {
    pub(crate) fn new(shape: &'static PinsShape, rng: &mut ChaCha8Rng) -> Self {
        let end = 1u64 << (shape.address_bits - 12);
        let middle = below(rng, end - 16) + 8;
        let mut pages: Vec<u64> = (middle..middle + 6).collect();
        pages.extend([0, 1, end - 2, end - 1]);
        if shape.address_bits > 32 {
            pages.extend((1 << 20) - 2..(1 << 20) + 2);
        }
        let mut new = Self {
            shape,
            pages,
            queue: VecDeque::new(),
            pause: 0,
            closed: 0,
            home: below(rng, 64),
            down: below(rng, 2) == 0,
            mood: pick(rng, &Mood::ALL),
        };
        new.write(SPECULATION, below(rng, 4) as u32);
        new.write(ACTION, below(rng, 4) as u32);
        if shape.extension && below(rng, 4) > 0 {
            new.write(EXTENSION, 1);
        }
        for region in 0..shape.regions as u16 {
            new.region(region, rng);
        }
        new.write(GATE_KEEPER, u32::MAX);
        new
    }

    pub(crate) fn pages(&self) -> &[u64] {
        &self.pages
    }

    /// Nothing queued, and the gates open, so that what waits can go on.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.closed == 0
    }

    /// One cycle of the bus: setup, then access; transfers have no wait states.
    pub(crate) fn drive(
        &mut self,
        out: &PinsOutputs,
        apb: &mut ApbIn,
        draining: bool,
        rng: &mut ChaCha8Rng,
    ) {
        if apb.sel && !apb.enable {
            apb.enable = true;
            return;
        }
        if apb.sel && !out.apb_ready {
            return;
        }
        *apb = ApbIn::default();
        self.pause = self.pause.saturating_sub(1);
        if draining && self.closed != 0 && self.queue.is_empty() {
            self.closed = 0;
            self.write(GATE_KEEPER, u32::MAX);
        }
        if self.queue.is_empty() && self.pause == 0 && !draining {
            self.think(rng);
        }
        if self.pause == 0
            && let Some(next) = self.queue.pop_front()
        {
            *apb = next;
            self.pause = if below(rng, 4) == 0 { below(rng, 60) } else { 0 };
        }
    }

    fn write(&mut self, addr: u16, wdata: u32) {
        let apb = ApbIn { addr, wdata, sel: true, write: true, strb: 0xf, ..ApbIn::default() };
        self.queue.push_back(apb);
    }

    fn read(&mut self, addr: u16) {
        self.queue.push_back(ApbIn { addr, sel: true, ..ApbIn::default() });
    }

    fn think(&mut self, rng: &mut ChaCha8Rng) {
        if self.mood.gated() && below(rng, 16) > 0 {
            self.pause = below(rng, 12);
            return self.gates(rng);
        }
        self.pause = below(rng, 150);
        match below(rng, 32) {
            0..=7 => {
                let region = below(rng, self.shape.regions as u64) as u16;
                self.region(region, rng);
            }
            8 | 9 => self.one_region_word(rng),
            10..=14 => self.gates(rng),
            15 => self.write(ACTION, below(rng, 4) as u32),
            16 => self.write(SPECULATION, below(rng, 4) as u32),
            17..=19 => self.write(INT_CLEAR, below(rng, 16) as u32),
            20..=24 => self.reads(rng),
            25..=28 if self.shape.extension => self.extension(rng),
            29 => self.refused(rng),
            _ => self.anything(rng),
        }
    }

    /// A whole region, in the order of existing drivers or with its parts mixed.
    fn region(&mut self, region: u16, rng: &mut ChaCha8Rng) {
        let at = REGION + 0x20 * region;
        let (one, other) = (pick(rng, &self.pages), pick(rng, &self.pages));
        let (base, top) = match below(rng, if self.mood.sparse() { 4 } else { 32 }) {
            0 => (one.max(other), one.min(other)),
            1..=3 => (one.min(other), one.max(other)),
            4..=6 => (one, one),
            // Apart from each other and side by side, as a driver would lay them out.
            _ => {
                let place = if self.down { 16 - region } else { region };
                let home = (self.home + u64::from(place)) as usize % self.pages.len();
                (self.pages[home], self.pages[home])
            }
        };
        let (base, top) = (base << 12, top << 12);
        let draw = rng.next_u64();
        let filters = match below(rng, 6) {
            0 | 1 => (draw >> 32) as u32 & 0xf,
            2 | 3 if self.mood.sparse() => 0,
            _ => 0xf,
        };
        let parts = [
            (0x00, base as u32),
            (0x04, (base >> 32) as u32),
            (0x08, top as u32),
            (0x0c, (top >> 32) as u32),
            (0x10, ((draw & 3) as u32) << 30 | filters),
            (0x14, rng.next_u64() as u32),
        ];
        let first = if below(rng, 2) == 0 { 0 } else { below(rng, 6) as usize };
        for i in 0..6 {
            let (offset, value) = parts[(first + i) % 6];
            self.write(at + offset, value);
        }
    }

    fn one_region_word(&mut self, rng: &mut ChaCha8Rng) {
        let region = below(rng, 10) as u16;
        let word = pick(rng, &[0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x14, 0x18, 0x1c]);
        let page = pick(rng, &self.pages) << 12;
        let value = match word {
            0x00 | 0x08 => page as u32,
            0x04 | 0x0c => (page >> 32) as u32,
            _ => rng.next_u64() as u32,
        };
        self.write(REGION + 0x20 * region + word, value);
        if let Some(last) = self.queue.back_mut() {
            last.strb = if below(rng, 3) == 0 { below(rng, 16) as u8 } else { 0xf };
        }
    }

    /// Closes some, and opens them again after a while.
    fn gates(&mut self, rng: &mut ChaCha8Rng) {
        if self.closed == 0 {
            self.closed = below(rng, 15) as u32 + 1;
            self.write(GATE_KEEPER, !self.closed);
            for _ in 0..below(rng, 6) {
                self.read(GATE_KEEPER);
            }
        }
        if below(rng, 4) > 0 {
            self.closed = 0;
            self.write(GATE_KEEPER, u32::MAX);
        }
    }

    fn reads(&mut self, rng: &mut ChaCha8Rng) {
        for _ in 0..=below(rng, 6) {
            let offset = match below(rng, 8) {
                0 | 1 => below(rng, 0x60) as u16,
                2..=4 => REGION + below(rng, 0x120) as u16,
                5 if self.shape.extension => EXTENSION + below(rng, 0x100) as u16,
                6 => 0xfd0 + below(rng, 0x30) as u16,
                _ => below(rng, 0x1000) as u16,
            };
            self.read(offset);
        }
    }

    fn extension(&mut self, rng: &mut ChaCha8Rng) {
        match below(rng, 32) {
            0..=3 => self.write(EXTENSION, u32::from(below(rng, 4) > 0)),
            4 if below(rng, 8) == 0 => self.write(EXTENSION, 0x8000_0001),
            5 if below(rng, 4) == 0 => self.write(EXTENSION + 8, 1 << below(rng, 9)),
            6..=12 => self.write(EXTENSION + 0xc, 1),
            13..=18 => self.write(EXTENSION + 0xc, below(rng, 4) as u32),
            19..=22 => self.write(EXTENSION + 0x10, rng.next_u64() as u32),
            _ => {
                let at = EXTENSION + 0x40 + below(rng, 0xc0) as u16;
                self.read(at);
                if below(rng, 4) == 0 {
                    self.write(at, rng.next_u64() as u32);
                }
                self.read(at);
            }
        }
    }

    /// A non-secure access, which must do nothing.
    fn refused(&mut self, rng: &mut ChaCha8Rng) {
        self.anything(rng);
        if let Some(last) = self.queue.back_mut() {
            last.prot = 2 | below(rng, 8) as u8;
        }
    }

    /// Anywhere but where a write would end the test: gates and the sticky locks.
    fn anything(&mut self, rng: &mut ChaCha8Rng) {
        let addr = below(rng, 0x1000) as u16;
        let sticky = (EXTENSION..EXTENSION + 0x10).contains(&addr);
        if sticky || addr & 0xffc == GATE_KEEPER || below(rng, 2) == 0 {
            self.read(addr);
        } else {
            self.write(addr, rng.next_u64() as u32);
            if let Some(last) = self.queue.back_mut() {
                last.strb = below(rng, 16) as u8;
            }
        }
    }
}
