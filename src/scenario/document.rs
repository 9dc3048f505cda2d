// SPDX-License-Identifier: Apache-2.0
//! The TOML document: parsed, then changed by `--set`, before anything is understood of it.
use super::file::{SINGLE_TABLES, TABLE_LISTS};
use super::problem::{Problem, Sources, Span, suggest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A document; its strings borrow from the [`Sources`].
pub(super) type Document<'i> = Spanned<DeTable<'i>>;

/// More syntax errors than this are noise that follows from the first ones.
const MAX_SYNTAX_PROBLEMS: usize = 5;

/// Parses the file.
///
/// # Errors
/// Every syntax error that the parser could recover from, at most [`MAX_SYNTAX_PROBLEMS`].
pub(super) fn parse(sources: &Sources) -> Result<Document<'_>, Vec<Problem>> {
    parse_text(&sources.text, 0)
}

/// As [`parse`], for a text that lies at `base`; the spans of the document itself begin at 0.
pub(super) fn parse_text(text: &str, base: usize) -> Result<Document<'_>, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(document);
    }
    let problem = |error: &toml::de::Error| {
        let end = text.len();
        let span = error.span().unwrap_or(end..end);
        let span = span.start + base..span.end + base;
        let message = first_line(error.message());
        let help = if message.contains("duplicate key") {
            "a key stands once in its table; a further [[name]] starts the next element"
        } else {
            "keys are `key = value`, texts are in \"quotes\", tables are [name] or [[name]]"
        };
        Problem::new("scenario::syntax", format!("not valid TOML: {message}"))
            .at(span, "here")
            .help(help)
    };
    Err(errors.iter().take(MAX_SYNTAX_PROBLEMS).map(problem).collect())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("syntax error")
}

/// Files that a scenario names, each with the place of its name.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub(super) platform: Option<(String, Span)>,
    pub(super) history: Option<(String, Span)>,
}

/// The files that a scenario names, overrides included; what is no text is reported elsewhere.
pub(super) fn named_files(sources: &Sources) -> Named {
    let Ok(mut document) = parse(sources) else { return Named::default() };
    // Overrides of what is not there yet are no mistakes yet.
    let _ = apply_overrides(&mut document, sources);
    let text = |table: &DeTable<'_>, key: &str| {
        let value = table.get(key)?;
        value.get_ref().as_str().map(|name| (name.to_owned(), value.span()))
    };
    let root = document.get_ref();
    let replay = root.get("replay").and_then(|replay| replay.get_ref().as_table());
    let history = replay.and_then(|replay| text(replay, "history"));
    Named { platform: text(root, "platform"), history }
}

/// A segment of a dotted path and where it stands.
#[derive(Clone, Debug)]
struct Segment<'i> {
    text: &'i str,
    span: Span,
}

/// Applies every `--set key=value`, in order.
///
/// A key that is new in a table is put there all the same: the reader then objects to it exactly
/// as it objects to one in the file. A value is TOML where it parses as TOML, else it is a text.
pub(super) fn apply_overrides<'i>(
    document: &mut Document<'i>,
    sources: &'i Sources,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut base = sources.overrides_base();
    for text in &sources.overrides {
        if let Err(problem) = apply(document.get_mut(), text, base) {
            problems.push(problem);
        }
        base += text.len() + 1;
    }
    problems
}

fn apply<'i>(root: &mut DeTable<'i>, text: &'i str, base: usize) -> Result<(), Problem> {
    let whole = base..base + text.len();
    let Some((path, value)) = text.split_once('=') else {
        return Err(Problem::new("set::syntax", "an override is `key=value`")
            .at(whole, "no `=` in it")
            .help("for example: --set playback.frames=6 or --set master.gpu.nsaid=3"));
    };
    let mut segments = Vec::new();
    let mut at = base;
    for part in path.split('.') {
        let trimmed = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        segments.push(Segment { text: trimmed, span: start..start + trimmed.len() });
        at += part.len() + 1;
    }
    if let Some(empty) = segments.iter().find(|segment| segment.text.is_empty()) {
        return Err(Problem::new("set::syntax", "an override needs a key left of the `=`")
            .at(empty.span.clone(), "nothing here")
            .help("for example: --set playback.frames=6 or --set master.gpu.nsaid=3"));
    }
    set(root, &segments, 0, parse_value(value, base + path.len() + 1))
}

/// `value` as TOML with its spans moved to `at`, or as a text.
fn parse_value(value: &str, at: usize) -> Spanned<DeValue<'_>> {
    let start = at + (value.len() - value.trim_start().len());
    let trimmed = value.trim();
    match DeValue::parse(trimmed) {
        Ok(parsed) => moved(parsed, start),
        Err(_) => Spanned::new(start..start + trimmed.len(), DeValue::String(trimmed.into())),
    }
}

/// `value` with every span `by` further on.
pub(super) fn moved(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = value.span().start + by..value.span().end + by;
    let value = match value.into_inner() {
        DeValue::Array(items) => {
            DeValue::Array(items.into_iter().map(|item| moved(item, by)).collect())
        }
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, item)| {
                    let span = key.span().start + by..key.span().end + by;
                    (Spanned::new(span, key.into_inner()), moved(item, by))
                })
                .collect(),
        ),
        scalar => scalar,
    };
    Spanned::new(span, value)
}

/// Sets `path[depth..]` below `table`.
fn set<'i>(
    table: &mut DeTable<'i>,
    path: &[Segment<'i>],
    depth: usize,
    value: Spanned<DeValue<'i>>,
) -> Result<(), Problem> {
    let here = &path[depth];
    if depth + 1 == path.len() {
        // The old entry goes first: a map that finds its key keeps the old key's place.
        table.remove(here.text);
        table.insert(Spanned::new(here.span.clone(), here.text.into()), value);
        return Ok(());
    }
    if depth == 0 && SINGLE_TABLES.contains(&here.text) && !table.contains_key(here.text) {
        let empty = Spanned::new(here.span.clone(), DeValue::Table(DeTable::new()));
        table.insert(Spanned::new(here.span.clone(), here.text.into()), empty);
    }
    match table.get_mut(here.text).map(Spanned::get_mut) {
        Some(DeValue::Table(inner)) => set(inner, path, depth + 1, value),
        Some(DeValue::Array(items)) => {
            let wanted = &path[depth + 1];
            let names: Vec<String> =
                items.iter().enumerate().map(|(i, item)| element_name(item.get_ref(), i)).collect();
            let by_index = wanted.text.parse::<usize>().ok().filter(|i| *i < items.len());
            let found = names.iter().position(|name| name == wanted.text).or(by_index);
            match found.and_then(|i| items.get_mut(i)).map(Spanned::get_mut) {
                Some(DeValue::Table(inner)) if depth + 2 < path.len() => {
                    set(inner, path, depth + 2, value)
                }
                Some(_) => Err(needs_key(path, depth + 1)),
                None => Err(no_element(here, wanted, &names)),
            }
        }
        Some(_) => Err(Problem::new(
            "set::not-a-table",
            format!("`{}` is a value and has no key `{}`", here.text, path[depth + 1].text),
        )
        .at(path[depth + 1].span.clone(), "nothing below a value")),
        None if depth == 0 && TABLE_LISTS.contains(&here.text) => {
            Err(no_element(here, &path[1], &[]))
        }
        None => Err(unknown_table(table, here, depth)),
    }
}

/// What an override calls a list's element: its name, else its master, else its number.
pub(super) fn element_name(item: &DeValue<'_>, index: usize) -> String {
    let table = item.as_table();
    let text = |key: &str| table.and_then(|t| t.get(key)).and_then(|v| v.get_ref().as_str());
    text("name").or_else(|| text("master")).map_or_else(|| index.to_string(), str::to_owned)
}

fn needs_key(path: &[Segment<'_>], at: usize) -> Problem {
    let dotted: Vec<&str> = path[..=at].iter().map(|segment| segment.text).collect();
    let dotted = dotted.join(".");
    Problem::new("set::not-a-value", format!("`{dotted}` is a table and cannot be set as a whole"))
        .at(path[at].span.clone(), "a key is missing after this")
        .help(format!("set one of its keys: --set {dotted}.KEY=VALUE"))
}

fn no_element(list: &Segment<'_>, wanted: &Segment<'_>, names: &[String]) -> Problem {
    let (list, wanted_text) = (list.text, wanted.text);
    Problem::new("set::unknown-element", format!("no [[{list}]] is called `{wanted_text}`"))
        .at(wanted.span.clone(), format!("not one of this file's [[{list}]]"))
        .help(suggest(wanted_text, "declared", names.iter().map(String::as_str)))
}

fn unknown_table(table: &DeTable<'_>, here: &Segment<'_>, depth: usize) -> Problem {
    let inner = table.keys().map(|key| key.get_ref().as_ref());
    let help = if depth == 0 {
        let known = SINGLE_TABLES.iter().chain(&TABLE_LISTS).copied();
        suggest(here.text, "tables of a scenario", known)
    } else {
        suggest(here.text, "keys here", inner)
    };
    Problem::new("scenario::unknown-key", format!("a scenario has no table `{}`", here.text))
        .at(here.span.clone(), "not a table of a scenario")
        .help(help)
}
