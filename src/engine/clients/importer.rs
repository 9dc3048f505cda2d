// SPDX-License-Identifier: Apache-2.0
//! What the run's own importer needs of the clients that do its work.
use super::Clients;
use crate::scenario::{Act, Step};
use crate::tee::AttachmentId;
use crate::units::{AddrRange, Cycle, MasterId};

impl Clients {
    /// Whether a mark is set.
    pub(in crate::engine) fn is_marked(&self, mark: usize) -> bool {
        self.marks[mark]
    }

    /// Sets a mark that no client sets.
    pub(in crate::engine) fn set_mark(&mut self, mark: usize, cycle: Cycle) {
        self.marks[mark] = true;
        self.wake = self.next_wake(cycle);
    }

    /// A client's first step that did not end as it had to.
    pub(in crate::engine) fn wrong(&self, client: usize) -> Option<String> {
        self.actors[client].wrong.clone()
    }

    /// Where a buffer is.
    pub(in crate::engine) fn place(&self, buffer: usize) -> Option<AddrRange> {
        self.buffers[buffer].range
    }

    /// A master's attachment to a buffer.
    pub(in crate::engine) fn attached(
        &self,
        buffer: usize,
        master: MasterId,
    ) -> Option<AttachmentId> {
        self.attachments.get(&(buffer, master)).copied()
    }

    /// What one client holds is another's from here on: they are one process.
    pub(in crate::engine) fn share_files(&mut self, from: usize, to: usize) {
        let held: Vec<_> =
            self.files.range((from, 0)..(from + 1, 0)).map(|(k, v)| (*k, *v)).collect();
        for (key, count) in held {
            self.files.remove(&key);
            self.files.insert((to, key.1), count);
        }
    }

    /// A client that gives back does so only with what was got.
    pub(in crate::engine) fn keep_what_is_there(&mut self, client: usize) {
        let Self { actors, mappings, attachments, files, .. } = self;
        let there = |step: &Step| match step.act {
            Act::Unmap { buffer, master } => {
                mappings.get(&(buffer, master)).is_some_and(|grants| !grants.is_empty())
            }
            Act::Detach { buffer, master } => attachments.contains_key(&(buffer, master)),
            Act::Close { buffer } => files.contains_key(&(client, buffer)),
            _ => true,
        };
        actors[client].plan.steps.retain(there);
    }
}
