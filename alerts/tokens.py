"""Feed tokens: who may see which alerts. Scope comes from here and never from a request (user_demands.md B19).

A token is a JSON Web Token signed with HMAC-SHA256, made and checked with PyJWT; no other algorithm is accepted. Pure:
the time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import jwt

from alerts.routing import Section
from domain import regions

ALGORITHM = "HS256"
ISSUER = "fundwatch"
# RFC 7518 section 3.2: a key of HMAC-SHA256 has at least as many bytes as its hash.
SECRET_BYTES_MIN = 32
# A year: people change posts, and a token cannot be called back.
VALID_DAYS_MAX = 366
# Longer than any token we make (about 400 bytes); a header of megabytes is not worth parsing.
TOKEN_CHARS_MAX = 4_096
WHOLE_COUNTRY = "000000"


class Post(StrEnum):
    """What a person is, by wire.md ``post.assigned``, and the reader of another system."""

    RECEIPT_DISPATCH = "receipt_dispatch"  # 总收发岗
    HANDLING = "handling"  # 业务经办岗
    REVIEW = "review"  # 审核岗
    APPLICATION_USER = "application_user"  # 应用人员
    SYSTEM_ADMINISTRATOR = "system_administrator"  # 系统管理员: runs the system and sees no alert


class TokenFault(StrEnum):
    """Why a token does not count; used verbatim in answers and metrics."""

    MISSING = "token_missing"
    MALFORMED = "token_malformed"
    SIGNATURE = "token_signature"
    EXPIRED = "token_expired"
    OTHER_SYSTEM = "token_of_another_system"
    CLAIMS = "token_claims"


class TokenRefused(Exception):
    """The bearer is not known; carries the fault."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class GrantRefused(ValueError):
    """A token of this content is not made; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says of its bearer."""

    subject: str
    post: Post
    sections: tuple[Section, ...]
    region: str  # this one and everything below it
    business_sections: tuple[str, ...] = ()  # of `business` only these; empty = all
    expires_at: int = 0  # seconds since 1970


def issue(grant: Grant, secret: str, *, audience: str, now_s: int) -> str:
    """A signed token. Raises GrantRefused."""
    _refuse_weak(secret)
    if not grant.subject or not grant.sections:
        raise GrantRefused("a token names its bearer and at least one section")
    if grant.region != WHOLE_COUNTRY and not regions.exists(grant.region):
        raise GrantRefused(f"region {grant.region} does not exist")
    if not now_s < grant.expires_at <= now_s + VALID_DAYS_MAX * 86_400:
        raise GrantRefused(f"a token is valid for up to {VALID_DAYS_MAX} days")
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": grant.subject,
        "exp": grant.expires_at,
        "post": grant.post.value,
        "sections": [section.value for section in grant.sections],
        "region": grant.region,
        "business_sections": list(grant.business_sections),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def grant_of(token: str, secret: str, *, audience: str, now_s: int) -> Grant:
    """What a token says, when it is ours and in time. Raises TokenRefused."""
    _refuse_weak(secret)
    if not token:
        raise TokenRefused(TokenFault.MISSING)
    if len(token) > TOKEN_CHARS_MAX:
        raise TokenRefused(TokenFault.MALFORMED)
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            options={
                "require": ["exp", "aud", "iss", "sub"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidSignatureError as error:
        raise TokenRefused(TokenFault.SIGNATURE) from error
    except (jwt.InvalidAudienceError, jwt.InvalidIssuerError) as error:
        raise TokenRefused(TokenFault.OTHER_SYSTEM) from error
    except jwt.MissingRequiredClaimError as error:
        raise TokenRefused(TokenFault.CLAIMS) from error
    except jwt.PyJWTError as error:
        raise TokenRefused(TokenFault.MALFORMED) from error
    grant = _grant(claims)
    if grant.expires_at <= now_s:
        raise TokenRefused(TokenFault.EXPIRED)
    # Whoever holds the secret can sign anything; what `issue` would not make is not believed.
    if not _is_grantable(grant, now_s) or "nbf" in claims:
        raise TokenRefused(TokenFault.CLAIMS)
    return grant


def _is_grantable(grant: Grant, now_s: int) -> bool:
    is_place = grant.region == WHOLE_COUNTRY or regions.exists(grant.region)
    return is_place and grant.expires_at <= now_s + VALID_DAYS_MAX * 86_400


def _grant(claims: dict[str, object]) -> Grant:
    expires_at, sections, business = claims["exp"], claims.get("sections"), claims.get("business_sections", [])
    if type(expires_at) is not int or not isinstance(sections, list) or not isinstance(business, list) or not sections:
        raise TokenRefused(TokenFault.CLAIMS)
    try:
        return Grant(
            subject=str(claims["sub"]),
            post=Post(str(claims.get("post"))),
            sections=tuple(Section(str(section)) for section in sections),
            region=str(claims["region"]),
            business_sections=tuple(str(name) for name in business),
            expires_at=expires_at,
        )
    except (KeyError, ValueError) as error:
        raise TokenRefused(TokenFault.CLAIMS) from error


def _refuse_weak(secret: str) -> None:
    if len(secret.encode()) < SECRET_BYTES_MIN:
        raise GrantRefused(f"the secret that signs tokens has to have at least {SECRET_BYTES_MIN} bytes")
