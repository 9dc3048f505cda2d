// SPDX-License-Identifier: Apache-2.0
//! The scenarios of the review: what comes of each as merged, and what hardening cures.
use super::*;

/// A scenario of the review: what comes of it under a kernel as merged.
struct Case {
    path: &'static str,
    kind: ViolationKind,
    who: &'static str,
    fault: &'static [Party],
    /// First byte and bytes of the first violation of this kind.
    first: (u64, u64),
    /// Nothing comes of it under the hardened policy.
    cured: bool,
}

const CASES: [Case; 8] = [
    Case {
        path: "review/residue-after-free.toml",
        kind: ViolationKind::Residue,
        who: "display",
        fault: &[Party::AllocatorKernel],
        first: (BASE + 0x1_0000, 256),
        cured: true,
    },
    Case {
        path: "review/residue-after-reclaim.toml",
        kind: ViolationKind::Residue,
        who: "cpu",
        fault: &[Party::AllocatorTee, Party::AllocatorKernel],
        first: (BASE, 256),
        cured: true,
    },
    Case {
        path: "review/reclaim-fails.toml",
        kind: ViolationKind::FalseDeny,
        who: "cpu",
        fault: &[Party::AllocatorTee, Party::AllocatorKernel],
        first: (BASE, 0),
        cured: true,
    },
    Case {
        path: "review/wrong-direction.toml",
        kind: ViolationKind::UndeclaredAttempt,
        who: "display",
        fault: &[Party::Driver],
        first: (BASE, 0),
        cured: false,
    },
    Case {
        path: "review/wrong-direction.toml",
        kind: ViolationKind::Overreach,
        who: "vdec",
        fault: &[Party::Driver],
        first: (BASE, 256),
        cured: false,
    },
    Case {
        path: "review/overrun.toml",
        kind: ViolationKind::Overreach,
        who: "display",
        fault: &[Party::Driver],
        first: (BASE + 0x1_0000, 256),
        cured: false,
    },
    Case {
        path: "bugs/dma-after-unmap.toml",
        kind: ViolationKind::Overreach,
        who: "vdec",
        fault: &[Party::Driver],
        first: (BASE, 256),
        cured: false,
    },
    Case {
        path: "review/dma-after-reclaim.toml",
        kind: ViolationKind::LateLanding,
        who: "vdec",
        fault: &[Party::Driver, Party::AllocatorKernel],
        first: (0, 0), // where the transfer is then: see below
        cured: true,
    },
];

#[test]
fn the_judge_objects_under_a_kernel_as_merged() {
    for case in CASES {
        let log = go(&scenario(case.path, &["tee.policy=merged"]));
        assert_eq!(summary(&log).verdict, Verdict::Fail, "{}", case.path);
        let found = violations(&log);
        let of_kind = |v: &&&ringfence::engine::event::Violation| v.violation == case.kind;
        let Some(first) = found.iter().find(of_kind) else {
            panic!("{}: no {:?} in {}", case.path, case.kind, summary(&log).reason)
        };
        assert_eq!((first.who.as_str(), &first.fault[..]), (case.who, case.fault), "{}", case.path);
        assert_eq!(first.pool.as_deref(), Some("video"));
        if case.first.0 != 0 {
            let seen = (first.addr.map(|addr| addr.0), first.bytes);
            assert_eq!(seen, (Some(case.first.0), case.first.1), "{}", case.path);
        }
    }
}

#[test]
fn hardening_cures_what_an_allocator_can_cure() {
    for case in CASES {
        let log = go(&scenario(case.path, &["tee.policy=hardened"]));
        let (verdict, reason) = (summary(&log).verdict, &summary(&log).reason);
        assert_eq!(verdict == Verdict::Pass, case.cured, "{}: {reason}", case.path);
        let same = violations(&log).iter().any(|v| v.violation == case.kind && v.who == case.who);
        assert_eq!(same, !case.cured, "{}: {reason}", case.path);
    }
}
