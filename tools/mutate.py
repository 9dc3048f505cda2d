# SPDX-License-Identifier: Apache-2.0
"""One-line changes of the RTL, and the properties that find them from reset."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

from proofs import FORMAL, OUT, PROOFS, BuildError, Proof, build
from smt import Model, Solver, TimeUp
from yosys import ROOT

FAULTS = os.path.join(ROOT, "sim/faults.txt")
CYCLES = 14  # from reset, for a mutant
# The same for a fault, by proof: a cycle more costs several times as much.
FAULT_CYCLES = {"check": 1, "regs": 4, "log": 5, "read": 6, "write": 6}
FAULT_LIMIT = 180  # seconds for all proofs of a fault: what takes longer kills nothing


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def table(path):
    """The rows of a table of changes."""
    lines = read(path).splitlines()
    return [line.split(" :: ") for line in lines if line.strip() and line[0] != "#"]


def once(rtl, path, text, name):
    """Refuses a change whose text is not in its file exactly once."""
    count = read(os.path.join(rtl, path)).count(text)
    if count != 1:
        raise BuildError(f"{name}: {path} has {count} of: {text}")


@contextlib.contextmanager
def changed(rtl, changes):
    """A copy of the firewall with every (file, text, replacement)."""
    with tempfile.TemporaryDirectory() as copy:
        for part in ("common", "tzasc"):
            shutil.copytree(os.path.join(rtl, part), os.path.join(copy, part))
        shutil.copy(os.path.join(rtl, "files.f"), copy)
        for path, old, new in changes:
            text = read(os.path.join(copy, path))
            with open(os.path.join(copy, path), "w", encoding="utf-8") as f:
                f.write(text.replace(old, new, 1))
        yield copy


def alone(name, latency=0, outst=2, **params):
    """A proof of properties alone: no assertion of the RTL."""
    proof = next(p for p in PROOFS if p.name == name)
    proof = Proof(name, proof.top, dict(proof.params), proof.k, ("u_filter", "u_dut"), limit=200)
    if "Outst" in proof.params:
        proof.params.update(Outst=outst, CheckLat=latency, **params)
    return proof


def mutants(only, rtl):
    """Each property against a defect, by the property alone: no invariants, no other assertion."""
    rows = table(os.path.join(FORMAL, "mutants.txt"))
    used = {row[0] for row in rows}
    for name, _, path, old, _ in rows:
        once(rtl, path, old, name)
    caught = missed = 0
    for name, where, path, old, new in rows:
        if only and only not in name:
            continue
        start = time.monotonic()
        top, _, latency = where.partition("+")
        top, _, within = top.partition("~")
        top, _, outst = top.partition("/")
        more = {"Within": int(within)} if within else {}
        proof = alone(top, int(latency or 0), int(outst or 2), **more)
        with changed(rtl, [(path, old, new)]) as copy:
            folder = os.path.join(OUT, "mutants", f"{name}-{caught + missed}")
            model = Model(build(proof, copy, folder, ["RF_NO_HELPERS"]), proof.top)
        numbers = [n for n, a in model.asserts.items() if a == name]
        if len(numbers) != 1:
            raise BuildError(f"{proof.top} has no property {name}")
        solver = Solver(model, proof.limit)
        result = None
        try:
            for step in range(CYCLES if proof.k else 1):
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
            names.update(re.findall(r"\b[A-Z]\w+_P\b", read(os.path.join(FORMAL, file))))
    return names


# What a fault must pass, cheapest first; tables of two entries are full within the cycles.
FAULT_PROOFS = [
    alone("check"),
    alone("regs"),
    alone("log"),
    *(alone(side, latency) for latency in (0, 1) for side in ("read", "write")),
]


def files_of(proof, rtl):
    """The files of the modules below a proof's top, by the names that appear in their texts."""
    found, texts = set(), [read(os.path.join(FORMAL, f"{proof.top}.sv"))]
    if "`include \"filter_dut.svh\"" in texts[0]:
        texts.append(read(os.path.join(FORMAL, "filter_dut.svh")))
    # A side is proved with the other one free, the registers without the extension block.
    without = {"read": "tzasc_write", "write": "tzasc_read", "regs": "tzasc_ext"}
    other = without.get(proof.name, "-")
    paths = [f"{part}/{f}" for part in ("common", "tzasc") for f in os.listdir(f"{rtl}/{part}")]
    while texts:
        text = texts.pop()
        for path in paths:
            name = os.path.basename(path).removesuffix(".sv")
            wanted = path not in found and not name.startswith(other)
            if wanted and re.search(rf"\b{name}\b", text):
                found.add(path)
                texts.append(read(os.path.join(rtl, path)))
    return found


def first_failure(proof, rtl, folder, until):
    """(property, cycle) of the first failure from reset, None if there is none."""
    model = Model(build(proof, rtl, folder, ["RF_NO_HELPERS"]), proof.top)
    solver = Solver(model, 0)
    try:
        for step in range(FAULT_CYCLES[proof.name]):
            solver.state(step == 0)
            for number in sorted(model.asserts, key=model.asserts.get):
                solver.limit = max(until - time.monotonic(), 0)
                if solver.can(f"(not {solver.of('a', step, number)})"):
                    return model.asserts[number], step
            solver.say(f"(assert {solver.of('a', step)})")
        return None
    finally:
        solver.close()


def hunt(name, changes, proofs, rtl, limit):
    """What finds one fault: a row of faults.json without its number."""
    start = time.monotonic()
    row = {"proof": None, "property": None, "cycle": None, "note": ""}
    with changed(rtl, changes) as copy:
        for at, proof in enumerate(proofs):
            folder = os.path.join(OUT, "faults", f"{name}-{at}")
            try:
                found = first_failure(proof, copy, folder, start + limit)
            except TimeUp:
                row["note"] = "time is up"
                break
            except BuildError:
                row["note"] = "no model in the sizes of the proofs"
                break
            if found:
                row["proof"] = f"{proof.name} {proof.shown()}"
                row["property"], row["cycle"] = found
                break
    row["seconds"] = round(time.monotonic() - start, 1)
    return row


def planted(rtl):
    """Fault number to its changes, with the fault chosen; what it looks at is free."""
    found = {}
    for number, _, path, old, new, _ in table(FAULTS):
        once(rtl, path, old, f"fault {number}")
        changes = found.setdefault(int(number), [])
        new = new.replace("$S", "1'b1")
        if "rf_fault_pkg::reg_write" in new:
            new = new.replace("rf_fault_pkg::reg_write", "rf_reg_write")
            changes.append((path, "\n);\n", "\n);\n  logic rf_reg_write;\n"))
        changes.append((path, old, new))
    return found


def digest(rtl):
    """CRC-32 of every text that the result depends on, by name."""
    texts = {"faults.txt": FAULTS}
    for folder, _, files in os.walk(rtl):
        for file in files:
            path = os.path.join(folder, file)
            texts[os.path.relpath(path, rtl)] = path
    return {name: zlib.crc32(read(path).encode()) for name, path in sorted(texts.items())}


def faults(only, rtl):
    """Every fault of sim/faults.txt against the proofs of its file; writes faults.json."""
    if not only:
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(OUT, "faults.json"))
    before = digest(rtl)
    all_faults = {**planted(rtl), 0: []}
    chosen = [n for n in all_faults if not only or only == str(n)]
    files = [files_of(proof, rtl) for proof in FAULT_PROOFS]

    def job(number):
        if number == 0:
            return hunt(0, [], FAULT_PROOFS, rtl, 10 * FAULT_LIMIT)
        path = all_faults[number][0][0]
        proofs = [p for p, inside in zip(FAULT_PROOFS, files) if path in inside]
        if not proofs:
            return {"proof": None, "property": None, "cycle": None,
                    "note": "outside the proofs", "seconds": 0.0}  # fmt: skip
        return hunt(number, all_faults[number], proofs, rtl, FAULT_LIMIT)

    rows = []
    with ThreadPoolExecutor(2) as pool:
        for number, row in zip(chosen, pool.map(job, chosen)):
            rows.append({"id": number, **row})
            found = f"{row['property']} in cycle {row['cycle']}"
            where = all_faults[number][0][0] if number else "no fault"
            print(f"{number:2} {where:26} {row['proof'] or '-':38} "
                  f"{found if row['proof'] else row['note'] or '-':40} {row['seconds']:6.1f} s",
                  flush=True)  # fmt: skip
    killed = sum(row["proof"] is not None for row in rows if row["id"])
    print(f"proofs kill {killed} of {len(rows) - (0 in chosen)} faults, from reset")
    if only:
        return killed > 0
    unharmed = rows.pop()
    if unharmed["proof"] or unharmed["note"] or digest(rtl) != before:
        print("the RTL without a fault does not pass; nothing can be said of faults")
        return False
    with open(os.path.join(OUT, "faults.json"), "w", encoding="utf-8") as f:
        json.dump({"cycles": FAULT_CYCLES, "sources": before, "faults": rows}, f, indent=1)
    return killed >= 10
