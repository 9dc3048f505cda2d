// SPDX-License-Identifier: Apache-2.0
//! From a document to a [`File`], with every wrong key and every wrong type reported, not only the
//! first: what serde objects to is noted, taken out of the document, and the rest is read again.
use super::document::{Document, element_name};
use super::example::example;
use super::file::{File, SINGLE_TABLES, TABLE_LISTS};
use super::problem::{Problem, Span, closest, suggest};
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

/// A bound against a file that is nothing but mistakes.
const MAX_PROBLEMS: usize = 50;

/// A key that was taken out, so that its absence is not reported a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pruned {
    /// Its table: empty for the top, `["master", "2"]` for the third `[[master]]`.
    pub(super) table: Vec<String>,
    /// The key, or for an unknown key the one that was probably meant.
    pub(super) key: String,
}

/// What could be read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The file without its mistakes.
    pub(super) file: File,
    /// The mistakes.
    pub(super) problems: Vec<Problem>,
    /// What was taken out.
    pub(super) pruned: Vec<Pruned>,
}

/// Reads a document as far as it makes sense.
pub(super) fn read(mut document: Document<'_>) -> Reading {
    let mut reading = Reading::default();
    check_tables(document.get_mut(), &mut reading);
    while reading.problems.len() < MAX_PROBLEMS {
        let error = match File::deserialize(toml::de::Deserializer::from(document.clone())) {
            Ok(file) => {
                reading.file = file;
                break;
            }
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let Some(found) = find(document.get_ref(), &span) else {
            // Cannot happen while serde names a place; reported all the same.
            let problem = Problem::new("scenario::unreadable", error.message()).at(span, "here");
            reading.problems.push(problem);
            break;
        };
        let (problem, meant) = explain(document.get_ref(), &found, error.message(), span);
        reading.problems.push(problem);
        remove(document.get_mut(), &found);
        let key = meant.unwrap_or_else(|| found.key.clone());
        reading.pruned.push(Pruned { table: found.table, key });
    }
    reading
}

/// `[sim]` is one table and `[[master]]` a list of them; the other way round is said in plain words.
fn check_tables(root: &mut DeTable<'_>, reading: &mut Reading) {
    let mut wrong = Vec::new();
    for (key, value) in root.iter() {
        let name = key.get_ref().as_ref();
        let single = SINGLE_TABLES.contains(&name);
        let list = TABLE_LISTS.contains(&name);
        let is_list = |items: &[toml::Spanned<DeValue<'_>>]| {
            items.iter().all(|item| item.get_ref().is_table())
        };
        let fits = match value.get_ref() {
            DeValue::Table(_) => !list,
            DeValue::Array(items) => !single && (!list || is_list(items)),
            _ => !single && !list,
        };
        if !fits {
            let kind =
                if single { format!("one table, [{name}]") } else { format!("tables, [[{name}]]") };
            let help = if single {
                format!("write [{name}] with one bracket, once")
            } else {
                format!("write [[{name}]] with two brackets: there can be several")
            };
            let problem = Problem::new("scenario::wrong-type", format!("`{name}` must be {kind}"))
                .at(key.span(), format!("this is {}", article(value.get_ref().type_str())))
                .help(help);
            wrong.push((name.to_owned(), problem));
        }
    }
    for (name, problem) in wrong {
        root.remove(name.as_str());
        reading.problems.push(problem);
        reading.pruned.push(Pruned { table: Vec::new(), key: name });
    }
}

/// An entry of the document: a key of a table, or one element of the array behind that key.
#[derive(Clone, Debug)]
struct Found {
    table: Vec<String>,
    key: String,
    element: Option<usize>,
    /// The span was the key's, not the value's.
    is_key: bool,
}

/// The deepest entry that `span` names.
fn find(root: &DeTable<'_>, span: &Span) -> Option<Found> {
    let mut path = Vec::new();
    find_in(root, span, &mut path, true).or_else(|| find_in(root, span, &mut path, false))
}

fn find_in(table: &DeTable<'_>, span: &Span, path: &mut Vec<String>, exact: bool) -> Option<Found> {
    let hits = |range: Span| {
        if exact { range == *span } else { range.start <= span.start && span.end <= range.end }
    };
    for (key, value) in table {
        let name = key.get_ref().to_string();
        let found =
            |element, is_key| Found { table: path.clone(), key: name.clone(), element, is_key };
        let (at_key, at_value) = (found(None, true), found(None, false));
        let mut at_element = None;
        path.push(name.clone());
        let deeper = match value.get_ref() {
            DeValue::Table(inner) => find_in(inner, span, path, exact),
            DeValue::Array(items) => items.iter().enumerate().find_map(|(i, item)| {
                if hits(item.span()) && at_element.is_none() {
                    at_element = Some(Found { element: Some(i), ..at_value.clone() });
                }
                path.push(i.to_string());
                let deeper = item.get_ref().as_table();
                let deeper = deeper.and_then(|inner| find_in(inner, span, path, exact));
                path.pop();
                deeper
            }),
            _ => None,
        };
        path.pop();
        let here = if hits(key.span()) { Some(at_key) } else { None };
        let value = if hits(value.span()) { Some(at_value) } else { None };
        if let Some(found) = deeper.or(here).or(at_element).or(value) {
            return Some(found);
        }
    }
    None
}

fn remove(root: &mut DeTable<'_>, found: &Found) {
    let mut table = root;
    let mut path = found.table.iter();
    while let Some(segment) = path.next() {
        table = match table.get_mut(segment.as_str()).map(toml::Spanned::get_mut) {
            Some(DeValue::Table(inner)) => inner,
            Some(DeValue::Array(items)) => {
                let index = path.next().and_then(|i| i.parse::<usize>().ok());
                match index.and_then(|i| items.get_mut(i)).map(toml::Spanned::get_mut) {
                    Some(DeValue::Table(inner)) => inner,
                    _ => return,
                }
            }
            _ => return,
        };
    }
    if let Some(i) = found.element
        && let Some(value) = table.get_mut(found.key.as_str())
        && let DeValue::Array(items) = value.get_mut()
    {
        let kept = items.iter().enumerate().filter(|(at, _)| *at != i);
        *items = kept.map(|(_, item)| item.clone()).collect();
        return;
    }
    table.remove(found.key.as_str());
}

/// serde's message as a problem, and the key that was probably meant by an unknown one.
fn explain(
    root: &DeTable<'_>,
    found: &Found,
    message: &str,
    span: Span,
) -> (Problem, Option<String>) {
    let key = &found.key;
    let place = title(root, &found.table);
    if found.is_key && message.starts_with("unknown field") {
        // serde's text is the only place that knows the table's keys; they stand in backticks.
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        let meant = closest(key, known.iter().copied());
        let elsewhere = found.table.is_empty().then(|| section_with(root, key)).flatten();
        let help = match (meant, elsewhere) {
            (None, Some(section)) => format!("did you mean `{section}.{key}`?"),
            _ => suggest(key, &format!("keys of {place}"), known.iter().copied()),
        };
        let problem = Problem::new("scenario::unknown-key", format!("unknown key `{key}`"))
            .at(span, format!("{place} has no such key"))
            .help(help);
        return (problem, meant.map(str::to_owned));
    }
    let problem = match message.split_once(", expected ") {
        Some((what, wanted)) => {
            let what = plain_value(what);
            let message = format!("`{key}` must be {}, not {what}", plain(wanted));
            Problem::new("scenario::wrong-type", message).at(span, format!("in {place}"))
        }
        None => {
            Problem::new("scenario::wrong-type", format!("`{key}`: {message}")).at(span, "here")
        }
    };
    (problem.help(format!("for example: {key} = {}", example(&found.table, key))), None)
}

/// The table of the document that holds `key`, for a key that was given without its table.
fn section_with<'a>(root: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    SINGLE_TABLES.into_iter().find(|section| {
        let table = root.get(*section).and_then(|value| value.get_ref().as_table());
        table.is_some_and(|table| table.contains_key(key))
    })
}

/// What serde found, without serde in it.
fn plain_value(what: &str) -> String {
    let what = what.split_once(": ").map_or(what, |(_, what)| what);
    match what.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer" | "boolean", value)) => value.to_owned(),
        Some(("floating", _)) => "a fraction".to_owned(),
        _ if what == "map" => "a table".to_owned(),
        _ if what == "sequence" => "a list".to_owned(),
        _ => what.to_owned(),
    }
}

/// A type's name without Rust in it.
fn plain(wanted: &str) -> String {
    match wanted {
        "u64" => "a whole number, 0 or more".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text in quotes".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// How messages call a table.
pub(super) fn title(root: &DeTable<'_>, path: &[String]) -> String {
    match path {
        [] => "the top level".to_owned(),
        [list, index] => {
            let i = index.parse::<usize>().unwrap_or(0);
            let element = root.get(list.as_str()).and_then(|v| v.get_ref().get(i));
            let name = element.map(|element| element_name(element.get_ref(), i));
            match name.filter(|name| name != index) {
                Some(name) => format!("[[{list}]] `{name}`"),
                None => format!("[[{list}]] number {}", i + 1),
            }
        }
        [list, index, steps, step] => {
            let number = step.parse::<usize>().unwrap_or(0) + 1;
            let owner = title(root, &[list.clone(), index.clone()]);
            format!("step {number} in `{steps}` of {owner}")
        }
        names => format!("[{}]", names.join(".")),
    }
}
