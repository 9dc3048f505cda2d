// SPDX-License-Identifier: Apache-2.0
//! Read answers against read requests.

use super::queue::IdQueues;
use super::{Channel, Sink, rules};
use crate::pins::{Ax, R};

const EXOKAY: u8 = 1;

#[derive(Clone, Copy, Debug)]
struct Open {
    beats_left: u16,
    exclusive: bool,
}

/// Open reads of one port.
#[derive(Debug, Default)]
pub(super) struct ReadChecker {
    open: IdQueues<Open>,
}

impl ReadChecker {
    pub(super) fn request(&mut self, ar: &Ax) {
        self.open.push(ar.id, Open { beats_left: u16::from(ar.len) + 1, exclusive: ar.lock != 0 });
    }

    pub(super) fn data(&mut self, r: &R, sink: &mut Sink) {
        let Some(open) = self.open.front(r.id) else {
            let detail = format_args!("read data with ID {:#x}, which has no read open", r.id);
            sink.report(Channel::R, rules::RID, detail);
            return;
        };
        if r.resp == EXOKAY && !open.exclusive {
            let detail = format_args!("EXOKAY for a normal read, ID {:#x}", r.id);
            sink.report(Channel::R, rules::RRESP_EXOKAY, detail);
        }
        open.beats_left -= 1;
        let ends = open.beats_left == 0;
        if r.last != ends {
            let left = open.beats_left;
            let word = if r.last { "too early" } else { "missing" };
            let detail = format_args!("RLAST {word}, ID {:#x}, {left} beats left", r.id);
            sink.report(Channel::R, rules::RDATA_NUM, detail);
        }
        // Goes on as the slave says, so that one error is one report.
        if r.last || ends {
            self.open.pop(r.id);
        }
    }

    pub(super) fn outstanding(&self) -> usize {
        self.open.len()
    }

    pub(super) fn finish(&self, sink: &mut Sink) {
        if self.open.len() != 0 {
            let detail = format_args!("{} reads still open at the end", self.open.len());
            sink.report(Channel::R, rules::RLAST_EOS, detail);
        }
    }
}
