"""Laws of the count of failed commits: it outlives the process that it ended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from domain.settings import Settings
from streams.failures import note_failure, noted_failures


@pytest.fixture
def worker(tmp_path: Path) -> Settings:
    """Settings of one worker."""
    return Settings(home=str(tmp_path), worker="worker-1")


def test_a_worker_that_never_failed_has_nothing_noted(worker: Settings) -> None:
    """Before the first failure there is no file, and no failure."""
    assert noted_failures(worker) == Counter()


def test_failures_add_up_by_stage(worker: Settings) -> None:
    """The next process of a worker finds every failure of the earlier ones."""
    note_failure(worker, "judge")
    note_failure(worker, "desk")
    note_failure(worker, "judge")
    assert noted_failures(worker) == Counter(judge=2, desk=1)


def test_failures_are_each_worker_s_own(worker: Settings, tmp_path: Path) -> None:
    """A worker does not count what ended another one of the same folder."""
    note_failure(Settings(home=str(tmp_path), worker="worker-2"), "judge")
    assert noted_failures(worker) == Counter()
