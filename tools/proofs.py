# SPDX-License-Identifier: Apache-2.0
"""The table of the proofs, and their models."""

import os
import shutil

import yosys

OUT = os.path.join(yosys.TARGET, "prove")
FORMAL = os.path.join(yosys.ROOT, "rtl/formal")


class BuildError(Exception):
    """Text that does not elaborate."""


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


def build(proof, rtl, folder, defines=()):
    """The model as SMT-LIB, in a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = os.path.join(folder, "model.smt2")
    files = yosys.rtl_files(rtl) + [
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
    wrong = yosys.run(passes, os.path.join(folder, "yosys.log"))
    if wrong or not os.path.exists(model):
        raise BuildError(f"{proof.name} does not elaborate: {wrong}")
    return model
