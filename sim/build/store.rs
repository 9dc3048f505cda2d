// SPDX-License-Identifier: Apache-2.0
//! Compiled models, kept by their C++, so that the compiler does not run again for a model that did
//! not change. With `RINGFENCE_MODELS` the folder is shared by all profiles and feature sets: the
//! models' flags are the same in all.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::tool::Verilator;
use crate::{Result, io, patch, read, sources};

/// Where the models of this build are.
pub(crate) struct Store {
    folder: PathBuf,
    shared: bool,
    compiler: String,
}

impl Store {
    pub(crate) fn open(out: &Path) -> Result<Self> {
        let shared = env::var_os("RINGFENCE_MODELS");
        let folder = shared.as_ref().map_or_else(|| out.join("models"), PathBuf::from);
        fs::create_dir_all(&folder).map_err(io(&folder))?;
        let path = flags(&mut cc::Build::new()).get_compiler().path().to_owned();
        let version = Command::new(&path).arg("--version").output().map_err(io(&path))?;
        let mut compiler = String::from_utf8_lossy(&version.stdout).into_owned();
        for name in ["CXXFLAGS", "HOST_CXXFLAGS"] {
            compiler += &env::var(name).unwrap_or_default();
        }
        Ok(Self { folder, shared: shared.is_some(), compiler })
    }

    /// The folder of a model's sources and library; `made` is where Verilator left the sources.
    pub(crate) fn model(&self, tool: &Verilator, made: &Path, prefix: &str) -> Result<PathBuf> {
        let key = self.key(tool, made)?;
        let folder = self.folder.join(format!("{prefix}-{key:016x}"));
        if folder.exists() {
            return Ok(folder);
        }
        if !self.shared {
            self.drop_older(prefix)?;
        }
        // Compiled elsewhere and renamed, so that what is there is whole.
        let new = self.folder.join(format!("{prefix}-new-{}", std::process::id()));
        let _ = fs::remove_dir_all(&new);
        patch::copy(made, &new, &|text| text)?;
        compile(tool, &new, prefix)?;
        if fs::rename(&new, &folder).is_err() && !folder.exists() {
            return Err(format!("cannot rename {} to {}", new.display(), folder.display()));
        }
        let _ = fs::remove_dir_all(&new);
        Ok(folder)
    }

    fn key(&self, tool: &Verilator, made: &Path) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        (&self.compiler, &tool.version).hash(&mut hasher);
        for file in sources(made, &["cpp", "h"])? {
            (file.file_name(), read(&file)?).hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    fn drop_older(&self, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(&self.folder).map_err(io(&self.folder))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&format!("{prefix}-")) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}

/// What all C++ of this crate is compiled with. The models are slow without optimization whatever
/// the profile, and nobody debugs them.
pub(crate) fn flags(build: &mut cc::Build) -> &mut cc::Build {
    for name in ["VM_COVERAGE", "VM_SC", "VM_TRACE", "VM_TRACE_FST", "VM_TRACE_VCD"] {
        build.define(name, "0");
    }
    build.cpp(true).std("c++20").opt_level(2).debug(false).warnings(false)
}

fn compile(tool: &Verilator, folder: &Path, prefix: &str) -> Result<()> {
    let (slow, fast): (Vec<_>, Vec<_>) = sources(folder, &["cpp"])?
        .into_iter()
        .partition(|path| path.to_string_lossy().ends_with("__Slow.cpp"));
    let include = tool.root.join("include");
    let objects = |files: &[PathBuf], level: u32| {
        let mut build = cc::Build::new();
        flags(&mut build).opt_level(level).files(files).out_dir(folder).cargo_metadata(false);
        build.include(folder).include(&include).include(include.join("vltstd"));
        build.try_compile_intermediates()
    };
    // The slow files run once, at construction and reset.
    let fail = |error: cc::Error| format!("C++ of {prefix}: {error}");
    let mut all = objects(&fast, 2).map_err(fail)?;
    all.extend(objects(&slow, 0).map_err(fail)?);
    let mut library = cc::Build::new();
    library.cpp(true).out_dir(folder).cargo_metadata(false).objects(&all);
    library.try_compile(prefix).map_err(fail)?;
    for object in all {
        let _ = fs::remove_file(object);
    }
    Ok(())
}
