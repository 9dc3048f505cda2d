// SPDX-License-Identifier: Apache-2.0
//! The acceptance cases of OP-TEE's xtest (`--sdp-basic`) on the board: the application's reads and
//! writes are beats of the secure master through the firewall, and what comes back is what they
//! moved. Expectations are computed here from what the client's processor wrote and read at its
//! port, and share nothing with the programs that the engine plays.
use super::{parse, run};
use ringfence::engine::RunLog;
use ringfence::engine::event::{Event, Verdict};
use ringfence::engine::trace::Transaction;
use ringfence::units::Direction;

type Case = fn();

const CASES: [(&str, Case); 14] = [
    ("A1", a1),
    ("A2", a2),
    ("A3", a3),
    ("A4", a4),
    ("A5", a5),
    ("A6", a6),
    ("A7", a7),
    ("A8", a8),
    ("A9", a9),
    ("A10", a10),
    ("A11", a11),
    ("A12", a12),
    ("A13", super::flushes::a13),
    ("A14", a14),
];

/// Shared memory, protected memory, their sizes and the masters' ports.
const SHARED: u64 = 0xa000_0000;
const POOL: u64 = 0x9000_0000;
const SIZE: u64 = 17_000;
const MOVED: u64 = SIZE - 255;
const REGISTERED: u64 = 20_480;
const LOOPS: usize = 10;
const CPU: u8 = 0;
const CRYPTO: u8 = 1;

const DYNAMIC: &str = "kind = \"dynamic\"\nmin-size = \"64 KiB\"";
const FIXED: &str = "role = \"any\"";

/// The client's own write into the shared memory: a run in which nothing moves shows nothing.
const WITNESS: &str = "dma = \"ns\", master = \"cpu\", write = \"16 B\"";

/// Both ABIs, static memory where there is any.
const KINDS: [(&str, &str); 3] = [("smc", FIXED), ("smc", DYNAMIC), ("ffa", DYNAMIC)];

/// Shared and protected memory, then `steps`.
fn go(abi: &str, kind: &str, steps: &[&str]) -> RunLog {
    let steps: String = steps.iter().map(|step| format!("  {{ {step} }},\n")).collect();
    let more = format!(
        r#"
[[pool]]
name = "video"
heap = "protected,secure-video"
base = {POOL}
size = "64 KiB"
{kind}
[[client]]
name  = "xtest"
steps = [
  {{ alloc = "sec", heap = "protected,secure-video", role = "bitstream", size = "{SIZE} B" }},
  {{ register = "sec" }},
  {{ share = "ns", at = {SHARED}, size = "{SIZE} B" }},
{steps}]
"#
    );
    let policy = "tee.policy=merged";
    let scenario = parse(&more, &[policy, &format!("tee.abi={abi}")]);
    run(&scenario)
}

/// Runs on every kind of memory, must pass, and hands the log on.
fn each(steps: &[&str], look: impl Fn(&RunLog)) {
    for (abi, kind) in KINDS {
        let log = go(abi, kind, steps);
        let Some(Event::Summary(summary)) = log.events.last() else { panic!("no summary") };
        assert_eq!(summary.verdict, Verdict::Pass, "{abi}: {}", summary.reason);
        look(&log);
    }
}

/// Transactions of a master inside or outside the pool.
fn of(log: &RunLog, master: u8, direction: Direction, pool: bool) -> Vec<&Transaction> {
    let mine = |t: &&Transaction| {
        let inside = (POOL..POOL + 0x1_0000).contains(&t.range.base.0);
        t.master.0 == master && t.direction == direction && inside == pool
    };
    log.transactions.iter().filter(mine).collect()
}

/// The bytes of consecutive transactions as they were moved, each run of addresses by itself.
fn joined(transactions: &[&Transaction]) -> Vec<(u64, Vec<u8>)> {
    let mut runs: Vec<(u64, Vec<u8>)> = Vec::new();
    for t in transactions {
        assert_eq!(t.resp, 0, "{t:?}");
        match runs.last_mut() {
            Some((base, data)) if *base + data.len() as u64 == t.range.base.0 => {
                data.extend(&t.data);
            }
            _ => runs.push((t.range.base.0, t.data.clone())),
        }
    }
    runs
}

/// Nothing of protected memory was touched by anybody but the kernel that cleared it.
fn untouched(log: &RunLog) {
    for direction in [Direction::Read, Direction::Write] {
        assert_eq!(of(log, CRYPTO, direction, true), Vec::<&Transaction>::new());
    }
}

/// Whether a step of the client ended so, with that origin.
fn refused(log: &RunLog, origin: &str, result: &str) {
    let told = |event: &Event| match event {
        Event::Step { what, .. } => what.ends_with(&format!(": {result}, origin {origin}")),
        _ => false,
    };
    assert!(log.events.iter().any(told), "no {result} of {origin}");
}

/// Ten rounds of random bytes out of a ring of 32769, moved through protected memory.
fn rounds(target: &str) {
    let test = format!(
        "sdp = \"sec\", command = \"test\", shared = \"ns\", size = \"{SIZE} B\", target = \"{target}\""
    );
    each(&[&test], |log| {
        let written = joined(&of(log, CPU, Direction::Write, false));
        let read = joined(&of(log, CPU, Direction::Read, false));
        let stored = joined(&of(log, CRYPTO, Direction::Write, true));
        assert_eq!((written.len(), read.len(), stored.len()), (LOOPS, LOOPS, 2 * LOOPS));
        let mut ring: Vec<u8> = Vec::new();
        for (round, ((at, reference), (_, back))) in written.iter().zip(&read).enumerate() {
            assert_eq!((*at, reference.len() as u64), (SHARED, MOVED));
            // out[i] == ~ref[i] + 1
            let want: Vec<u8> = reference.iter().map(|byte| byte.wrapping_neg()).collect();
            // The last beat carries more bytes than were asked for.
            assert_eq!(back[..want.len()], want, "round {round}");
            // Random offset, first as injected and then as transformed, byte for byte.
            let offset = POOL + u64::from(reference[0]);
            assert_eq!(stored[2 * round], (offset, reference.clone()), "round {round}");
            assert_eq!(stored[2 * round + 1], (offset, want), "round {round}");
            ring.extend(reference);
        }
        let (first, again) = (&ring[..], &ring[32_769..]);
        assert!(first.iter().zip(again).all(|(a, b)| a == b), "a ring of 32769 bytes");
        assert!(!of(log, CRYPTO, Direction::Read, true).is_empty());
        assert!(of(log, CRYPTO, Direction::Read, true).iter().all(|t| t.secure));
        for direction in [Direction::Read, Direction::Write] {
            let kernel = of(log, CPU, direction, true);
            assert!(kernel.iter().all(|t| t.data.iter().all(|byte| *byte == 0)), "no plain bytes");
        }
    });
}

fn a1() {
    rounds("ns-to-ta");
}

fn a2() {
    rounds("ta-to-ta");
}

fn a3() {
    rounds("ta-to-pta");
}

fn a4() {
    for (abi, kind) in KINDS {
        let result = if abi == "ffa" { "GENERIC" } else { "BAD_PARAMETERS" };
        let result = format!("TEE_ERROR_{result}");
        let inject = format!(
            "sdp = \"sec\", command = \"inject\", shared = \"ns\", size = \"16 B\", \
             target = \"ns-to-pta\", fails = \"{result}\""
        );
        let log = go(abi, kind, &[WITNESS, &inject]);
        refused(&log, "Tee", &result);
        untouched(&log);
    }
}

fn a5() {
    let steps = [
        "close = \"sec\"",
        "sdp = \"sec\", command = \"test\", shared = \"ns\", size = \"17000 B\", loops = 1",
        "unregister = \"sec\"",
    ];
    each(&steps, |log| {
        let written = joined(&of(log, CPU, Direction::Write, false));
        let read = joined(&of(log, CPU, Direction::Read, false));
        let want: Vec<u8> = written[0].1.iter().map(|byte| byte.wrapping_neg()).collect();
        assert_eq!(read[0].1[..want.len()], want);
        let ends = log.events.iter().filter_map(|event| match event {
            Event::Buffer(buffer) if !buffer.allocated => Some(buffer.cycle),
            _ => None,
        });
        let freed = ends.max().expect("freed");
        let last = log.transactions.iter().map(|t| t.ended).max().expect("moved");
        assert!(last < freed, "the registration alone held it");
    });
}

/// A reference out of bounds: refused by the kernel's driver, and no beat crosses.
fn out_of_bounds(offset: u64, len: u64) {
    let dump = format!(
        "sdp = \"sec\", command = \"dump\", shared = \"ns\", offset = \"{offset} B\", \
         size = \"{len} B\", shared-size = \"16 B\", fails = \"TEE_ERROR_BAD_PARAMETERS\""
    );
    each(&[WITNESS, &dump], |log| {
        refused(log, "Comms", "TEE_ERROR_BAD_PARAMETERS");
        untouched(log);
    });
}

fn a6() {
    out_of_bounds(REGISTERED - 1, 2);
}

fn a7() {
    out_of_bounds(REGISTERED - 1, 5000);
}

fn a8() {
    out_of_bounds(REGISTERED, 1);
}

fn a9() {
    out_of_bounds(REGISTERED, 4096);
}

fn a10() {
    out_of_bounds(2, u64::MAX);
}

fn a11() {
    let inject = format!(
        "sdp = \"sec\", command = \"inject\", shared = \"ns\", offset = \"{} B\", size = \"1 B\"",
        REGISTERED - 1
    );
    each(&[WITNESS, &inject], |log| {
        let written = joined(&of(log, CPU, Direction::Write, false));
        let stored = joined(&of(log, CRYPTO, Direction::Write, true));
        let last = vec![written[0].1[0]];
        assert_eq!(stored, [(POOL + REGISTERED - 1, last)], "one byte, under one strobe");
    });
}

/// What the application itself refuses, before it touches anything.
fn a12() {
    let sdp = |rest: &str, result: &str| format!("{rest}, fails = \"TEE_ERROR_{result}\"");
    let bad = "BAD_PARAMETERS";
    let cases = [
        // The parameter that must be secure is not, and the other way round.
        (sdp("sdp = \"ns\", command = \"inject\", shared = \"ns\", size = \"256 B\"", bad), bad),
        (sdp("sdp = \"sec\", command = \"inject\", shared = \"sec\", size = \"256 B\"", bad), bad),
        (sdp("sdp = \"sec\", command = \"dump\", shared = \"sec\", size = \"256 B\"", bad), bad),
        (sdp("sdp = \"ns\", command = \"transform\", size = \"256 B\"", bad), bad),
        (
            sdp(
                "sdp = \"sec\", command = \"inject\", shared = \"ns\", size = \"255 B\", \
                 shared-size = \"256 B\"",
                "SHORT_BUFFER",
            ),
            "SHORT_BUFFER",
        ),
        (
            sdp(
                "sdp = \"sec\", command = \"dump\", shared = \"ns\", size = \"256 B\", \
                 shared-size = \"255 B\"",
                "SHORT_BUFFER",
            ),
            "SHORT_BUFFER",
        ),
        // Wrong types: one parameter too few, one too many.
        (sdp("sdp = \"sec\", command = \"inject\", size = \"256 B\"", bad), bad),
        (
            sdp("sdp = \"sec\", command = \"transform\", shared = \"ns\", size = \"256 B\"", bad),
            bad,
        ),
    ];
    for (step, result) in cases {
        each(&[WITNESS, &step], |log| {
            refused(log, "TrustedApp", &format!("TEE_ERROR_{result}"));
            untouched(log);
        });
    }
}

/// The normal world maps the secure buffer for debugging: Linux refuses, and who goes there all
/// the same is denied by the hardware, which says so.
fn a14() {
    let touch = |way: &str| {
        format!(
            "dma = \"sec\", master = \"cpu\", {way} = \"256 B\", attack = true, fails = \"DECERR\""
        )
    };
    let steps = ["mmap = \"sec\", fails = \"EINVAL\"", &touch("read"), &touch("write")];
    each(&steps, |log| {
        let denied = |t: &&Transaction| t.resp == 3 && t.range.base.0 == POOL;
        assert_eq!(log.transactions.iter().filter(denied).count(), 2);
        let logged = log.events.iter().filter(|event| {
            matches!(event, Event::FailureLog { addr, non_secure: true, .. } if addr.0 == POOL)
        });
        assert_eq!(logged.count(), 2, "the firewall's own log has both");
        let raised = |e: &&Event| matches!(e, Event::Interrupt { high: true, .. });
        assert!(log.events.iter().filter(raised).count() > 0);
        assert!(of(log, CPU, Direction::Read, true).iter().all(|t| t.data.iter().all(|b| *b == 0)));
    });
}

#[test]
fn every_acceptance_case_of_xtest_runs_on_the_board() {
    let names: Vec<String> = (1..=14).map(|n| format!("A{n}")).collect();
    assert_eq!(CASES.map(|(name, _)| name).to_vec(), names);
    CASES.iter().for_each(|(_, case)| case());
}
