// SPDX-License-Identifier: Apache-2.0
//! `make transients`: the transient study on the RTL, as tables and as a plot.
#![allow(clippy::print_stdout, reason = "a study prints its result")]
mod study;

use ringfence::report::transients;
use std::path::Path;
use study::rows;

fn main() {
    print!("{}", study::rows_table(&rows::rows(0), &rows::boot()));
    let (table, costs) = study::orders_table();
    print!("\n{table}");
    let folder = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = Path::new(&folder).join("transients");
    let file = folder.join("orders.svg");
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, transients::plot(&costs)));
    match written {
        Ok(()) => println!("\nplot {}", file.display()),
        Err(error) => panic!("{}: {error}", file.display()),
    }
}
