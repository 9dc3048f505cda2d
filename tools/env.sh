# SPDX-License-Identifier: Apache-2.0
# `. tools/env.sh` from the repository's root: exports VERILATOR_ROOT and puts its bin first on PATH.
# Both, because the crate `verilated` takes the first verilator_bin on PATH whatever the root says.
RF_REPO=${RF_REPO:-$PWD}
if [ ! -f "$RF_REPO/tools/verilator.sh" ]; then
  echo "env: source this from the root of the repository" >&2
else
  . "$RF_REPO/tools/verilator.sh"
  if rf_find_verilator; then
    export VERILATOR_ROOT="$RF_VERILATOR_ROOT"
    export PATH="$RF_VERILATOR_BIN:$PATH"
  else
    echo "env: no Verilator 5.006 or newer: run make setup" >&2
  fi
fi
