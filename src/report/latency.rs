// SPDX-License-Identifier: Apache-2.0
//! `latency.csv`: transaction latency by master and direction, address handshake to last beat.
use crate::engine::event::Event;
use crate::report::digest::Digest;
use crate::report::format::nanoseconds;

/// Percentiles in cycles and in nanoseconds (rounded down), a line for each master and direction.
pub fn export(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = ["p50", "p90", "p99", "p999", "max"];
    let mut header = vec!["master".to_owned(), "direction".into(), "transactions".into()];
    header.extend(names.iter().map(|name| format!("{name}_cycles")));
    header.extend(names.iter().map(|name| format!("{name}_ns")));
    writer.write_record(&header).expect("a vector takes every byte");
    for line in &digest.latencies {
        let cycles = [line.p50, line.p90, line.p99, line.p999, line.max];
        let mut row = vec![
            digest.raw_master(line.master).into_owned(),
            line.direction.to_string(),
            line.count.to_string(),
        ];
        row.extend(cycles.iter().map(u64::to_string));
        row.extend(cycles.iter().map(|c| nanoseconds(digest.clock(), *c).to_string()));
        writer.write_record(&row).expect("every record has the header's length");
    }
    writer.into_inner().expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn percentiles_read_back_in_both_units() {
        let log = fixture::clean_pass();
        let bytes = export(&log.events);
        assert_eq!(bytes, export(&log.events));
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a full row")).collect();
        assert_eq!(rows.len(), 6);
        assert_eq!(rows[0].iter().take(4).collect::<Vec<_>>(), ["vdec", "read", "15552", "90"]);
        assert_eq!(rows[0].get(8), Some("150"), "90 cycles at 600 MHz");
    }

    #[test]
    fn a_log_without_a_clock_gives_no_division_by_zero() {
        let events = &fixture::clean_pass().events[1..];
        assert!(!export(events).is_empty());
    }
}
