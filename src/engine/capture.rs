// SPDX-License-Identifier: Apache-2.0
//! Pictures as one master saw them, assembled only from data beats at its own port.
use crate::memory::beat_addr;
use crate::scenario::Nv12;
use crate::units::AddrRange;
use ringfence_sim::{Ax, BEAT_BYTES, Outputs};
use std::collections::VecDeque;

/// An NV12 picture in which some bytes may never have been returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Caption, e.g. `frame 3`.
    pub title: String,
    /// Luma width, pixels.
    pub width: u32,
    /// Luma height, pixels.
    pub height: u32,
    /// `width * height * 3 / 2` bytes: luma rows, then interleaved chroma rows.
    pub nv12: Vec<u8>,
    /// For every byte of `nv12`: whether a beat returned it.
    pub returned: Vec<bool>,
    /// Bytes returned and bytes in all, where they were not NV12 in memory.
    pub other: Option<(u64, u64)>,
}

/// How the bytes of a buffer make a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As decoders and cameras write it.
    Nv12(Nv12),
    /// XRGB8888, lines 64 bytes aligned, as user interfaces are drawn.
    Xrgb {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
    },
}

/// The pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// What the display scanned out: first, a middle and the last frame.
    pub displayed: Vec<Picture>,
    /// By intruder, the encoder before them: its name and what it saw of the buffers.
    pub seen: Vec<(String, Vec<Picture>)>,
}

/// Watches one master's read channels and keeps what came back from the frame buffers.
pub struct Capture {
    master: usize,
    buffers: Vec<AddrRange>,
    bytes: Vec<Vec<u8>>,
    returned: Vec<Vec<bool>>,
    open: Vec<VecDeque<(Ax, u16)>>,
}

impl Capture {
    /// For master port `master` and the given frame buffers.
    pub fn new(master: usize, buffers: Vec<AddrRange>) -> Self {
        let bytes = buffers.iter().map(|b| vec![0; b.len.0 as usize]).collect();
        let returned = buffers.iter().map(|b| vec![false; b.len.0 as usize]).collect();
        let open = (0..16).map(|_| VecDeque::with_capacity(4)).collect();
        Self { master, buffers, bytes, returned, open }
    }

    /// Takes in one cycle.
    pub fn observe(&mut self, out: &Outputs) {
        let bit = 1u16 << self.master;
        if (out.ar.fire() | out.r.fire()) & bit == 0 {
            return;
        }
        let port = &out.port[self.master];
        if out.r.fire() & bit != 0 {
            let queue = &mut self.open[port.r.id as usize % 16];
            if let Some((ax, beat)) = queue.front_mut() {
                let addr = beat_addr(ax, *beat) & !(BEAT_BYTES as u64 - 1);
                *beat += 1;
                if port.r.last {
                    queue.pop_front();
                }
                self.keep(addr, port.r.data);
            }
        }
        if out.ar.fire() & bit != 0 {
            self.open[port.ar.id as usize % 16].push_back((port.ar, 0));
        }
    }

    fn keep(&mut self, addr: u64, data: [u64; 2]) {
        for (n, range) in self.buffers.iter().enumerate() {
            let at = addr.wrapping_sub(range.base.0);
            if at < range.len.0 {
                let at = at as usize;
                let room = (range.len.0 as usize - at).min(BEAT_BYTES);
                let lanes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
                self.bytes[n][at..at + room].copy_from_slice(&lanes[..room]);
                self.returned[n][at..at + room].fill(true);
                return;
            }
        }
    }

    /// The picture in buffer `slot` as seen so far.
    pub fn picture(&self, slot: usize, title: String, shape: Shape) -> Picture {
        match shape {
            Shape::Nv12(nv12) => self.nv12(slot, title, nv12),
            Shape::Xrgb { width, height } => self.xrgb(slot, title, width, height),
        }
    }

    fn nv12(&self, slot: usize, title: String, shape: Nv12) -> Picture {
        let Nv12 { width, height } = shape;
        let mut nv12 = Vec::with_capacity(shape.picture_len());
        let mut returned = Vec::with_capacity(nv12.capacity());
        for line in 0..height * 3 / 2 {
            let at = shape.at(0, line) as usize;
            nv12.extend_from_slice(&self.bytes[slot][at..at + width as usize]);
            returned.extend_from_slice(&self.returned[slot][at..at + width as usize]);
        }
        Picture { title, width, height, nv12, returned, other: None }
    }

    /// Pixels as luma and, of the first of four, chroma (BT.709 in 1/256): one sheet draws all.
    /// Zeros stay zeros, so that a denied read looks like one.
    fn xrgb(&self, slot: usize, title: String, width: u32, height: u32) -> Picture {
        let shape = Nv12 { width, height };
        let pitch = (width as usize * 4).next_multiple_of(64);
        let mut nv12 = vec![0; shape.picture_len()];
        let mut returned = vec![false; nv12.len()];
        let mut all = 0;
        for y in 0..height as usize {
            for x in 0..width as usize {
                let at = y * pitch + 4 * x;
                let pixel = &self.returned[slot][at..at + 4];
                all += pixel.iter().filter(|came| **came).count() as u64;
                let came = pixel.iter().all(|came| *came);
                let zeros = self.bytes[slot][at..at + 4].iter().all(|byte| *byte == 0);
                let value = |n: usize| i32::from(self.bytes[slot][at + n]);
                let (b, g, r) = (value(0), value(1), value(2));
                let to = |offset: i32, sum: i32| {
                    let value = (offset + ((sum + 128) >> 8)).clamp(0, 255) as u8;
                    if zeros { 0 } else { value }
                };
                let luma = y * width as usize + x;
                (nv12[luma], returned[luma]) = (to(16, 47 * r + 157 * g + 16 * b), came);
                if x % 2 == 0 && y % 2 == 0 {
                    let chroma = (height as usize + y / 2) * width as usize + x;
                    nv12[chroma] = to(128, -26 * r - 87 * g + 112 * b);
                    nv12[chroma + 1] = to(128, 112 * r - 102 * g - 10 * b);
                    returned[chroma..chroma + 2].fill(came);
                }
            }
        }
        let other = Some((all, u64::from(width) * u64::from(height) * 4));
        Picture { title, width, height, nv12, returned, other }
    }

    /// Forgets what was seen of `slot`, so that the next picture holds only what comes then.
    pub fn clear(&mut self, slot: usize) {
        self.returned[slot].fill(false);
        self.bytes[slot].fill(0);
    }
}
