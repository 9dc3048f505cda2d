// SPDX-License-Identifier: Apache-2.0
//! Verilates every model that the crate ships, and compiles them with the wrapper and the bridge;
//! and compiles the C that tests run.
#![allow(clippy::print_stdout, reason = "cargo is told by standard output")]
#![allow(clippy::print_stderr, reason = "what a tool said goes to the reader of cargo's output")]
#![allow(clippy::format_push_string, reason = "a few lines of C++, once a build")]

#[path = "build/models.rs"]
mod models;
#[path = "build/patch.rs"]
mod patch;
#[path = "build/store.rs"]
mod store;
#[path = "build/tool.rs"]
mod tool;

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What went wrong, for the reader of cargo's output.
type Result<T> = std::result::Result<T, String>;

fn main() {
    if let Err(message) = run() {
        println!("cargo::error={}", message.replace('\n', " "));
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let rtl = env::var_os("RINGFENCE_RTL").map_or_else(|| here.join("../rtl"), PathBuf::from);
    watch(&here, &rtl);

    let tool = tool::find()?;
    let store = store::Store::open(&out)?;
    let models = models::all(&here, &rtl, &out)?;
    write(&out.join("registry.cpp"), &models::registry(&models))?;

    let include = tool.root.join("include");
    let mut build = cxx_build::bridge("src/bridge.rs");
    store::flags(&mut build).include(&include).include(include.join("vltstd"));
    if env::var_os("CARGO_FEATURE_COVERAGE").is_some() {
        build.define("RF_COVERAGE", "1");
    }
    build
        .include(here.join("cpp"))
        .file(here.join("cpp/context.cpp"))
        .file(out.join("registry.cpp"));
    // `verilated` compiles the rest of the runtime.
    build.file(include.join("verilated_threads.cpp"));
    let mut folders = Vec::new();
    for model in &models {
        let made = out.join("vl").join(&model.prefix);
        tool.verilate(&made, model)?;
        let folder = store.model(&tool, &made, &model.prefix)?;
        let factory = out.join(format!("{}_make.cpp", model.prefix));
        write(&factory, &model.factory())?;
        build.include(&folder).file(factory);
        folders.push(folder);
    }
    build.try_compile("ringfence_board").map_err(|error| format!("C++ of the wrapper: {error}"))?;
    for (model, folder) in models.iter().zip(&folders) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static={}", model.prefix);
    }
    c_programs(&here, &out)
}

/// The C that tests run, on no library's list: a test that wants one names it in `#[link]`.
fn c_programs(here: &Path, out: &Path) -> Result<()> {
    let driver = here.join("examples/c/tzc400.c");
    let program = |name: &str, file: &str| {
        let mut build = cc::Build::new();
        build.std("c11").include(here.join("include")).include(here.join("examples/c"));
        build.files([&driver, &here.join(file)]).define("main", "example_main");
        let made = build.out_dir(out.join(name)).cargo_metadata(false).try_compile(name);
        println!("cargo::rustc-link-search=native={}", out.join(name).display());
        made.map_err(|error| format!("C of {name}: {error}"))
    };
    program("rf_driver", "tests/cdriver/shim.c")?;
    program("rf_example", "examples/c/board.c")
}

fn watch(here: &Path, rtl: &Path) {
    let own = ["build.rs", "build", "src/bridge.rs", "src/shapes.rs", "sv", "cpp", "faults.txt"];
    let c = ["include", "examples/c", "tests/cdriver/shim.c"];
    for path in own.iter().chain(&c).map(|name| here.join(name)) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed={}", rtl.display());
    for name in ["RINGFENCE_RTL", "RINGFENCE_MODELS", "VERILATOR_ROOT", "CXX", "CXXFLAGS", "CC"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
}

/// The files of a folder with one of the extensions, in the order of their names.
fn sources(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(io(folder))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension().is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
        })
        .collect();
    files.sort();
    Ok(files)
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set; build with cargo"))
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(io(path))
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io(folder))?;
    }
    fs::write(path, text).map_err(io(path))
}
