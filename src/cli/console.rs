// SPDX-License-Identifier: Apache-2.0
//! Where text goes: results to stdout, everything else to stderr.
use crate::scenario::Style;
use std::io::{self, IsTerminal, Write};

/// Columns of diagnostics.
const WIDTH: usize = 100;

/// How diagnostics are drawn.
pub(super) fn style() -> Style {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = io::stderr().is_terminal() && !no_color;
    Style { color, width: WIDTH }
}

/// Writes a result. A reader that went away (`| head`) is no error; a full disk is.
pub(super) fn out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a diagnostic. Nobody is left to tell when that fails.
pub(super) fn err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// `ringfence: error: ...`, and what to do.
pub(super) fn error(message: &str, help: Option<&str>) {
    let help = help.map(|help| format!("  help: {help}\n")).unwrap_or_default();
    err(&format!("ringfence: error: {message}\n{help}"));
}

/// Makes a panic one clear message instead of a backtrace.
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "no message".to_owned());
        let place = panic.location().map(|at| format!(" ({}:{})", at.file(), at.line()));
        let _ = io::stderr().lock().write_fmt(format_args!(
            "ringfence: internal error: {text}{}\n  This is a bug in ringfence, not in your \
             scenario. Please report it with this message and the command.\n",
            place.unwrap_or_default()
        ));
    }));
}
