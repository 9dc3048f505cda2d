#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clib.sh LIBRARY: links the program of sim/examples/c with it, as anybody outside cargo would, says
# how, and runs it.
set -eu
library=$(realpath "$1")
cd "$(dirname "$0")/.."
program=$(mktemp)
trap 'rm -f "$program"' EXIT

set -- -std=c11 -O2 -Wall -Wextra -Werror -pedantic -Isim/include -Isim/examples/c \
  sim/examples/c/board.c sim/examples/c/tzc400.c "$library" -lstdc++ -lpthread -ldl -lm
echo "${CC:-cc} $*"
# shellcheck disable=SC2086 # CC may have arguments
${CC:-cc} "$@" -o "$program"
"$program"
