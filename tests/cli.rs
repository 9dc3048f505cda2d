// SPDX-License-Identifier: Apache-2.0
//! The command line as a user or a script meets it.
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn ringfence(args: &[&str]) -> Output {
    ringfence_in(Path::new(ROOT), args)
}

fn ringfence_in(dir: &Path, args: &[&str]) -> Output {
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

#[test]
fn shipped_scenarios_are_valid_and_found_by_name() {
    let output = ringfence(&["check", "secure-playback", "secure-playback-4k60"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 2);
    assert!(output.stderr.is_empty());
}

#[test]
fn list_shows_filters_and_json() {
    let all = ringfence(&["list"]);
    assert_eq!(all.status.code(), Some(0), "{}", text(&all.stderr));
    assert!(text(&all.stdout).contains("scenarios/playback/secure-playback.toml"));
    let smoke = text(&ringfence(&["list", "tag:smoke"]).stdout);
    assert!(smoke.contains("secure-playback") && !smoke.contains("4k60"), "{smoke}");
    let json = text(&ringfence(&["list", "4k60", "--format", "json"]).stdout);
    let lines: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(lines[0]["name"], "secure-playback-4k60");
    assert_eq!(lines.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_filter_that_matches_nothing_is_4() {
    let output = ringfence(&["list", "tag:nosuch"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("no scenario that matches `tag:nosuch`"));
}

#[test]
fn list_shows_the_good_ones_beside_a_broken_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let shipped = Path::new(ROOT).join("scenarios/playback/secure-playback.toml");
    fs::copy(shipped, dir.path().join("good.toml")).expect("copied");
    fs::write(dir.path().join("bad.toml"), "x = 1\n").expect("written");
    let output = ringfence_in(dir.path(), &["list", "--scenarios", "."]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("good.toml"));
    assert!(text(&output.stderr).contains("bad.toml"));
    let missing = ringfence_in(dir.path(), &["list", "--scenarios", "nosuch"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn usage_errors_are_2_and_help_is_0() {
    for args in [
        &["nosuch"][..],
        &[],
        &["run"],
        &["run", "secure-playback", "--seed", "x"],
        &["run", "secure-playback", "--jobs", "0"],
        &["run", "secure-playback", "--format", "xml"],
    ] {
        let output = ringfence(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["run", "--help"], &["list", "--help"], &["--version"]] {
        let output = ringfence(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty(), "{args:?}");
    }
    assert!(text(&ringfence(&["--help"]).stdout).contains("130  interrupted"));
    assert!(
        text(&ringfence(&["run", "--help"]).stdout).contains("--set firewall.background=allow")
    );
}

#[test]
fn the_worst_of_several_decides() {
    let dir = tempfile::tempdir().expect("a folder");
    let bad = dir.path().join("bad.toml");
    fs::write(&bad, "x = 1\n").expect("written");
    let bad = bad.to_str().expect("UTF-8");
    let both = ringfence(&["check", bad, "nosuch.toml", "secure-playback"]);
    assert_eq!(both.status.code(), Some(2));
    let one = ringfence(&["check", bad, "secure-playback"]);
    assert_eq!(one.status.code(), Some(3));
    assert_eq!(text(&one.stdout).lines().count(), 1);
}

#[test]
fn the_same_scenario_twice_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let out = out.to_str().expect("UTF-8");
    let output = ringfence(&["run", "secure-playback", "secure-playback", "--out", out]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("would both write secure-playback-24301"));
    assert!(!Path::new(out).exists());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(["list"])
        .current_dir(ROOT)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}
