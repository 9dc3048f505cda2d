# SPDX-License-Identifier: Apache-2.0
"""A model of Yosys in SMT-LIB, and Yices on it."""

import re
import select
import subprocess

from yosys import TOOLS


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
    """No answer within the limit."""


class SolverError(Exception):
    """Something else than an answer."""


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
            raise SolverError(f"the solver says: {answer}")
        return answer == "sat"
