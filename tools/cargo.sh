#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cargo with the project's Verilator in its environment.
cd "$(dirname "$0")/.." || exit 1
. tools/env.sh
exec cargo "$@"
