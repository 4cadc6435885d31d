"""Unified social credit codes (GB 32100-2015) for invented enterprises: well-formed, with the right check character."""

from __future__ import annotations

from hashlib import sha256

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(region: str, name: str) -> str:
    """The code of an enterprise, always the same one."""
    digest = sha256(name.encode()).digest()
    organisation = "".join(_CHARACTERS[byte % 31] for byte in digest[:6])
    seventeen = f"91{region}MA{organisation}0"
    total = sum(_CHARACTERS.index(character) * 3**place for place, character in enumerate(seventeen))
    return seventeen + _CHARACTERS[(31 - total % 31) % 31]
