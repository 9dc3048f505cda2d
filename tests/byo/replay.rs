// SPDX-License-Identifier: Apache-2.0
//! Replays of heap histories: rows in their order, what comes of them, figures by policy.
use super::common::{go, lines, summary, violations};
use super::{ROOT, explain, ringfence, text};
use ringfence::engine::RunLog;
use ringfence::engine::event::{CallEvent, CallOp, CallResult, Event, Verdict, ViolationKind};
use ringfence::report::replay::Figures;
use ringfence::scenario::{Scenario, load_replay};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A small dynamic pool: 64 pages.
const SMALL: [&str; 2] = ["pool.video.min-size=256 KiB", "replay.next-owner=4 KiB"];

const HEAD: &str = "time,pid,op,buffer,heap,size,device,direction,role\n";

fn alloc(time: &str, pid: u32, buffer: &str, size: u32) -> String {
    format!("{time},{pid},alloc,{buffer},\"protected,secure-video\",{size},,,\n")
}

fn rows(rows: &[(&str, u32, &str, &str, &str)]) -> String {
    let one = |(time, pid, op, buffer, device): &(&str, u32, &str, &str, &str)| {
        format!("{time},{pid},{op},{buffer},,,{device},,\n")
    };
    rows.iter().map(one).collect()
}

fn scenario(history: &str, sets: &[&str]) -> Scenario {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("h.csv");
    fs::write(&path, format!("{HEAD}{history}")).expect("written");
    let sets: Vec<String> = SMALL.iter().chain(sets).map(ToString::to_string).collect();
    let base = Path::new(ROOT).join("scenarios/histories/replay.toml");
    load_replay(&base, &sets, None, &path).unwrap_or_else(|error| panic!("{}", explain(error)))
}

fn replayed(history: &str, sets: &[&str]) -> RunLog {
    go(&scenario(history, sets))
}

fn calls(log: &RunLog) -> Vec<&CallEvent> {
    let mut found = Vec::new();
    for event in &log.events {
        if let Event::Call(call) = event {
            found.push(call);
        }
    }
    found
}

/// What the rows themselves came to, without what they imply.
fn results(log: &RunLog) -> Vec<(CallOp, CallResult)> {
    let said = calls(log).into_iter().filter(|call| !call.implied);
    said.map(|call| (call.op, call.result.clone())).collect()
}

fn figures(log: &RunLog) -> Figures {
    Figures::of(&log.events).expect("a replay")
}

#[test]
fn rows_are_done_in_their_order_whoever_does_them() {
    let history = alloc("0", 1, "a", 4096)
        + &rows(&[
            ("0.001", 1, "attach", "a", "v550"),
            ("0.001", 1, "map", "a", "v550"),
            ("0.002", 2, "dup", "a", ""),
            ("0.002", 2, "attach", "a", "dp650"),
            ("0.002", 2, "map", "a", "dp650"),
            ("0.003", 1, "close", "a", ""),
            ("0.003", 2, "unmap", "a", "dp650"),
            ("0.003", 1, "unmap", "a", "v550"),
            ("0.003", 1, "detach", "a", "v550"),
            ("0.004", 2, "detach", "a", "dp650"),
            ("0.004", 2, "close", "a", ""),
        ]);
    let log = replayed(&history, &["tee.policy=hardened"]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let calls = calls(&log);
    assert!(calls.iter().all(|call| call.result == CallResult::Done), "{calls:?}");
    let order: Vec<u32> = calls.iter().map(|call| call.row).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!((order[0], *order.last().expect("some")), (2, 13));
    // The decoder wrote when it got the mapping; both read before they lost theirs.
    let moved = calls.iter().filter(|call| call.op == CallOp::Transfer);
    let moved: Vec<_> = moved.map(|call| (call.row, call.bytes.0)).collect();
    assert_eq!(moved, [(4, 4096), (9, 4096), (10, 4096)]);
    // The buffer lives until the last importer has let go of it.
    let released = log.events.iter().position(|e| matches!(e, Event::Buffer(b) if !b.allocated));
    let last =
        log.events.iter().rposition(|e| matches!(e, Event::Call(c) if c.op == CallOp::Detach));
    assert!(released > last);
    let found = figures(&log);
    assert_eq!((found.left, found.peak_bytes, found.violations), (0, 4096, 0));
    assert_eq!((found.pools[0].lends, found.pools[0].reclaims), (1, 1));
}

#[test]
fn what_needs_something_refused_is_not_made() {
    let history = alloc("0", 1, "a", 200 << 10)
        + &alloc("0", 1, "b", 100 << 10)
        + &rows(&[
            ("1", 1, "attach", "b", "v550"),
            ("1", 1, "map", "b", "v550"),
            ("1", 1, "unmap", "b", "v550"),
            ("1", 1, "detach", "b", "v550"),
            ("1", 1, "close", "b", ""),
            ("2", 1, "close", "a", ""),
        ]);
    let log = replayed(&history, &[]);
    let refused = CallResult::Refused("ENOMEM".into());
    let results = results(&log);
    assert_eq!(results[0], (CallOp::Alloc, CallResult::Done));
    assert_eq!(results[1], (CallOp::Alloc, refused));
    assert!(results[2..7].iter().all(|(_, result)| *result == CallResult::NotMade), "{results:?}");
    assert_eq!(results[7], (CallOp::Close, CallResult::Done));
    let found = figures(&log);
    assert_eq!((found.enomem, found.enomem_fragmented), (1, 0), "56 KiB are left for 100 KiB");
    // Five rows, the importer's two files and the decoder's transfer, its reading and next owner.
    assert_eq!(found.not_made, 5 + 2 + 1 + 1 + 1);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "a refusal is measured, not judged");
}

#[test]
fn fragmentation_is_told_from_a_full_pool() {
    // Eight of 32 KiB fill the pool; every other one goes; then 128 KiB are free in four pieces.
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let fill: String = names.iter().map(|name| alloc("0", 1, name, 32 << 10)).collect();
    let free = rows(&["a", "c", "e", "g"].map(|name| ("1", 1, "close", name, "")));
    let history =
        fill.clone() + &alloc("0.5", 1, "x", 4096) + &free + &alloc("2", 1, "y", 64 << 10);
    let found = figures(&replayed(&history, &[]));
    assert_eq!((found.enomem, found.enomem_fragmented), (2, 1));
    assert_eq!(found.peak_bytes, 256 << 10);
    let worst = found.pools[0].most_fragmented.expect("fragmented");
    assert_eq!((worst.total, worst.largest), (128 << 10, 32 << 10));
    assert_eq!(found.left, 4);
    // In one piece it is no fragmentation: the first four instead.
    let free = rows(&["a", "b", "c", "d"].map(|name| ("1", 1, "close", name, "")));
    let found = figures(&replayed(&(fill + &free + &alloc("2", 1, "y", 64 << 10)), &[]));
    assert_eq!((found.enomem, found.pools[0].most_fragmented), (0, None));
}

#[test]
fn a_lend_soon_after_a_reclaim_is_thrash() {
    let once = |at: &str, name: &str, end: &str| {
        alloc(at, 1, name, 4096) + &rows(&[(end, 1, "close", name, "")])
    };
    let history = once("0", "a", "5") + &once("5.9", "b", "6") + &once("7.1", "c", "8");
    let found = figures(&replayed(&history, &[]));
    let pool = &found.pools[0];
    assert_eq!((pool.lends, pool.reclaims, pool.thrash), (3, 3, 1));
    let found = figures(&replayed(&history, &["replay.window=2000 ms"]));
    assert_eq!(found.pools[0].thrash, 2, "1.1 s is within 2");
    let found = figures(&replayed(&history, &["replay.window=100 ms"]));
    assert_eq!(found.pools[0].thrash, 0);
}

#[test]
fn policies_differ_in_what_the_judge_says() {
    let history = alloc("0", 1, "a", 8192)
        + &rows(&[
            ("0.1", 1, "attach", "a", "v550"),
            ("0.1", 1, "map", "a", "v550"),
            ("0.2", 1, "attach", "a", "gpu"),
            ("0.2", 1, "map", "a", "gpu"),
            ("0.3", 1, "unmap", "a", "gpu"),
            ("0.3", 1, "detach", "a", "gpu"),
            ("0.3", 1, "unmap", "a", "v550"),
            ("0.3", 1, "detach", "a", "v550"),
            ("0.4", 1, "close", "a", ""),
        ]);
    let log = replayed(&history, &["tee.policy=merged"]);
    let mut kinds: Vec<_> = violations(&log).iter().map(|v| v.violation).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, [ViolationKind::Residue, ViolationKind::UndeclaredAttempt]);
    let found = figures(&log);
    assert_eq!((found.denied_transfers, found.verdict), (1, Verdict::Fail));
    assert_eq!(found.violations, found.violations_by_kind.values().sum::<u64>());
    let log = replayed(&history, &["tee.policy=hardened"]);
    assert!(results(&log).contains(&(CallOp::Attach, CallResult::Refused("EACCES".into()))));
    let found = figures(&log);
    assert_eq!((found.violations, found.denied_transfers), (0, 0));
    assert_eq!(found.refused.get("EACCES"), Some(&1));
    assert_eq!(found.not_made, 3 + 1, "map, unmap and detach of the GPU, and its reading");
}

#[test]
fn streams_are_told_by_what_uses_them() {
    let history = alloc("0", 1, "es", 8192)
        + &rows(&[
            ("0.1", 1, "register", "es", ""),
            ("0.2", 1, "attach", "es", "v550"),
            ("0.2", 1, "map", "es", "v550"),
            ("0.3", 1, "unmap", "es", "v550"),
            ("0.3", 1, "detach", "es", "v550"),
            ("0.4", 1, "unregister", "es", ""),
            ("0.5", 1, "exit", "", ""),
        ]);
    let log = replayed(&history, &["tee.policy=hardened"]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{:?}", violations(&log));
    // The TEE writes it, the decoder, which may only read a stream, reads it.
    let moved = calls(&log).iter().filter(|call| call.op == CallOp::Transfer).count();
    assert_eq!(moved, 2);
    assert_eq!(figures(&log).left, 0, "the last file closes with the process");
    // Told to be a frame it is none of the TEE's.
    let frame = history.replacen(",8192,,,", ",8192,,,frame", 1);
    let log = replayed(&frame, &["tee.policy=hardened"]);
    assert!(calls(&log).iter().all(|call| call.op != CallOp::Transfer || call.row != 3));
}

#[test]
fn a_history_that_tells_transfers_has_no_others() {
    let told = alloc("0", 1, "a", 8192)
        + &rows(&[("0.1", 1, "attach", "a", "v550"), ("0.1", 1, "map", "a", "v550")])
        + "0.2,1,write,a,,1024,v550,,\n0.3,1,read,a,,512,v550,,\n0.4,1,read,a,,64,dp650,,\n";
    let log = replayed(&told, &[]);
    let moved = calls(&log).into_iter().filter(|call| call.op == CallOp::Transfer);
    let moved: Vec<_> = moved.map(|call| (call.row, call.bytes.0, call.result.clone())).collect();
    let (done, not_made) = (CallResult::Done, CallResult::NotMade);
    assert_eq!(moved, [(5, 1024, done.clone()), (6, 512, done), (7, 64, not_made)]);
    assert_eq!(figures(&log).left, 1);
}

#[test]
fn pauses_are_scaled_and_capped() {
    let history = |gap: &str| alloc("0", 1, "a", 4096) + &alloc(gap, 1, "b", 4096);
    let cycles = |gap: &str, sets: &[&str]| summary(&replayed(&history(gap), sets)).cycles;
    let none = cycles("0", &[]);
    // 10 ms at 1000 are 10 us, 6000 cycles.
    assert_eq!(cycles("0.01", &[]) - none, 6000);
    assert_eq!(cycles("0.01", &["replay.speed=2000"]) - none, 3000);
    assert_eq!(cycles("3600", &[]) - none, 30_000, "50 us");
    assert_eq!(cycles("3600", &["replay.max-gap=5 us"]) - none, 3000);
}

#[test]
fn the_place_of_a_history_is_in_no_event() {
    let history = alloc("0", 1, "a", 4096);
    assert_eq!(lines(&replayed(&history, &[])), lines(&replayed(&history, &[])));
    assert!(!lines(&replayed(&history, &[])).contains("/tmp"));
}

#[test]
fn runs_are_compared_in_a_folder_of_their_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let history = alloc("0", 1, "a", 4096) + &rows(&[("5", 1, "close", "a", "")]);
    fs::write(dir.path().join("tiny.csv"), format!("{HEAD}{history}")).expect("written");
    let library = format!("{ROOT}/scenarios");
    let base = ["--scenarios", &library, "run", "--replay", "tiny.csv"];
    let sets = ["--set", "pool.video.min-size=64 KiB", "--set", "replay.next-owner=0 B"];
    let args = |more: &[&'static str]| [&base[..], &sets, more].concat();
    let output = ringfence(dir.path(), &args(&[]));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    let policies = table.lines().nth(1).expect("a head").split_whitespace().collect::<Vec<_>>();
    assert_eq!(policies, ["v8", "merged", "prepare-lend", "hardened"]);
    assert!(table.starts_with("REPLAY  tiny: 2 rows on replay-tiny"), "{table}");
    let last = dir.path().join("reports/last");
    let csv = fs::read_to_string(last.join("replay.csv")).expect("there");
    assert_eq!(csv.lines().count(), 5);
    assert!(csv.lines().nth(2).expect("merged").starts_with("merged,pass,2,4096,"), "{csv}");
    let json = fs::read_to_string(last.join("replay.json")).expect("there");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["policies"][3]["figures"]["peak_bytes"], 4096);
    let run = json["policies"][3]["run"].as_str().expect("a name").to_owned();
    let run = dir.path().join("reports/runs").join(run);
    assert!(run.join("events.jsonl").is_file() && run.join("replay.txt").is_file());
    let line = ringfence(dir.path(), &args(&["--policy", "v8", "--format", "json"]));
    let line: serde_json::Value = serde_json::from_slice(&line.stdout).expect("one JSON object");
    assert_eq!((&line["exit_code"], &line["comparison"]["replay"]["rows"]), (&0.into(), &2.into()));
    // A second time it replaces itself.
    let one = ringfence(dir.path(), &args(&["--policy", "hardened", "--strategy", "buddy"]));
    assert_eq!(one.status.code(), Some(0), "{}", text(&one.stderr));
    assert!(text(&one.stdout).contains("hardened, buddy"));
    let bad = ringfence(dir.path(), &args(&["--policy", "merged,hardend"]));
    assert_eq!(bad.status.code(), Some(3));
    assert!(text(&bad.stderr).contains("did you mean `hardened`?"), "{}", text(&bad.stderr));
    assert!(text(&bad.stderr).ends_with("nothing was run\n"));
}

#[test]
fn what_the_recorder_prints_becomes_a_history_that_replays() {
    let lines = fs::read(format!("{ROOT}/tests/byo/recorded.txt")).expect("there");
    let mut child = Command::new("python3")
        .arg(format!("{ROOT}/tools/heap_history.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), &lines).expect("written");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "{}", text(&output.stderr));
    super::golden("recorded.csv", &text(&output.stdout));
    let told = text(&output.stderr);
    assert!(told.contains("left out: 1 alloc, 2 close, 1 exit"), "{told}");
    assert!(told.contains("not a line of the recorder: Attaching"), "{told}");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("recorded.csv");
    fs::write(&path, output.stdout).expect("written");
    let devices =
        "replay.devices={ \"fdb50000.video-codec\" = \"v550\", \"fdd90000.vop\" = \"dp650\" }";
    let sets =
        [devices.to_owned(), "pool.video.min-size=4 MiB".into(), "tee.policy=hardened".into()];
    let base = Path::new(ROOT).join("scenarios/histories/replay.toml");
    let scenario = load_replay(&base, &sets, None, &path);
    let log = go(&scenario.unwrap_or_else(|error| panic!("{}", explain(error))));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let found = figures(&log);
    assert_eq!((found.left, found.not_made, found.enomem), (0, 0, 0));
    assert_eq!(found.peak_bytes, 3_133_440 + (512 << 10));
}
