"""Fixtures of the connectors' tests."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest


@pytest.fixture
def peak_bytes() -> Callable[[Callable[[], int]], int]:
    """Runs something and says how much memory it held at most."""

    def measure(run: Callable[[], int]) -> int:
        tracemalloc.start()
        try:
            run()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure
