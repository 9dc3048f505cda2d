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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Event;
    use crate::report::{fixture, text};
    use crate::units::{ByteLen, Cycle, PhysAddr};

    #[test]
    fn a_row_has_the_longest_of_each() {
        let update = |update, requested: u64, programmed: u64, cycle: u64, drain| {
            Event::Update(UpdateEvent {
                cycle: Cycle(cycle),
                pool: 0,
                update,
                base: PhysAddr(0x9000_0000),
                len: ByteLen(4096),
                requested: Cycle(requested),
                programmed: Cycle(programmed),
                quiesce: 3,
                drain,
                stalled: 1,
            })
        };
        let mut events = fixture::clean_pass().events;
        assert!(rows(&Digest::new(&events)).is_empty());
        events.extend([
            update(Update::Reclaim, 100, 140, 145, 9),
            update(Update::Lend, 10, 15, 35, 0),
            update(Update::Reclaim, 200, 220, 250, 7),
        ]);
        let found = rows(&Digest::new(&events));
        let figures: Vec<_> = found
            .iter()
            .map(|r| (r.update, r.count, [r.visibility, r.completion, r.quiesce, r.drain]))
            .collect();
        let due = [(Update::Lend, 1, [5, 20, 3, 0]), (Update::Reclaim, 2, [40, 30, 3, 9])];
        assert_eq!(figures, due);
        let report = String::from_utf8(text::export(&events)).expect("UTF-8");
        let line = report.lines().find(|line| line.contains("reclaim ")).expect("its line");
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        assert_eq!(words, ["reclaim", "2", "40", "30", "3", "9", "1"]);
    }
}
