// SPDX-License-Identifier: Apache-2.0
//! Copies of the RTL and the tops for Verilator: plain, with planted faults, under a single clock.
//! Verilator runs inside a copy, so no message names a path of the machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, io, read, write};

/// What the faults look at; the tops drive it.
const FAULT_PACKAGE: &str =
    "package rf_fault_pkg;\n  logic [7:0] sel;\n  logic reg_write;\nendpackage\n";

/// Clock inputs that are arrays, an element a unit.
const CLOCK_ARRAYS: [&str; 4] = ["clk_m_i", "clk_f_i", "load_m_i", "load_f_i"];

/// Copies `rtl` and `sv` as they are.
pub(crate) fn plain(rtl: &Path, sv: &Path, to: &Path) -> Result<PathBuf> {
    both(rtl, sv, to, &|text| text)
}

/// Copies `rtl` and `sv` and puts every fault of `table` behind a selector. A text that is not found
/// exactly once is an error, so that a change of the RTL cannot lose a fault.
pub(crate) fn faulty(table: &Path, rtl: &Path, sv: &Path, to: &Path) -> Result<PathBuf> {
    both(rtl, sv, to, &|text| text)?;
    write(&to.join("rtl/rf_fault_pkg.sv"), FAULT_PACKAGE)?;
    let list = to.join("rtl/files.f");
    write(&list, &format!("rf_fault_pkg.sv\n{}", read(&list)?))?;
    for (number, line) in read(table)?.lines().enumerate() {
        if !line.is_empty() && !line.starts_with('#') {
            replace(&to.join("rtl"), line)
                .map_err(|why| format!("faults.txt:{}: {why}", number + 1))?;
        }
    }
    Ok(to.to_owned())
}

fn replace(to: &Path, line: &str) -> Result<()> {
    let fields: Vec<&str> = line.split(" :: ").collect();
    let [id, _where, file, old, new, _what] = fields[..] else {
        return Err("want `id :: where :: file :: text :: replacement :: what`".to_owned());
    };
    let new = new.replace("$S", &format!("(rf_fault_pkg::sel == 8'd{id})"));
    let path = to.join(file);
    let text = read(&path)?;
    match text.matches(old).count() {
        1 => write(&path, &text.replacen(old, &new, 1)),
        count => Err(format!("`{old}` is {count} times in {file}, must be there once")),
    }
}

/// Copies `rtl` and `sv` with every clock array made one wire, so that Verilator sees one clock.
pub(crate) fn single_clock(rtl: &Path, sv: &Path, to: &Path) -> Result<PathBuf> {
    let merged = |text: String| CLOCK_ARRAYS.iter().fold(text, |text, name| scalar(&text, name));
    both(rtl, sv, to, &merged)
}

fn both(rtl: &Path, sv: &Path, to: &Path, change: &dyn Fn(String) -> String) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(to);
    copy(rtl, &to.join("rtl"), change)?;
    copy(sv, &to.join("sv"), change)?;
    Ok(to.to_owned())
}

/// Takes the index or the dimension behind every occurrence of `name`.
fn scalar(text: &str, name: &str) -> String {
    let mut parts = text.split(name);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += name;
        let index = part.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
        out += index.map_or(part, |(_, rest)| rest);
    }
    out
}

/// Copies a folder of texts, each through `change`.
pub(crate) fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) -> Result<()> {
    fs::create_dir_all(to).map_err(io(to))?;
    for entry in fs::read_dir(from).map_err(io(from))? {
        let path = entry.map_err(io(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target, change)?;
        } else {
            write(&target, &change(read(&path)?))?;
        }
    }
    Ok(())
}
