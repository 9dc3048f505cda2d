// SPDX-License-Identifier: Apache-2.0
//! A platform file: the part of a scenario that is the same for every scenario of one SoC. Its
//! tables are a scenario's own, and go into the scenario's document before anything is understood.
use super::document::{Document, moved, parse_text};
use super::file::{SINGLE_TABLES, TABLE_LISTS};
use super::problem::{Problem, Sources, Span, suggest};
use std::borrow::Cow;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Who decides when scenario and platform both have a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Both {
    /// Key by key, the scenario.
    Scenario,
    /// Nobody: that is a mistake.
    Neither,
}

/// A table of a platform: its name, its keys where not all of them are the platform's, and what
/// holds when the scenario has it too.
type Part = (&'static str, Option<&'static [&'static str]>, Both);

const PARTS: [Part; 9] = [
    ("sim", Some(&["clock", "shape"]), Both::Scenario),
    ("memory", None, Both::Neither),
    ("firewall", None, Both::Scenario),
    ("tee", Some(&["abi", "smc", "ta-call", "granule", "rounding"]), Both::Scenario),
    ("master", None, Both::Neither),
    ("reserved-memory", None, Both::Neither),
    ("cache", None, Both::Scenario),
    ("iommu", None, Both::Neither),
    ("bounce", None, Both::Neither),
];

/// Keys above the tables.
const HEAD: [&str; 3] = ["schema-version", "name", "summary"];

/// Puts the platform of `sources`, if there is one, into the scenario's document.
pub(super) fn merge<'i>(document: &mut Document<'i>, sources: &'i Sources) -> Vec<Problem> {
    let Some(file) = &sources.platform else { return Vec::new() };
    let base = sources.platform_base();
    let parsed = match parse_text(&file.text, base) {
        Ok(parsed) => parsed,
        Err(problems) => return problems,
    };
    let span = parsed.span();
    let whole = Spanned::new(span, DeValue::Table(parsed.into_inner()));
    let DeValue::Table(mut platform) = moved(whole, base).into_inner() else {
        return Vec::new(); // it was made a table just above
    };
    let mut problems = head(&platform, base);
    for key in HEAD {
        platform.remove(key);
    }
    for (key, value) in platform {
        let name = key.get_ref().to_string();
        let Some((_, keys, both)) = PARTS.iter().find(|(part, ..)| *part == name) else {
            problems.push(foreign(&name, key.span()));
            continue;
        };
        if let (Some(keys), DeValue::Table(table)) = (keys, value.get_ref()) {
            let wrong = |key: &&Spanned<Cow<'_, str>>| !keys.contains(&key.get_ref().as_ref());
            problems.extend(table.keys().filter(wrong).map(|key| not_here(&name, keys, key)));
        }
        problems.extend(put(document.get_mut(), key, value, *both));
    }
    problems
}

/// Version and name.
fn head(platform: &DeTable<'_>, base: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    let version = platform.get("schema-version");
    let known =
        version.is_some_and(|v| v.get_ref().as_integer().is_some_and(|i| i.as_str() == "1"));
    if !known {
        let span = version.map_or(base..base, Spanned::span);
        let label = if version.is_some() { "not version 1" } else { "`schema-version` is missing" };
        problems.push(
            Problem::new("platform::schema-version", "this ringfence reads platforms of version 1")
                .at(span, label)
                .help("schema-version = 1"),
        );
    }
    let name = platform.get("name");
    if !name.is_some_and(|name| name.get_ref().is_str()) {
        let span = name.map_or(base..base, Spanned::span);
        problems.push(
            Problem::new("platform::name", "a platform needs `name`, a text")
                .at(span, "what is the SoC called?")
                .help("for example: name = \"juno-tzmp1\""),
        );
    }
    problems
}

/// What a platform does not hold.
fn foreign(name: &str, span: Span) -> Problem {
    let known = SINGLE_TABLES.contains(&name) || TABLE_LISTS.contains(&name);
    let parts = || PARTS.iter().map(|(part, ..)| *part);
    let (message, help) = if known {
        let parts: Vec<&str> = parts().collect();
        (
            format!("`{name}` does not belong in a platform"),
            format!("it goes into the scenario; a platform holds {}", parts.join(", ")),
        )
    } else {
        let all = HEAD.into_iter().chain(parts());
        (format!("unknown key `{name}`"), suggest(name, "a platform holds", all))
    };
    Problem::new("platform::unknown-key", message).at(span, "not a part of a platform").help(help)
}

fn not_here(table: &str, keys: &[&str], key: &Spanned<Cow<'_, str>>) -> Problem {
    let name = key.get_ref();
    let message = format!("`{name}` of [{table}] does not belong in a platform");
    Problem::new("platform::unknown-key", message)
        .at(key.span(), "not a property of an SoC")
        .help(suggest(name, &format!("a platform's [{table}] has"), keys.iter().copied()))
}

/// Puts one table of the platform into the document.
fn put<'i>(
    document: &mut DeTable<'i>,
    key: Spanned<Cow<'i, str>>,
    value: Spanned<DeValue<'i>>,
    both: Both,
) -> Option<Problem> {
    let name = key.get_ref().to_string();
    let own = document.get_key_value(name.as_str()).map(|(own, _)| own.span());
    let Some(own) = own else {
        document.insert(key, value);
        return None;
    };
    if both == Both::Neither {
        let message = format!("the scenario and its platform both have `{name}`");
        let problem = Problem::new("platform::conflict", message)
            .at(own, "here the platform decides")
            .at(key.span(), format!("`{name}` of the platform"))
            .help(
                "take it out of one of them; `--set` changes single values of a platform for one \
                 run",
            );
        // What the rest of the scenario names is likelier there.
        document.remove(name.as_str());
        document.insert(key, value);
        return Some(problem);
    }
    if let DeValue::Table(more) = value.get_ref()
        && let Some(DeValue::Table(table)) = document.get_mut(name.as_str()).map(Spanned::get_mut)
    {
        for (key, value) in more {
            if !table.contains_key(key.get_ref().as_ref()) {
                table.insert(key.clone(), value.clone());
            }
        }
        return None;
    }
    // One of them is no table. The scenario's is reported where it stands, the platform's here.
    if !value.get_ref().is_table() {
        document.remove(name.as_str());
        document.insert(key, value);
    }
    None
}
