// SPDX-License-Identifier: Apache-2.0
//! `throughput.csv`: MB/s (10^6 bytes a second) by master, read and write, a line a time bin.
use crate::engine::event::Event;
use crate::report::digest::Digest;
use crate::report::format::{centi_mb_per_s, hundredths, nanoseconds, thousandths};
use crate::units::MasterId;

/// Bins as the log has them; the last one counts only the cycles until the end of the run.
pub fn export(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["bin_start_cycle".to_owned(), "bin_cycles".into(), "start_us".into()];
    for master in 0..digest.masters() {
        let name = digest.raw_master(MasterId(master as u8));
        header.extend([format!("{name} read MB/s"), format!("{name} write MB/s")]);
    }
    writer.write_record(&header).expect("a vector takes every byte");
    for bin in digest.bins() {
        let mut row = vec![
            bin.start.to_string(),
            bin.cycles.to_string(),
            thousandths(nanoseconds(digest.clock(), bin.start)),
        ];
        for master in 0..digest.masters() {
            let moved = bin.bytes.get(master).copied().unwrap_or_default();
            let rate = |bytes| hundredths(centi_mb_per_s(bytes, bin.cycles, digest.clock()));
            row.extend(moved.map(rate));
        }
        writer.write_record(&row).expect("every record has the header's length");
    }
    writer.into_inner().expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn rates_read_back_by_master_and_direction() {
        let log = fixture::clean_pass();
        let bytes = export(&log.events);
        assert_eq!(bytes, export(&log.events));
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        assert_eq!(header.get(3), Some("vdec read MB/s"));
        assert_eq!(header.get(6), Some("disp write MB/s"));
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("a full row")).collect();
        assert_eq!(rows.len(), 67);
        assert_eq!(rows[1].get(2), Some("100.000"));
        // 60 000 cycles at 600 MHz are 100 us; 59 904 bytes in them are 599.04 MB/s.
        assert_eq!(rows[1].get(4), Some("599.04"));
        assert_eq!(rows[66].get(1), Some("40000"), "the last bin ends with the run");
    }

    #[test]
    fn names_with_commas_and_quotes_stay_one_column() {
        let bytes = export(&fixture::awkward_names().events);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let names = reader.headers().expect("a header").clone();
        assert!(names.iter().any(|name| name == format!("{} read MB/s", fixture::AWKWARD)));
    }
}
