#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# phase.sh NAME COMMAND...: runs the command and prints one line with its seconds.
name=$1
shift
start=$(date +%s%N)
"$@"
status=$?
tenths=$((($(date +%s%N) - start) / 100000000))
[ $status -eq 0 ] && word=ok || word="failed ($status)"
printf 'phase %-8s %4d.%d s  %s\n' "$name" $((tenths / 10)) $((tenths % 10)) "$word"
exit $status
