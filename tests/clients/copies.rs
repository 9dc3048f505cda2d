// SPDX-License-Identifier: Apache-2.0
//! Jobs that copy: what they move, what the judge makes of it, and the destination rule.
use super::*;
use ringfence::engine::event::ConfinePhase;

const TARGET: u64 = 0x8800_0000;

fn head() -> String {
    shipped("review/exfiltration.toml").split("[[client]]").next().expect("a head").to_owned()
}

/// The scenario's board with these steps of one client.
fn steps_of(steps: &str, sets: &[&str]) -> RunLog {
    let text = format!("{}\n[[client]]\nname = \"player\"\nsteps = [{steps}]\n", head());
    go(&parse(&text, &sets.iter().map(ToString::to_string).collect::<Vec<_>>()))
}

/// A frame that the decoder has written and may read.
const FRAME: &str = r#"
  { alloc = "frame", heap = "protected,secure-video", role = "frame", size = "8 KiB" },
  { attach = "frame", master = "vdec" },
  { map = "frame", master = "vdec", direction = "bidirectional" },
  { dma = "frame", master = "vdec", write = "8 KiB" },
"#;
const GONE: &str = r#"
  { unmap = "frame", master = "vdec" },
  { detach = "frame", master = "vdec" },
"#;

fn bytes(log: &mut RunLog, base: u64, len: u64) -> Vec<[u64; 2]> {
    let cells = (base..base + len).step_by(16);
    cells.map(|at| log.memory.read_beat(PhysAddr(at)).expect("DRAM")).collect()
}

fn count(log: &RunLog, kind: ViolationKind) -> usize {
    violations(log).iter().filter(|v| v.violation == kind).count()
}

fn confined(log: &RunLog) -> Vec<(u64, ConfinePhase)> {
    let phase = |event: &Event| match event {
        Event::Confine(confine) => Some((confine.cycle.0, confine.phase)),
        _ => None,
    };
    log.events.iter().filter_map(phase).collect()
}

#[test]
fn a_copy_is_one_job_and_moves_what_it_read() {
    let copy = r#"{ copy = "frame", master = "vdec", at = 0x8800_0000, size = "4 KiB" },"#;
    let mut log = steps_of(&[FRAME, copy, GONE].concat(), &[]);
    assert_eq!(bytes(&mut log, TARGET, 4096), bytes(&mut log, BASE, 4096));
    assert_ne!(bytes(&mut log, TARGET + 4096, 16), bytes(&mut log, BASE + 4096, 16));
    let jobs: Vec<_> = log.events.iter().filter(|e| matches!(e, Event::Job(_))).collect();
    let [Event::Job(begin), Event::Job(end)] = jobs[..] else { panic!("{jobs:?}") };
    assert!((begin.begins, end.begins) == (true, false) && begin.job == end.job);
    assert_eq!(count(&log, ViolationKind::TaintLeak), 16, "bursts of 256 bytes");
    let all = summary(&log);
    assert_eq!((all.taint_leaks, all.tainted_bytes, all.taint_read_bytes), (16, 4096, 0));
    assert_eq!(all.violations, 16);
}

#[test]
fn a_copy_into_a_protected_buffer_stays_inside() {
    let other = r#"
  { alloc = "other", heap = "protected,secure-video", role = "frame", size = "8 KiB" },
  { attach = "other", master = "vdec" },
  { map = "other", master = "vdec", direction = "from-device" },
  { copy = "frame", master = "vdec", to = "other", size = "8 KiB" },
"#;
    let mut log = steps_of(&[FRAME, other].concat(), &[]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(bytes(&mut log, BASE + 0x2000, 8192), bytes(&mut log, BASE, 8192));
}

#[test]
fn who_is_denied_copies_nothing() {
    let gpu = "[[master]]\nname = \"gpu\"\nport = 4\nip = \"gpu\"\nnsaid = 10\n";
    let copy = r#"
  { attach = "frame", master = "gpu" },
  { map = "frame", master = "gpu", direction = "to-device" },
  { copy = "frame", master = "gpu", at = 0x8800_0000, size = "4 KiB", fails = "DECERR" },
"#;
    let text = format!("{}{gpu}\n[[client]]\nname = \"p\"\nsteps = [{FRAME}{copy}]\n", head());
    let log = go(&parse(&text, &[]));
    assert_eq!(summary(&log).taint_leaks, 0);
    assert_eq!(count(&log, ViolationKind::UndeclaredAttempt), 16);
    assert_eq!(unmet(&log), Vec::<&str>::new());
}

#[test]
fn only_a_declared_release_of_the_secure_world_is_none() {
    let dump = |declared: &str| {
        let steps = format!(
            r#"
  {{ alloc = "bits", heap = "protected,secure-video", role = "bitstream", size = "4 KiB" }},
  {{ attach = "bits", master = "crypto" }},
  {{ map = "bits", master = "crypto", direction = "bidirectional" }},
  {{ dma = "bits", master = "crypto", write = "4 KiB" }},
  {{ copy = "bits", master = "crypto", at = 0x8800_0000, size = "4 KiB"{declared} }},
"#
        );
        steps_of(&steps, &[])
    };
    let log = dump(", declassify = true");
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(count(&dump(""), ViolationKind::TaintLeak), 16);
}

#[test]
fn the_destination_rule_is_the_kernels_and_then_the_firewalls() {
    let copies = r#"
  { copy = "frame", master = "vdec", at = 0x8800_0000, size = "4 KiB", fails = "EACCES" },
  { copy = "frame", master = "vdec", at = 0x8800_0000, size = "4 KiB", anyway = true, fails = "DECERR" },
  { dma = "frame", master = "vdec", read = "4 KiB", at = 0x8810_0000 },
  { dma = "frame", master = "cpu", write = "4 KiB", at = 0x8800_0000 },
"#;
    let after = r#"{ dma = "frame", master = "vdec", write = "4 KiB", at = 0x8800_0000 },"#;
    let steps = [FRAME, copies, GONE, after].concat();
    let log = steps_of(&steps, &["tee.destination-rule=true"]);
    assert_eq!(unmet(&log), Vec::<&str>::new());
    assert_eq!(count(&log, ViolationKind::UndeclaredAttempt), 16);
    assert_eq!(summary(&log).violations, 16, "{}", summary(&log).reason);
    assert!(violations(&log).iter().all(|v| v.fault == [Party::Driver] && v.who == "vdec"));
    let denied = &violations(&log)[0].why;
    assert!(denied.iter().any(|line| line.contains("may not write ordinary memory")), "{denied:?}");
    let phases = confined(&log);
    let order = [
        ConfinePhase::Requested,
        ConfinePhase::InForce,
        ConfinePhase::LiftRequested,
        ConfinePhase::Lifted,
    ];
    assert_eq!(phases.iter().map(|(_, phase)| *phase).collect::<Vec<_>>(), order);
    assert!(phases.windows(2).all(|pair| pair[0].0 < pair[1].0), "{phases:?}");
    let granted = log.events.iter().find_map(|event| match event {
        Event::Grant(grant) if grant.phase == GrantPhase::Programmed => Some(grant.cycle.0),
        _ => None,
    });
    assert!(granted.is_some_and(|granted| granted >= phases[1].0), "confined before it reads");
    assert!(confined(&steps_of(FRAME, &[])).is_empty(), "as merged there is no such rule");
}

#[test]
fn a_device_that_only_writes_protected_memory_is_free() {
    let steps = FRAME.replace("bidirectional", "from-device")
        + r#"{ dma = "frame", master = "vdec", write = "4 KiB", at = 0x8800_0000 },"#;
    let log = steps_of(&steps, &["tee.destination-rule=true"]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert!(confined(&log).is_empty());
}

#[test]
fn it_lasts_as_long_as_any_mapping_for_reading() {
    let second = r#"
  { map = "frame", master = "vdec", direction = "to-device" },
  { unmap = "frame", master = "vdec" },
  { dma = "frame", master = "vdec", write = "256 B", at = 0x8800_0000, fails = "DECERR" },
  { unmap = "frame", master = "vdec" },
  { dma = "frame", master = "vdec", write = "256 B", at = 0x8800_0000 },
"#;
    let log = steps_of(&[FRAME, second].concat(), &["tee.destination-rule=true"]);
    assert_eq!(unmet(&log), Vec::<&str>::new());
    assert_eq!((confined(&log).len(), summary(&log).violations), (4, 1));
}

#[test]
fn a_master_behind_an_iommu_copies_as_well() {
    let iommu = "[[iommu]]\nmaster = \"vdec\"\n";
    let copy = r#"{ copy = "frame", master = "vdec", to = "other", size = "4 KiB" },"#;
    let other = r#"
  { alloc = "other", heap = "protected,secure-video", role = "frame", size = "8 KiB" },
  { attach = "other", master = "vdec" },
  { map = "other", master = "vdec", direction = "from-device" },
"#;
    let steps = [FRAME, other, copy].concat();
    let text = format!("{}{iommu}\n[[client]]\nname = \"p\"\nsteps = [{steps}]\n", head());
    let mut log = go(&parse(&text, &[]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(bytes(&mut log, BASE + 0x2000, 4096), bytes(&mut log, BASE, 4096));
    assert_eq!(log.events.iter().filter(|e| matches!(e, Event::Job(_))).count(), 2);
}
