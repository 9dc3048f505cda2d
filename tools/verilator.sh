# SPDX-License-Identifier: Apache-2.0
# Where Verilator is. Sourced by the other scripts, with RF_REPO set to the repository's root.
# rf_find_verilator sets RF_VERILATOR_ROOT, RF_VERILATOR_BIN and RF_VERILATOR_VERSION, or returns 1.

RF_VERILATOR_OLDEST=5006

# rf_try BIN_DIR [ROOT]: takes this one if it is complete and new enough.
rf_try() {
  [ -x "$1/verilator_bin" ] || return 1
  rf_v=$("$1/verilator_bin" --version 2>/dev/null | sed -n 's/^Verilator \([0-9]*\.[0-9]*\) .*/\1/p')
  # Snapshots without a number are refused: their version macros are empty.
  [ -n "$rf_v" ] && [ "$(printf '%s' "$rf_v" | tr -d .)" -ge "$RF_VERILATOR_OLDEST" ] || return 1
  for rf_root in "${2:-}" "$1/../share/verilator" \
    "$("$1/verilator_bin" --getenv VERILATOR_ROOT 2>/dev/null)"; do
    if [ -n "$rf_root" ] && [ -f "$rf_root/include/verilated.cpp" ]; then
      RF_VERILATOR_ROOT=$(cd "$rf_root" && pwd)
      RF_VERILATOR_BIN=$(cd "$1" && pwd)
      RF_VERILATOR_VERSION=$rf_v
      return 0
    fi
  done
  return 1
}

rf_find_verilator() {
  if [ -n "${VERILATOR_ROOT:-}" ]; then
    rf_try "$VERILATOR_ROOT/bin" "$VERILATOR_ROOT" && return 0
    rf_try "$VERILATOR_ROOT/../../bin" "$VERILATOR_ROOT" && return 0
  fi
  rf_on_path=$(command -v verilator_bin 2>/dev/null) &&
    rf_try "$(dirname "$(readlink -f "$rf_on_path")")" && return 0
  rf_try "$RF_REPO/.tools/verilator/verilator/bin" && return 0
  rf_try "$RF_REPO/.tools/verilator-deb/usr/bin" && return 0
  return 1
}
