// SPDX-License-Identifier: Apache-2.0
//! docs/bring-your-own.md: its files are written, its commands are run, what they print stands there.
use super::blobs::board;
use super::{ROOT, ringfence, text};
use std::fs;
use std::path::Path;

/// The fenced blocks of a page: language, text, and where it stands in the page.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("```") {
        let (language, body) = rest[at + 3..].split_once('\n').expect("a line");
        let end = body.find("```").expect("closed");
        found.push((language, &body[..end]));
        rest = &body[end + 3..];
    }
    found
}

/// Everything below `from`, as `to` has it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("an entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("copied");
        }
    }
}

#[test]
fn every_example_is_true() {
    let path = format!("{ROOT}/docs/bring-your-own.md");
    let page = fs::read_to_string(&path).expect("there");
    let dir = tempfile::tempdir().expect("a folder");
    copy(&Path::new(ROOT).join("scenarios"), &dir.path().join("scenarios"));
    fs::write(dir.path().join("board.dtb"), board().bytes()).expect("written");
    let mut blessed = page.clone();
    let mut commands = 0;
    for (language, body) in blocks(&page) {
        if language != "console" {
            let name =
                body.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a name");
            fs::write(dir.path().join(name), body).expect("written");
            continue;
        }
        let (command, shown) = body.split_once('\n').expect("a command");
        let command = command.strip_prefix("$ ringfence ").expect("one of ours");
        let args: Vec<&str> = command.split(' ').collect();
        let output = ringfence(dir.path(), &args);
        let printed = text(&output.stdout);
        assert!(!printed.is_empty(), "{command}: {}", text(&output.stderr));
        // 1 is a violation, which a replay may show.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {}", text(&output.stderr));
        commands += 1;
        if std::env::var_os("BLESS").is_some() {
            blessed = blessed.replacen(
                &format!("{command}\n{shown}```"),
                &format!("{command}\n{printed}```"),
                1,
            );
        } else {
            assert_eq!(shown, printed, "{command} (BLESS=1 accepts it)");
        }
    }
    assert_eq!(commands, 4);
    if blessed != page {
        fs::write(&path, blessed).expect("blessed");
    }
}

#[test]
fn the_page_names_every_column_op_and_key() {
    let page = fs::read_to_string(format!("{ROOT}/docs/bring-your-own.md")).expect("there");
    let columns = ["time", "pid", "op", "buffer", "heap", "size", "device", "direction", "role"];
    let ops = ["alloc", "dup", "close", "attach", "detach", "map", "unmap", "read", "write"];
    let more = ["register", "unregister", "exit"];
    for word in columns.iter().chain(&ops).chain(&more) {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
    let keys = ["history", "speed", "max-gap", "transfer", "next-owner", "window", "devices"];
    let readme = fs::read_to_string(format!("{ROOT}/scenarios/README.md")).expect("there");
    for key in keys {
        assert!(page.contains(key) && readme.contains(&format!("`{key}`")), "{key}");
    }
}
