// SPDX-License-Identifier: Apache-2.0
//! Overrides that are wrong, files that are not there, folders that cannot be written.
use super::{SHIPPED, golden, ringfence, stderr};
use std::fs;

#[test]
fn overrides_get_the_same_errors() {
    let set = |name: &str, sets: &[&str], fragments: &[&str]| {
        let args: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        golden(name, SHIPPED.as_bytes(), &args, 3, fragments);
    };
    set("set-unknown-key", &["playback.frmes=2"], &["did you mean `frames`?", "--set:1:10"]);
    set(
        "set-unknown-master",
        &["master.gpus.nsaid=3"],
        &["no [[master]] is called `gpus`", "did you mean `gpu`?"],
    );
    set("set-unknown-table", &["fierwall.background=allow"], &["did you mean `firewall`?"]);
    set("set-no-value", &["playback.frames"], &["an override is `key=value`"]);
    set("set-not-a-value", &["master.gpu=3"], &["cannot be set as a whole"]);
    set("set-bad-value", &["sim.bin=20", "sim.limit=5 weeks"], &["--set:1:9", "--set:2:11"]);
    set("set-without-table", &["frames=2"], &["did you mean `playback.frames`?"]);
    set("set-shared-nsaid", &["master.gpu.nsaid=7"], &["share NSAID 7", "see also"]);
}

#[test]
fn files_that_are_not_there_are_usage() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(dir.path().join("scenarios/playback")).expect("made");
    fs::write(dir.path().join("scenarios/playback/secure-playback.toml"), SHIPPED)
        .expect("written");
    for args in [["check", "nosuch.toml"], ["run", "nosuch.toml"], ["run", "secure-playbak"]] {
        let output = ringfence(dir.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("No such file"), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    let near = stderr(&ringfence(dir.path(), &["run", "secure-playbak"]));
    assert!(near.contains("did you mean `secure-playback`?"), "{near}");
    let folder = ringfence(dir.path(), &["check", "scenarios"]);
    assert_eq!(folder.status.code(), Some(2));
    let endless = ringfence(dir.path(), &["check", "/dev/zero"]);
    assert_eq!(endless.status.code(), Some(2));
    assert!(stderr(&endless).contains("more than 256 KiB"));
    assert!(stderr(&folder).contains("it is a folder"), "{}", stderr(&folder));
}

#[test]
fn an_unwritable_folder_is_found_before_the_run() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("s.toml"), SHIPPED).expect("written");
    // A path below a regular file cannot be made by anybody, root included.
    fs::write(dir.path().join("file"), b"").expect("written");
    let output = ringfence(dir.path(), &["run", "s.toml", "--out", "file/reports"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("cannot write reports to file/reports"),
        "{}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty());
}
