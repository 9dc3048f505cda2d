// SPDX-License-Identifier: Apache-2.0
//! The command line: arguments, exit codes, progress. Results go to stdout, all else to stderr.
mod check;
mod console;
mod exit;
mod find;
mod list;
mod platform;
mod publish;
mod replay;
mod run;
mod verdict;

use clap::{Parser, Subcommand, ValueEnum};
use exit::Exit;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs a scenario of protected memory behind a hardware firewall and judges every beat.
#[derive(Debug, Parser)]
#[command(name = "ringfence", version, after_help = exit::TABLE, max_term_width = 100)]
struct Cli {
    /// Folder in which scenarios are looked up by name
    #[arg(long = "scenarios", global = true, value_name = "DIR", default_value = "scenarios")]
    library: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    List(list::Args),
    Check(check::Args),
    Platform(platform::Args),
}

/// How results are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runs the command line and says how the process ends.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    console::report_panics();
    guard(|| dispatch(&args)).into()
}

/// A panic is a bug; it has been reported by the hook when it arrives here.
fn guard(work: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::Internal)
}

fn dispatch(args: &[OsString]) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A reader that went away is no reason to fail.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Pass };
        }
    };
    match &cli.command {
        Command::Run(run) => run::run(run, &cli.library, args),
        Command::List(list) => list::list(list, &cli.library),
        Command::Check(check) => check::check(check, &cli.library),
        Command::Platform(platform) => platform::platform(platform),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_panic_is_exit_70() {
        assert_eq!(guard(|| Exit::Pass), Exit::Pass);
        assert_eq!(guard(|| panic!("on purpose")), Exit::Internal);
    }
}
