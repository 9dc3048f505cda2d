// SPDX-License-Identifier: Apache-2.0
//! Files whose cache, IOMMUs or bounce buffers are wrong.
use super::golden;

const PAGE: &str = include_str!("../../scenarios/review/mapping/iommu-deferred.toml");
const BOUNCE: &str = include_str!("../../scenarios/review/bounce.toml");

#[test]
fn what_stands_before_a_master() {
    let text = PAGE
        .replace("master = \"cpu\"\nsets   = 1024", "master = \"gpu\"\nsets   = 1000")
        .replacen("mode   = \"deferred\"", "mode   = \"lazy\"", 1)
        .replacen("[[iommu]]\nmaster = \"display\"", "[[iommu]]\nmaster = \"dispaly\"", 1);
    golden(
        "devices",
        text.as_bytes(),
        &[],
        3,
        &[
            "only a processor has a cache",
            "1000 sets are no power of two",
            "`mode` cannot be `lazy`",
            "did you mean `display`?",
        ],
    );
}

#[test]
fn keys_that_mean_nothing_and_ports_that_are_taken() {
    let traffic = "[[traffic]]\nmaster = \"cpu\"\nbase = 0xf010_0000\nsize = \"1 MiB\"\n\
                   rate = \"1 MB/s\"\n\n[[iommu]]\nmaster = \"vdec\"\nflush-unmaps = 1\n\n[[client]]";
    let text = BOUNCE
        .replacen("[[client]]", traffic, 1)
        .replace("base = 0xf800_0000", "base = 0x1_0000_0000")
        .replace("dma-bits = 32", "dma-bits = 64");
    golden(
        "devices-taken",
        text.as_bytes(),
        &[],
        3,
        &[
            "`cpu` has other work",
            "`flush-unmaps` means nothing for a strict IOMMU",
            "bounce buffers are ordinary memory",
            "the board has 40 address bits",
        ],
    );
}

#[test]
fn a_processors_step_needs_a_cache() {
    let text =
        BOUNCE.replace("[cache]\nmaster = \"cpu\"\nsets   = 1024\nways   = 4\n", "").replace(
            "{ register = \"stream\" }",
            "{ cpu = \"stream\", op = \"flush\", size = \"10 B\" }",
        );
    golden("no-cache", text.as_bytes(), &[], 3, &["`op` cannot be `flush`", "there is no [cache]"]);
    let text =
        BOUNCE.replace("[cache]\nmaster = \"cpu\"\nsets   = 1024\nways   = 4\n", "").replace(
            "{ register = \"stream\" }",
            "{ cpu = \"stream\", op = \"load\", size = \"16 B\" }",
        );
    golden("no-cache-at-all", text.as_bytes(), &[], 3, &["there is no [cache]"]);
}
