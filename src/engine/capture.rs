// SPDX-License-Identifier: Apache-2.0
//! Pictures as one master saw them, assembled only from data beats at its own port.
use crate::memory::beat_addr;
use crate::scenario::Playback;
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
}

/// The pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// What the display scanned out: first, a middle and the last frame.
    pub displayed: Vec<Picture>,
    /// By intruder: its name and what it saw of the frame buffers.
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

    /// The picture in frame buffer `slot` as seen so far.
    pub fn picture(&self, slot: usize, title: String, plan: &Playback) -> Picture {
        let (width, height) = (plan.width, plan.height);
        let mut nv12 = Vec::with_capacity(width as usize * height as usize * 3 / 2);
        let mut returned = Vec::with_capacity(nv12.capacity());
        for line in 0..height * 3 / 2 {
            let at = plan.luma_at(0, line) as usize;
            nv12.extend_from_slice(&self.bytes[slot][at..at + width as usize]);
            returned.extend_from_slice(&self.returned[slot][at..at + width as usize]);
        }
        Picture { title, width, height, nv12, returned }
    }

    /// Forgets what was seen of `slot`, so that the next picture holds only what comes then.
    pub fn clear(&mut self, slot: usize) {
        self.returned[slot].fill(false);
        self.bytes[slot].fill(0);
    }
}
