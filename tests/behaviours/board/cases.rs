// SPDX-License-Identifier: Apache-2.0
//! One case a number: clients, and what of the run is told.
use super::timeline::Timeline;
use super::{parse, run};

pub(crate) type Case = fn(&str) -> Vec<String>;

pub(crate) const CASES: [(u32, Case); 17] = [
    (21, b21),
    (25, b25),
    (26, b26),
    (27, b27),
    (28, b28),
    (29, b29),
    (33, b33),
    (36, b36),
    (38, b38),
    (39, b39),
    (40, b40),
    (41, b41),
    (46, b46),
    (47, b47),
    (48, b48),
    (49, b49),
    (50, b50),
];

/// A pool that is lent: 64 KiB at a time.
const LENT: &str = r#"
[[pool]]
name     = "video"
kind     = "dynamic"
heap     = "protected,secure-video"
base     = 0x9000_0000
size     = "1 MiB"
min-size = "64 KiB"
"#;
/// The same area serves trusted UI.
const LENT_UI: &str = r#"
[[pool]]
name     = "ui"
kind     = "dynamic"
heap     = "protected,trusted-ui"
base     = 0x9000_0000
size     = "1 MiB"
min-size = "64 KiB"
"#;
/// A carve-out.
const FIXED: &str = r#"
[[pool]]
name = "video"
heap = "protected,secure-video"
role = "any"
base = 0x9000_0000
size = "64 KiB"
"#;

/// Clients out of their steps; `BUF name` and `UI name` allocate 4 KiB.
fn client(name: &str, steps: &[&str]) -> String {
    let step = |step: &&str| {
        let of = |heap: &str, name: &str| {
            format!(
                "alloc = \"{name}\", heap = \"protected,{heap}\", role = \"frame\", size = \"4 KiB\""
            )
        };
        let step = match step.split_once(' ') {
            Some(("BUF", name)) => of("secure-video", name),
            Some(("UI", name)) => of("trusted-ui", name),
            _ => (*step).to_owned(),
        };
        format!("  {{ {step} }},\n")
    };
    let steps: String = steps.iter().map(step).collect();
    format!("\n[[client]]\nname  = \"{name}\"\nsteps = [\n{steps}]\n")
}

fn plant(point: &str) -> String {
    format!("\n[[plant]]\nkind  = \"tee\"\npoint = \"{point}\"\n")
}

fn lines(policy: &str, tables: &[&str]) -> Vec<String> {
    told(policy, tables, |timeline| timeline)
}

fn told(policy: &str, tables: &[&str], how: impl Fn(Timeline<'_>) -> Timeline<'_>) -> Vec<String> {
    let scenario = parse(&tables.concat(), &[&format!("tee.policy={policy}")]);
    let log = run(&scenario);
    how(Timeline::of(&scenario, &log)).lines()
}

fn b21(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            "BUF first",
            "attach = \"first\", master = \"vdec\"",
            "map = \"first\", master = \"vdec\", direction = \"from-device\"",
            "dma = \"first\", master = \"vdec\", write = \"4 KiB\"",
            "unmap = \"first\", master = \"vdec\"",
            "detach = \"first\", master = \"vdec\"",
            "close = \"first\"",
            "BUF second",
            "attach = \"second\", master = \"display\"",
            "map = \"second\", master = \"display\", direction = \"to-device\"",
            "dma = \"second\", master = \"display\", read = \"4 KiB\"",
        ],
    );
    lines(policy, &[FIXED, &player])
}

fn b25(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            // Before it is lent it is ordinary memory.
            "share = \"page\", at = 0x9000_0000, size = \"4 KiB\"",
            "dma = \"page\", master = \"gpu\", write = \"256 B\"",
            "unregister = \"page\"",
            "BUF a",
            "dma = \"page\", master = \"gpu\", read = \"256 B\", attack = true, fails = \"DECERR\"",
        ],
    );
    lines(policy, &[LENT, &player])
}

fn b26(policy: &str) -> Vec<String> {
    let plants = ["dma-pages", "lend-refused", "pool-map"].map(plant).concat();
    let alloc = "alloc = \"NAME\", heap = \"protected,secure-video\", role = \"frame\", \
                 size = \"4 KiB\", fails = \"WHY\"";
    let fails = |name: &str, why: &str| alloc.replace("NAME", name).replace("WHY", why);
    let (a, b, c) = (fails("a", "ENOMEM"), fails("b", "EINVAL"), fails("c", "ENOMEM"));
    let player = client("player", &[&a, &b, &c, "BUF d"]);
    lines(policy, &[LENT, &plants, &player])
}

fn b27(policy: &str) -> Vec<String> {
    let large = |name: &str, size: &str| {
        format!(
            "alloc = \"{name}\", heap = \"protected,secure-video\", role = \"frame\", \
             size = \"{size}\""
        )
    };
    let too_large = large("x", "68 KiB") + ", fails = \"ENOMEM\"";
    let full = large("b", "60 KiB");
    let more = large("c", "4 KiB") + ", fails = \"ENOMEM\"";
    let player = client("player", &[&too_large, "BUF a", &full, &more]);
    lines(policy, &[LENT, &player])
}

fn b28(policy: &str) -> Vec<String> {
    let player = client("player", &["BUF a", "close = \"a\"", "UI b", "BUF c"]);
    told(policy, &[LENT, LENT_UI, &player], |timeline| timeline.watch(&[0x9001_0000]))
}

fn b29(policy: &str) -> Vec<String> {
    let player = || {
        let recycle = "recycle = \"a\", write = \"4 KiB\"";
        client("player", &["BUF a", "close = \"a\"", recycle])
    };
    let mut all = Vec::new();
    for point in ["reclaim-refused", "range-restore"] {
        all.push(format!("{point}:"));
        all.extend(lines(policy, &[LENT, &plant(point), &player()]));
    }
    all
}

fn b33(policy: &str) -> Vec<String> {
    let refused = if policy == "hardened" { ", fails = \"EACCES\"" } else { "" };
    let unattached = if policy == "hardened" { ", fails = \"EINVAL\"" } else { "" };
    let player = client(
        "player",
        &[
            "BUF a",
            &format!("attach = \"a\", master = \"gpu\"{refused}"),
            &format!("map = \"a\", master = \"gpu\", direction = \"to-device\"{unattached}"),
            "dma = \"a\", master = \"gpu\", read = \"256 B\", fails = \"DECERR\"",
        ],
    );
    lines(policy, &[FIXED, &player])
}

fn b36(policy: &str) -> Vec<String> {
    let mapped = [
        "BUF a",
        "attach = \"a\", master = \"vdec\"",
        "map = \"a\", master = \"vdec\", direction = \"bidirectional\"",
        "unmap = \"a\", master = \"vdec\"",
        "map = \"a\", master = \"vdec\", direction = \"to-device\"",
    ];
    let unmapped = ["unmap = \"a\", master = \"vdec\"", "detach = \"a\", master = \"vdec\""];
    let mut all = lines(policy, &[LENT, &client("player", &[&mapped[..], &unmapped].concat())]);
    // Whatever the cache holds of the pages stays there: it takes the whole pool.
    let cache = "\n[cache]\nmaster = \"cpu\"\nsets = 256\nways = 4\n";
    let reads = ["dma = \"a\", master = \"vdec\", read = \"256 B\""];
    let player = client("player", &[&mapped[..], &reads, &unmapped].concat());
    all.push("with a cache:".to_owned());
    all.extend(lines(policy, &[LENT, cache, &player]));
    all
}

fn b38(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            "BUF a",
            "register = \"a\"",
            "mmap = \"a\", fails = \"EINVAL\"",
            "vmap = \"a\", fails = \"EINVAL\"",
            "sync = \"a\"",
            "mmap-shm = \"a\", fails = \"EINVAL\"",
        ],
    );
    lines(policy, &[LENT, &player])
}

fn b39(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            "BUF a",
            "attach = \"a\", master = \"vdec\"",
            "map = \"a\", master = \"vdec\", direction = \"from-device\"",
            "mark = \"there\"",
            "await = \"held\"",
            "register = \"a\"",
            "close = \"a\"",
            "mark = \"closed\"",
            "await = \"importer-done\"",
            "unregister = \"a\"",
        ],
    );
    let importer = client(
        "importer",
        &[
            "await = \"there\"",
            "dup = \"a\"",
            "mark = \"held\"",
            "await = \"closed\"",
            "dma = \"a\", master = \"vdec\", write = \"256 B\"",
            "unmap = \"a\", master = \"vdec\"",
            "detach = \"a\", master = \"vdec\"",
            "close = \"a\"",
            "mark = \"importer-done\"",
        ],
    );
    lines(policy, &[LENT, &player, &importer])
}

fn b40(policy: &str) -> Vec<String> {
    let player = client("player", &["BUF a", "attach = \"a\", master = \"vdec\"", "close = \"a\""]);
    lines(policy, &[LENT, &player])
}

/// Writes 64 KiB of the pool while it is freed.
const RUNNING: [&str; 6] = [
    "alloc = \"a\", heap = \"protected,secure-video\", role = \"frame\", size = \"60 KiB\"",
    "attach = \"a\", master = \"vdec\"",
    "map = \"a\", master = \"vdec\", direction = \"from-device\"",
    "dma = \"a\", master = \"vdec\", write = \"60 KiB\", nowait = true",
    "wait = \"1 us\"",
    "close = \"a\"",
];

fn b41(policy: &str) -> Vec<String> {
    let mut all = vec!["another buffer keeps the pool lent:".to_owned()];
    let steps = [&["BUF keeps"][..], &RUNNING, &["wait = \"20 us\""]].concat();
    all.extend(told(policy, &[LENT, &client("player", &steps)], |t| t.rough("vdec")));
    all.push("the last buffer:".to_owned());
    all.extend(told(policy, &[LENT, &client("player", &RUNNING)], |t| t.rough("vdec")));
    all
}

fn b46(policy: &str) -> Vec<String> {
    let caller = client(
        "caller",
        &[
            "BUF keeps",
            "alloc = \"a\", heap = \"protected,secure-video\", role = \"bitstream\", \
             size = \"32 KiB\"",
            "register = \"a\"",
            "close = \"a\"",
            "mark = \"calling\"",
            "ta = \"a\", write = \"32 KiB\"",
            "mark = \"returned\"",
            "wait = \"20 us\"",
        ],
    );
    let other = client(
        "other",
        &[
            "await = \"calling\"",
            "wait = \"2 us\"",
            "unregister = \"a\"",
            "alloc = \"b\", heap = \"protected,secure-video\", role = \"bitstream\", \
             size = \"4 KiB\"",
            "await = \"returned\"",
        ],
    );
    let mut all = Vec::new();
    for (what, pool) in [("dynamic:", LENT), ("static:", FIXED)] {
        all.push(what.to_owned());
        all.extend(told(policy, &[pool, &caller, &other], |t| t.rough("crypto")));
    }
    all
}

fn b47(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            "BUF mine",
            "BUF theirs",
            "attach = \"theirs\", master = \"vdec\"",
            "map = \"theirs\", master = \"vdec\", direction = \"from-device\"",
            "dma = \"theirs\", master = \"vdec\", write = \"4 KiB\"",
            "attach = \"mine\", master = \"display\"",
            "map = \"mine\", master = \"display\", direction = \"to-device\"",
            "dma = \"mine\", master = \"display\", read = \"256 B\", offset = \"4 KiB\"",
        ],
    );
    lines(policy, &[LENT, &player])
}

fn b48(policy: &str) -> Vec<String> {
    let player = client(
        "player",
        &[
            "BUF video",
            "attach = \"video\", master = \"vdec\"",
            "map = \"video\", master = \"vdec\", direction = \"from-device\"",
            "dma = \"video\", master = \"vdec\", write = \"256 B\"",
            "UI ui",
            "dma = \"ui\", master = \"vdec\", write = \"256 B\", fails = \"DECERR\"",
        ],
    );
    told(policy, &[LENT, LENT_UI, &player], |timeline| timeline.watch(&[0x9000_0000]))
}

fn b49(policy: &str) -> Vec<String> {
    let caller = client(
        "caller",
        &[
            "alloc = \"a\", heap = \"protected,secure-video\", role = \"bitstream\", \
             size = \"60 KiB\"",
            "register = \"a\"",
            "close = \"a\"",
            "mark = \"calling\"",
            "ta = \"a\", write = \"60 KiB\"",
        ],
    );
    let other = client("other", &["await = \"calling\"", "wait = \"2 us\"", "unregister = \"a\""]);
    let mut all = vec!["a trusted application:".to_owned()];
    all.extend(told(policy, &[LENT, &caller, &other], |t| t.rough("crypto")));
    all.push("a device:".to_owned());
    all.extend(told(policy, &[LENT, &client("player", &RUNNING)], |t| t.rough("vdec")));
    all
}

fn b50(policy: &str) -> Vec<String> {
    let bad = ", fails = \"TEE_ERROR_BAD_PARAMETERS\"";
    let overlaps = if policy == "hardened" { bad } else { "" };
    let lend = |name: &str, at: &str, fails: &str| {
        format!(
            "lend = \"{name}\", heap = \"protected,secure-video\", at = {at}, \
             size = \"64 KiB\"{fails}"
        )
    };
    let player = client(
        "player",
        &[
            "share = \"page\", at = 0x9004_0000, size = \"4 KiB\"",
            "dma = \"page\", master = \"gpu\", write = \"256 B\"",
            &lend("over-shared", "0x9004_0000", bad),
            &lend("x", "0x9000_0000", ""),
            "share = \"page-2\", at = 0x9000_f000, size = \"4 KiB\", fails = \"EINVAL\"",
            &lend("overlap", "0x9000_8000", overlaps),
            &format!("reclaim = \"overlap\"{overlaps}"),
            &format!("reclaim = \"overlap\"{bad}"),
            "reclaim = \"x\"",
            &format!("reclaim = \"x\"{bad}"),
        ],
    );
    told(policy, &[LENT, &player], |timeline| {
        timeline.watch(&[0x9000_0000, 0x9000_8000, 0x9004_0000])
    })
}
