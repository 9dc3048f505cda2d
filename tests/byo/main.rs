// SPDX-License-Identifier: Apache-2.0
//! Bring your own: platform files, their converter from device trees, replays of heap histories,
//! the recorder's parser, and the page that tells of them.
mod blobs;
#[path = "../common/mod.rs"]
mod common;
mod converter;
mod figures;
mod page;
mod platform;
mod replay;

use ringfence::scenario::{self, LoadError, Scenario};
use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A scenario file that must be valid.
fn load(path: &Path, sets: &[&str]) -> Scenario {
    try_load(path, sets).unwrap_or_else(|text| panic!("{text}"))
}

/// A scenario file, or what is wrong with it.
fn try_load(path: &Path, sets: &[&str]) -> Result<Scenario, String> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    scenario::load(path, &sets, None).map_err(explain)
}

fn explain(error: LoadError) -> String {
    match error {
        LoadError::Invalid(invalid) => invalid.render(scenario::Style { color: false, width: 100 }),
        read @ LoadError::Read { .. } => read.to_string(),
    }
}

fn shipped(path: &str) -> std::path::PathBuf {
    Path::new(ROOT).join("scenarios").join(path)
}

fn ringfence(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Compares with a golden file; `BLESS=1` rewrites it.
fn golden(name: &str, found: &str) {
    let path = Path::new(ROOT).join("tests/byo/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).expect("blessed");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name}: expected\n{expected}\ngot\n{found}\n(BLESS=1 accepts it)");
}
