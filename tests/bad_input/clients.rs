// SPDX-License-Identifier: Apache-2.0
//! Files whose allocator, dynamic pools or clients are wrong.
use super::golden;

const POOL_LIFE: &str = include_str!("../../scenarios/review/pool-life.toml");

/// The scenario with the first `from` replaced.
fn case(name: &str, changes: &[(&str, &str)], fragments: &[&str]) {
    let text = changes.iter().fold(POOL_LIFE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the scenario no longer has `{from}`");
        text.replacen(from, to, 1)
    });
    golden(name, text.as_bytes(), &[], 3, fragments);
}

#[test]
fn words_and_times_of_the_tee() {
    case(
        "tee-words",
        &[(
            "policy = \"merged\"",
            "policy = \"merge\"\nabi = \"smcc\"\nsmc = \"1 parsec\"\nta-call = \"0 ns\"\n\
             direct-map = \"gone\"\nscrub-on-free = \"yes\"\nscrub = true\ngranule = \"8k\"",
        )],
        &[
            "did you mean `merged`?",
            "`abi` cannot be `smcc`",
            "`scrub-on-free` must be true or false",
            "unknown key `scrub`",
            ": 8 problems\n",
        ],
    );
}

#[test]
fn a_region_a_buffer_is_not_for_playbacks() {
    let text = super::changed(&[("[firewall]", "[tee]\nregion-per-buffer = true\n[firewall]")]);
    golden("playback-regions", text.as_bytes(), &[], 3, &["a playback has one region a pool"]);
}

#[test]
fn a_region_a_buffer_is_not_for_memory_that_is_lent() {
    let change = ("policy = \"merged\"", "policy = \"merged\"\nregion-per-buffer = true");
    case("dynamic-regions", &[change], &["a dynamic pool is lent as one region"]);
}

#[test]
fn dynamic_pools() {
    case(
        "dynamic-pool",
        &[
            ("\"256 KiB\"           #", "\"8 MiB\" #"),
            ("kind     = \"dynamic\"", "kind = \"dynamic\"\nrole = \"frame\""),
        ],
        &["`min-size` = 8388608 is out of range", "`role` means nothing for a dynamic pool"],
    );
    let other = "[[pool]]\nname = \"more\"\nkind = \"dynamic\"\n\
        heap = \"protected,trusted-ui\"\nbase = 0xb000_0000\nsize = \"4 MiB\"\n\n[[traffic]]";
    case("two-areas", &[("[[traffic]]", other)], &["pools `video` and `more` have two areas"]);
    case(
        "static-min-size",
        &[("kind     = \"dynamic\"", "kind = \"static\"\nrole = \"any\"")],
        &["`min-size` means nothing for a static pool"],
    );
}

#[test]
fn steps() {
    case(
        "steps",
        &[
            ("{ attach = \"a\", master = \"vdec\" },", "{ attach = \"aa\", master = \"vdecc\" },"),
            (
                "master = \"vdec\", direction = \"from-device\"",
                "master = \"vdec\", direction = \"both\"",
            ),
            (
                "{ dma = \"a\", master = \"vdec\", write = \"64 KiB\" },",
                "{ dma = \"a\", master = \"vdec\", write = \"65 B\" },",
            ),
            (
                "{ attach = \"a\", master = \"display\" },",
                "{ attach = \"a\", master = \"display\", size = \"1 B\" },",
            ),
            ("read = \"64 KiB\" },", "read = \"1 KiB\", write = \"1 KiB\" },"),
            (
                "{ unmap = \"a\", master = \"vdec\" },",
                "{ unmap = \"a\", detach = \"a\", master = \"vdec\" },",
            ),
            (
                "{ detach = \"a\", master = \"display\" },",
                "{ fails = \"EBADFD\", detach = \"a\", master = \"display\" },",
            ),
            (
                "{ wait = \"5 us\" },",
                "{ wait = \"5\" }, { await = \"x\" }, { }, { cloze = \"a\" },",
            ),
        ],
        &[
            "`attach` names unknown buffer `aa`",
            "did you mean `vdec`?",
            "`direction` cannot be `both`",
            "`size` means nothing for `attach`",
            "needs one of `read` and `write`",
            "`write` is no multiple of 16 B",
            "must do one thing",
            "did you mean `EBADF`?",
            "`await` names unknown mark `x`",
            "did you mean `close`?",
        ],
    );
}

#[test]
fn a_master_with_other_work() {
    case(
        "master-taken",
        &[("{ dma = \"a\", master = \"vdec\",", "{ dma = \"a\", master = \"cpu\",")],
        &["`cpu` has other work", "it is driven by [[traffic]]"],
    );
    case(
        "no-secure-master",
        &[("world = \"secure\"", "nsaid = 3")],
        &["clients need a processor and a secure world"],
    );
}

#[test]
fn names_of_clients_and_buffers() {
    case(
        "client-names",
        &[
            ("{ alloc = \"b\",", "{ alloc = \"a\","),
            ("name  = \"player\"", "name  = \"pla yer\"\nstart = \"soon\""),
        ],
        &["two alloc have name `a`", "`pla yer` is not a name", "`start` = \"soon\" is not a time"],
    );
}

#[test]
fn faults_of_the_secure_world() {
    let plant =
        "[[plant]]\nkind = \"tee\"\npoint = \"range-store\"\ntimes = 0\naddr = 1\n[[client]]";
    case(
        "plant-tee",
        &[("[[client]]", plant)],
        &["did you mean `range-restore`?", "`times` = 0 is out of range", "`addr` means nothing"],
    );
}

#[test]
fn programs_and_shared_memory() {
    case(
        "programs",
        &[(
            "{ wait = \"5 us\" },",
            "{ share = \"ns\", at = 0x7fff_ffff_ffff_0000, size = \"9223372036854841344 B\" },\n  \
             { share = \"a\", at = 0xa000_0000, size = \"4 KiB\" },\n  \
             { sdp = \"a\", command = \"injekt\", size = \"4 KiB\" },\n  \
             { sdp = \"a\", command = \"test\", size = \"255 B\", shared = \"nn\" },\n  \
             { sdp = \"a\", command = \"dump\", size = \"1 B\", loops = 0, target = \"ta\" },\n  \
             { lend = \"l\", heap = \"protected,secure-video\", at = 0x7fff_ffff_ffff_0000, \
             size = \"9223372036854841344 B\" },\n  \
             { sdp = \"a\" }, { mmap = \"b\", size = \"1 B\" },",
        )],
        &[
            "wrap around",
            "have name `a`",
            "did you mean `inject`?",
            "`shared` names unknown buffer `nn`",
            "`size` = 255 is out of range",
            "`loops` = 0 is out of range",
            "`target` cannot be `ta`",
            "`size` means nothing for `mmap`",
        ],
    );
}

#[test]
fn claims_and_aliases() {
    let memory = "[memory]\nalias-bits = 31\n[tee]";
    case(
        "claims",
        &[
            ("[tee]", memory),
            ("kind     = \"dynamic\"", "kind = \"dynamic\"\nclaimed-base = 0x1000"),
        ],
        &["`alias-bits` = 31 is out of range", "`claimed-base` and `claimed-size` go together"],
    );
}

#[test]
fn copies() {
    case(
        "copies",
        &[(
            "{ dma = \"a\", master = \"vdec\", write = \"64 KiB\" },",
            "{ copy = \"a\", master = \"vdec\", size = \"64 KiB\" },\n  \
             { copy = \"aa\", master = \"vdec\", to = \"b\", at = 0x8800_0000, size = \"8 B\" },\n  \
             { copy = \"a\", master = \"vdec\", at = 0x8800_0008, size = \"1 KiB\", declassify = true },\n  \
             { copy = \"a\", to = \"x\", read = \"1 KiB\" },\n  \
             { copy = \"a\", master = \"cpu\", to = \"b\", size = \"1 KiB\" },",
        )],
        &[
            "needs one of `to` and `at`",
            "`copy` names unknown buffer `aa`",
            "`at` is no multiple of 16 B",
            "only the secure world can declassify",
            "`read` means nothing for `copy`",
            "`cpu` has other work",
        ],
    );
}
