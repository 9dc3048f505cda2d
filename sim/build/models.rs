// SPDX-License-Identifier: Apache-2.0
//! The models: which top, with which parameters, and the C++ that makes one.

use std::env;
use std::path::{Path, PathBuf};

use crate::{Result, patch, read};

mod shapes {
    #![allow(dead_code, unreachable_pub, reason = "the crate uses the rest")]
    include!("../src/shapes.rs");
}

/// How a model is wrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A board with a clock a unit.
    Held,
    /// A board under one clock, for the bench.
    Bare,
    /// The firewall alone.
    Pins,
}

/// One run of Verilator.
pub(crate) struct Model {
    pub(crate) prefix: String,
    pub(crate) kind: Kind,
    /// What Rust asks for: the shape's name.
    pub(crate) key: String,
    pub(crate) filters: usize,
    /// Folder with `rtl/` and `sv/`.
    pub(crate) tree: PathBuf,
    pub(crate) arguments: Vec<String>,
}

impl Model {
    pub(crate) fn top(&self) -> &'static str {
        if self.kind == Kind::Pins { "pins" } else { "board" }
    }

    /// The RTL of `files.f` in its order, then the top's files, relative to the tree.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let own: &[&str] = match self.kind {
            Kind::Held | Kind::Bare => {
                &["board_pkg.sv", "raw_mux.sv", "board_master.sv", "board.sv"]
            }
            Kind::Pins => &["board_pkg.sv", "pins.sv"],
        };
        let list = read(&self.tree.join("rtl/files.f"))?;
        let lines = list.lines().map(|line| line.split("//").next().unwrap_or("").trim());
        let wanted = lines.filter(|line| {
            // The firewall alone has neither; what of a package is not used is a warning.
            let absent = line.starts_with("dma/") || line.starts_with("fabric/");
            !line.is_empty() && (self.kind != Kind::Pins || !absent)
        });
        let mut files: Vec<String> = wanted.map(|line| format!("rtl/{line}")).collect();
        files.extend(own.iter().map(|file| format!("sv/{file}")));
        Ok(files)
    }

    fn maker(&self) -> (String, &'static str, &'static str) {
        let Model { prefix, filters, .. } = self;
        match self.kind {
            Kind::Held => {
                (format!("HeldBoard<{prefix}, {filters}>"), "BoardModel", "board_model.h")
            }
            Kind::Bare => (format!("BareBoard<{prefix}, {filters}>"), "BareModel", "bare_model.h"),
            Kind::Pins => (format!("Pins<{prefix}, {filters}>"), "PinsModel", "pins_model.h"),
        }
    }

    /// C++ that makes this model, a file of its own so that they compile side by side.
    pub(crate) fn factory(&self) -> String {
        let (class, base, header) = self.maker();
        let prefix = &self.prefix;
        format!(
            "#include \"{prefix}.h\"\n#include \"{header}\"\nnamespace ringfence {{\n\
             std::unique_ptr<{base}> make_{prefix}(const Flags& flags) {{\n\
             return std::make_unique<{class}>(flags);\n}}\n}}\n"
        )
    }
}

/// Every model of this build, with the trees that they are made from.
pub(crate) fn all(here: &Path, rtl: &Path, out: &Path) -> Result<Vec<Model>> {
    let sv = here.join("sv");
    let plain = patch::plain(rtl, &sv, &out.join("plain"))?;
    let mut models: Vec<Model> =
        shapes::SHAPES.iter().map(|shape| board(shape, "Vboard", shape.name, &plain)).collect();
    let built = if feature("ALL_PINS") { shapes::PINS.len() } else { shapes::PINS_ALWAYS };
    models.extend(shapes::PINS[..built].iter().map(|shape| pins(shape, &plain)));
    if feature("BARE") {
        let bare = patch::single_clock(rtl, &sv, &out.join("bare"))?;
        // The yardstick measures one shape; another would only be compiled and not used.
        let shape = &shapes::SHAPES[0];
        let mut model = board(shape, "Vbare", shape.name, &bare);
        model.kind = Kind::Bare;
        model.arguments.retain(|argument| argument != "--assert");
        // Newer versions have assertions on by default. What serves them alone is then unused; the
        // text is linted with them.
        let bare = ["--no-assert", "-Wno-style", "+define+RF_SINGLE_CLOCK"];
        model.arguments.extend(bare.map(str::to_owned));
        models.push(model);
    }
    if feature("PLANTED_FAULTS") {
        let faulty = patch::faulty(&here.join("faults.txt"), rtl, &sv, &out.join("faulty"))?;
        let mut with = vec![board(&shapes::SHAPES[0], "Vboard", "f1-faulty", &faulty)];
        with.extend(shapes::FAULTY_PINS.iter().map(|shape| pins(shape, &faulty)));
        for model in &mut with {
            model.arguments.push("+define+RF_FAULTS".to_owned());
        }
        models.extend(with);
    }
    Ok(models)
}

fn board(shape: &shapes::Shape, prefix: &str, key: &str, tree: &Path) -> Model {
    Model {
        prefix: format!("{prefix}_{}", key.replace('-', "_")),
        kind: Kind::Held,
        key: key.to_owned(),
        filters: shape.filters,
        tree: tree.to_owned(),
        arguments: vec![
            "--assert".to_owned(),
            format!("-GNumFilters={}", shape.filters),
            format!("-GCheckLat={}", shape.check_latency),
        ],
    }
}

fn pins(shape: &shapes::PinsShape, tree: &Path) -> Model {
    let parameters = [
        ("NumFilters", shape.filters as u32),
        ("NumRegions", shape.regions as u32),
        ("PinAddrW", shape.address_bits),
        ("PinDataW", shape.data_bits),
        ("PinIdW", shape.id_bits),
        ("Outst", shape.outstanding),
        ("CheckLat", u32::from(shape.check_latency)),
        ("Ext", u32::from(shape.extension)),
    ];
    let given = parameters.iter().map(|(name, value)| format!("-G{name}={value}"));
    Model {
        prefix: format!("Vpins_{}", shape.name),
        kind: Kind::Pins,
        key: shape.name.to_owned(),
        filters: shape.filters,
        tree: tree.to_owned(),
        arguments: std::iter::once("--assert".to_owned()).chain(given).collect(),
    }
}

fn feature(name: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{name}")).is_some()
}

/// C++ that finds a model by what Rust asks for.
pub(crate) fn registry(models: &[Model]) -> String {
    let mut text = String::from(
        "#include \"ringfence-sim/cpp/model.h\"\n#include \"ringfence-sim/src/bridge.rs.h\"\n\
         namespace ringfence {\n",
    );
    for model in models {
        let base = model.maker().1;
        text.push_str(&format!("std::unique_ptr<{base}> make_{}(const Flags&);\n", model.prefix));
    }
    for (kind, head) in [
        (Kind::Held, "std::unique_ptr<BoardModel> new_board(rust::Str key, const Flags& flags)"),
        (Kind::Bare, "std::unique_ptr<BareModel> new_bare(rust::Str key, const Flags& flags)"),
        (Kind::Pins, "std::unique_ptr<PinsModel> new_pins(rust::Str key, const Flags& flags)"),
    ] {
        text.push_str(&format!("{head} {{\n(void)flags;\n"));
        for model in models.iter().filter(|model| model.kind == kind) {
            text.push_str(&format!(
                "if (key == \"{}\") return make_{}(flags);\n",
                model.key, model.prefix
            ));
        }
        text += "return nullptr;\n}\n";
    }
    text + "}\n"
}
