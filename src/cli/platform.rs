// SPDX-License-Identifier: Apache-2.0
//! `ringfence platform`
use super::console;
use super::exit::Exit;
use crate::devicetree;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A blob larger than this is no device tree.
const MAX_BYTES: u64 = 16 << 20;

/// Make a platform file of a compiled device tree's memory and reserved-memory nodes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringfence platform board.dtb
      prints the platform; what a device tree cannot tell stands in it as comments
  ringfence platform /sys/firmware/fdt --output soc.platform.toml
      that of a running machine, into a file that scenarios name with `platform`")]
pub(super) struct Args {
    /// Compiled device tree
    #[arg(value_name = "FILE.dtb")]
    file: PathBuf,
    /// Write it into a file, which must not be there yet
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn platform(args: &Args) -> Exit {
    let path = args.file.display();
    let blob = match read(&args.file) {
        Ok(blob) => blob,
        Err(reason) => {
            console::error(&format!("cannot read {path}: {reason}"), None);
            return Exit::Usage;
        }
    };
    let name = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let text = match devicetree::platform(&blob, &name) {
        Ok(text) => text,
        Err(error) => {
            let help = "it must be a compiled device tree (`dtc -O dtb`) with a memory node";
            console::error(&format!("{path}: {error}"), Some(help));
            return Exit::Scenario;
        }
    };
    let Some(output) = &args.output else {
        return console::out(&text).map_or(Exit::Usage, |()| Exit::Pass);
    };
    match write(output, &text) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            let message = format!("cannot write {}: {error}", output.display());
            console::error(&message, Some("an existing file is left alone; give another name"));
            Exit::Usage
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let reason = |error: std::io::Error| error.to_string();
    let file = std::fs::File::open(path).map_err(reason)?;
    let mut blob = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut blob).map_err(reason)?;
    if blob.len() as u64 > MAX_BYTES {
        return Err("more than 16 MiB is no device tree".to_owned());
    }
    Ok(blob)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
