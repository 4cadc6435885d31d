"""Laws of the feed's tokens: what is signed is what is granted, and nothing else is believed."""

from __future__ import annotations

import dataclasses

import jwt
import pytest

from alerts.routing import Section
from alerts.tokens import Grant, GrantRefused, Post, TokenFault, TokenRefused, grant_of, issue

SECRET = "s" * 64
NOW_S = 1_800_000_000
GRANT = Grant("u-3108", Post.HANDLING, (Section.TREASURY,), "652700", ("农业处",), expires_at=NOW_S + 60)


def made(**changes: object) -> str:
    """A token of the grant, changed where a law needs it."""
    return issue(dataclasses.replace(GRANT, **changes), SECRET, audience="here", now_s=NOW_S)  # type: ignore[arg-type]


def read(token: str, *, secret: str = SECRET, audience: str = "here", now_s: int = NOW_S) -> Grant:
    """What a token says here and now."""
    return grant_of(token, secret, audience=audience, now_s=now_s)


def signed(claims: dict[str, object], algorithm: str = "HS256") -> str:
    """A token that our own code would not make."""
    whole = {"iss": "fundwatch", "aud": "here", "sub": "u", "exp": NOW_S + 60, "post": "handling", "region": "652700"}
    return jwt.encode({**whole, "sections": ["treasury"], **claims}, SECRET, algorithm=algorithm)


def test_token_says_what_was_granted() -> None:
    """Every field comes back."""
    assert read(made()) == GRANT


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        ("", TokenFault.MISSING),
        ("abc", TokenFault.MALFORMED),
        ("a" * 5_000, TokenFault.MALFORMED),
        (jwt.encode({"exp": NOW_S + 60}, "x" * 32), TokenFault.SIGNATURE),
        (signed({}, algorithm="HS512"), TokenFault.MALFORMED),
        (jwt.encode({"exp": NOW_S + 60}, "", algorithm="none"), TokenFault.MALFORMED),
        (signed({"aud": "elsewhere"}), TokenFault.OTHER_SYSTEM),
        (signed({"iss": "elsewhere"}), TokenFault.OTHER_SYSTEM),
        (signed({"exp": NOW_S}), TokenFault.EXPIRED),
        (signed({"exp": float(NOW_S + 60)}), TokenFault.CLAIMS),
        (signed({"sections": []}), TokenFault.CLAIMS),
        (signed({"sections": "treasury"}), TokenFault.CLAIMS),
        (signed({"sections": ["everything"]}), TokenFault.CLAIMS),
        (signed({"post": "king"}), TokenFault.CLAIMS),
        (signed({"business_sections": "all"}), TokenFault.CLAIMS),
        (signed({"exp": NOW_S + 367 * 86_400}), TokenFault.CLAIMS),
        (signed({"nbf": NOW_S + 30}), TokenFault.CLAIMS),
        (signed({"region": "6527"}), TokenFault.CLAIMS),
    ],
)
def test_token_that_is_not_ours_whole_and_in_time_is_refused_by_name(token: str, fault: TokenFault) -> None:
    """Each fault has its name."""
    with pytest.raises(TokenRefused) as refused:
        read(token)
    assert refused.value.fault is fault


def test_changed_token_is_refused() -> None:
    """Not one letter of what is granted can be changed."""
    header, payload, signature = made().split(".")
    other = signed({"region": "650000"}).split(".")[1]
    with pytest.raises(TokenRefused) as refused:
        read(f"{header}.{other}.{signature}")
    assert (refused.value.fault, payload != other) == (TokenFault.SIGNATURE, True)


def test_token_of_another_system_with_the_same_secret_is_refused() -> None:
    """A test namespace opens no other."""
    with pytest.raises(TokenRefused) as refused:
        read(made(), audience="there")
    assert refused.value.fault is TokenFault.OTHER_SYSTEM


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": ""},
        {"sections": ()},
        {"region": "123456"},
        {"expires_at": NOW_S},
        {"expires_at": NOW_S + 367 * 86_400},
    ],
)
def test_token_without_bearer_scope_or_end_is_not_made(changes: dict[str, object]) -> None:
    """Whoever mints one is told what is missing."""
    with pytest.raises(GrantRefused):
        made(**changes)


def test_short_secret_signs_nothing() -> None:
    """RFC 7518: at least as long as the hash."""
    with pytest.raises(GrantRefused):
        issue(GRANT, "short", audience="here", now_s=NOW_S)
