"""Parts of the bench that run in a process of their own: each prints its rate on a line of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.machine import PROJECT, Rate

_RUN_S_MAX = 300.0
_MARK = "rate "


def run(module: str, *arguments: str | int | Path) -> Rate:
    """Run a module of the bench and return the rate that it answers with."""
    command = [sys.executable, "-m", f"bench.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=_RUN_S_MAX, check=False)
    found = [line.rpartition(_MARK)[2] for line in done.stdout.splitlines() if _MARK in line]
    assert found, f"{module} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return Rate(*json.loads(found[-1]))


def answer(rate: Rate) -> None:
    """What a child ends with."""
    print(_MARK + json.dumps(rate), flush=True)
