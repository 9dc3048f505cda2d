// SPDX-License-Identifier: Apache-2.0
//! `violations.json` and `violations.csv`: every judgement that the log lists.
use crate::engine::event::{Event, Party, Violation, ViolationKind};
use crate::report::digest::{Digest, Group};
use crate::report::format::{burst_name, kind_name, party_name, resp_name};
use serde::Serialize;

/// Version of the shape of `violations.json`.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct ViolationsFile<'a> {
    schema: u32,
    scenario: &'a str,
    seed: u64,
    total: u64,
    listed: usize,
    not_listed: u64,
    groups: Vec<GroupView<'a>>,
    violations: &'a [&'a Violation],
}

#[derive(Serialize)]
struct GroupView<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    violation: ViolationKind,
    title: &'a str,
    who: &'a str,
    fault: &'a [Party],
    next: &'a str,
    count: usize,
    bytes: u64,
    first_cycle: u64,
    last_cycle: u64,
    ids: Vec<&'a str>,
}

/// `violations.json`: the groups (by fingerprint), then every listed violation.
pub fn export_json(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let groups = digest.groups();
    let file = ViolationsFile {
        schema: SCHEMA,
        scenario: digest.scenario(),
        seed: digest.seed(),
        total: digest.summary.violations,
        listed: digest.violations.len(),
        not_listed: digest.summary.violations_not_listed,
        groups: groups.iter().map(group_view).collect(),
        violations: &digest.violations,
    };
    let mut out = serde_json::to_vec_pretty(&file).expect("a violation has text keys only");
    out.push(b'\n');
    out
}

fn group_view<'a>(group: &Group<'a>) -> GroupView<'a> {
    let first = group.members[0];
    let cycles = || group.members.iter().map(|violation| violation.cycle.0);
    GroupView {
        fingerprint: group.fingerprint,
        rule: &first.rule,
        violation: first.violation,
        title: &first.title,
        who: &first.who,
        fault: &first.fault,
        next: &first.next,
        count: group.members.len(),
        bytes: group.members.iter().map(|violation| violation.bytes).sum(),
        first_cycle: cycles().min().unwrap_or(0),
        last_cycle: cycles().max().unwrap_or(0),
        ids: group.members.iter().map(|violation| violation.id.as_str()).collect(),
    }
}

const COLUMNS: [&str; 28] = [
    "id",
    "rule",
    "violation",
    "title",
    "cycle",
    "nanoseconds",
    "check",
    "who",
    "port",
    "nsaid",
    "axi_id",
    "prot",
    "direction",
    "filter",
    "transaction",
    "burst_address",
    "burst_bytes",
    "burst",
    "address",
    "bytes",
    "response",
    "pool",
    "buffer",
    "offset",
    "why",
    "fault",
    "next",
    "line",
];

/// `violations.csv`: a line each (RFC 4180; a list inside a field is joined by ` | `), the last
/// column groups the like.
pub fn export_csv(events: &[Event]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = COLUMNS.iter().copied().chain(["fingerprint"]);
    writer.write_record(header).expect("a vector takes every byte");
    for violation in Digest::new(events).violations {
        writer.write_record(record(violation)).expect("every record has the header's length");
    }
    writer.into_inner().expect("a vector takes every byte")
}

fn record(v: &Violation) -> Vec<String> {
    let mut fields = vec![
        v.id.clone(),
        v.rule.clone(),
        kind_name(v.violation),
        v.title.clone(),
        v.cycle.0.to_string(),
        v.nanoseconds.to_string(),
        v.check.clone(),
        v.who.clone(),
    ];
    match &v.access {
        Some(access) => fields.extend([
            access.master.0.to_string(),
            access.nsaid.0.to_string(),
            format!("{:#x}", access.axi_id),
            access.prot.to_string(),
            access.direction.to_string(),
            access.filter.0.to_string(),
            access.txn.to_string(),
            access.addr.to_string(),
            access.bytes.0.to_string(),
            format!("{} x{}", burst_name(access.burst), access.beats),
        ]),
        None => fields.extend((0..10).map(|_| String::new())),
    }
    let (buffer, offset) = match &v.buffer {
        Some((name, offset)) => (name.clone(), offset.to_string()),
        None => Default::default(),
    };
    let fault: Vec<&str> = v.fault.iter().map(|party| party_name(*party)).collect();
    fields.extend([
        v.addr.map(|addr| addr.to_string()).unwrap_or_default(),
        v.bytes.to_string(),
        v.resp.map(|resp| resp_name(resp).to_owned()).unwrap_or_default(),
        v.pool.clone().unwrap_or_default(),
        buffer,
        offset,
        v.why.join(" | "),
        fault.join(" | "),
        v.next.clone(),
        v.line.map(|line| line.to_string()).unwrap_or_default(),
        v.fingerprint.clone(),
    ]);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn json_reads_back_and_groups_count_their_members() {
        let log = fixture::open_firewall();
        let bytes = export_json(&log.events);
        assert_eq!(bytes, export_json(&log.events));
        let file: serde_json::Value = serde_json::from_slice(&bytes).expect("valid JSON");
        assert_eq!(file["total"], 6);
        assert_eq!(file["listed"], 6);
        let groups = file["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 3);
        assert_eq!(groups[0]["count"], 4);
        assert_eq!(groups[0]["bytes"], 256);
        assert_eq!(groups[0]["ids"], serde_json::json!(["V1", "V2", "V3", "V4"]));
        let back: Vec<Violation> =
            serde_json::from_value(file["violations"].clone()).expect("violations");
        assert_eq!(back.iter().collect::<Vec<_>>(), Digest::new(&log.events).violations);
    }

    #[test]
    fn csv_reads_back_whatever_the_names_hold() {
        for log in fixture::all() {
            let bytes = export_csv(&log.events);
            assert_eq!(bytes, export_csv(&log.events));
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let header = reader.headers().expect("a header").clone();
            assert_eq!(header.get(header.len() - 1), Some("fingerprint"));
            let rows: Vec<csv::StringRecord> =
                reader.records().map(|row| row.expect("a row as long as the header")).collect();
            let violations = Digest::new(&log.events).violations;
            assert_eq!(rows.len(), violations.len());
            for (row, violation) in rows.iter().zip(violations) {
                assert_eq!(row.get(0), Some(violation.id.as_str()));
                assert_eq!(row.get(7), Some(violation.who.as_str()));
                assert_eq!(row.get(26), Some(violation.next.as_str()));
                let offset = violation.buffer.as_ref().map(|(_, offset)| offset.to_string());
                assert_eq!(row.get(23), Some(offset.unwrap_or_default().as_str()));
            }
        }
    }
}
