// SPDX-License-Identifier: Apache-2.0
//! A heap history: a CSV file of what processes did with protected buffers, row by row. Here it is
//! only read; what the rows mean is `check::replay`.
use super::problem::{Problem, Span, suggest};
use toml::Spanned;

/// Rows of a history at most.
const MAX_ROWS: usize = 20_000;
/// Problems of form that anybody will read.
const MAX_PROBLEMS: usize = 50;

/// Columns; the first four must be there.
pub(super) const COLUMNS: [&str; 9] =
    ["time", "pid", "op", "buffer", "heap", "size", "device", "direction", "role"];
const REQUIRED: usize = 4;

/// A row. A cell that is not there is an empty text at the row's place.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Line in the file, from 1.
    pub(super) line: u32,
    /// The row.
    pub(super) span: Span,
    /// Nanoseconds, by the recorder's clock.
    pub(super) time: u64,
    cells: [Spanned<String>; COLUMNS.len()],
}

impl Row {
    /// The cell in a column, if there is anything in it.
    pub(super) fn cell(&self, column: &str) -> Option<&Spanned<String>> {
        let at = COLUMNS.iter().position(|known| *known == column)?;
        Some(&self.cells[at]).filter(|cell| !cell.get_ref().is_empty())
    }
}

/// Reads a history that lies at `base` of the sources.
///
/// # Errors
/// Everything that is wrong with its form.
pub(super) fn read(text: &str, base: usize) -> Result<Vec<Row>, Vec<Problem>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let mut problems = Vec::new();
    let mut columns: Option<Vec<Option<usize>>> = None;
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        // Only text that is no UTF-8 can fail here, and this is text.
        let Ok(record) = record else { continue };
        let (start, line) =
            record.position().map_or((0, 0), |at| (at.byte() as usize, at.line() as u32));
        let cells = places(text, start, &record, base);
        let Some(columns) = &columns else {
            columns = Some(header(&cells, &mut problems));
            continue;
        };
        let span = whole(text, start, base);
        if rows.len() == MAX_ROWS {
            let message = format!("a history has at most {MAX_ROWS} rows");
            problems.push(Problem::new("history::too-long", message).at(span, "one too many"));
            break;
        }
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        match row(line, span, columns, cells, rows.last()) {
            Ok(row) => rows.push(row),
            Err(problem) => problems.push(problem),
        }
    }
    if rows.is_empty() && problems.is_empty() {
        let message = "the history has no rows";
        let help = format!("its first line names its columns: {}", COLUMNS.join(","));
        problems.push(Problem::new("history::empty", message).at(base..base, "here").help(help));
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// The cells of a record and where each stands.
fn places(
    text: &str,
    start: usize,
    record: &csv::StringRecord,
    base: usize,
) -> Vec<Spanned<String>> {
    let mut at = start;
    let cell = |cell: &str| {
        // Inside quotes a text may differ from what stands in the file; then its start is enough.
        let found = text.get(at..).and_then(|rest| rest.find(cell)).map_or(at, |by| at + by);
        at = found + cell.len();
        Spanned::new(base + found..base + at, cell.to_owned())
    };
    record.iter().map(cell).collect()
}

/// The row that starts there, whatever stands in it.
fn whole(text: &str, start: usize, base: usize) -> Span {
    let rest = text.get(start..).unwrap_or_default();
    let skipped = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let len = rest[skipped..].find('\n').unwrap_or(rest.len() - skipped);
    base + start + skipped..base + start + skipped + len
}

/// For every cell of a row, the column that it is in.
fn header(cells: &[Spanned<String>], problems: &mut Vec<Problem>) -> Vec<Option<usize>> {
    let mut found: Vec<Option<usize>> = Vec::new();
    for cell in cells {
        let name = cell.get_ref().as_str();
        let column = COLUMNS.iter().position(|known| *known == name);
        if column.is_none() {
            problems.push(
                Problem::new("history::unknown-column", format!("unknown column `{name}`"))
                    .at(cell.span(), "not a column of a history")
                    .help(suggest(name, "columns", COLUMNS)),
            );
        } else if found.contains(&column) {
            problems.push(
                Problem::new("history::duplicate", format!("two columns `{name}`"))
                    .at(cell.span(), "again here"),
            );
        }
        found.push(column);
    }
    let first = cells.first().map_or(0..0, Spanned::span);
    for (at, name) in COLUMNS.iter().enumerate().take(REQUIRED) {
        if !found.contains(&Some(at)) {
            problems.push(
                Problem::new("history::missing-column", format!("a history needs column `{name}`"))
                    .at(first.clone(), "the first line names the columns")
                    .help(format!("columns: {}", COLUMNS.join(","))),
            );
        }
    }
    found
}

fn row(
    line: u32,
    span: Span,
    columns: &[Option<usize>],
    found: Vec<Spanned<String>>,
    before: Option<&Row>,
) -> Result<Row, Problem> {
    if found.len() > columns.len() {
        let message = format!("{} cells, and {} columns", found.len(), columns.len());
        return Err(Problem::new("history::cells", message)
            .at(span, "this row")
            .help("a text with a comma in it stands in \"quotes\""));
    }
    let nothing = Spanned::new(span.clone(), String::new());
    let mut cells: [Spanned<String>; COLUMNS.len()] = std::array::from_fn(|_| nothing.clone());
    for (cell, column) in found.into_iter().zip(columns) {
        if let Some(column) = column {
            cells[*column] = cell;
        }
    }
    let time = &cells[0];
    let Some(nanoseconds) = nanoseconds(time.get_ref()) else {
        let message = format!("`time` = \"{}\" is not a time", time.get_ref());
        return Err(Problem::new("history::bad-time", message)
            .at(time.span(), "seconds, with up to nine digits behind the point")
            .help("for example: 12.345678"));
    };
    if let Some(before) = before.filter(|before| before.time > nanoseconds) {
        return Err(Problem::new("history::order", "this row is earlier than the one before it")
            .at(time.span(), "earlier")
            .at(before.cells[0].span(), "than this")
            .help("rows stand in the order of time: sort by the column `time`"));
    }
    Ok(Row { line, span, time: nanoseconds, cells })
}

/// Seconds with a fraction as nanoseconds.
fn nanoseconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let scale = 10u64.pow(9 - fraction.len() as u32);
    let fraction = fraction.parse::<u64>().ok()? * scale;
    whole.checked_mul(1_000_000_000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_know_their_place() {
        let text = "# by hand\ntime,pid,op,buffer,heap\n0.5,7,alloc,a,\"protected,secure-video\"\n1,7,close,a\n";
        let rows = read(text, 100).expect("good");
        assert_eq!(rows.len(), 2);
        let heap = rows[0].cell("heap").expect("there");
        assert_eq!(heap.get_ref(), "protected,secure-video");
        let span = heap.span().start - 100..heap.span().end - 100;
        assert_eq!(&text[span], "protected,secure-video");
        assert_eq!((rows[0].line, rows[0].time), (3, 500_000_000));
        assert!(rows[1].cell("heap").is_none() && rows[1].cell("size").is_none());
        let span = rows[1].span.start - 100..rows[1].span.end - 100;
        assert_eq!(&text[span], "1,7,close,a");
    }

    #[test]
    fn times_are_exact_or_refused() {
        assert_eq!(nanoseconds("1700000000.123456"), Some(1_700_000_000_123_456_000));
        assert_eq!(nanoseconds("3"), Some(3_000_000_000));
        for bad in ["", ".", "1.", ".5", "-1", "1e3", "1.0000000001", "99999999999999999999", "é"]
        {
            assert_eq!(nanoseconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn everything_wrong_is_told() {
        let text = "time,pid,op,sise,time\n1,2,alloc\nx,2,close\n0.5,2,close,a,b,c,d\n";
        let problems = read(text, 0).expect_err("bad");
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        let wanted = [
            "history::unknown-column",
            "history::duplicate",
            "history::missing-column",
            "history::bad-time",
            "history::cells",
        ];
        assert_eq!(codes, wanted);
        assert_eq!(read("", 0).expect_err("empty")[0].code, "history::empty");
    }
}
