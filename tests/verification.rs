// SPDX-License-Identifier: Apache-2.0
//! docs/verification.md against the code: every property stands there once, every name exists.
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All texts below a folder.
fn all(folder: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        text += &if entry.path().is_dir() { all(&path) } else { read(&path) };
    }
    text
}

struct Code {
    rtl: String,
    golden: String,
    suite: String,
    protocol: String,
    faults: String,
}

impl Code {
    /// Why a reference is wrong, if it is.
    fn objects(&self, number: u32, reference: &str) -> Option<String> {
        let (kind, name) = reference.split_once(' ').unwrap_or((reference, ""));
        let quoted = name.trim_matches('"');
        let there = match kind {
            "proof" | "assert" => self.rtl.contains(&format!("{quoted},")),
            "golden" => self.golden.contains(&format!("\"{quoted}\"")),
            "protocol" => self.protocol.contains(&format!("\"{quoted}\"")),
            "fault" => self.faults.lines().any(|line| line.starts_with(&format!("{quoted} :: "))),
            "directed" => {
                let place = self.suite.find(&format!("\"{quoted}\""));
                place.is_some_and(|at| self.suite[..at].rfind('(').is_some())
            }
            "test" => quoted.split_once("::").is_some_and(|(path, function)| {
                let text = read(path);
                text.contains(&format!("fn {function}("))
            }),
            "open:" => return None,
            _ => false,
        };
        (!there).then(|| format!("property {number}: `{reference}` is not in the code"))
    }
}

#[test]
fn the_table_is_true() {
    let code = Code {
        rtl: all("rtl"),
        golden: all("src/oracle/golden"),
        suite: read("tests/directed/suite.rs"),
        protocol: read("sim/src/protocol/rules.rs"),
        faults: read("sim/faults.txt"),
    };
    let text = read("docs/verification.md");
    let mut wrong = Vec::new();
    let mut numbers = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(number) = cells.get(1).and_then(|cell| cell.parse::<u32>().ok()) else { continue };
        numbers.push(number);
        let references = [cells[3], cells[4]].join(", ");
        // A name in quotes may hold a comma.
        let mut rest = references.as_str();
        while !rest.trim_matches([',', ' ']).is_empty() {
            rest = rest.trim_start_matches([',', ' ']);
            let quote = rest.find('"').filter(|at| rest.find(',').is_none_or(|comma| *at < comma));
            let from = quote.map_or(0, |at| rest[at + 1..].find('"').map_or(0, |end| at + 2 + end));
            let end = rest[from..].find(',').map_or(rest.len(), |comma| from + comma);
            wrong.extend(code.objects(number, rest[..end].trim()));
            rest = &rest[end..];
        }
    }
    assert_eq!(numbers, (1..=58).collect::<Vec<u32>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
