// SPDX-License-Identifier: Apache-2.0
//! Steps of clients as the log tells them.
use crate::scenario::{Act, CopyJob, Dma, SdpCommand, Target, View};

/// A step in words.
pub(super) fn words(act: &Act, names: &[String]) -> String {
    let name = |buffer: usize| names.get(buffer).map_or("?", String::as_str);
    match *act {
        Act::Alloc { buffer, .. } => format!("alloc {}", name(buffer)),
        Act::Dup { buffer } => format!("dup {}", name(buffer)),
        Act::Close { buffer } => format!("close {}", name(buffer)),
        Act::Attach { buffer, .. } => format!("attach {}", name(buffer)),
        Act::Detach { buffer, .. } => format!("detach {}", name(buffer)),
        Act::Map { buffer, .. } => format!("map {}", name(buffer)),
        Act::Unmap { buffer, .. } => format!("unmap {}", name(buffer)),
        Act::Dma(Dma { buffer, direction, len, .. }) => {
            format!("dma {} {direction} {}", name(buffer), len.0)
        }
        Act::Copy(CopyJob { buffer, to: Target::Buffer(to), len, .. }) => {
            format!("copy {} to {} {}", name(buffer), name(to), len.0)
        }
        Act::Copy(CopyJob { buffer, to: Target::Ordinary(at), len, .. }) => {
            format!("copy {} to {at} {}", name(buffer), len.0)
        }
        Act::Register { buffer } => format!("register {}", name(buffer)),
        Act::Unregister { buffer } => format!("unregister {}", name(buffer)),
        Act::Ta { buffer, direction, len, .. } => {
            format!("ta {} {direction} {}", name(buffer), len.0)
        }
        Act::Recycle { buffer, direction, len } => {
            format!("recycle {} {direction} {}", name(buffer), len.0)
        }
        Act::Cpu { buffer, op, len, .. } => format!("cpu {} {op:?} {}", name(buffer), len.0),
        Act::Lend { buffer, range, .. } => {
            format!("lend {} {} +{}", name(buffer), range.base, range.len.0)
        }
        Act::Reclaim { buffer } => format!("reclaim {}", name(buffer)),
        Act::View { buffer, view } => format!("{} {}", looks(view), name(buffer)),
        Act::Share { buffer, range } => {
            format!("share {} {} +{}", name(buffer), range.base, range.len.0)
        }
        Act::Sdp(sdp) => format!("sdp {} {}", name(sdp.buffer), asks(sdp.command)),
        Act::Wait(time) => format!("wait {} cycles", time.0),
        Act::Mark(_) => "mark".to_owned(),
        Act::Await(_) => "await".to_owned(),
        Act::Die => "die".to_owned(),
        Act::Unbind => "unbind".to_owned(),
    }
}

const fn looks(view: View) -> &'static str {
    match view {
        View::Mmap => "mmap",
        View::MmapShm => "mmap-shm",
        View::Vmap => "vmap",
        View::Sync => "sync",
    }
}

/// A command to the SDP application in a word.
pub(super) const fn asks(command: SdpCommand) -> &'static str {
    match command {
        SdpCommand::Inject => "inject",
        SdpCommand::Transform => "transform",
        SdpCommand::Dump => "dump",
        SdpCommand::Test => "test",
    }
}
