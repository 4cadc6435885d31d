"""Laws of the pseudonyms (wire.md 2.1 and section 4, "Persons")."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.pseudonyms import (
    IdNumberState,
    KeyFileRefused,
    Keys,
    id_number_state,
    make_key_file,
    masked_id_number,
    masked_name,
    normalised_id_number,
    normalised_name,
    normalised_number,
    read_keys,
    rotate_key_file,
    tail4,
)

KEYS = Keys(1, {1: bytes(range(32))})
# The example of GB 11643-1999 itself.
VALID = "11010519491231002X"


def test_a_pseudonym_has_the_form_of_the_contract() -> None:
    """`k<version>:` and 32 lower-case hex digits, HMAC-SHA256 of the text under the current key."""
    # printf 652722 | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    assert KEYS.pseudonym("652722") == "k1:832f4ad809265439b41cfdca60646414"


@given(st.text(min_size=1))
def test_every_pseudonym_is_one_on_the_wire(text: str) -> None:
    """Whatever is normalised, the result is a pseudonym of the contract."""
    assert re.fullmatch(r"k1:[0-9a-f]{32}", KEYS.pseudonym(normalised_name(text)))


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 11010519491231002X\t",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
    ],
)
def test_spellings_of_one_id_number_are_one(written: str) -> None:
    """Full-width digits, blanks and a small x change nothing."""
    assert normalised_id_number(written) == VALID


def test_an_old_number_of_15_is_the_new_one_of_18() -> None:
    """The 15-digit form of a person gives the 18-digit form's pseudonym."""
    assert normalised_id_number("110105491231002") == VALID
    assert id_number_state("110105491231002") is IdNumberState.VALID


@pytest.mark.parametrize(
    "written",
    [
        "买买提·吐尔逊",
        "买买提•吐尔逊",
        "买买提・吐尔逊",
        "买买提 · 吐尔逊",
        "买买提．吐尔逊",
        "买买提.吐尔逊",
        "买买提\u200b‧吐尔逊",
        "\ufeff买买提･吐尔逊",
    ],
)
def test_spellings_of_one_name_are_one(written: str) -> None:
    """Any middle dot, blank or invisible character: the same name."""
    assert normalised_name(written) == "买买提·吐尔逊"


@given(st.text())
def test_normal_forms_are_fixed_points(text: str) -> None:
    """Normalising twice is normalising once, so a record that passes two connectors keeps its pseudonym."""
    assert normalised_name(normalised_name(text)) == normalised_name(text)
    assert normalised_id_number(normalised_id_number(text)) == normalised_id_number(text)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        (VALID, IdNumberState.VALID),
        ("110105194912310020", IdNumberState.BAD_CHECKSUM),
        ("110105194902300020", IdNumberState.BAD_FORMAT),  # 30 February
        ("440524188001010014", IdNumberState.BAD_FORMAT),  # nobody of 1880
        ("1.10101E+17", IdNumberState.BAD_FORMAT),
        ("11010119900307", IdNumberState.BAD_FORMAT),
        ("", IdNumberState.MISSING),
        (" \u3000", IdNumberState.MISSING),
        (None, IdNumberState.MISSING),
    ],
)
def test_the_state_of_an_id_number_says_what_is_wrong(written: str | None, state: IdNumberState) -> None:
    """Form, birthday and check character are tested as the number is written."""
    assert id_number_state(written) is state


@given(st.text(alphabet="0123456789Xx 张·", max_size=40))
def test_masks_never_hold_an_id_number_or_a_whole_name(text: str) -> None:
    """No run of 16 digits or more survives masking (wire.md 5.1, plain_identity), and no name of two characters."""
    assert not re.search(r"[0-9]{11}", masked_id_number(text))
    assert masked_name(text).count("*") >= 1


def test_masks_read_as_in_the_contract() -> None:
    """张* and 652722********1234."""
    assert masked_name("张三") == "张*"
    assert masked_name("买买提·吐尔逊") == "买**"
    assert masked_id_number("652722198001011234") == "652722********1234"
    assert masked_id_number("12345") == "*****"


def test_the_tail_is_four_letters_or_digits_or_nothing() -> None:
    """A short or odd account number shows no tail rather than a wrong one."""
    assert tail4("6228 4800 1234 0931") == "0931"
    assert tail4("931") is None
    assert normalised_number("6228-4800 1234") == "622848001234"


def test_a_key_file_serves_its_owner_only(tmp_path: Path) -> None:
    """A made file can be read back; one that a group may read is refused."""
    path = tmp_path / "keys.toml"
    make_key_file(path)
    assert read_keys(path).current == 1
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        read_keys(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    """A second make would orphan every pseudonym of the first."""
    path = tmp_path / "keys.toml"
    make_key_file(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileRefused, match="exists already"):
        make_key_file(path)
    assert path.read_bytes() == before


def test_rotation_keeps_the_old_secret_and_makes_new_pseudonyms(tmp_path: Path) -> None:
    """The new version is current, the old one stays for looking up."""
    path = tmp_path / "keys.toml"
    make_key_file(path)
    old = read_keys(path)
    assert rotate_key_file(path) == 2
    new = read_keys(path)
    assert new.current == 2
    assert new.secrets[1] == old.secrets[1]
    assert new.pseudonym("x").startswith("k2:")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("current = 2\n[keys]\n1 = '" + "00" * 32 + "'\n", "that version"),
        ("current = 1\n[keys]\n1 = '" + "00" * 31 + "'\n", "at least 64"),
        ("current = 1\n[keys]\n1 = 'secret'\n", "at least 64"),
        ("current = 1\n[keys]\n01 = '" + "00" * 32 + "'\n1 = '" + "00" * 32 + "'\n", "number from 1"),
        ("current 1", "TOML"),
    ],
)
def test_a_faulty_key_file_is_refused_by_name(tmp_path: Path, content: str, expected: str) -> None:
    """The message says what is wrong with which file."""
    path = tmp_path / "keys.toml"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileRefused, match=expected):
        read_keys(path)


def test_keys_do_not_show_their_secrets() -> None:
    """Neither repr nor str holds a secret."""
    assert bytes(range(32)).hex() not in repr(KEYS)
    assert str(KEYS) == "Keys(current=1, versions=[1])"
