// SPDX-License-Identifier: Apache-2.0
//! The `ringfence` binary; everything is in `ringfence::cli`.
#![forbid(unsafe_code)]
use std::process::ExitCode;

fn main() -> ExitCode {
    ringfence::cli::main(std::env::args_os())
}
