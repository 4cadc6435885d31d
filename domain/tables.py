"""Tab-separated tables shipped with the package, read once at import: constants of the version, not input.

Lines that start with # are comments; the first other line names the columns.
"""

from __future__ import annotations

from importlib import resources


def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``domain/data/<name>`` by column; raises FileNotFoundError when the package lacks it."""
    text = resources.files("domain").joinpath("data", name).read_text("utf-8")
    header, *rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(dict(zip(header, row, strict=True)) for row in rows)
