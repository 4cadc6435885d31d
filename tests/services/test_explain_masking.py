"""Laws of what an explanation shows of persons."""

from __future__ import annotations

from fundwatch.explain.masking import masked, masked_body

PSEUDONYM = "k1:" + "0123456789abcdef" * 2


def test_pseudonyms_and_long_numbers_are_cut() -> None:
    """What is left tells two persons apart, and steers no terminal."""
    assert masked(f"652722|{PSEUDONYM}|2019") == "652722|k1:01234567…|2019"
    assert masked("卡号 6222020200112233445 \x1b[2J") == "卡号 ****  [2J"
    assert masked("100000000000000") == "100000000000000"


def test_a_persons_name_is_cut_to_its_first_character() -> None:
    """Also inside lists; an enterprise keeps its name."""
    person = '{"payee_kind":"person","payee_name":"张三丰","rows":[{"name_masked":"李四"}]}'
    assert masked_body(person.encode()) == '{"payee_kind":"person","payee_name":"张**","rows":[{"name_masked":"李**"}]}'
    enterprise = '{"payee_kind":"enterprise","payee_name":"某某合作社"}'
    assert masked_body(enterprise.encode()) == enterprise
