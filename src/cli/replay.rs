// SPDX-License-Identifier: Apache-2.0
//! `ringfence run --replay`: one heap history under several policies, side by side.
use super::Format;
use super::console;
use super::exit::Exit;
use super::find::{Loaded, help_for, resolve};
use super::run::{Args, Done, Published, Writer, all, same_folder, say, spoken, writable};
use crate::report::replay::{Column, Comparison, Figures, replayed};
use crate::report::{folder_name, write_files};
use crate::scenario::{LoadError, load_replay};
use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The scenario whose pools are used where none is given.
const DEFAULT: &str = "replay";

/// A scenario under one policy, and what that is called.
struct Variant {
    policy: String,
    loaded: Loaded,
}

pub(super) fn replay(args: &Args, history: &Path, root: &Path, command: &[OsString]) -> Exit {
    let variants = match variants(args, history, root) {
        Ok(variants) => variants,
        Err(exit) => {
            console::err("ringfence: nothing was run\n");
            return exit;
        }
    };
    let (policies, loaded): (Vec<String>, Vec<Loaded>) =
        variants.into_iter().map(|variant| (variant.policy, variant.loaded)).unzip();
    if same_folder(&loaded) != Exit::Pass {
        console::err("ringfence: nothing was run\n");
        return Exit::Usage;
    }
    let Some(runs) = writable(args) else { return Exit::Usage };
    let writer = Writer { runs: &runs, format: args.format, command: spoken(command) };
    let columns = RefCell::new(Vec::new());
    let exit = all(args, &loaded, |loaded, done: Done| {
        let Published { log, folder, exit } = match writer.publish(loaded, done) {
            Ok(published) => published,
            Err(exit) => return exit,
        };
        let number = columns.borrow().len();
        if let (Some(figures), Some(replay)) = (Figures::of(&log.events), replayed(&log.events)) {
            let policy = policies.get(number).cloned().unwrap_or_default();
            let run = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            columns.borrow_mut().push((Column { policy, run, figures }, replay.clone()));
        }
        exit
    });
    let columns = columns.into_inner();
    let Some((_, replay)) = columns.first().cloned() else { return exit };
    let scenario = loaded.first().map_or_else(String::new, |one| one.scenario.name.clone());
    let policies = columns.into_iter().map(|(column, _)| column).collect();
    let comparison = Comparison { schema: 1, scenario, replay, policies };
    write(args, &runs, &loaded, &comparison, exit)
}

/// The scenario once a policy, and once a strategy where those are compared too.
fn variants(args: &Args, history: &Path, root: &Path) -> Result<Vec<Variant>, Exit> {
    let default = [PathBuf::from(DEFAULT)];
    let given = if args.scenarios.is_empty() { &default[..] } else { &args.scenarios };
    let [given] = given else {
        console::error("--replay takes one scenario, whose pools it uses", None);
        return Err(Exit::Usage);
    };
    let path = resolve(given, root).map_err(|message| {
        console::error(&message, None);
        Exit::Usage
    })?;
    let strategies: Vec<Option<&String>> = match &args.strategy[..] {
        [] => vec![None],
        some => some.iter().map(Some).collect(),
    };
    let mut found = Vec::new();
    let mut told: Vec<String> = Vec::new();
    let mut exit = Exit::Pass;
    for policy in &args.policy {
        for strategy in &strategies {
            let mut overrides = args.overrides.clone();
            overrides.push(format!("tee.policy={policy}"));
            overrides.extend(strategy.map(|strategy| format!("tee.strategy={strategy}")));
            let name = strategy.map_or(policy.clone(), |strategy| format!("{policy}, {strategy}"));
            let error = match load_replay(&path, &overrides, args.seed, history) {
                Ok(scenario) => {
                    let loaded = Loaded { path: path.clone(), scenario };
                    found.push(Variant { policy: name, loaded });
                    continue;
                }
                Err(error) => error,
            };
            let (text, bad) = explain(&error, given, root);
            exit = exit.worst(bad);
            // What is wrong with the history is wrong under every policy.
            if !told.contains(&text) {
                console::err(&text);
                told.push(text);
            }
        }
    }
    if exit == Exit::Pass { Ok(found) } else { Err(exit) }
}

fn explain(error: &LoadError, given: &Path, root: &Path) -> (String, Exit) {
    match error {
        LoadError::Invalid(invalid) => (invalid.render(console::style()), Exit::Scenario),
        LoadError::Read { what, .. } => {
            let help = match *what {
                "history" => "a history is a CSV file; docs/bring-your-own.md".to_owned(),
                _ => help_for(given, root),
            };
            (format!("ringfence: error: {error}\n  help: {help}\n"), Exit::Usage)
        }
    }
}

/// The comparison to its folder and to stdout.
fn write(args: &Args, runs: &Path, loaded: &[Loaded], comparison: &Comparison, exit: Exit) -> Exit {
    let seed = loaded.first().map_or(0, |one| one.scenario.seed);
    let name = format!("{}-compared", comparison.scenario);
    let folder = folder_name(&name, seed, &args.overrides);
    let folder = match write_files(runs, &folder, &comparison.artifacts()) {
        Ok(folder) => folder,
        Err(error) => {
            console::error(&format!("cannot write the comparison: {error}"), None);
            return exit.worst(Exit::Usage);
        }
    };
    let out = match args.format {
        Format::Text => {
            let path = folder.join("replay.txt");
            format!("{}  report    {}\n", comparison.text(), path.display())
        }
        Format::Json => {
            let (exit_code, report) = (exit.code(), folder.display().to_string());
            let line = serde_json::json!({
                "exit_code": exit_code,
                "report": report,
                "comparison": comparison,
            });
            format!("{line}\n")
        }
    };
    say(&out).worst(exit)
}
