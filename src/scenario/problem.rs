// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a scenario, where, and what to write instead.
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::ops::Range;

/// Bytes of a file, or of the overrides, which lie behind it (see [`Sources`]).
pub(super) type Span = Range<usize>;

/// More than this is no help to anybody; the count is still told.
const MAX_SHOWN: usize = 100;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name, e.g. `scenario::unknown-key`.
    pub code: &'static str,
    /// One line.
    pub message: String,
    /// Places and what to say there; the first is where the problem is.
    pub labels: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without a place yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: None }
    }
    /// Points at `span`.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.labels.push((span, label.into()));
        self
    }
    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A file that a scenario names.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// Path, as found.
    pub name: String,
    /// The file.
    pub text: String,
}

/// A scenario's text, the overrides that were applied to it, and the files that it names.
///
/// A span below `text.len()` lies in the file; behind it, each after a gap of one byte, lie the
/// overrides, joined by newlines, the platform and the history. So a value carries its origin with
/// it wherever it goes.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Path as the user gave it.
    pub name: String,
    /// The file.
    pub text: String,
    /// `key=value`, as given.
    pub overrides: Vec<String>,
    /// The platform, where one is named.
    pub platform: Option<Attached>,
    /// The heap history, where one is named.
    pub history: Option<Attached>,
}

/// One of the texts of [`Sources`].
struct Part<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    base: usize,
}

/// How to draw problems.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Use colours.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

impl Sources {
    /// First offset of the overrides.
    pub fn overrides_base(&self) -> usize {
        self.text.len() + 1
    }
    /// First offset of the platform.
    pub fn platform_base(&self) -> usize {
        self.overrides_base() + self.overrides.iter().map(|text| text.len() + 1).sum::<usize>()
    }
    /// First offset of the history.
    pub fn history_base(&self) -> usize {
        self.platform_base() + self.platform.as_ref().map_or(0, |file| file.text.len() + 1)
    }
    fn part(&self, span: &Span) -> Part<'_> {
        let attached =
            [(&self.history, self.history_base()), (&self.platform, self.platform_base())];
        for (file, base) in attached {
            if let Some(file) = file.as_ref().filter(|_| span.start >= base) {
                return Part { name: &file.name, text: Cow::Borrowed(&file.text), base };
            }
        }
        if span.start >= self.overrides_base() {
            let (text, base) = (Cow::Owned(self.overrides.join("\n")), self.overrides_base());
            return Part { name: "--set", text, base };
        }
        Part { name: &self.name, text: Cow::Borrowed(&self.text), base: 0 }
    }
    /// Line of `span` in the scenario's own file, from 1; 0 anywhere else.
    pub fn line(&self, span: &Span) -> u32 {
        if span.start >= self.overrides_base() { 0 } else { self.position(span).1 }
    }
    /// Source name, line and column (in characters) of `span`, from 1.
    pub fn position(&self, span: &Span) -> (&str, u32, u32) {
        let Part { name, text, base } = self.part(span);
        let before = &text[..text.floor_char_boundary(span.start - base)];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (name, line as u32, column as u32)
    }
    /// All problems, as a user reads them.
    pub fn render(&self, problems: &[Problem], style: Style) -> String {
        let theme =
            if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_context_lines(1)
            .with_width(style.width);
        let mut out = String::new();
        for problem in problems.iter().take(MAX_SHOWN) {
            let drawn = handler.render_report(&mut out, &Drawn::new(problem, self));
            if drawn.is_err() {
                out.push_str(&problem.message);
            }
            out.push('\n');
        }
        if problems.len() > MAX_SHOWN {
            let _ = writeln!(out, "only the first {MAX_SHOWN} are shown");
        }
        let (count, s) = (problems.len(), if problems.len() == 1 { "" } else { "s" });
        let _ = writeln!(out, "{}: {count} problem{s}", self.name);
        out
    }
}

/// A problem with its source text, as miette wants it.
#[derive(Debug)]
struct Drawn {
    code: &'static str,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: NamedSource<String>,
}

impl Drawn {
    fn new(problem: &Problem, sources: &Sources) -> Self {
        let first = problem.labels.first().map_or(0..0, |(span, _)| span.clone());
        let Part { name, text, base } = sources.part(&first);
        let mut help: Vec<String> = Vec::new();
        let mut labels = Vec::new();
        for (span, label) in &problem.labels {
            if sources.part(span).base == base {
                let span = on_one_line(&text, span.start - base, span.end - base);
                let label = (!label.is_empty()).then(|| label.clone());
                let span = (span.start, span.len());
                labels.push(if labels.is_empty() {
                    LabeledSpan::new_primary_with_span(label, span)
                } else {
                    LabeledSpan::new_with_span(label, span)
                });
            } else {
                let (name, line, column) = sources.position(span);
                help.push(format!("see also {name}:{line}:{column}: {label}"));
            }
        }
        help.splice(0..0, problem.help.clone());
        Self {
            code: problem.code,
            message: problem.message.clone(),
            help: (!help.is_empty()).then(|| help.join("\n")),
            labels,
            source: NamedSource::new(name, text.into_owned()),
        }
    }
}

/// Cuts a span at the end of its first line and at character boundaries, so that a label never
/// covers half a file and never points outside of it.
fn on_one_line(text: &str, start: usize, end: usize) -> Span {
    let start = text.floor_char_boundary(start.min(text.len()));
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = text.floor_char_boundary(end.clamp(start, line_end));
    let trimmed = text[start..end].trim_end().len();
    start..start + trimmed
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        (!self.labels.is_empty()).then_some(&self.source as &dyn miette::SourceCode)
    }
}

/// The candidate that `word` is most likely a slip of, if one is near.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let extends = word.chars().count() >= 3 && candidate.starts_with(&word);
        if extends { 1 } else { strsim::damerau_levenshtein(&word, &candidate) }
    };
    let scored = candidates.into_iter().map(|candidate| (distance(candidate), candidate));
    scored.filter(|(d, _)| *d <= allowed).min_by_key(|(d, _)| *d).map(|(_, candidate)| candidate)
}

/// `did you mean ...?` where something is near, then what there is.
pub(super) fn suggest<'a>(
    word: &str,
    kind: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let meant = closest(word, all.iter().copied());
    let meant = meant.map(|m| format!("did you mean `{m}`? ")).unwrap_or_default();
    let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
    format!("{meant}{kind}: {all}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        assert_eq!(closest("framse", ["frames", "buffers"]), Some("frames"));
        assert_eq!(closest("GPU", ["gpu", "cpu"]), Some("gpu"));
        assert_eq!(closest("band", ["latency", "bandwidth"]), Some("bandwidth"));
        assert_eq!(closest("zebra", ["gpu", "cpu"]), None);
        assert_eq!(closest("x", []), None);
    }

    #[test]
    fn labels_stay_on_one_line_and_inside() {
        assert_eq!(on_one_line("abc\ndef", 1, 7), 1..3);
        assert_eq!(on_one_line("abc", 10, 20), 3..3);
        assert_eq!(on_one_line("é", 1, 2), 0..2);
    }

    #[test]
    fn positions_tell_file_from_override() {
        let sources = Sources {
            name: "a.toml".into(),
            text: "x = 1\ny = 2".into(),
            overrides: vec!["k=v".into()],
            platform: Some(Attached { name: "p.toml".into(), text: "a\nb".into() }),
            history: Some(Attached { name: "h.csv".into(), text: "c\nd".into() }),
        };
        assert_eq!(sources.position(&(6..7)), ("a.toml", 2, 1));
        let (platform, history) = (sources.platform_base(), sources.history_base());
        assert_eq!(sources.position(&(platform..platform + 1)), ("p.toml", 1, 1));
        assert_eq!(sources.position(&(platform + 2..platform + 3)), ("p.toml", 2, 1));
        assert_eq!(sources.position(&(history + 2..history + 3)), ("h.csv", 2, 1));
        assert_eq!(sources.line(&(platform..platform)), 0);
        let base = sources.overrides_base();
        assert_eq!(sources.position(&(base + 2..base + 3)), ("--set", 1, 3));
        assert_eq!(sources.line(&(base..base + 1)), 0);
    }
}
