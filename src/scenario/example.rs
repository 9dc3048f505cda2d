// SPDX-License-Identifier: Apache-2.0
//! A right value for every key, for help lines.

/// Table (empty for any), key, value; the first that fits counts.
#[rustfmt::skip]
const EXAMPLES: [(&str, &str, &str); 72] = [
    ("", "schema-version", "1"),
    ("", "name", "\"secure-playback\""),
    ("", "summary", "\"One sentence: what this proves.\""),
    ("", "tags", "[\"video\", \"smoke\"]"),
    ("", "seed", "0x5eed"),
    ("", "clock", "\"600 MHz\""),
    ("", "shape", "\"f1\""),
    ("", "limit", "\"50 ms\""),
    ("", "wait-budget", "\"20 us\""),
    ("", "bin", "\"20 us\""),
    ("", "duration", "\"500 us\""),
    ("", "base", "0x9000_0000"),
    ("", "addr", "0x9000_0000"),
    ("playback", "size", "\"480x272\""),
    ("", "size", "\"2 MiB\""),
    ("", "min-size", "\"1 MiB\""),
    ("tee", "policy", "\"merged\""),
    ("tee", "abi", "\"smc\""),
    ("tee", "smc", "\"1 us\""),
    ("tee", "ta-call", "\"5 us\""),
    ("tee", "granule", "\"4k\""),
    ("tee", "rounding", "\"refuse\""),
    ("tee", "strategy", "\"first-fit\""),
    ("tee", "provenance", "\"first-page\""),
    ("tee", "direct-map", "\"kept\""),
    ("client", "steps", "[{ alloc = \"a\", heap = \"protected,secure-video\", role = \"frame\", size = \"64 KiB\" }]"),
    ("client", "read", "\"64 KiB\""),
    ("client", "write", "\"64 KiB\""),
    ("client", "direction", "\"from-device\""),
    ("client", "start", "\"5 us\""),
    ("plant", "point", "\"range-restore\""),
    ("plant", "times", "1"),
    ("expect", "time", "\"5 us\""),
    ("", "latency", "\"60 ns\""),
    ("", "bandwidth", "\"9.6 GB/s\""),
    ("", "rate", "\"400 MB/s\""),
    ("", "background", "\"deny\""),
    ("", "order", "\"disable-first\""),
    ("", "action", "\"error+interrupt\""),
    ("", "speculation", "false"),
    ("", "miswired", "true"),
    ("", "port", "4"),
    ("", "ip", "\"gpu\""),
    ("", "nsaid", "10"),
    ("", "world", "\"non-secure\""),
    ("", "heap", "\"protected,secure-video\""),
    ("", "role", "\"frame\""),
    ("", "frames", "8"),
    ("", "fps", "60"),
    ("", "time-scale", "\"4k60\""),
    ("", "buffers", "4"),
    ("", "bitstream", "\"8 KiB\""),
    ("", "reference-reads", "\"200 %\""),
    ("", "writes", "\"25 %\""),
    ("intruder", "burst", "\"256 B\""),
    ("", "burst", "16"),
    ("", "outstanding", "16"),
    ("", "every", "\"100 cycles\""),
    ("", "attacks", "[\"read-frames\", \"edges\"]"),
    ("", "access", "\"64 B\""),
    ("plant", "kind", "\"flip-byte\""),
    ("", "kind", "\"blocked\""),
    ("", "after-frames", "1"),
    ("", "min", "1"),
    ("", "max", "0"),
    ("", "fault", "7"),
    ("", "master", "\"gpu\""),
    ("", "crypto", "the name of a [[master]]"),
    ("", "decoder", "the name of a [[master]]"),
    ("", "display", "the name of a [[master]]"),
    ("", "bitstream-pool", "the name of a [[pool]]"),
    ("", "frame-pool", "the name of a [[pool]]"),
];

/// A right value for `key` of a table (as in `Pruned::table`).
pub(super) fn example(table: &[String], key: &str) -> &'static str {
    let here = table.first().map_or("", String::as_str);
    let fits =
        |entry: &&(&str, &str, &str)| (entry.0.is_empty() || entry.0 == here) && entry.1 == key;
    // What is left of [tee] are switches.
    let rest = if here == "tee" { "true" } else { "..." };
    EXAMPLES.iter().find(fits).map_or(rest, |entry| entry.2)
}
