"""Money is a whole number of fen (分), everywhere: no float comes near it, and a division says how it rounds."""

from __future__ import annotations

from typing import Final

FEN_PER_YUAN: Final = 100
_BASIS_POINTS: Final = 10_000


def _whole(fen: int) -> int:
    if type(fen) is not int:
        raise TypeError(f"{fen!r}: money is a whole number of fen, an int")
    return fen


def yuan_text(fen: int) -> str:
    """In 元 with two decimals, for people: 123456789 -> ``1,234,567.89``."""
    sign = "-" if _whole(fen) < 0 else ""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{yuan:,}.{rest:02d}"


def basis_points(numerator_fen: int, denominator_fen: int) -> int | None:
    """A ratio in basis points, rounded half up; None (no value, "—") when the denominator is 0 (calibres.md 1.4)."""
    if _whole(denominator_fen) == 0:
        return None
    if denominator_fen < 0:
        numerator_fen, denominator_fen = -numerator_fen, -denominator_fen
    # floor(x + 1/2) in whole numbers; exact however large the sums are.
    return (2 * _whole(numerator_fen) * _BASIS_POINTS + denominator_fen) // (2 * denominator_fen)
