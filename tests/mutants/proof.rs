// SPDX-License-Identifier: Apache-2.0
//! What `tools/prove.py --faults` found, read from its file if that is of today's sources.
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[derive(Deserialize)]
struct Proofs {
    /// CRC-32 of `faults.txt` and of every file of the RTL, by its path there.
    sources: BTreeMap<String, u32>,
    faults: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: u8,
    property: Option<String>,
    cycle: Option<u64>,
}

/// The property that finds a fault, and the cycle from reset; by the fault's number, the missing
/// ones unfound.
pub(crate) type Found = BTreeMap<u8, (String, u64)>;

/// Reads the file of `make mutants`; an error if it is of other sources or of other faults.
pub(crate) fn read(path: &Path, faults: &[u8]) -> Result<Found, String> {
    let text = fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let rtl =
        env::var_os("RINGFENCE_RTL").map_or_else(|| Path::new(ROOT).join("rtl"), PathBuf::from);
    let mut sources = BTreeMap::new();
    sum(&Path::new(ROOT).join("sim/faults.txt"), "faults.txt", &mut sources)?;
    sum_all(&rtl, "", &mut sources)?;
    parse(&text, &sources, faults).map_err(|why| format!("{}: {why}", path.display()))
}

fn parse(text: &str, sources: &BTreeMap<String, u32>, faults: &[u8]) -> Result<Found, String> {
    let proofs: Proofs = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if proofs.sources != *sources {
        return Err("is of other sources; run tools/prove.py --faults".to_owned());
    }
    if !proofs.faults.iter().map(|row| row.id).eq(faults.iter().copied()) {
        return Err("has not every fault; run tools/prove.py --faults".to_owned());
    }
    let found = |row: Row| Some((row.id, (row.property?, row.cycle?)));
    Ok(proofs.faults.into_iter().filter_map(found).collect())
}

fn sum(path: &Path, name: &str, sums: &mut BTreeMap<String, u32>) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|why| format!("{}: {why}", path.display()))?;
    sums.insert(name.to_owned(), crc32fast::hash(&bytes));
    Ok(())
}

fn sum_all(folder: &Path, prefix: &str, sums: &mut BTreeMap<String, u32>) -> Result<(), String> {
    let wrong = |why: std::io::Error| format!("{}: {why}", folder.display());
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            sum_all(&path, &format!("{name}/"), sums)?;
        } else {
            sum(&path, &name, sums)?;
        }
    }
    Ok(())
}

/// The refusals, checked at every start: this test has no harness.
pub(crate) fn check() {
    let text = r#"{"sources": {"a.sv": 7}, "faults": [
        {"id": 1, "property": "X_P", "cycle": 3}, {"id": 2, "property": null, "cycle": null}]}"#;
    let sources = |sum| BTreeMap::from([("a.sv".to_owned(), sum)]);
    let found = parse(text, &sources(7), &[1, 2]).expect("today's");
    assert_eq!(found, BTreeMap::from([(1, ("X_P".to_owned(), 3))]));
    assert!(parse(text, &sources(8), &[1, 2]).is_err(), "another text is refused");
    assert!(parse(text, &BTreeMap::new(), &[1, 2]).is_err(), "a file less is refused");
    assert!(parse(text, &sources(7), &[1, 2, 3]).is_err(), "a fault more is refused");
}
