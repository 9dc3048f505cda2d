// SPDX-License-Identifier: Apache-2.0
//! Files whose form, names, masters, pools or regions are wrong.
use super::{SHIPPED, case, golden};

#[test]
fn misspelt_key() {
    case(
        "misspelt-key",
        &[("latency   = ", "latencey  = ")],
        &["misspelt-key.toml:19:1", "unknown key `latencey`", "did you mean `latency`?"],
    );
}

#[test]
fn misspelt_required_key_is_reported_once() {
    case(
        "misspelt-required-key",
        &[("frames          = 8", "framse          = 8")],
        &["did you mean `frames`?", ": 1 problem\n"],
    );
}

#[test]
fn unknown_master() {
    case(
        "unknown-master",
        &[("master       = \"gpu\"", "master       = \"gpuu\"")],
        &["names unknown master `gpuu`", "did you mean `gpu`?", ":117:16"],
    );
}

#[test]
fn unknown_pool_heap_ip_shape_and_words() {
    case(
        "unknown-names",
        &[
            ("shape       = \"f1\"", "shape       = \"f3\""),
            ("background  = \"deny\"", "background  = \"dany\""),
            ("ip    = \"gpu\"", "ip    = \"gpus\""),
            ("heap = \"protected,secure-video\"", "heap = \"protected,secure-vidoe\""),
            ("frame-pool      = \"frames\"", "frame-pool      = \"frame\""),
            ("\"edges\"]", "\"corners\"]"),
            ("kind = \"underruns\"", "kind = \"underrun\""),
        ],
        &[
            "no board has the shape `f3`",
            "did you mean `deny`?",
            "did you mean `gpu`?",
            "did you mean `protected,secure-video`?",
            "did you mean `frames`?",
            "`attacks` cannot be `corners`",
            "did you mean `underruns`?",
            ": 7 problems\n",
        ],
    );
}

#[test]
fn unknown_programming_order() {
    case(
        "unknown-order",
        &[("order       = \"disable-first\"", "order       = \"planed\"")],
        &["`order` cannot be `planed`", "did you mean `planned`?", ": 1 problem\n"],
    );
}

#[test]
fn duplicates_and_ranges() {
    case(
        "duplicates",
        &[
            ("name  = \"camera\"", "name  = \"gpu\""),
            ("port  = 6", "port  = 5"),
            ("nsaid = 5", "nsaid = 16"),
        ],
        &["two [[master]] have name `gpu`", "two [[master]] have port `5`", "must be 0 to 15"],
    );
}

#[test]
fn shared_identity() {
    case(
        "shared-nsaid",
        &[("nsaid = 10", "nsaid = 7")],
        &["`vdec` and `gpu` share NSAID 7", "miswired = true"],
    );
}

#[test]
fn pool_outside_dram() {
    case(
        "pool-outside-dram",
        &[("base = 0x9010_0000", "base = 0x7000_0000")],
        &["[[pool]] `frames` is outside DRAM", "0x0_8000_0000 to 0x0_ffff_ffff", ":90:8"],
    );
}

#[test]
fn pool_overflow() {
    case(
        "pool-overflow",
        &[("base = 0x9010_0000", "base = 0xffff_ffff_ffff_f000")],
        &["passes the end of the 64-bit address space"],
    );
    case(
        "size-overflow",
        &[("size      = \"2 GiB\"", "size      = \"17179869184 GiB\"")],
        &["is too large for 64 bits"],
    );
}

#[test]
fn unaligned() {
    case(
        "unaligned",
        &[("base = 0x9010_0000", "base = 0x9010_0010"), ("size = \"64 KiB\"", "size = \"63 KB\"")],
        &["no multiple of 4 KiB", "0x0_9010_0000 or 0x0_9010_1000", "did you mean `KiB`?"],
    );
    case("unaligned-size", &[("size = \"64 KiB\"", "size = \"65535 B\"")], &["65536 B"]);
}

#[test]
fn pools_overlap() {
    case(
        "pools-overlap",
        &[("base = 0x9010_0000", "base = 0x9000_f000")],
        &["pools `bitstream` and `frames` share memory"],
    );
}

#[test]
fn too_many_regions() {
    let pool = |i: u32| {
        format!(
            "[[pool]]\nname = \"more{i}\"\nheap = \"protected,trusted-ui\"\nrole = \"frame\"\n\
             base = 0x91{i:02x}_0000\nsize = \"4 KiB\"\n\n"
        )
    };
    let pools: String = (0..2).map(pool).collect();
    case(
        "too-many-regions",
        &[("[playback]\n", &format!("{pools}[playback]\n"))],
        &["the map needs 9 regions, 4 for pools and 5 for ordinary DRAM"],
    );
}

#[test]
fn wrong_types_and_tables() {
    case(
        "wrong-types",
        &[
            ("[sim]", "[[sim]]"),
            ("port  = 4", "port  = \"4\""),
            ("size = \"1 MiB\"", "size = 1048576"),
            ("speculation = false", "speculation = \"no\""),
            ("nsaid = 13", "nsaid = -1"),
        ],
        &[
            "write [sim] with one bracket",
            "`port` must be",
            "must be a text in quotes",
            ": 5 problems\n",
        ],
    );
}

#[test]
fn several_problems_are_shown_together() {
    case(
        "several",
        &[
            ("summary = ", "sumary  = "),
            ("\"9.6 GB/s\"", "\"9.6 GBs\""),
            ("master = \"cpu\"", "master = \"cup\""),
            ("frames          = 8", "frames          = 0"),
        ],
        &[
            "did you mean `summary`?",
            "did you mean `GB/s`?",
            "did you mean `cpu`?",
            ": 4 problems\n",
        ],
    );
}

#[test]
fn broken_syntax() {
    case("syntax", &[("shape       = \"f1\"", "shape       = \"f1")], &["not valid TOML", ":11:"]);
    case(
        "duplicate-key",
        &[("port  = 4", "port  = 4\nport  = 5")],
        &["not valid TOML", "duplicate"],
    );
}

#[test]
fn not_text_empty_and_comments_only() {
    let mut bytes = SHIPPED.as_bytes().to_vec();
    let at = SHIPPED.find("secure-playback").expect("the name");
    bytes[at] = 0xff;
    golden("not-utf8", &bytes, &[], 3, &["not UTF-8", ":4:12"]);
    golden("empty", b"", &[], 3, &["the file is empty"]);
    golden("comment-only", b"# nothing\n", &[], 3, &["needs `name`"]);
}
