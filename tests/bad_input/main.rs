// SPDX-License-Identifier: Apache-2.0
//! Bad input, as a user meets it: exit code, place, help, nothing half written, never a panic.
//!
//! Each case changes the shipped scenario in one respect and compares what `check` prints with
//! `golden/NAME.stderr`. `BLESS=1 cargo test --test bad_input` rewrites those files; the fragments
//! in the cases hold what no blessing may lose.
mod bring;
mod clients;
mod content;
mod devices;
mod playback;
mod spoilt;
mod usage;
mod usecases;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SHIPPED: &str = include_str!("../../scenarios/playback/secure-playback.toml");

fn ringfence(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(args)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("stderr is UTF-8")
}

/// The shipped scenario with the first `from` replaced.
fn changed(changes: &[(&str, &str)]) -> String {
    changed_of(SHIPPED, changes)
}

/// Another one, likewise.
fn changed_of(shipped: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(shipped.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the shipped scenario no longer has `{from}`");
        text.replacen(from, to, 1)
    })
}

/// Runs `check` (and the same by `run`) on a file of this content.
fn golden(name: &str, content: &[u8], args: &[&str], code: i32, fragments: &[&str]) {
    golden_beside(name, content, &[], args, code, fragments);
}

/// As [`golden`], with files beside it.
fn golden_beside(
    name: &str,
    content: &[u8],
    beside: &[(&str, &str)],
    args: &[&str],
    code: i32,
    fragments: &[&str],
) {
    let dir = tempfile::tempdir().expect("a folder");
    for (file, content) in beside {
        fs::write(dir.path().join(file), content).expect("written");
    }
    let file = format!("{name}.toml");
    fs::write(dir.path().join(&file), content).expect("written");
    let check = ringfence(dir.path(), &[&["check", &file], args].concat());
    let text = stderr(&check);
    assert_eq!(check.status.code(), Some(code), "{name}:\n{text}");
    assert!(check.stdout.is_empty(), "{name}: stdout is for results");
    assert!(!text.contains("internal error"), "{name}:\n{text}");
    for fragment in fragments {
        assert!(text.contains(fragment), "{name}: no `{fragment}` in\n{text}");
    }
    let run = ringfence(dir.path(), &[&["run", &file], args].concat());
    let run_text = text.clone() + "ringfence: nothing was run\n";
    let seen = (run.status.code(), stderr(&run));
    assert_eq!(seen, (Some(code), run_text), "{name}: run");
    let left: Vec<_> = fs::read_dir(dir.path()).expect("listed").collect();
    assert_eq!(left.len(), 1 + beside.len(), "{name}: something was written: {left:?}");

    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/bad_input/golden/{name}.stderr"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).expect("blessed");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name}: expected\n{expected}\ngot\n{text}\n(BLESS=1 accepts it)");
}

fn case_of(shipped: &str, name: &str, changes: &[(&str, &str)], fragments: &[&str]) {
    golden(name, changed_of(shipped, changes).as_bytes(), &[], 3, fragments);
}

fn case(name: &str, changes: &[(&str, &str)], fragments: &[&str]) {
    golden(name, changed(changes).as_bytes(), &[], 3, fragments);
}
