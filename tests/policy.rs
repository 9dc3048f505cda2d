// SPDX-License-Identifier: Apache-2.0
//! docs/policy.md: its example is short, and runs, and comes to what the page says.
#[path = "../examples/fifth_policy.rs"]
#[allow(dead_code, reason = "an example's main is not called here")]
mod fifth_policy;

const PAGE: &str = include_str!("../docs/policy.md");
const EXAMPLE: &str = include_str!("../examples/fifth_policy.rs");

#[test]
fn a_fifth_policy_takes_fewer_than_sixty_lines_and_the_page_tells_what_it_leaves() {
    assert!(EXAMPLE.lines().count() < 60, "{} lines", EXAMPLE.lines().count());
    let policy = EXAMPLE.split("const VENDOR").nth(1).and_then(|rest| rest.split("};").next());
    let policy = format!("const VENDOR{}}};", policy.expect("it has a policy"));
    assert!(PAGE.contains(&policy), "docs/policy.md shows another policy:\n{policy}");
    let table = fifth_policy::report().expect("every scenario runs");
    assert!(PAGE.contains(&table), "docs/policy.md is not what the example prints:\n{table}");
}

/// The same policy as a scenario says it: the preset that is nearest, and single switches.
#[test]
fn a_mix_in_a_file_is_the_same_policy() {
    use ringfence::scenario;
    let toml = PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/review/dma-after-reclaim.toml");
    let text = std::fs::read_to_string(path).expect("a shipped scenario");
    let mixed = text.replace("[tee]\npolicy = \"merged\"\n", toml.expect("the page has a mix"));
    assert_ne!(mixed, text);
    let mixed = scenario::parse("mixed.toml", mixed, &[], None).expect("valid");
    assert_eq!(mixed.tee.policy, fifth_policy::VENDOR);
}
