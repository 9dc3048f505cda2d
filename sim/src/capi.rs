// SPDX-License-Identifier: Apache-2.0
//! The C interface (`sim/include/ringfence.h` documents it for its users): drivers written for the
//! chip run against the RTL. Nothing unwinds into C, and a null board is answered, not followed.
#![allow(unsafe_code, reason = "C hands over pointers")]

use std::ffi::{CStr, c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::client::{Access, ClientBoard, Error, Width};

/// What C holds.
struct Handle {
    board: ClientBoard,
    /// A panic was caught; the board is not used again.
    broken: bool,
}

/// Calls with the board behind a pointer of C.
///
/// # Safety
/// `board` is null, or came from [`rf_board_new`], is not freed, and no other call uses it.
unsafe fn with<T>(
    board: *mut Handle,
    call: impl FnOnce(&mut ClientBoard) -> T,
) -> Result<T, Error> {
    // SAFETY: as demanded of the caller.
    let handle = unsafe { board.as_mut() }.ok_or(Error::Null)?;
    if handle.broken {
        return Err(Error::Internal);
    }
    let result = catch_unwind(AssertUnwindSafe(|| call(&mut handle.board)));
    handle.broken = result.is_err();
    result.map_err(|_| Error::Internal)
}

/// A board of a shape, after reset; null when there is none.
///
/// # Safety
/// `shape` is null or points to a string that ends with a zero.
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_board_new(shape: *const c_char) -> *mut Handle {
    if shape.is_null() {
        return std::ptr::null_mut();
    }
    // SAFETY: not null, and a string as demanded of the caller.
    let shape = unsafe { CStr::from_ptr(shape) };
    let made = catch_unwind(|| ClientBoard::new(shape.to_str().ok()?).ok());
    let Ok(Some(board)) = made else { return std::ptr::null_mut() };
    Box::into_raw(Box::new(Handle { board, broken: false }))
}

/// Frees a board; null does nothing.
///
/// # Safety
/// `board` is null, or came from [`rf_board_new`] and is not used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_board_free(board: *mut Handle) {
    if !board.is_null() {
        // SAFETY: made by `Box::into_raw`, and nobody else's, as demanded of the caller.
        let handle = unsafe { Box::from_raw(board) };
        let _ = catch_unwind(AssertUnwindSafe(|| drop(handle)));
    }
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_mmio_read32(board: *mut Handle, offset: usize, prot: u8) -> u32 {
    // SAFETY: as demanded of the caller.
    unsafe { with(board, |board| board.load(offset, Width::Word, prot)) }.unwrap_or(0)
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_mmio_read8(board: *mut Handle, offset: usize, prot: u8) -> u8 {
    // SAFETY: as demanded of the caller.
    unsafe { with(board, |board| board.load(offset, Width::Byte, prot) as u8) }.unwrap_or(0)
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_mmio_write32(board: *mut Handle, offset: usize, prot: u8, value: u32) {
    // SAFETY: as demanded of the caller. What is wrong with the handle, `rf_take_error` tells.
    let _ = unsafe { with(board, |board| board.store(offset, Width::Word, prot, value)) };
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_mmio_write8(board: *mut Handle, offset: usize, prot: u8, value: u8) {
    // SAFETY: as demanded of the caller. What is wrong with the handle, `rf_take_error` tells.
    let _ = unsafe { with(board, |board| board.store(offset, Width::Byte, prot, value.into())) };
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_step(board: *mut Handle, cycles: u32) {
    // SAFETY: as demanded of the caller. What is wrong with the handle, `rf_take_error` tells.
    let _ = unsafe { with(board, |board| (0..cycles).for_each(|_| board.step())) };
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_interrupt(board: *mut Handle) -> c_int {
    // SAFETY: as demanded of the caller.
    match unsafe { with(board, |board| board.interrupt()) } {
        Ok(high) => c_int::from(high),
        Err(error) => error as c_int,
    }
}

/// # Safety
/// As for [`with`]; `data` is null or points to a word that nobody else uses meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_access(
    board: *mut Handle,
    master: u32,
    address: u64,
    nsaid: u8,
    prot: u8,
    write: c_int,
    data: *mut u32,
) -> c_int {
    // SAFETY: as demanded of the caller.
    let Some(word) = (unsafe { data.as_mut() }) else { return Error::Null as c_int };
    let access = Access {
        master: usize::try_from(master).unwrap_or(usize::MAX),
        address,
        nsaid,
        prot,
        data: (write != 0).then_some(*word),
    };
    // SAFETY: as demanded of the caller.
    let answer = unsafe { with(board, |board| board.access(&access)) }.and_then(|answer| answer);
    match answer {
        Ok((response, read)) => {
            if write == 0 {
                *word = read;
            }
            c_int::from(response)
        }
        Err(error) => error as c_int,
    }
}

/// # Safety
/// As for [`with`].
#[unsafe(no_mangle)]
unsafe extern "C" fn rf_take_error(board: *mut Handle) -> c_int {
    // SAFETY: as demanded of the caller.
    match unsafe { with(board, ClientBoard::take_error) } {
        Ok(None) => 0,
        Ok(Some(error)) | Err(error) => error as c_int,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_at_the_border_and_the_board_stays_ended() {
        // SAFETY: a string, and a board that is freed once, at the end.
        unsafe {
            let board = rf_board_new(c"f1".as_ptr());
            assert_eq!(rf_take_error(board), 0);
            let came = with(board, |_| panic!("on purpose"));
            assert_eq!(came, Err::<(), _>(Error::Internal));
            assert_eq!(rf_take_error(board), Error::Internal as c_int);
            assert_eq!(rf_mmio_read32(board, 0, 1), 0);
            rf_board_free(board);
            rf_board_free(std::ptr::null_mut());
        }
    }
}
