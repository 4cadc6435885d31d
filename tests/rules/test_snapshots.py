"""Laws of register snapshots: which rows they tell anew. Lists are long, and registers come each quarter."""

from __future__ import annotations

import json
from datetime import date

import pytest

from domain.topics import PERSON_FACTS
from rules.catalogue import RULES
from rules.engine import Engine
from rules.facts.records import Claim, decode
from rules.thresholds import rule_set_of
from tests.rules.tape import read_lines, with_ticks

PERSON = 'person_key="k1:00000000000000000000000000000001"'
LISTED = f"""
region 652722 xinjiang opened 2019-01-01
2019-02-01  distribution.list_imported L1  subsidy_code=grant
2019-02-02  distribution.row_recorded  MARCH  list_id=L1 {PERSON} paid_on="2019-03-01"
2019-02-02  distribution.row_recorded  MAY    list_id=L1 {PERSON} paid_on="2019-05-01"
"""


def snapshots(registry: str, *covered: str) -> str:
    """Snapshots of a register up to these days, a day apart."""
    return "".join(
        f'2019-06-{number:02}  registry.snapshot_completed S{number} registry={registry} as_of_on="{day}"\n'
        for number, day in enumerate(covered, 1)
    )


def rows_told_at_the_end(text: str) -> set[str]:
    """The rows that the last event has told anew, to their person or household."""
    story = read_lines(text.splitlines(), "recipient_on_public_payroll")
    story.last_day = date(2019, 6, 1)
    engine = Engine(RULES, rule_set_of(RULES))
    for position, (_, event) in enumerate(with_ticks(story)):
        engine.sent = []
        engine.take(position, json.dumps(event, ensure_ascii=False).encode())
    facts = [decode(message.value).fact for message in engine.sent if message.topic == PERSON_FACTS]
    return {fact.row_id for fact in facts if isinstance(fact, Claim)}


@pytest.mark.parametrize("registry", ["registered_poor", "public_payroll"])
def test_the_first_snapshot_tells_all_rows(registry: str) -> None:
    """Before it nothing could be said of any."""
    assert rows_told_at_the_end(LISTED + snapshots(registry, "2019-01-31")) == {"MARCH", "MAY"}


def test_a_later_snapshot_of_the_poor_tells_the_rows_that_waited_for_it() -> None:
    """Whoever is tested for a day that was covered already is on it, or is not."""
    assert rows_told_at_the_end(LISTED + snapshots("registered_poor", "2019-03-31", "2019-06-30")) == {"MAY"}


def test_a_later_snapshot_of_another_register_tells_nothing() -> None:
    """Who comes onto it has a listing, which is told; absence from it is no fault."""
    assert rows_told_at_the_end(LISTED + snapshots("public_payroll", "2019-03-31", "2019-06-30")) == set()
