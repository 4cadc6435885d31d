"""Prometheus' own programs for the tests of deploy/: from the PATH, else Debian's, unpacked into the home folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
UNPACKED = PROJECT / ".fundwatch" / "prometheus"


def program(name: str) -> str:
    """The path of a program of Debian's package prometheus; fails with one line where it cannot be had."""
    found = shutil.which(name)
    if found:
        return found
    script = PROJECT / "deploy" / "prometheus" / "fetch_debian.sh"
    fetched = subprocess.run([str(script), str(UNPACKED)], capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        pytest.fail(fetched.stderr.strip(), pytrace=False)
    return str(UNPACKED / "usr" / "bin" / name)


@pytest.fixture(scope="session")
def promtool() -> str:
    """Path of promtool."""
    return program("promtool")


@pytest.fixture(scope="session")
def prometheus() -> str:
    """Path of Prometheus."""
    return program("prometheus")
