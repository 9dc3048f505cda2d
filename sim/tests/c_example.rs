// SPDX-License-Identifier: Apache-2.0
//! The program of `examples/c/`, as `make clib` links it, run inside a test.
#![allow(unsafe_code, reason = "calls C")]

use ringfence_sim as _; // has the functions that the C calls

#[link(name = "rf_example", kind = "static")]
unsafe extern "C" {
    fn example_main() -> std::ffi::c_int;
}

#[test]
fn the_example_ends_well() {
    // SAFETY: a `main` without arguments, called once.
    assert_eq!(unsafe { example_main() }, 0);
}
