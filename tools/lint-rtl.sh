#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lints with -Wall, fatal: the board and the firewall alone in the corners of their parameters, and
# the firewall in every row of PINS in sim/src/shapes.rs.
set -eu
RF_REPO=$(cd "$(dirname "$0")/.." && pwd)
cd "$RF_REPO"
. tools/env.sh

files=$(sed -e 's|//.*||' -e '/^[[:space:]]*$/d' -e 's|^|rtl/|' rtl/files.f)
listed=$(printf '%s\n' "$files" | sort)
present=$(find rtl -name '*.sv' -not -path 'rtl/formal/*' | sort)
if [ "$listed" != "$present" ]; then
  echo "lint: rtl/files.f and the files in rtl/ differ:" >&2
  printf '%s\n%s\n' "$listed" "$present" | sort | uniq -u >&2
  exit 1
fi

lint() {
  top=$1
  shift
  # shellcheck disable=SC2086 # a list of files
  verilator_bin --lint-only -Wall --assert --no-timing -Irtl/common \
    --top-module "$top" "$@" $files >/dev/null # statistics
}
# A package of parts that the firewall does not have would count as unused.
firewall() (
  files=$(printf '%s\n' "$files" | grep -v -e ^rtl/dma/ -e ^rtl/fabric/)
  lint pins "$@"
)

for latency in 0 1; do
  for filters in 1 2 4; do
    lint board -GNumFilters=$filters -GCheckLat=$latency sim/sv/board_pkg.sv sim/sv/raw_mux.sv \
      sim/sv/board_master.sv sim/sv/board.sv
  done
  for filters in 1 4; do
    for regions in 2 9; do
      for ext in 0 1; do
        firewall -GCheckLat=$latency -GNumFilters=$filters -GNumRegions=$regions -GExt=$ext \
          -GPinAddrW=32 -GPinDataW=32 -GPinIdW=1 sim/sv/board_pkg.sv sim/sv/pins.sv
      done
    done
  done
  firewall -GWires=1 sim/sv/board_pkg.sv sim/sv/pins.sv
done

# `pins("name", [filters, regions, outstanding], [address, data, ID bits], latency, extension),`
table=$(sed -n '/^pub const PINS:/,/^];/p' sim/src/shapes.rs | grep '^ *pins(')
shapes=$(printf '%s\n' "$table" | sed -n -e 's/true),$/1/' -e 's/false),$/0/' \
  -e 's/^ *pins("[^"]*", \[\(.*\)\], \[\(.*\)\], \([01]\), \([01]\)$/\1, \2, \3, \4/p')
[ "$(printf '%s\n' "$table" | wc -l)" = "$(printf '%s\n' "$shapes" | wc -l)" ] || {
  echo "lint: a row of PINS in sim/src/shapes.rs is not understood" >&2
  exit 1
}
printf '%s\n' "$shapes" | tr -d , | while read -r filters regions outst address data id latency ext; do
  firewall "-GNumFilters=$filters" "-GNumRegions=$regions" "-GOutst=$outst" \
    "-GPinAddrW=$address" "-GPinDataW=$data" "-GPinIdW=$id" "-GCheckLat=$latency" "-GExt=$ext" \
    sim/sv/board_pkg.sv sim/sv/pins.sv
done

# The rules that proofs assume are assertions here.
for rules in axi_read_rules axi_write_rules; do
  verilator_bin --lint-only -Wall --assert --no-timing -Irtl/common -Irtl/formal \
    --top-module $rules rtl/formal/$rules.sv >/dev/null
done
