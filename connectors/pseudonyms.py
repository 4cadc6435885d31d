"""Persons and accounts under pseudonyms: no plain ID number, full name or account number leaves the connector.

wire.md 2.1 and section 4, "Persons": HMAC-SHA256 over the normalised number or name with a secret that only the
connectors of a jurisdiction hold; what people need to read travels masked. Two systems that spell a number or a name
differently must arrive at one pseudonym, so everything hangs on the normal forms below; changing one changes every
pseudonym and needs a new key version and all listings and rows sent anew (wire.md section 9).
"""

from __future__ import annotations

import hmac
import re
import secrets
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

# HMAC-SHA256 gains nothing above its 32-byte block output and loses strength below it.
KEY_BYTES = 32

# Every sign that keyboards and exports put between the parts of a name such as 买买提·吐尔逊, the plain full stop
# included. After NFKC, which already turns ･ into ・ and ． into "."
_MIDDLE_DOTS = "·•‧∙⋅・ᐧ⸱᛫●."  # look-alikes are the point
_DOTS_TO_ONE = str.maketrans(dict.fromkeys(_MIDDLE_DOTS, "·"))

_ID_18 = re.compile(r"[0-9]{17}[0-9X]")
_ID_15 = re.compile(r"[0-9]{15}")
# GB 11643-1999: weights 2^(18-i) mod 11 and the character for each remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_TAIL = re.compile(r"[0-9A-Za-z]{4}")


class IdNumberState(StrEnum):
    """The field ``id_number_state``: nobody downstream can repeat this test."""

    VALID = "valid"
    BAD_FORMAT = "bad_format"
    BAD_CHECKSUM = "bad_checksum"
    MISSING = "missing"


class KeyFileRefused(ValueError):
    """The key file cannot be used; carries its path and what was expected."""

    def __init__(self, path: Path, expected: str) -> None:
        super().__init__(f"key file {path}: {expected}")
        self.path, self.expected = path, expected


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets by version, and the version that new pseudonyms are made with."""

    current: int
    secrets: Mapping[int, bytes]

    def pseudonym(self, normalised: str) -> str:
        """``k<version>:`` and the first 32 hex digits of the HMAC over the UTF-8 text (wire.md 2.1)."""
        digest = hmac.digest(self.secrets[self.current], normalised.encode(), sha256).hex()
        return f"k{self.current}:{digest[:32]}"

    def __repr__(self) -> str:
        """Without the secrets: a traceback or a log must not hold them."""
        return f"Keys(current={self.current}, versions={sorted(self.secrets)})"


def read_keys(path: Path) -> Keys:
    """The keys of a file that only its owner may read; KeyFileRefused says what is wrong with it."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise KeyFileRefused(path, f"cannot be read ({error.strerror}); `publish --make-key` makes one") from None
    if mode & 0o077:
        raise KeyFileRefused(path, f"others may read it (mode {mode & 0o777:04o}); run `chmod 600 {path}`")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeyFileRefused(path, f"not a TOML file: {error}") from None
    table, current = content.get("keys"), content.get("current")
    if not isinstance(table, dict) or type(current) is not int or str(current) not in table:
        raise KeyFileRefused(path, "needs `current = <version>` and that version under [keys]")
    return Keys(current, {_version(path, name): _secret(path, name, text) for name, text in table.items()})


def _version(path: Path, name: str) -> int:
    if not name.isascii() or not name.isdigit() or name.startswith("0"):
        raise KeyFileRefused(path, f"key version {name!r} is not a number from 1")
    return int(name)


def _secret(path: Path, name: str, text: object) -> bytes:
    try:
        secret = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        secret = b""
    if len(secret) < KEY_BYTES:
        raise KeyFileRefused(path, f"key {name} is not at least {2 * KEY_BYTES} hex digits")
    return secret


def make_key_file(path: Path) -> None:
    """A new file with version 1, readable by its owner only; never over an existing one."""
    _write_new(path, Keys(1, {1: secrets.token_bytes(KEY_BYTES)}))


def rotate_key_file(path: Path) -> int:
    """Add a version, make it the current one and return it; the file is replaced in one step."""
    keys = read_keys(path)
    version = max(keys.secrets) + 1
    beside = path.with_name(path.name + ".new")
    _write_new(beside, Keys(version, {**keys.secrets, version: secrets.token_bytes(KEY_BYTES)}))
    beside.replace(path)
    return version


def _write_new(path: Path, keys: Keys) -> None:
    lines = [
        "# Secret of the pseudonyms (wire.md 2.1). Whoever has it can test any ID number against the records:",
        "# keep it off shared folders, back it up apart from the data, never send it to anyone.",
        f"current = {keys.current}",
        "[keys]",
        *(f'{version} = "{secret.hex()}"' for version, secret in sorted(keys.secrets.items())),
    ]
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.chmod(0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except FileExistsError:
        raise KeyFileRefused(path, "exists already; a new one would match none of its pseudonyms") from None
    except OSError as error:
        raise KeyFileRefused(path, f"cannot be written ({error.strerror})") from None


# --- normal forms ------------------------------------------------------------------------------------------------


def normalised_number(text: str) -> str:
    """A number as it counts: NFKC, without blanks, invisible characters and hyphens, capital letters."""
    return _seen(unicodedata.normalize("NFKC", text).replace("-", "")).upper()


def normalised_id_number(text: str) -> str:
    """An ID number of 18 characters; one of 15 (before 1999) gets its century and its check character.

    Those of 15 belong to people born in 19xx. What is no ID number stays as written: a wrong number still tells apart.
    """
    number = normalised_number(text)
    if _ID_15.fullmatch(number):
        seventeen = f"{number[:6]}19{number[6:]}"
        return seventeen + _check_character(seventeen)
    return number


def normalised_name(text: str) -> str:
    """A name as it counts: NFKC, without blanks and invisible characters, one form of the middle dot."""
    return _seen(unicodedata.normalize("NFKC", text).translate(_DOTS_TO_ONE))


def _seen(text: str) -> str:
    """Without Z (blanks of any width) and C (control characters, zero-width ones, byte order marks of exports)."""
    seen = "".join(character for character in text if unicodedata.category(character)[0] not in "ZC")
    # an accent may now stand directly behind its letter: composed again, or the form would not be a normal one
    return unicodedata.normalize("NFC", seen)


# --- the test of the number --------------------------------------------------------------------------------------


def id_number_state(text: str | None) -> IdNumberState:
    """Form, date of birth and check character (GB 11643-1999) of an ID number as written."""
    if text is None or not normalised_number(text):
        return IdNumberState.MISSING
    number = normalised_id_number(text)
    if not _ID_18.fullmatch(number) or not _is_birthday(number[6:14]):
        return IdNumberState.BAD_FORMAT
    if number[17] != _check_character(number):
        return IdNumberState.BAD_CHECKSUM
    return IdNumberState.VALID


def _check_character(number: str) -> str:
    # the first 17 characters count; zip ends with the weights
    return _CHECK_CHARACTERS[sum(int(c) * w for c, w in zip(number, _WEIGHTS, strict=False)) % 11]


def _is_birthday(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


# --- what people may read ----------------------------------------------------------------------------------------


def masked_name(text: str) -> str:
    """The first character and at most two stars: 张*, 买**. The length of a name would tell too much."""
    name = normalised_name(text)
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2)


def masked_id_number(text: str) -> str:
    """Region and last four of an ID number, 652722********1234; of anything else only its length up to 18."""
    number = normalised_id_number(text)
    if len(number) == 18:
        return f"{number[:6]}{'*' * 8}{number[14:]}"
    return "*" * min(max(len(number), 1), 18)


def tail4(text: str) -> str | None:
    """The last four characters of an account number, or None when they are not letters and digits."""
    tail = normalised_number(text)[-4:]
    return tail if _TAIL.fullmatch(tail) else None
