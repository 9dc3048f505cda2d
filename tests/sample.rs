// SPDX-License-Identifier: Apache-2.0
//! `reports/sample/` is what the command in reports/README.md writes today, byte for byte.
//! `BLESS=1 cargo test --test sample` rewrites it.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Differs from run to run and from machine to machine in places that no promise covers.
const FREE: &str = "summary.json";

/// The command as the document shows it, without the program.
fn command() -> String {
    let text = fs::read_to_string(Path::new(ROOT).join("reports/README.md")).expect("a README");
    let from = text.split("ringfence run ").nth(1).expect("the command");
    from.split("```").next().expect("its end").trim_end().to_owned()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
}

fn written(out: &Path) -> PathBuf {
    let mut runs = fs::read_dir(out.join("runs")).expect("runs");
    runs.next().expect("a run").expect("an entry").path()
}

#[test]
fn the_committed_run_is_todays() {
    let out = tempfile::tempdir().expect("a folder");
    let run = Command::new("sh")
        .args(["-c", &format!("exec \"$0\" run {} --out \"$1\"", command())])
        .arg(env!("CARGO_BIN_EXE_ringfence"))
        .arg(out.path())
        .current_dir(ROOT)
        .output()
        .expect("the binary runs");
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let (new, kept) = (written(out.path()), Path::new(ROOT).join("reports/sample"));
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).expect("a folder");
        for name in names(&new) {
            let mut bytes = fs::read(new.join(&name)).expect("a file");
            if name == FREE {
                bytes = without_machine(&bytes);
            }
            fs::write(kept.join(&name), bytes).expect("written");
        }
    }
    assert_eq!(names(&kept), names(&new));
    for name in names(&new).into_iter().filter(|name| name != FREE) {
        let same = fs::read(new.join(&name)).ok() == fs::read(kept.join(&name)).ok();
        assert!(same, "reports/sample/{name} is out of date; BLESS=1 rewrites it");
    }
    let read = |path: PathBuf| fs::read(path).expect("a file");
    let (old, new) = (read(kept.join(FREE)), read(new.join(FREE)));
    assert_eq!(without_machine(&old), old, "the committed summary names a machine");
    assert_eq!(without_free(&old), without_free(&new));
}

fn parsed(bytes: &[u8]) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_slice(bytes).expect("a JSON object")
}

fn without_free(bytes: &[u8]) -> serde_json::Map<String, serde_json::Value> {
    let mut summary = parsed(bytes);
    for key in ["wall_seconds", "cycles_per_second", "environment"] {
        summary.remove(key).expect("summary.json has it");
    }
    summary
}

/// The summary as a reader elsewhere may have it.
fn without_machine(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let line = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        match line.trim_start().split(':').next().unwrap_or_default() {
            "\"host\"" => format!("{indent}\"host\": \"example\","),
            "\"command\"" => format!("{indent}\"command\": \"see reports/README.md\","),
            "\"folder\"" => format!("{indent}\"folder\": \"reports/sample\","),
            _ => line.to_owned(),
        }
    };
    (text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n").into_bytes()
}
