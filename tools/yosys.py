# SPDX-License-Identifier: Apache-2.0
"""Yosys with read_slang, from .tools/formal, on the firewall's files."""

import os
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools/formal")
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
RTL = os.path.abspath(os.environ.get("RINGFENCE_RTL", os.path.join(ROOT, "rtl")))
ENV = dict(
    os.environ,
    PYTHONPATH=f"{TOOLS}:{TOOLS}/pyosys/share/python3",
    PATH=f"{TOOLS}/bin:{os.environ['PATH']}",
)


def rtl_files(rtl):
    """The firewall's files, in the order of files.f."""
    with open(os.path.join(rtl, "files.f"), encoding="utf-8") as f:
        lines = [line.split("//")[0].strip() for line in f]
    return [os.path.join(rtl, p) for p in lines if p and not p.startswith(("dma/", "fabric/"))]


def run(passes, log, limit=None):
    """Runs the passes in a process of its own, its output in `log`; the errors, None if none."""
    driver = (
        "import sys\nfrom pyosys import libyosys as ys\nd = ys.Design()\n"
        "for p in sys.stdin.read().splitlines():\n    ys.run_pass(p, d)\n"
    )
    with open(log, "w", encoding="utf-8") as out:
        try:
            # A session of its own, so that a limit ends abc with it.
            process = subprocess.Popen(
                [sys.executable, "-c", driver], stdin=subprocess.PIPE, stdout=out,
                stderr=subprocess.STDOUT, env=ENV, text=True, start_new_session=True,
            )  # fmt: skip
            process.communicate("\n".join(passes), timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"not done in {limit} s"
    if process.returncode == 0:
        return None
    with open(log, encoding="utf-8") as text:
        errors = [line.strip() for line in text if "ERROR" in line or "error:" in line]
    return " ".join(errors[:3]) or f"ended with {process.returncode}"
