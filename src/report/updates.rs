// SPDX-License-Identifier: Apache-2.0
//! What changes of the firewall took, by pool and kind, for the reports.
use crate::engine::event::{Update, UpdateEvent};
use crate::report::digest::Digest;
use serde::Serialize;
use std::collections::BTreeMap;

/// Lends or reclaims of one pool; times are the longest, in cycles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub(super) pool: String,
    pub(super) update: Update,
    pub(super) count: u64,
    /// From the request until the registers said so.
    pub(super) visibility: u64,
    /// From there until the caller knew.
    pub(super) completion: u64,
    /// Until the masters there had stopped.
    pub(super) quiesce: u64,
    /// Until the gates had closed, drained and opened.
    pub(super) drain: u64,
    /// In which a bystander's address waited.
    pub(super) stalled: u64,
}

/// A row a pool and kind, where there is any.
pub(super) fn rows(digest: &Digest<'_>) -> Vec<Row> {
    let mut found: BTreeMap<(u8, Update), Vec<&UpdateEvent>> = BTreeMap::new();
    for update in &digest.updates {
        found.entry((update.pool, update.update)).or_default().push(update);
    }
    let row = |((pool, update), all): ((u8, Update), Vec<&UpdateEvent>)| {
        let longest = |of: fn(&UpdateEvent) -> u64| all.iter().map(|event| of(event)).max();
        let longest = |of| longest(of).unwrap_or(0);
        Row {
            pool: digest.pool(Some(pool)),
            update,
            count: all.len() as u64,
            visibility: longest(UpdateEvent::visibility),
            completion: longest(UpdateEvent::completion),
            quiesce: longest(|event| event.quiesce),
            drain: longest(|event| event.drain),
            stalled: longest(|event| event.stalled),
        }
    };
    found.into_iter().map(row).collect()
}
