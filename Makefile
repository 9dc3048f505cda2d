# SPDX-License-Identifier: Apache-2.0
# `make help` lists the targets. Every phase prints one line with its seconds.

SHELL := /bin/sh
export CARGO_TARGET_DIR ?= $(CURDIR)/target
# Compiled models, shared by all profiles and features (sim/build/store.rs).
export RINGFENCE_MODELS ?= $(CARGO_TARGET_DIR)/models

PHASE := @tools/phase.sh
CARGO := tools/cargo.sh
SCENARIO ?= scenarios/playback/secure-playback.toml

.PHONY: help setup run test lint random latency mutants transients histories interleavings hazards firmware-update review prove prove-mutants \
  synth test-verilators coverage bench clib doctor
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 24

setup: ## find Verilator, or put one into .tools/
	$(PHASE) setup tools/setup.sh

run: setup ## build, then play the default scenario (SCENARIO=file for another)
	$(PHASE) build $(CARGO) build --release --locked
	@$(CARGO_TARGET_DIR)/release/ringfence run $(SCENARIO)
	@echo "next      the same with the firewall left open (it fails, and shows the movie leak):"
	@echo "          target/release/ringfence run $(SCENARIO) --set firewall.background=allow"

test: setup ## formatting, RTL lint, proofs, then every test
	$(PHASE) fmt $(CARGO) fmt --all --check
	$(PHASE) rtl tools/lint-rtl.sh
	$(PHASE) tools tools/setup-formal.sh
	$(PHASE) prove tools/prove.py
	$(PHASE) test $(CARGO) test --workspace --locked --no-fail-fast --features planted-faults

lint: setup ## formatting, clippy, Verilator -Wall on every shape
	$(PHASE) fmt $(CARGO) fmt --all --check
	$(PHASE) clippy $(CARGO) clippy --workspace --all-targets --locked \
	  --features planted-faults -- -D warnings
	$(PHASE) rtl tools/lint-rtl.sh

N ?= 10000000
random: setup ## N random transactions at the firewall's pins, all shapes, against the golden model
	$(PHASE) build $(CARGO) test --release --locked --features all-pins --test random --no-run
	@$(CARGO) test --release --quiet --locked --features all-pins --test random -- $(N)

latency: setup ## cycles that the firewall adds, beside wires in its place
	$(PHASE) build $(CARGO) test --locked --features latency-pins --test latency --no-run
	@$(CARGO) test --quiet --locked --features latency-pins --test latency

mutants: setup ## every planted one-line fault of the RTL, and who objects to it, proofs included
	$(PHASE) tools tools/setup-formal.sh
	$(PHASE) proofs tools/prove.py --faults
	$(PHASE) build $(CARGO) test --locked --features planted-faults --test mutants --no-run
	$(PHASE) mutants $(CARGO) test --quiet --locked --features planted-faults --test mutants -- \
	  --proofs $(abspath $(CARGO_TARGET_DIR))/prove/faults.json

synth: ## LUTs, flip-flops and longest path of the firewall, by regions and filters
	$(PHASE) tools tools/setup-formal.sh
	$(PHASE) synth tools/synth.py

test-verilators: setup ## the suite on the oldest and the newest Verilator, and with random values before reset
	tools/test-verilators.sh

coverage: setup ## lines and toggles of the RTL that the tests reach, as lcov and a table
	tools/coverage.sh

bench: setup ## cost of the harness over the bare model
	$(PHASE) build $(CARGO) bench --locked --features bare --bench yardstick --no-run
	@$(CARGO) bench --quiet --locked --features bare --bench yardstick

transients: setup ## what leaks and stalls between register writes, by programming order
	$(PHASE) build $(CARGO) test --locked --bench transients --no-run
	@$(CARGO) test --quiet --locked --bench transients

STEPS ?= 1000000
histories: setup ## random allocation histories (STEPS) against an interval model
	$(PHASE) build $(CARGO) test --locked --test histories --no-run
	@HISTORY_STEPS=$(STEPS) $(CARGO) test --quiet --locked --test histories -- --nocapture

interleavings: setup ## every interleaving of a dynamic pool's get and put, and what it leads to
	$(PHASE) build $(CARGO) test --locked --test interleavings --no-run
	@$(CARGO) test --quiet --locked --test interleavings -- --nocapture

review: setup ## the reviewer's questions, answered by runs
	$(PHASE) build $(CARGO) test --locked --test review --no-run
	@$(CARGO) test --quiet --locked --test review -- --nocapture

hazards: setup ## every hazard of the review, under a kernel as merged and hardened, and what cures it
	$(PHASE) build $(CARGO) test --locked --test hazards --no-run
	@$(CARGO) test --quiet --locked --test hazards -- --nocapture --test-threads 1 every_hazard

firmware-update: setup ## what a lend and a reclaim cost, by programming order and by what is drained
	$(PHASE) build $(CARGO) test --locked --test firmware_update --no-run
	@$(CARGO) test --quiet --locked --test firmware_update -- --nocapture --test-threads 1 the_page

prove: ## the firewall's properties, by induction (fetches Yosys and Yices into .tools/formal)
	$(PHASE) tools tools/setup-formal.sh
	$(PHASE) prove tools/prove.py

prove-mutants: ## each proved property against a defect that it must find
	$(PHASE) tools tools/setup-formal.sh
	$(PHASE) mutants tools/prove.py --mutants

clib: setup ## the board as a static library for C, and a C driver that runs on it (docs/c-driver.md)
	$(PHASE) build $(CARGO) rustc --release --locked -p ringfence-sim --lib --crate-type staticlib
	$(PHASE) link tools/clib.sh $(CARGO_TARGET_DIR)/release/libringfence_sim.a

doctor: ## what is there and what is missing
	@tools/doctor.sh
