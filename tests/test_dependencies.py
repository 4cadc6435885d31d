"""Every dependency is locked with its hash, and explained."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(requirement: str) -> str:
    """The normalised name at the beginning of a requirement."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].replace("_", "-").replace(".", "-").lower()


def locked(file_name: str) -> dict[str, bool]:
    """Packages of a lock file, and whether each has a hash."""
    text = (PROJECT / file_name).read_text(encoding="utf-8").replace("\\\n", "")
    return {name_of(line): "--hash=sha256:" in line for line in text.splitlines() if re.match(r"\w", line)}


@pytest.mark.parametrize("requirement", [*DECLARED["dependencies"], *DECLARED["optional-dependencies"]["dev"]])
def test_a_dependency_is_explained(requirement: str) -> None:
    """docs/dependencies.md has a line for each package that pyproject.toml asks for."""
    page = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {name_of(line.removeprefix("| ")) for line in page.splitlines() if line.startswith("| ")}
    assert name_of(requirement) in explained


def test_lock_files_hold_what_is_asked_for() -> None:
    """What runs is in requirements.lock; that and what develops is in requirements-dev.lock."""
    runtime = {name_of(requirement) for requirement in DECLARED["dependencies"]}
    development = {name_of(requirement) for requirement in DECLARED["optional-dependencies"]["dev"]}
    assert runtime - locked("requirements.lock").keys() == set()
    assert (runtime | development) - locked("requirements-dev.lock").keys() == set()


@pytest.mark.parametrize("file_name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_a_hash(file_name: str) -> None:
    """The installer takes nothing whose content is not known beforehand."""
    assert [name for name, has_hash in locked(file_name).items() if not has_hash] == []


@pytest.mark.parametrize("file_name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_name_no_registry(file_name: str) -> None:
    """Where packages come from is the machine's affair."""
    assert "://" not in (PROJECT / file_name).read_text(encoding="utf-8")
