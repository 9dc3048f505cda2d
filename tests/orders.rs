// SPDX-License-Identifier: Apache-2.0
//! Every programming order that the board's hardware has brings the firewall up to the same film.
mod common;
use common::{go, playback, summary};
use ringfence::engine::event::{Event, Verdict};

/// Region registers written, in order.
fn region_writes(events: &[Event]) -> Vec<u16> {
    let mut found = Vec::new();
    for event in events {
        if let Event::Register(register) = event
            && register.write
            && (0x100..0x220).contains(&register.offset)
        {
            found.push(register.offset);
        }
    }
    found
}

#[test]
fn a_playback_passes_in_every_order() {
    for shape in ["f1", "f4"] {
        let mut written = Vec::new();
        for order in ["driver", "disable-first", "gated", "commit", "planned"] {
            let shape = format!("sim.shape={shape}");
            let log = go(&playback(&[&shape, &format!("firewall.order={order}")], ""));
            let summary = summary(&log);
            assert_eq!(summary.verdict, Verdict::Pass, "{order}: {}", summary.reason);
            assert_eq!((summary.escapes, summary.false_denies), (0, 0), "{order}");
            written.push(region_writes(&log.events).len());
        }
        let fewest = written.iter().min();
        assert_eq!(written.last(), fewest, "planned writes what differs, no more: {written:?}");
    }
}
