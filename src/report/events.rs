// SPDX-License-Identifier: Apache-2.0
//! `events.jsonl`: the log itself, a JSON object a line.
use crate::engine::event::Event;

/// The log as JSON Lines; a scenario and a seed give the same bytes on every machine.
pub fn export(events: &[Event]) -> Vec<u8> {
    let mut out = Vec::new();
    for event in events {
        serde_json::to_writer(&mut out, event).expect("an event has text keys only");
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_line_reads_back_as_the_event_it_was() {
        for log in fixture::all() {
            let bytes = export(&log.events);
            assert_eq!(bytes, export(&log.events));
            let text = String::from_utf8(bytes).expect("JSON is UTF-8");
            let back: Vec<Event> =
                text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
            assert_eq!(back, log.events);
        }
    }
}
