// SPDX-License-Identifier: Apache-2.0
//! The step `copy`: a master reads a buffer and writes what it read elsewhere.
use super::steps::Reader;
use crate::scenario::file;
use crate::scenario::problem::Problem;
use crate::scenario::script::{Act, CopyJob, Target};
use crate::units::PhysAddr;

impl Reader<'_, '_, '_> {
    pub(super) fn copy(&mut self) -> Option<Act> {
        let raw = self.raw;
        let buffer = self.buffer("copy", &raw.copy);
        let name = self.check.need(self.site, "master", raw.master.as_ref());
        let master = name.and_then(|name| self.around.masters.resolve(self.check, "master", &name));
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.and_then(|size| self.beats("size", &size, 1));
        let to = self.target();
        let flag = |field: &file::Field<bool>| field.as_ref().is_some_and(|f| *f.get_ref());
        let (anyway, declassify) = (flag(&raw.anyway), flag(&raw.declassify));
        if let Some(span) = raw.declassify.as_ref().map(toml::Spanned::span)
            && declassify
            && master.is_some_and(|master| !master.secure)
        {
            let message = "only the secure world can declassify".to_owned();
            self.check.report(
                Problem::new("scenario::declassify", message)
                    .at(span, "this master is of the normal world")
                    .help("drop it, or let a [[master]] with world = \"secure\" copy"),
            );
        }
        let (buffer, master, to, len) = (buffer?, master?.id, to?, len?);
        Some(Act::Copy(CopyJob { buffer, master, to, len, anyway, declassify }))
    }

    /// `to` or `at`, one of them.
    fn target(&mut self) -> Option<Target> {
        match (&self.raw.to, &self.raw.at) {
            (to @ Some(_), None) => self.buffer("to", to).map(Target::Buffer),
            (None, Some(at)) => {
                let base = self.whole("at", *at.get_ref(), at.span())?;
                Some(Target::Ordinary(PhysAddr(base)))
            }
            (to, at) => {
                let wrong = ["to", "at"].iter().any(|k| self.check.was_wrong(self.site, k));
                if to.is_some() == at.is_some() && !wrong {
                    let message = format!("{} needs one of `to` and `at`", self.site.title);
                    self.check.report(
                        Problem::new("scenario::missing-key", message)
                            .at(self.site.span.clone(), "where to?")
                            .help("a buffer, to = \"b\", or ordinary memory, at = 0x8800_0000"),
                    );
                }
                None
            }
        }
    }
}
