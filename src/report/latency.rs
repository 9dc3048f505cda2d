// SPDX-License-Identifier: Apache-2.0
//! `latency.csv`: transaction latency by master and direction, address handshake to last beat; then
//! how long lends, reclaims, maps and unmaps took, where any took time.
use crate::engine::event::{Event, GrantPhase, PoolPhase};
use crate::report::digest::Digest;
use crate::report::format::nanoseconds;
use std::collections::BTreeMap;

/// Percentiles in cycles and in nanoseconds (rounded down), a line for each master and direction.
pub fn export(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let names = ["p50", "p90", "p99", "p999", "max"];
    let mut header = vec!["master".to_owned(), "direction".into(), "transactions".into()];
    header.extend(names.iter().map(|name| format!("{name}_cycles")));
    header.extend(names.iter().map(|name| format!("{name}_ns")));
    writer.write_record(&header).expect("a vector takes every byte");
    let lines = digest.latencies.iter().map(|line| {
        let cycles = [line.p50, line.p90, line.p99, line.p999, line.max];
        let (who, what) = (digest.raw_master(line.master).into_owned(), line.direction.to_string());
        (who, what, line.count, cycles)
    });
    for (who, what, count, cycles) in lines.chain(transitions(&digest)) {
        let mut row = vec![who, what, count.to_string()];
        row.extend(cycles.iter().map(u64::to_string));
        row.extend(cycles.iter().map(|c| nanoseconds(digest.clock(), *c).to_string()));
        writer.write_record(&row).expect("every record has the header's length");
    }
    writer.into_inner().expect("a vector takes every byte")
}

/// A line: who, what, how many, and the five percentiles in cycles.
type Line = (String, String, u64, [u64; 5]);

/// Lends and reclaims by pool, maps and unmaps by master, from the request to the end.
fn transitions(digest: &Digest<'_>) -> Vec<Line> {
    let pools = digest.pool_events.iter().filter_map(|event| {
        let (what, ends) = match event.phase {
            PoolPhase::LendRequested => ("lend", false),
            PoolPhase::LendProgrammed => ("lend", true),
            PoolPhase::ReclaimRequested => ("reclaim", false),
            PoolPhase::Returned | PoolPhase::Quarantined => ("reclaim", true),
            PoolPhase::Drained | PoolPhase::Opened => return None,
        };
        let name = digest.header.and_then(|header| header.pools.get(usize::from(event.pool)));
        let name = name.map_or_else(|| format!("pool {}", event.pool), |pool| pool.name.clone());
        Some((name, what, event.base.0, event.cycle.0, ends))
    });
    let grants = digest.grants.iter().filter_map(|event| {
        let (what, ends) = match event.phase {
            GrantPhase::Requested => ("map", false),
            GrantPhase::Programmed => ("map", true),
            GrantPhase::RevokeRequested => ("unmap", false),
            GrantPhase::Revoked => ("unmap", true),
            GrantPhase::Drained => return None,
        };
        let who = digest.raw_master(event.master).into_owned();
        Some((who, what, u64::from(event.grant), event.cycle.0, ends))
    });
    let mut open: BTreeMap<(String, &str, u64), u64> = BTreeMap::new();
    let mut took: BTreeMap<(String, &str), Vec<u64>> = BTreeMap::new();
    for (who, what, which, cycle, ends) in pools.chain(grants) {
        let key = (who, what, which);
        if !ends {
            open.insert(key, cycle);
        } else if let Some(since) = open.remove(&key) {
            took.entry((key.0, what)).or_default().push(cycle - since);
        }
    }
    let timed = took.into_iter().filter(|(_, cycles)| cycles.iter().any(|cycles| *cycles > 0));
    let line = |((who, what), mut cycles): ((String, &str), Vec<u64>)| {
        cycles.sort_unstable();
        // The smallest that at least so many thousandths do not exceed.
        let rank = |thousandths: usize| (cycles.len() * thousandths).div_ceil(1000).max(1) - 1;
        let each = [500, 900, 990, 999, 1000].map(|thousandths| cycles[rank(thousandths)]);
        (who, what.to_owned(), cycles.len() as u64, each)
    };
    timed.map(line).collect()
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
        let transactions = |row: &&csv::StringRecord| matches!(&row[1], "read" | "write");
        assert_eq!(rows.iter().filter(transactions).count(), 6);
        assert_eq!(rows[0].iter().take(4).collect::<Vec<_>>(), ["vdec", "read", "15552", "90"]);
        assert_eq!(rows[0].get(8), Some("150"), "90 cycles at 600 MHz");
    }

    #[test]
    fn transitions_have_a_line_where_they_take_time() {
        use crate::engine::event::{GrantEvent, PoolEvent};
        use crate::units::{ByteLen, Cycle, MasterId, PhysAddr};
        let (base, len) = (PhysAddr(0x9000_0000), ByteLen(4096));
        let pool = |cycle, phase| {
            Event::Pool(PoolEvent { cycle: Cycle(cycle), pool: 9, base, len, phase })
        };
        let grant = |cycle, phase| {
            let (cycle, master) = (Cycle(cycle), MasterId(2));
            let (read, write) = (true, false);
            Event::Grant(GrantEvent { cycle, grant: 1, buffer: 1, master, read, write, phase })
        };
        let events = [
            pool(10, PoolPhase::LendRequested),
            pool(40, PoolPhase::LendProgrammed),
            grant(50, GrantPhase::Requested),
            grant(50, GrantPhase::Programmed),
            pool(60, PoolPhase::ReclaimRequested),
            pool(70, PoolPhase::Opened),
            pool(80, PoolPhase::Returned),
            pool(90, PoolPhase::LendRequested),
            pool(100, PoolPhase::LendProgrammed),
            pool(110, PoolPhase::ReclaimRequested),
        ];
        let text = String::from_utf8(export(&events)).expect("text");
        let lines: Vec<_> = text.lines().skip(1).map(|l| l.rsplitn(6, ',').last()).collect();
        let due = ["pool 9,lend,2,10,30,30,30,30", "pool 9,reclaim,1,20,20,20,20,20"];
        assert_eq!(lines, due.map(Some), "maps took no time");
    }

    #[test]
    fn a_log_without_a_clock_gives_no_division_by_zero() {
        let events = &fixture::clean_pass().events[1..];
        assert!(!export(events).is_empty());
    }
}
