// SPDX-License-Identifier: Apache-2.0
//! A memory side that answers out of order between IDs, interleaves, and fails now and then.
use crate::bench::{below, pick};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use ringfence_sim::{B, MemIn, PinsOutputs, PinsShape, R};
use std::collections::VecDeque;

struct Read {
    beats_left: u16,
    exclusive: bool,
}

pub(crate) struct Memory {
    mask: [u64; 2],
    /// By ID, and the IDs that have some.
    reads: Vec<VecDeque<Read>>,
    reading: Vec<u8>,
    /// Writes in the order of their addresses: ID, beats to come, exclusive.
    due: VecDeque<(u8, u16, bool)>,
    /// Beats that came before the address of their burst: none may, the golden model says so.
    done: Vec<VecDeque<bool>>,
    answering: Vec<u8>,
}

impl Memory {
    pub(crate) fn new(shape: &PinsShape) -> Self {
        let lists = 1 << shape.id_bits;
        let mask = match shape.data_bits {
            32 => [0xffff_ffff, 0],
            64 => [u64::MAX, 0],
            _ => [u64::MAX; 2],
        };
        Self {
            mask,
            reads: (0..lists).map(|_| VecDeque::new()).collect(),
            reading: Vec::new(),
            due: VecDeque::new(),
            done: (0..lists).map(|_| VecDeque::new()).collect(),
            answering: Vec::new(),
        }
    }

    /// Takes what the last cycle moved.
    pub(crate) fn react(&mut self, port: usize, out: &PinsOutputs, mem: &mut MemIn) {
        let seen = &out.port[port];
        let on = |mask: u16| mask >> port & 1 == 1;
        if on(out.ar.fire()) {
            let list = &mut self.reads[usize::from(seen.ar.id)];
            if list.is_empty() {
                self.reading.push(seen.ar.id);
            }
            let exclusive = seen.ar.lock != 0;
            list.push_back(Read { beats_left: u16::from(seen.ar.len) + 1, exclusive });
        }
        if on(out.aw.fire()) {
            let beats = u16::from(seen.aw.len) + 1;
            self.due.push_back((seen.aw.id, beats, seen.aw.lock != 0));
        }
        if on(out.w.fire())
            && let Some((id, left, exclusive)) = self.due.front_mut()
        {
            *left -= 1;
            if *left == 0 {
                let list = &mut self.done[usize::from(*id)];
                if list.is_empty() {
                    self.answering.push(*id);
                }
                list.push_back(*exclusive);
                self.due.pop_front();
            }
        }
        if on(out.r.fire()) {
            mem.r_valid = false;
        }
        if on(out.b.fire()) {
            mem.b_valid = false;
        }
    }

    /// Offers the next beat and the next response.
    pub(crate) fn drive(
        &mut self,
        mem: &mut MemIn,
        [read, write]: [bool; 2],
        rng: &mut ChaCha8Rng,
    ) {
        if !mem.r_valid && read && !self.reading.is_empty() {
            mem.r_valid = true;
            mem.r = self.beat(rng, mem.r.id);
        }
        if !mem.b_valid && write && !self.answering.is_empty() {
            let at = below(rng, self.answering.len() as u64) as usize;
            let id = self.answering[at];
            let list = &mut self.done[usize::from(id)];
            let exclusive = list.pop_front().unwrap_or(false);
            if list.is_empty() {
                self.answering.swap_remove(at);
            }
            mem.b_valid = true;
            mem.b = B { id, resp: response(rng, exclusive) };
        }
    }

    /// A beat of the burst of the last one, or of another ID.
    fn beat(&mut self, rng: &mut ChaCha8Rng, last: u8) -> R {
        let stays = self.reading.iter().position(|id| *id == last);
        let any = below(rng, self.reading.len() as u64) as usize;
        let at = stays.filter(|_| below(rng, 4) > 0).unwrap_or(any);
        let id = self.reading[at];
        let list = &mut self.reads[usize::from(id)];
        let burst = list.front_mut().expect("a listed ID has a read");
        burst.beats_left -= 1;
        let (last, exclusive) = (burst.beats_left == 0, burst.exclusive);
        if last {
            list.pop_front();
            if list.is_empty() {
                self.reading.swap_remove(at);
            }
        }
        let data = [rng.next_u64() | 1, rng.next_u64()];
        let data = [data[0] & self.mask[0], data[1] & self.mask[1]];
        R { data, id, resp: response(rng, exclusive), last }
    }
}

fn response(rng: &mut ChaCha8Rng, exclusive: bool) -> u8 {
    match below(rng, 32) {
        0 => pick(rng, &[2, 3]),
        _ if exclusive => u8::from(below(rng, 2) == 0),
        _ => 0,
    }
}
