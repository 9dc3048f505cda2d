// SPDX-License-Identifier: Apache-2.0
//! `ringfence list`
use super::Format;
use super::console;
use super::exit::Exit;
use super::find::{Loaded, load_all, scan};
use serde::Serialize;
use std::path::Path;

/// Show the scenarios that there are
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringfence list                 all
  ringfence list playback        those with `playback` in name, path or summary
  ringfence list tag:smoke       those with this tag
  ringfence list --format json   for programs")]
pub(super) struct Args {
    /// Only those that contain this text, or have this `tag:NAME`
    #[arg(value_name = "PATTERN")]
    pattern: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    tags: &'a [String],
    summary: &'a str,
    path: String,
}

pub(super) fn list(args: &Args, root: &Path) -> Exit {
    let files = match scan(root) {
        Ok(files) => files,
        Err(error) => {
            let message = format!("cannot read the folder {}: {error}", root.display());
            console::error(&message, Some("--scenarios DIR names another one"));
            return Exit::Usage;
        }
    };
    // A broken file must not hide the others, nor go unnoticed.
    let (loaded, exit) = load_all(&files, root, &[], None);
    let pattern = args.pattern.as_deref();
    let lines: Vec<Line<'_>> =
        loaded.iter().filter(|loaded| matches(loaded, pattern)).map(line).collect();
    if lines.is_empty() {
        let what = pattern.map_or("there".to_owned(), |p| format!("that matches `{p}`"));
        console::error(&format!("no scenario {what} in {}", root.display()), None);
        return exit.worst(Exit::NoMatch);
    }
    let out = match args.format {
        Format::Text => text(&lines),
        Format::Json => serde_json::to_string_pretty(&lines).map(|json| json + "\n").ok(),
    };
    let Some(out) = out else {
        return Exit::Internal;
    };
    console::out(&out).map_or(Exit::Usage, |()| exit)
}

fn matches(loaded: &Loaded, pattern: Option<&str>) -> bool {
    let Some(pattern) = pattern else { return true };
    let scenario = &loaded.scenario;
    if let Some(tag) = pattern.strip_prefix("tag:") {
        return scenario.tags.iter().any(|own| own == tag);
    }
    let path = loaded.path.display().to_string();
    [scenario.name.as_str(), scenario.summary.as_str(), &path]
        .iter()
        .any(|text| text.to_lowercase().contains(&pattern.to_lowercase()))
}

fn line(loaded: &Loaded) -> Line<'_> {
    let scenario = &loaded.scenario;
    Line {
        name: &scenario.name,
        tags: &scenario.tags,
        summary: &scenario.summary,
        path: loaded.path.display().to_string(),
    }
}

fn text(lines: &[Line<'_>]) -> Option<String> {
    let width = lines.iter().map(|line| line.name.len()).max()?;
    let one = |line: &Line<'_>| {
        let tags = line.tags.join(", ");
        format!("{:width$}  [{tags}]  {}\n    {}\n", line.name, line.path, line.summary)
    };
    Some(lines.iter().map(one).collect())
}
