"""Writes the JSON Schemas of the ingress contract: `python -m fundwatch.schema_files docs/schemas`."""

from __future__ import annotations

import sys
from pathlib import Path

from domain.schemas import schema_files


def write_schemas(folder: Path) -> None:
    """Write every schema below ``folder``, and remove those of types that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    files = schema_files()
    for stale in {path.name for path in folder.glob("*.json")} - files.keys():
        (folder / stale).unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
