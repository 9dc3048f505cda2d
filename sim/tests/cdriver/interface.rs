// SPDX-License-Identifier: Apache-2.0
//! The C interface itself: what each call does, and what it says when it is misused.

use std::path::{Path, PathBuf};
use std::process::Command;

use ringfence_sim::SHAPES;

use crate::calls::{Board, NONSECURE, SECURE};

const HEADER: &str = include_str!("../../include/ringfence.h");
const ACTION: usize = 0x004;
const GATE: usize = 0x008;
const REGION0_ATTRIBUTES: usize = 0x110;
const REGION0_IDS: usize = 0x114;
const REGION1_BASE: usize = 0x120;
const REGION1_TOP: usize = 0x128;
const PAGE: u64 = 0x8000_0000;

/// A number of the header by its name.
fn code(name: &str) -> i32 {
    let found = HEADER.lines().find_map(|line| {
        let value = line.trim().strip_prefix(name)?.strip_prefix(" = ")?;
        value.split([',', ' ']).next()?.parse().ok()
    });
    found.unwrap_or_else(|| panic!("no {name} in the header"))
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compiles without making anything; `CC` or `CXX` may hold arguments too.
fn compiles(variable: &str, default: &str, arguments: &[&str], file: &str) {
    let command = std::env::var(variable).unwrap_or_else(|_| default.to_owned());
    let mut words = command.split_whitespace();
    let out = Command::new(words.next().unwrap_or(default))
        .args(words)
        .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"])
        .args(arguments)
        .args([Path::new("-I"), &folder("include"), Path::new("-I"), &folder("examples/c")])
        .arg(folder(file))
        .output()
        .unwrap_or_else(|error| panic!("{command}: {error}"));
    assert!(out.status.success(), "{file}: {}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn the_header_and_the_c_are_clean_c_and_cpp() {
    compiles("CC", "cc", &["-std=c11", "-x", "c"], "include/ringfence.h");
    compiles("CXX", "c++", &["-std=c++11", "-x", "c++"], "include/ringfence.h");
    for file in ["examples/c/board.c", "examples/c/tzc400.c", "tests/cdriver/shim.c"] {
        compiles("CC", "cc", &["-std=c11"], file);
    }
}

#[test]
fn the_page_has_the_example_that_runs() {
    let page = include_str!("../../../docs/c-driver.md");
    let example = include_str!("../../examples/c/board.c");
    assert!(page.contains(&format!("```c\n{example}```")), "docs/c-driver.md is not board.c");
}

#[test]
fn every_shape_is_in_the_header_and_no_other_is_made() {
    for shape in SHAPES {
        assert!(HEADER.contains(&format!("\"{}\"", shape.name)), "{}", shape.name);
        assert!(!Board::new(shape.name).is_null());
    }
    for wrong in ["", "f2", "f1 ", "\u{fc}", "f1-faulty"] {
        assert!(Board::new(wrong).is_null(), "{wrong}");
    }
    assert!(Board::null().is_null());
}

#[test]
fn bytes_are_picked_and_placed() {
    let board = Board::new("f4");
    // BUILD_CONFIG: nine regions, 40 address bits, four filters.
    assert_eq!([0, 1, 2, 3].map(|byte| board.read8(byte, SECURE)), [8, 39, 0, 3]);
    assert_eq!(
        [0xff0, 0xff4, 0xff8, 0xffc].map(|cid| board.read8(cid, SECURE)),
        [0x0d, 0xf0, 5, 0xb1]
    );
    board.write32(REGION0_IDS, SECURE, 0x4433_2211);
    for (lane, want) in [0x4433_22a5, 0x4433_a511, 0x44a5_2211, 0xa533_2211].iter().enumerate() {
        board.write32(REGION0_IDS, SECURE, 0x4433_2211);
        board.write8(REGION0_IDS + lane, SECURE, 0xa5);
        assert_eq!(board.read32(REGION0_IDS, SECURE), *want);
        assert_eq!(board.read8(REGION0_IDS + lane, SECURE), 0xa5);
    }
    // What a byte has besides its writable bits stays as the register has it.
    board.write8(REGION1_BASE + 1, SECURE, 0xff);
    assert_eq!(board.read32(REGION1_BASE, SECURE), 0xf000);
    assert_eq!(board.read32(REGION1_TOP, SECURE), 0xfff);
    assert_eq!(board.error(), 0);
}

#[test]
fn the_non_secure_world_gets_an_error_and_changes_nothing() {
    let board = Board::new("f1");
    board.write32(ACTION, SECURE, 2);
    for prot in [2, NONSECURE, 6, 7] {
        board.write32(ACTION, prot, 1);
        assert_eq!(board.error(), code("RF_ERROR_RESPONSE"));
        board.write8(ACTION, prot, 1);
        assert_eq!(board.error(), code("RF_ERROR_RESPONSE"));
        assert_eq!(board.read32(ACTION, prot), 0);
        assert_eq!(board.read8(ACTION, prot), 0);
        assert_eq!(board.error(), code("RF_ERROR_RESPONSE"));
        assert_eq!(board.error(), code("RF_OK"), "told once");
    }
    for prot in [0, SECURE, 4, 5] {
        assert_eq!(board.read32(ACTION, prot), 2);
    }
    assert_eq!(board.error(), 0);
}

#[test]
fn misuse_is_told_and_does_nothing() {
    let board = Board::new("f1");
    for offset in [1, 2, 3, 0x1000, 0x1004, usize::MAX - 3, usize::MAX] {
        board.write32(offset, SECURE, u32::MAX);
        assert_eq!(board.error(), code("RF_ERROR_OFFSET"), "{offset:#x}");
        assert_eq!(board.read32(offset, SECURE), 0);
        assert_eq!(board.error(), code("RF_ERROR_OFFSET"), "{offset:#x}");
    }
    board.write8(0x1000, SECURE, 1);
    assert_eq!(board.error(), code("RF_ERROR_OFFSET"));
    board.write32(ACTION, 8, 1);
    assert_eq!(board.error(), code("RF_ERROR_ARGUMENT"));
    // The first of several.
    board.read32(ACTION, NONSECURE);
    board.read32(1, SECURE);
    assert_eq!(board.error(), code("RF_ERROR_RESPONSE"));
    assert_eq!((board.read32(ACTION, SECURE), board.read32(GATE, SECURE)), (0, 0));
    let refused = code("RF_ERROR_ARGUMENT");
    let access = |master, address, nsaid, prot| board.access(master, address, nsaid, prot, None);
    assert_eq!(access(8, PAGE, 0, NONSECURE).0, refused);
    assert_eq!(access(u32::MAX, PAGE, 0, NONSECURE).0, refused);
    assert_eq!(access(0, PAGE + 2, 0, NONSECURE).0, refused);
    assert_eq!(access(0, 1 << 40, 0, NONSECURE).0, refused);
    assert_eq!(access(0, PAGE, 16, NONSECURE).0, refused);
    assert_eq!(access(0, PAGE, 0, 8), (refused, 0x1234_5678), "the word is left alone");
    assert_eq!(board.access_without_data(), code("RF_ERROR_NULL"));
    assert_eq!(board.error(), 0, "an access tells its error itself");
}

#[test]
fn a_null_board_is_answered() {
    let board = Board::null();
    let null = code("RF_ERROR_NULL");
    assert_eq!((board.read32(0, SECURE), board.read8(0, SECURE)), (0, 0));
    board.write32(ACTION, SECURE, 1);
    board.write8(ACTION, SECURE, 1);
    board.step(10);
    assert_eq!((board.error(), board.interrupt()), (null, null));
    assert_eq!(board.access(0, PAGE, 0, NONSECURE, None).0, null);
    assert_eq!(board.access_without_data(), null);
}

#[test]
fn a_closed_gate_ends_the_call_and_keeps_the_access() {
    let board = Board::new("f1");
    board.write32(REGION0_IDS, SECURE, 1 << 16 | 1);
    let timeout = code("RF_ERROR_TIMEOUT");
    assert_eq!(board.access(4, PAGE, 0, NONSECURE, Some(0x600d)).0, timeout);
    // The master is taken; another one is not.
    assert_eq!(board.access(4, PAGE + 4, 0, NONSECURE, Some(0xbad)).0, timeout);
    board.write32(GATE, SECURE, 1);
    board.step(20);
    assert_eq!(board.access(5, PAGE, 0, NONSECURE, None), (0, 0x600d));
    assert_eq!(board.access(4, PAGE + 4, 0, NONSECURE, None), (0, 0xeeee_eeee));
    assert_eq!(board.error(), 0, "no AXI rule was broken");
}

#[test]
fn the_reaction_decides_what_a_denied_master_sees() {
    let [okay, decerr] = ["RF_OKAY", "RF_DECERR"].map(code);
    for (action, response, line) in [(0, okay, 0), (1, decerr, 0), (2, okay, 1), (3, decerr, 1)] {
        let board = Board::new("f1");
        board.write32(ACTION, SECURE, action);
        board.write32(GATE, SECURE, 1);
        assert_eq!(board.access(0, PAGE, 0, NONSECURE, None), (response, 0), "ACTION {action}");
        assert_eq!(board.interrupt(), line, "ACTION {action}");
        board.write32(REGION0_ATTRIBUTES, SECURE, 0x4000_0000);
        assert_eq!(board.access(0, PAGE, 0, SECURE, None), (okay, 0xeeee_eeee));
    }
}
