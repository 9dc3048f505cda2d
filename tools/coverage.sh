#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Line and toggle coverage of rtl/ by the directed tests, the random test and the main job, as lcov
# in target/coverage/rtl.info, with a table by file.
set -eu
RF_REPO=$(cd "$(dirname "$0")/.." && pwd)
cd "$RF_REPO"
. tools/env.sh
target=${CARGO_TARGET_DIR:-$RF_REPO/target}
out=$target/coverage
rm -rf "$out"
mkdir -p "$out/data"
RINGFENCE_COVERAGE=$out/data
export RINGFENCE_COVERAGE
cargo --quiet test --locked --features coverage --test directed -- check_latency
cargo --quiet test --locked --features coverage -p ringfence-sim --test model
cargo --quiet test --locked --features coverage --test random
cargo --quiet run --locked --features coverage -- run scenarios/playback/secure-playback.toml --out "$out/run"
verilator_coverage --write "$out/merged.dat" "$out"/data/*.dat >/dev/null
verilator_coverage --write-info "$out/all.info" "$out/merged.dat" >/dev/null
python3 tools/coverage.py "$out/merged.dat" "$out/all.info" "$out/rtl.info"
