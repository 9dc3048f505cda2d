// SPDX-License-Identifier: Apache-2.0
//! The C interface and the driver over its shim, callable from tests.
#![allow(unsafe_code, reason = "calls C")]

use std::ffi::{CString, c_char, c_int};

use ringfence_sim as _; // has the functions that the C calls

/// A board, to C.
#[repr(C)]
pub(crate) struct RfBoard {
    _opaque: [u8; 0],
}

/// One access as the shim saw it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced {
    write: u32,
    bits: u32,
    offset: u32,
    pub(crate) value: u32,
}

#[link(name = "rf_driver", kind = "static")]
unsafe extern "C" {
    fn shim_bind(device: u32, board: *mut RfBoard);
    fn shim_trace(first: *mut *const Traced) -> usize;
    fn shim_call(device: u32, operation: c_int, input: *const u64, output: *mut u64) -> c_int;
}

unsafe extern "C" {
    fn rf_board_new(shape: *const c_char) -> *mut RfBoard;
    fn rf_board_free(board: *mut RfBoard);
    fn rf_mmio_read32(board: *mut RfBoard, offset: usize, prot: u8) -> u32;
    fn rf_mmio_read8(board: *mut RfBoard, offset: usize, prot: u8) -> u8;
    fn rf_mmio_write32(board: *mut RfBoard, offset: usize, prot: u8, value: u32);
    fn rf_mmio_write8(board: *mut RfBoard, offset: usize, prot: u8, value: u8);
    fn rf_take_error(board: *mut RfBoard) -> c_int;
    fn rf_step(board: *mut RfBoard, cycles: u32);
    fn rf_interrupt(board: *mut RfBoard) -> c_int;
    fn rf_access(
        board: *mut RfBoard,
        master: u32,
        address: u64,
        nsaid: u8,
        prot: u8,
        write: c_int,
        data: *mut u32,
    ) -> c_int;
}

/// PPROT of the secure world, privileged.
pub(crate) const SECURE: u8 = 1;
/// PPROT and AxPROT of the other one, privileged.
pub(crate) const NONSECURE: u8 = 3;

/// A board of the C interface, or null.
pub(crate) struct Board(*mut RfBoard);

impl Board {
    pub(crate) fn new(shape: &str) -> Self {
        let shape = CString::new(shape).expect("no zero inside");
        // SAFETY: a string.
        Self(unsafe { rf_board_new(shape.as_ptr()) })
    }

    pub(crate) fn null() -> Self {
        // SAFETY: null is allowed.
        Self(unsafe { rf_board_new(std::ptr::null()) })
    }

    pub(crate) fn is_null(&self) -> bool {
        self.0.is_null()
    }

    pub(crate) fn read32(&self, offset: usize, prot: u8) -> u32 {
        // SAFETY: here and below, `self` has a live board or null.
        unsafe { rf_mmio_read32(self.0, offset, prot) }
    }

    pub(crate) fn read8(&self, offset: usize, prot: u8) -> u8 {
        // SAFETY: as above.
        unsafe { rf_mmio_read8(self.0, offset, prot) }
    }

    pub(crate) fn write32(&self, offset: usize, prot: u8, value: u32) {
        // SAFETY: as above.
        unsafe { rf_mmio_write32(self.0, offset, prot, value) }
    }

    pub(crate) fn write8(&self, offset: usize, prot: u8, value: u8) {
        // SAFETY: as above.
        unsafe { rf_mmio_write8(self.0, offset, prot, value) }
    }

    pub(crate) fn error(&self) -> i32 {
        // SAFETY: as above.
        unsafe { rf_take_error(self.0) }
    }

    pub(crate) fn step(&self, cycles: u32) {
        // SAFETY: as above.
        unsafe { rf_step(self.0, cycles) }
    }

    pub(crate) fn interrupt(&self) -> i32 {
        // SAFETY: as above.
        unsafe { rf_interrupt(self.0) }
    }

    pub(crate) fn access(
        &self,
        master: u32,
        address: u64,
        nsaid: u8,
        prot: u8,
        data: Option<u32>,
    ) -> (i32, u32) {
        let mut word = data.unwrap_or(0x1234_5678);
        let write = c_int::from(data.is_some());
        // SAFETY: as above, and a word of our own.
        let came = unsafe { rf_access(self.0, master, address, nsaid, prot, write, &raw mut word) };
        (came, word)
    }

    pub(crate) fn access_without_data(&self) -> i32 {
        // SAFETY: as above, and null is allowed.
        unsafe { rf_access(self.0, 0, 0x8000_0000, 0, NONSECURE, 0, std::ptr::null_mut()) }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // SAFETY: as above, and nobody has it any more.
        unsafe { rf_board_free(self.0) }
    }
}

/// Habits of the driver, in the order of `enum tzc400_style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Firmware,
    FirmwareDebug,
    SecureOs,
}

pub(crate) const STYLES: [Style; 3] = [Style::Firmware, Style::FirmwareDebug, Style::SecureOs];

/// A call of the driver, in the order of the shim's `enum operation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Init(Style),
    Region0 { secure: u64, ids: u64 },
    Region(Region),
    UpdateFilters { index: u64, filters: u64 },
    SetAction(u64),
    EnableFilters,
    DisableFilters,
    Interrupt,
    FailDump,
    IntClear,
    GetConfig(u64),
}

/// Arguments of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) index: u64,
    pub(crate) base: u64,
    pub(crate) top: u64,
    pub(crate) secure: u64,
    pub(crate) ids: u64,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    /// The driver panicked.
    pub(crate) panicked: bool,
    /// What it returned.
    pub(crate) value: i32,
    /// A region's four values, or address, control and ID of failures by filter.
    pub(crate) out: [u64; 12],
}

/// A driver on a board; the shim has two of them a thread.
pub(crate) struct Driver<'a> {
    device: u32,
    pub(crate) board: &'a Board,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(device: u32, board: &'a Board) -> Self {
        // SAFETY: the driver does not live longer than its board.
        unsafe { shim_bind(device, board.0) };
        Self { device, board }
    }

    pub(crate) fn try_call(&self, call: Call) -> Came {
        let (number, input) = match call {
            Call::Init(style) => (0, [style as u64, 0, 0, 0, 0, 0]),
            Call::Region0 { secure, ids } => (1, [secure, ids, 0, 0, 0, 0]),
            Call::Region(r) => (2, [r.index, 0xf, r.base, r.top, r.secure, r.ids]),
            Call::UpdateFilters { index, filters } => (3, [index, filters, 0, 0, 0, 0]),
            Call::SetAction(action) => (4, [action, 0, 0, 0, 0, 0]),
            Call::EnableFilters => (5, [0; 6]),
            Call::DisableFilters => (6, [0; 6]),
            Call::Interrupt => (7, [0; 6]),
            Call::FailDump => (8, [0; 6]),
            Call::IntClear => (9, [0; 6]),
            Call::GetConfig(index) => (10, [index, 0, 0, 0, 0, 0]),
        };
        let mut out = [0; 12];
        // SAFETY: six words in, twelve out, a device that is bound.
        let value = unsafe { shim_call(self.device, number, input.as_ptr(), out.as_mut_ptr()) };
        Came { panicked: value == -100, value, out }
    }

    /// A call that must not panic.
    #[track_caller]
    pub(crate) fn call(&self, call: Call) -> Came {
        let came = self.try_call(call);
        assert!(!came.panicked, "{call:?} panicked");
        came
    }

    /// The accesses since the last time: `R` or `W` and the offset, `r` for a load of 8 bits.
    pub(crate) fn trace(&self) -> String {
        let text: Vec<String> = trace().iter().map(Traced::text).collect();
        text.join(" ")
    }
}

/// The accesses of this thread since the last time.
pub(crate) fn trace() -> Vec<Traced> {
    let mut first = std::ptr::null();
    // SAFETY: the shim gives so many, which stay until the next call.
    let traced = unsafe {
        let count = shim_trace(&raw mut first);
        std::slice::from_raw_parts(first, count)
    };
    traced.to_vec()
}

impl Traced {
    fn text(&self) -> String {
        let kind = match (self.write, self.bits) {
            (0, 32) => 'R',
            (0, 8) => 'r',
            (1, 32) => 'W',
            other => panic!("no access of the table: {other:?}"),
        };
        format!("{kind}{:03x}", self.offset)
    }
}
