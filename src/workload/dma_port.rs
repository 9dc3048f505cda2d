// SPDX-License-Identifier: Apache-2.0
//! An IP's side of its DMA engine: queues of descriptors and write data.
use ringfence_sim::{Desc, Inputs, Outputs, Status};
use std::collections::VecDeque;

/// Queues in front of one master's DMA engine.
pub struct DmaPort {
    master: usize,
    reads: VecDeque<Desc>,
    writes: VecDeque<Desc>,
    data: VecDeque<[u64; 2]>,
    /// Read descriptors pushed and not yet finished.
    pub reads_open: u32,
    /// Write descriptors pushed and not yet finished.
    pub writes_open: u32,
}

/// Descriptors that ended in a cycle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    /// Read.
    pub read: Option<Status>,
    /// Write.
    pub write: Option<Status>,
}

impl DmaPort {
    /// For the engine of `master`.
    pub fn new(master: usize) -> Self {
        Self {
            master,
            reads: VecDeque::with_capacity(64),
            writes: VecDeque::with_capacity(64),
            data: VecDeque::with_capacity(4096),
            reads_open: 0,
            writes_open: 0,
        }
    }

    /// Queues a read.
    pub fn read(&mut self, desc: Desc) {
        self.reads.push_back(desc);
        self.reads_open += 1;
    }

    /// Queues a write of 16-byte aligned rows; `row` gives each row's bytes.
    pub fn write<'a>(&mut self, desc: Desc, mut row: impl FnMut(u16) -> &'a [u8]) {
        for n in 0..desc.rows {
            for beat in row(n).chunks(16) {
                let mut lanes = [0u8; 16];
                lanes[..beat.len()].copy_from_slice(beat);
                let value = u128::from_le_bytes(lanes);
                self.data.push_back([value as u64, (value >> 64) as u64]);
            }
        }
        self.writes.push_back(desc);
        self.writes_open += 1;
    }

    /// Nothing queued and nothing in flight.
    pub fn idle(&self) -> bool {
        self.reads_open == 0 && self.writes_open == 0
    }

    /// Takes note of what the engine took and finished, and offers the next.
    pub fn tick(&mut self, out: &Outputs, inputs: &mut Inputs) -> Done {
        let bit = 1u8 << self.master;
        if inputs.rd_desc_valid & out.rd_desc_ready & bit != 0 {
            self.reads.pop_front();
        }
        if inputs.wr_desc_valid & out.wr_desc_ready & bit != 0 {
            self.writes.pop_front();
        }
        if inputs.ws_valid & out.ws_ready & bit != 0 {
            self.data.pop_front();
        }
        let mut done = Done::default();
        if out.rd_sts_valid & bit != 0 {
            self.reads_open -= 1;
            done.read = Some(out.rd_sts[self.master]);
        }
        if out.wr_sts_valid & bit != 0 {
            self.writes_open -= 1;
            done.write = Some(out.wr_sts[self.master]);
        }
        done
    }

    /// Sets what is offered next; after all of the cycle's pushes.
    pub fn offer(&self, inputs: &mut Inputs) {
        let bit = 1u8 << self.master;
        let mask = |valid: bool, field: u8| if valid { field | bit } else { field & !bit };
        inputs.rd_desc_valid = mask(!self.reads.is_empty(), inputs.rd_desc_valid);
        if let Some(desc) = self.reads.front() {
            inputs.rd_desc[self.master] = *desc;
        }
        inputs.wr_desc_valid = mask(!self.writes.is_empty(), inputs.wr_desc_valid);
        if let Some(desc) = self.writes.front() {
            inputs.wr_desc[self.master] = *desc;
        }
        inputs.ws_valid = mask(!self.data.is_empty(), inputs.ws_valid);
        if let Some(beat) = self.data.front() {
            inputs.ws_data[self.master] = *beat;
        }
    }
}
