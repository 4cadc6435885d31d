"""The secret that signs feed tokens: as configured, or made at the first start and kept in the home folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from domain.settings import Settings

_FILE = "token.secret"
_BYTES = 48


def token_secret(settings: Settings) -> str:
    """The secret of this home folder. Its file is readable by its owner only, and never replaced."""
    if settings.token_secret:
        return settings.token_secret
    folder = Path(settings.home)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii").strip()


def _make(path: Path) -> None:
    """Write a whole file and then give it its name: of two processes at their first start one wins, both read its."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_BYTES) + "\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def audience(settings: Settings) -> str:
    """Whom tokens are for: this system, so that those of a test namespace do not open another."""
    return settings.topic("fundwatch-feed")
