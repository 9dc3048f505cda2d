// SPDX-License-Identifier: Apache-2.0
//! Spoilt copies of the shipped scenario: refused or accepted, never a panic.
use super::SHIPPED;
use proptest::prelude::*;

/// A way to spoil a text.
#[derive(Clone, Debug)]
enum Spoil {
    Flip(usize, u8),
    DropLine(usize),
    DoubleLine(usize),
    Cut(usize),
    Swap(usize, usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Spoil::Flip(at, byte)),
        3 => any::<usize>().prop_map(Spoil::DropLine),
        2 => any::<usize>().prop_map(Spoil::DoubleLine),
        1 => any::<usize>().prop_map(Spoil::Cut),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Spoil::Swap(a, b)),
    ]
}

fn spoilt(spoils: &[Spoil]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = SHIPPED.lines().map(|line| line.as_bytes().to_vec()).collect();
    for spoil in spoils {
        let n = lines.len().max(1);
        match spoil {
            Spoil::DropLine(at) if !lines.is_empty() => drop(lines.remove(at % n)),
            Spoil::DoubleLine(at) if !lines.is_empty() => {
                lines.insert(at % n, lines[at % n].clone());
            }
            Spoil::Cut(at) => lines.truncate(at % n),
            Spoil::Swap(a, b) if !lines.is_empty() => lines.swap(a % n, b % n),
            Spoil::Flip(at, byte) if !lines.is_empty() => {
                let line = &mut lines[at % n];
                if !line.is_empty() {
                    let i = (at / n) % line.len();
                    line[i] = *byte;
                }
            }
            _ => {}
        }
    }
    lines.join(&b'\n')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_scenarios_never_panic(spoils in prop::collection::vec(spoil(), 1..6)) {
        let style = ringfence::scenario::Style { color: false, width: 100 };
        if let Err(invalid) = ringfence::scenario::parse_bytes("x", spoilt(&spoils), &[], None) {
            prop_assert!(!invalid.problems.is_empty());
            prop_assert!(invalid.render(style).contains(" problem"));
        }
    }

    #[test]
    fn any_override_never_panics(key in "[a-z.=0-9 -]{0,24}", value in "\\PC{0,16}") {
        let style = ringfence::scenario::Style { color: false, width: 100 };
        let set = [format!("{key}={value}"), format!("master.{key}={value}"), value];
        let result = ringfence::scenario::parse("x", SHIPPED.to_owned(), &set, Some(1));
        if let Err(invalid) = result {
            prop_assert!(!invalid.render(style).is_empty());
        }
    }
}
