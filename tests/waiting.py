"""Waiting for what another process does: looked at again and again, never slept for."""

from __future__ import annotations

import time
from collections.abc import Callable

# Long enough for a busy machine: what it bounds is a test that will never pass.
PATIENCE_S = 120.0


def until(happened: Callable[[], bool], what: str, *, every_s: float = 0.2, patience_s: float = PATIENCE_S) -> None:
    """Return as soon as it has happened; fail and say ``what`` when it does not in time."""
    deadline_s = time.monotonic() + patience_s
    while not happened():
        assert time.monotonic() < deadline_s, f"not within {patience_s:g} s: {what}"
        time.sleep(every_s)
