// SPDX-License-Identifier: Apache-2.0
//! `ringfence check`
use super::console;
use super::exit::Exit;
use super::find::load_all;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Read scenarios and say everything that is wrong with them, without running anything
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringfence check secure-playback
  ringfence check scenarios/playback/*.toml
  ringfence check secure-playback --set playback.frames=6 --set master.gpu.nsaid=3")]
pub(super) struct Args {
    /// Scenario files, or names of files below the scenarios folder
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Change a value, as for `run`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

pub(super) fn check(args: &Args, root: &Path) -> Exit {
    let (loaded, exit) = load_all(&args.scenarios, root, &args.overrides, None);
    let mut out = String::new();
    for loaded in &loaded {
        let scenario = &loaded.scenario;
        let _ = writeln!(
            out,
            "ok  {}  {}: {}, {}, {}",
            loaded.path.display(),
            scenario.name,
            counted(scenario.pools.len(), "pool"),
            counted(scenario.intruders.len(), "intruder"),
            counted(scenario.expects.len(), "requirement")
        );
    }
    console::out(&out).map_or(Exit::Usage, |()| exit)
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
