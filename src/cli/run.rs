// SPDX-License-Identifier: Apache-2.0
//! `ringfence run`
use super::Format;
use super::console;
use super::exit::Exit;
use super::find::{Loaded, load_all};
use super::publish::{self, Circumstances};
use super::replay;
use super::verdict;
use crate::engine::event::Event;
use crate::engine::{self, Progress, RunError, RunLog, RunOptions};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// Run scenarios, judge every beat, and write a report folder for each
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringfence run secure-playback
      the default: protected playback under attack; everything must be blocked
  ringfence run secure-playback --set firewall.background=allow
      the same with the firewall left open: see what leaks
  ringfence run secure-playback --set master.gpu.nsaid=3 --seed 7
      another identity for one master, another seed
  ringfence run scenarios/playback/*.toml --jobs 2 --format json
      several, two at a time; one JSON object a line, in the order given
  ringfence run --replay scenarios/histories/player.csv --policy merged,hardened
      what processes did with buffers, under two policies of the allocator

--set takes the path of a key in the scenario. Elements of [[...]] are addressed by their
name, or by their master, or by number: pool.frames.size, intruder.gpu.burst, expect.0.min.
A run's folder is OUT/runs/NAME-SEED; OUT/last points at the newest.")]
pub(super) struct Args {
    /// Scenario files, or names of files below the scenarios folder
    #[arg(required_unless_present = "replay", value_name = "SCENARIO")]
    pub(super) scenarios: Vec<PathBuf>,
    /// Heap history to replay on one scenario's pools (`replay` if none is given), a run a policy
    #[arg(long, value_name = "FILE.csv")]
    pub(super) replay: Option<PathBuf>,
    /// Policies to compare in a replay
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        requires = "replay",
        default_value = "v8,merged,prepare-lend,hardened"
    )]
    pub(super) policy: Vec<String>,
    /// Ways to choose a free run, to compare in a replay beside policies; else the scenario's
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "replay")]
    pub(super) strategy: Vec<String>,
    /// Seed instead of the scenario's, decimal or 0x...
    #[arg(long, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Change a value of the scenario for this run; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) overrides: Vec<String>,
    /// Folder for reports
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) out: PathBuf,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Scenarios run at the same time; the number of cores unless given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Clock idle units too (slower, same events): for testing the simulator
    #[arg(long)]
    no_held_clocks: bool,
    /// Step through idle time too (slower, same events): for testing the simulator
    #[arg(long)]
    no_time_jumps: bool,
}

fn seed(text: &str) -> Result<u64, String> {
    let plain = text.replace('_', "");
    let parsed = match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16),
        Some(_) => return Err("not a number".to_owned()),
        None => plain.parse(),
    };
    parsed.map_err(|_| "must be a whole number below 2^64, decimal or 0x...".to_owned())
}

/// One run's end.
pub(super) enum Done {
    Ran { log: RunLog, wall_seconds: f64 },
    NoBoard(RunError),
    Panicked,
    NotStarted,
}

pub(super) fn run(args: &Args, root: &Path, command: &[OsString]) -> Exit {
    if let Some(history) = &args.replay {
        return replay::replay(args, history, root, command);
    }
    let (loaded, exit) = load_all(&args.scenarios, root, &args.overrides, args.seed);
    let exit = exit.worst(same_folder(&loaded));
    if exit != Exit::Pass {
        console::err("ringfence: nothing was run\n");
        return exit;
    }
    let Some(runs) = writable(args) else { return Exit::Usage };
    let command = spoken(command);
    let writer = Writer { runs: &runs, format: args.format, command };
    all(args, &loaded, |loaded, done| writer.finish(loaded, done))
}

/// The command line as it was given.
pub(super) fn spoken(command: &[OsString]) -> String {
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// The folder for runs, if it can be written.
pub(super) fn writable(args: &Args) -> Option<PathBuf> {
    let runs = args.out.join("runs");
    if let Err(error) = publish::probe(&runs) {
        let message = format!("cannot write reports to {}: {error}", runs.display());
        console::error(&message, Some("--out DIR names another folder; nothing was run"));
        return None;
    }
    Some(runs)
}

/// Runs scenarios, several at a time; `finish` sees each in the order given.
pub(super) fn all(args: &Args, loaded: &[Loaded], finish: impl Fn(&Loaded, Done) -> Exit) -> Exit {
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_interrupt(&stop);
    let options = RunOptions {
        hold_clocks: !args.no_held_clocks,
        time_jumps: !args.no_time_jumps,
        stop: Arc::clone(&stop),
        ..RunOptions::default()
    };
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = args.jobs.unwrap_or(cores).get().min(loaded.len());
    let bars = MultiProgress::new();
    let work = |loaded: &Loaded| one(loaded, &options, &bars);
    in_order(loaded, jobs, work, |loaded, done| bars.suspend(|| finish(loaded, done)))
}

/// Two runs into one folder would lose one of them.
pub(super) fn same_folder(loaded: &[Loaded]) -> Exit {
    let mut seen: BTreeMap<String, &Path> = BTreeMap::new();
    let mut exit = Exit::Pass;
    for loaded in loaded {
        let folder = publish::folder_name(&loaded.scenario);
        if let Some(first) = seen.insert(folder.clone(), &loaded.path) {
            let (first, second) = (first.display(), loaded.path.display());
            let message = format!("{first} and {second} would both write {folder}");
            console::error(&message, Some("give each scenario once, and each a name of its own"));
            exit = Exit::Usage;
        }
    }
    exit
}

/// The first interrupt ends runs with a partial report; a second one ends the process.
fn stop_on_interrupt(stop: &Arc<AtomicBool>) {
    let stop = Arc::clone(stop);
    let set = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::SeqCst) {
            end_now();
        }
        console::err(
            "\nringfence: interrupted; writing the partial report (again to stop at once)\n",
        );
    });
    if let Err(error) = set {
        console::error(&format!("an interrupt will leave no partial report: {error}"), None);
    }
}

#[allow(clippy::exit, reason = "the user asked twice; nothing may hold the process any longer")]
fn end_now() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

/// Works on `jobs` threads; `finish` sees the results in the order of `items`, so that neither
/// output nor the newest-run link depend on `jobs`.
fn in_order<T: Sync, D: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> D + Sync,
    finish: impl Fn(&T, D) -> Exit,
) -> Exit {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let send = send.clone();
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(i) else { break };
                    // The receiver lives as long as this scope.
                    let _ = send.send((i, work(item)));
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        let mut exit = Exit::Pass;
        for (i, done) in receive {
            waiting.insert(i, done);
            while let Some(done) = waiting.remove(&due) {
                exit = exit.worst(finish(&items[due], done));
                due += 1;
            }
        }
        exit
    })
}

fn one(loaded: &Loaded, options: &RunOptions, bars: &MultiProgress) -> Done {
    if options.stop.load(Ordering::SeqCst) {
        return Done::NotStarted;
    }
    let bar = bars.add(progress_bar(&loaded.scenario.name));
    let mut show = |progress: Progress| {
        bar.set_length(u64::from(progress.of));
        bar.set_position(u64::from(progress.frames));
        bar.set_message(format!(
            "{}.{} Mcycles",
            progress.cycle.0 / 1_000_000,
            progress.cycle.0 / 100_000 % 10
        ));
    };
    let start = Instant::now();
    let work = AssertUnwindSafe(|| engine::run(&loaded.scenario, options, &mut show));
    let result = catch_unwind(work);
    let wall_seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    match result {
        Ok(Ok(log)) => Done::Ran { log, wall_seconds },
        Ok(Err(error)) => Done::NoBoard(error),
        Err(_) => Done::Panicked,
    }
}

/// On stderr, and only if that is a terminal.
fn progress_bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_prefix(name.to_owned());
    let template = "  {prefix}  [{bar:24}] frame {pos}/{len}  {msg}  {elapsed}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("##-")),
        Err(_) => bar,
    }
}

/// Takes results to the reports and to stdout.
pub(super) struct Writer<'a> {
    pub(super) runs: &'a Path,
    pub(super) format: Format,
    pub(super) command: String,
}

/// A run that is in its folder.
pub(super) struct Published {
    pub(super) log: RunLog,
    pub(super) folder: PathBuf,
    pub(super) exit: Exit,
}

impl Writer<'_> {
    /// Writes a run's folder.
    ///
    /// # Errors
    /// How the process is to end where there is none; the reason has been told.
    pub(super) fn publish(&self, loaded: &Loaded, done: Done) -> Result<Published, Exit> {
        let name = &loaded.scenario.name;
        let (log, wall_seconds) = match done {
            Done::Ran { log, wall_seconds } => (log, wall_seconds),
            Done::NoBoard(error) => {
                console::error(&format!("{name}: {error}"), None);
                return Err(match error {
                    RunError::Board(_) => Exit::ModelMissing,
                    RunError::Setup(_) => Exit::Scenario,
                });
            }
            // The panic hook has said what there is to say.
            Done::Panicked => return Err(Exit::Internal),
            Done::NotStarted => {
                console::error(&format!("{name}: not started, interrupted before"), None);
                return Err(Exit::Interrupted);
            }
        };
        let exit = verdict::of(&log.events);
        let circumstances = Circumstances {
            command: self.command.clone(),
            scenario: loaded.path.clone(),
            wall_seconds,
        };
        let folder = publish::folder_name(&loaded.scenario);
        match publish::publish(self.runs, &folder, &log, &circumstances) {
            Ok(folder) => Ok(Published { log, folder, exit }),
            Err(error) => {
                console::error(&format!("{name}: cannot write the report: {error}"), None);
                Err(exit.worst(Exit::Usage))
            }
        }
    }

    fn finish(&self, loaded: &Loaded, done: Done) -> Exit {
        let Published { log, folder, exit } = match self.publish(loaded, done) {
            Ok(published) => published,
            Err(exit) => return exit,
        };
        let out = match self.format {
            Format::Text => crate::report::screen(&log.events, &log.captures, &folder),
            Format::Json => json_line(loaded, &log.events, &folder, exit),
        };
        say(&out).worst(exit)
    }
}

/// Writes a result to stdout.
pub(super) fn say(out: &str) -> Exit {
    match console::out(out) {
        Ok(()) => Exit::Pass,
        Err(error) => {
            console::error(&format!("cannot write to stdout: {error}"), None);
            Exit::Usage
        }
    }
}

fn json_line(loaded: &Loaded, events: &[Event], folder: &Path, exit: Exit) -> String {
    let summary = events.iter().rev().find_map(|event| match event {
        Event::Summary(summary) => Some(summary),
        _ => None,
    });
    let line = serde_json::json!({
        "scenario": loaded.scenario.name,
        "seed": loaded.scenario.seed,
        "overrides": loaded.scenario.overrides,
        "exit_code": exit.code(),
        "report": folder.display().to_string(),
        "summary": summary,
    });
    format!("{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_given_whatever_the_jobs() {
        let delays = [30, 0, 10, 0, 20];
        for jobs in [1, 2, 5] {
            let seen = std::cell::RefCell::new(Vec::new());
            let work = |delay: &u64| {
                std::thread::sleep(std::time::Duration::from_millis(*delay));
                delay + 1
            };
            let exit = in_order(&delays, jobs, work, |delay, done| {
                seen.borrow_mut().push((*delay, done));
                if *delay == 10 { Exit::Violation } else { Exit::Performance }
            });
            assert_eq!(seen.into_inner(), delays.map(|delay| (delay, delay + 1)));
            assert_eq!(exit, Exit::Violation);
        }
    }

    #[test]
    fn seeds_are_decimal_or_hexadecimal() {
        assert_eq!(seed("17"), Ok(17));
        assert_eq!(seed("0x5eed"), Ok(0x5eed));
        assert_eq!(seed("0xffff_ffff_ffff_ffff"), Ok(u64::MAX));
        for bad in ["", "-1", "0x", "0x+1", "1.5", "18446744073709551616", "seed"] {
            assert!(seed(bad).is_err(), "{bad}");
        }
    }
}
