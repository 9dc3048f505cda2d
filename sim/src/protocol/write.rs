// SPDX-License-Identifier: Apache-2.0
//! Write data and write answers against write requests. Data may come before its address.

use std::collections::VecDeque;

use super::queue::IdQueues;
use super::{Channel, Sink, address, rules};
use crate::pins::{Ax, B, W};

const EXOKAY: u8 = 1;

#[derive(Clone, Copy, Debug)]
struct Open {
    data_done: bool,
    exclusive: bool,
}

/// Open writes of one port.
#[derive(Debug, Default)]
pub(super) struct WriteChecker {
    open: IdQueues<Open>,
    /// Addresses whose data is not complete, in the order in which the data comes.
    data_due: VecDeque<(Ax, u32)>,
    /// Beats of the front of `data_due` that have come.
    beats: u32,
    /// Beats that came before their address: strobes and last.
    ahead: VecDeque<(u16, bool)>,
}

impl WriteChecker {
    pub(super) fn address(&mut self, aw: &Ax, sink: &mut Sink) {
        let entry = Open { data_done: false, exclusive: aw.lock != 0 };
        let handle = self.open.push(aw.id, entry);
        self.data_due.push_back((*aw, handle));
        while !self.data_due.is_empty() {
            let Some((strb, last)) = self.ahead.pop_front() else {
                break;
            };
            self.beat(strb, last, sink);
        }
    }

    pub(super) fn data(&mut self, w: &W, sink: &mut Sink) {
        if self.data_due.is_empty() {
            self.ahead.push_back((w.strb, w.last));
        } else {
            self.beat(w.strb, w.last, sink);
        }
    }

    fn beat(&mut self, strb: u16, last: bool, sink: &mut Sink) {
        let Some(&(aw, handle)) = self.data_due.front() else {
            return;
        };
        // What is wider than the bus was reported with its address.
        let fits = 1 << aw.size <= sink.bus;
        let outside = if fits { strb & !address::lanes(&aw, self.beats, sink.bus) } else { 0 };
        if outside != 0 {
            let beat = self.beats;
            let detail = format_args!(
                "strobes {strb:#06x} of beat {beat} of the burst at {:#x} leave its lanes",
                aw.addr
            );
            sink.report(Channel::W, rules::WSTRB, detail);
        }
        self.beats += 1;
        let ends = self.beats > u32::from(aw.len);
        if last != ends {
            let word = if last { "too early" } else { "missing" };
            let detail = format_args!(
                "WLAST {word}: beat {} of {} of the burst at {:#x}",
                self.beats,
                u32::from(aw.len) + 1,
                aw.addr
            );
            sink.report(Channel::W, rules::WDATA_NUM, detail);
        }
        // Goes on as the master says, so that one error is one report.
        if last || ends {
            self.open.get(handle).data_done = true;
            self.data_due.pop_front();
            self.beats = 0;
        }
    }

    pub(super) fn response(&mut self, b: &B, sink: &mut Sink) {
        let Some(open) = self.open.front(b.id) else {
            let detail =
                format_args!("write response with ID {:#x}, which has no write open", b.id);
            sink.report(Channel::B, rules::BRESP_AW, detail);
            return;
        };
        let Open { data_done, exclusive } = *open;
        if !data_done {
            // The entry stays: its data still has to find it.
            let detail = format_args!("write response with ID {:#x} before its last beat", b.id);
            sink.report(Channel::B, rules::BRESP_WLAST, detail);
            return;
        }
        if b.resp == EXOKAY && !exclusive {
            let detail = format_args!("EXOKAY for a normal write, ID {:#x}", b.id);
            sink.report(Channel::B, rules::BRESP_EXOKAY, detail);
        }
        self.open.pop(b.id);
    }

    pub(super) fn outstanding(&self) -> usize {
        self.open.len()
    }

    pub(super) fn finish(&self, sink: &mut Sink) {
        let beats = self.ahead.len();
        if beats != 0 || !self.data_due.is_empty() {
            let due = self.data_due.len();
            let detail =
                format_args!("{due} writes without their data, {beats} beats without address");
            sink.report(Channel::W, rules::WDATA_EOS, detail);
        }
        if self.open.len() != 0 {
            let detail = format_args!("{} writes still open at the end", self.open.len());
            sink.report(Channel::B, rules::BRESP_EOS, detail);
        }
    }
}
