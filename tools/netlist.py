# SPDX-License-Identifier: Apache-2.0
"""What a netlist of Yosys (write_json) holds: LUTs, flip-flops, tables, and its longest path."""

import json
from collections import Counter, defaultdict

TABLE = "$mem_v2"


def load(path):
    """The modules of a netlist."""
    with open(path, encoding="utf-8") as f:
        return json.load(f)["modules"]


def is_register(kind):
    return kind.startswith(("$_DFF", "$_SDFF", "$_ALDFF"))


def number(table, name):
    return int(table["parameters"][name], 2)


def count(module):
    """LUTs, flip-flops, bits in tables, and how many tables have two write ports."""
    found = Counter()
    for cell in module["cells"].values():
        kind = cell["type"]
        if kind == TABLE:
            found["bits"] += number(cell, "SIZE") * number(cell, "WIDTH")
            found["two"] += number(cell, "WR_PORTS") > 1
        found["luts"] += kind == "$lut"
        found["ffs"] += is_register(kind)
    return found


def names(module):
    """A name for each bit of a net that the RTL names: a port's, a register's, else the shortest."""

    def rank(item):
        name = item[0]
        return name not in module["ports"], not name.endswith("_q"), len(name), name

    found = {}
    for name, net in sorted(module["netnames"].items(), key=rank):
        if not net.get("hide_name"):
            for at, bit in enumerate(net["bits"]):
                found.setdefault(bit, f"{name}[{at}]" if len(net["bits"]) > 1 else name)
    return found


def edges(module, named):
    """(bits in, bits out) of what has a level of its own, and {bit: name} of where a path ends."""
    steps, ends = [], {}
    for name, cell in sorted(module["cells"].items()):
        pins = cell["connections"]
        if cell["type"] == "$lut":
            steps.append((pins["A"], pins["Y"]))
        elif cell["type"] == TABLE:
            # An asynchronous look-up counts as one level; a write is an end.
            for kind, into in (("RD", "RD_ADDR"), ("WR", "WR_ADDR")):
                ports = number(cell, f"{kind}_PORTS")
                width = len(pins[into]) // max(ports, 1)
                data = number(cell, "WIDTH")
                for port in range(ports if kind == "RD" else 0):
                    address = pins[into][port * width : (port + 1) * width]
                    steps.append((address, pins["RD_DATA"][port * data : (port + 1) * data]))
            for pin in ("WR_ADDR", "WR_DATA", "WR_EN"):
                ends.update((bit, name) for bit in pins[pin])
        elif is_register(cell["type"]):
            own = named.get(pins["Q"][0], name)
            ends.update((bit, own) for pin in ("D", "E") for bit in pins.get(pin, []))
    for name, port in sorted(module["ports"].items()):
        if port["direction"] == "output":
            ends.update((bit, name) for bit in port["bits"])
    return steps, ends


def depths(steps, named):
    """{bit: level} of what the steps make, and {bit: the deepest bit that it comes from}."""
    users, missing = defaultdict(list), []
    made = {bit for _, out in steps for bit in out}
    for at, (into, _) in enumerate(steps):
        waits = {bit for bit in into if bit in made}
        missing.append(len(waits))
        for bit in waits:
            users[bit].append(at)
    depth, source = {}, {}
    ready = [at for at, waits in enumerate(missing) if waits == 0]
    while ready:
        into, out = steps[ready.pop()]
        # Constants are text. Of equally deep inputs the first by name, so that the answer is one.
        bits = (bit for bit in into if isinstance(bit, int))
        last = min(bits, key=lambda bit: (-depth.get(bit, 0), named.get(bit, "~"), bit), default=None)
        for bit in out:
            depth[bit] = depth.get(last, 0) + 1
            source[bit] = last
            for user in users[bit]:
                missing[user] -= 1
                if missing[user] == 0:
                    ready.append(user)
    if any(missing):
        raise ValueError("the netlist has a combinational loop")
    return depth, source


def longest_paths(module, *kinds):
    """For each kind, a prefix of where a path ends: (levels, start, end) of the longest one.

    A path starts and ends at registers, tables and ports; a LUT and a look-up are a level each.
    """
    named = names(module)
    steps, ends = edges(module, named)
    depth, source = depths(steps, named)
    found = []
    for kind in kinds:
        some = [bit for bit in ends if isinstance(bit, int) and ends[bit].startswith(kind)]
        start = end = min(some, key=lambda bit: (-depth.get(bit, 0), ends[bit], bit))
        while source.get(start) is not None:
            start = source[start]
        found.append((depth.get(end, 0), named.get(start, "?"), ends[end]))
    return found
