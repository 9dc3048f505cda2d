// SPDX-License-Identifier: Apache-2.0
//! Steps of programs: mappings for the processor, shared memory, the SDP application of xtest.
use super::steps::Reader;
use crate::scenario::problem::Problem;
use crate::scenario::quantity::Kind;
use crate::scenario::script::{Act, Sdp, SdpCommand, SdpTarget, View};
use crate::units::{AddrRange, ByteLen, PhysAddr};
use toml::Spanned;

const COMMANDS: [(&str, SdpCommand); 4] = [
    ("inject", SdpCommand::Inject),
    ("transform", SdpCommand::Transform),
    ("dump", SdpCommand::Dump),
    ("test", SdpCommand::Test),
];

const TARGETS: [(&str, SdpTarget); 4] = [
    ("ns-to-ta", SdpTarget::NsToTa),
    ("ta-to-ta", SdpTarget::TaToTa),
    ("ta-to-pta", SdpTarget::TaToPta),
    ("ns-to-pta", SdpTarget::NsToPta),
];

/// Rounds of a test at most.
const MAX_LOOPS: u64 = 1000;
/// Rounds that xtest goes.
const LOOPS: u32 = 10;
/// Bytes that a test moves at most: its buffers are copied whole.
const MAX_TEST: u64 = 1 << 20;

impl Reader<'_, '_, '_> {
    /// `mmap`, `mmap-shm`, `vmap`, `sync`.
    pub(super) fn view(&mut self, verb: &str) -> Option<Act> {
        let (field, view) = match verb {
            "mmap" => (&self.raw.mmap, View::Mmap),
            "mmap-shm" => (&self.raw.mmap_shm, View::MmapShm),
            "vmap" => (&self.raw.vmap, View::Vmap),
            _ => (&self.raw.sync, View::Sync),
        };
        Some(Act::View { buffer: self.buffer(verb, field)?, view })
    }

    /// `share`: the TEE is asked, and says whether it takes the range.
    pub(super) fn share(&mut self) -> Option<Act> {
        let raw = self.raw;
        let name = self.check.need(self.site, "share", raw.share.as_ref())?;
        let good = self.check.name(&name);
        let buffer = self.names.buffers.iter().position(|known| known == name.get_ref());
        let at = self.check.need(self.site, "at", raw.at.as_ref());
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.and_then(|size| self.check.quantity(Kind::Size, "size", &size));
        good?;
        let range = self.range(&at?, len?);
        Some(Act::Share { buffer: buffer?, range: range? })
    }

    /// Any range that does not wrap.
    pub(super) fn range(&mut self, at: &Spanned<u64>, len: u64) -> Option<AddrRange> {
        let range = AddrRange::new(PhysAddr(*at.get_ref()), ByteLen(len));
        if range.is_none() {
            let message = format!("{} bytes from {:#x} on wrap around", len, at.get_ref());
            self.check.report(
                Problem::new("scenario::wraps", message)
                    .at(at.span(), "ends behind the last address")
                    .help("a smaller `size`, or a lower `at`"),
            );
        }
        range
    }

    /// `sdp`: any bytes, out of bounds too, for that is what is tested.
    pub(super) fn sdp(&mut self) -> Option<Act> {
        let raw = self.raw;
        let buffer = self.buffer("sdp", &raw.sdp);
        let command = self.check.need(self.site, "command", raw.command.as_ref());
        let command = command.and_then(|word| self.check.word("command", &word, &COMMANDS));
        let target = raw.target.as_ref();
        let target = target
            .map_or(Some(SdpTarget::NsToTa), |word| self.check.word("target", word, &TARGETS));
        let shared = match &raw.shared {
            None => Some(None),
            given => self.buffer("shared", given).map(Some),
        };
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.as_ref().and_then(|size| self.bytes("size", size));
        let offset = raw.offset.as_ref().map_or(Some(0), |size| self.bytes("offset", size));
        let shared_len =
            raw.shared_size.as_ref().map_or(len, |size| self.bytes("shared-size", size));
        let loops = raw.loops.as_ref().map_or(Some(LOOPS), |loops| {
            let why = "rounds of a test";
            let n =
                self.check.within("loops", *loops.get_ref(), loops.span(), 1..=MAX_LOOPS, why)?;
            u32::try_from(n).ok()
        });
        let (command, len) = (command?, len?);
        if command == SdpCommand::Test {
            let (span, why) = (size?.span(), "bytes of a test");
            self.check.within("size", len, span, 256..=MAX_TEST, why)?;
        }
        Some(Act::Sdp(Sdp {
            buffer: buffer?,
            command,
            shared: shared?,
            offset: ByteLen(offset?),
            len: ByteLen(len),
            shared_len: ByteLen(shared_len?),
            target: target?,
            loops: loops?,
        }))
    }

    fn bytes(&mut self, key: &str, value: &Spanned<String>) -> Option<u64> {
        self.check.quantity(Kind::Size, key, value)
    }
}
