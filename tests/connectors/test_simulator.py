"""Laws of the simulator: what its scenes say is what the rules find, to the day, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from alerts.alert import AlertRecord
from connectors.simulator.book import Sent
from connectors.simulator.province import Province
from connectors.simulator.scenes.all_scenes import SCENES
from connectors.simulator.scenes.figures import BANDS
from fundwatch.commands.simulate import simulate
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.thresholds import Mode, Setting, rule_set_of
from tests.connectors.courses import (
    LATE_DAYS,
    OF_MONTHS,
    OVER,
    Rectified,
    arriving_late,
    courses_meant,
    courses_of,
    courses_of_months,
    wrong_for_days,
)

ACTIONS = {"raised": "raise", "escalated": "escalate", "eased": "lower", "cleared": "clear"}
OURS = frozenset(rule.id for rule in RULES)
EMITTED_AT = "2020-01-01T00:00:00.000+08:00"
REGIONS, YEARS, SEED, HOUSEHOLDS = 6, 2, 1, 4
# One rule is off until the owner sets its bands; the scenes were made for these.
RULE_SET = rule_set_of(RULES, {"use_structure_out_of_band": Setting(mode=Mode.ON, parameters={"bands": BANDS})})

Told = tuple[str, str, str, str, str]


def province(corrected_percent: int = 0) -> Province:
    """A small province of both profiles."""
    return Province(REGIONS, YEARS, SEED, households=HOUSEHOLDS, corrected_percent=corrected_percent)


def judged(made: Province, days: Iterable[tuple[date, list[Sent]]]) -> tuple[list[AlertRecord], FileJudge]:
    """What all rules find in it."""
    judging = FileJudge(RULES, RULE_SET, emitted_at=EMITTED_AT)
    lines = (sent.value for _, records in days for sent in records)
    return list(judging.run(lines, made.first, made.last)), judging


@cache
def in_order() -> tuple[Province, list[AlertRecord], FileJudge]:
    """The province judged in the order in which it was recorded."""
    made = province()
    return made, *judged(made, made.days())


@cache
def in_disorder() -> tuple[Province, list[AlertRecord], Rectified, FileJudge]:
    """The province with late, repeated and corrected records, judged as they arrived."""
    made, rectified = province(corrected_percent=2), Rectified()
    judging = FileJudge(RULES, RULE_SET, emitted_at=EMITTED_AT)
    return made, list(judging.run(rectified.noted(arriving_late(made)), made.first, made.last)), rectified, judging


def shuffled(records: list[Sent], random: Random) -> list[Sent]:
    """The records of a day; those of one topic and region keep their order."""
    places = [(sent.topic, sent.key) for sent in records]
    random.shuffle(places)
    queues: dict[tuple[str, bytes], list[Sent]] = {}
    for sent in reversed(records):
        queues.setdefault((sent.topic, sent.key), []).append(sent)
    return [queues[place].pop() for place in places]


def told(record: AlertRecord) -> Told:
    """A record in the words of the truth."""
    return (record.log_on, ACTIONS[record.transition], record.rule_id, str(record.severity), record.subject.key)


def truth(made: Province) -> Counter[Told]:
    """What the scenes say."""
    return Counter(
        (str(each.date), each.action, each.rule_id, each.severity, each.subject_key)
        for each in made.expected
        if each.rule_id in OURS
    )


def open_at_end(records: Iterable[AlertRecord]) -> set[tuple[str, str, str]]:
    """Rule, subject and severity of what is not over."""
    last = {(record.rule_id, record.subject.key): record for record in records}
    return {(*key, str(record.severity)) for key, record in last.items() if record.transition not in OVER}


def expected_at_end(made: Province) -> set[tuple[str, str, str]]:
    """The same, as the scenes say."""
    last = {(each.rule_id, each.subject_key): each for each in made.expected if each.rule_id in OURS}
    return {(*key, each.severity) for key, each in last.items() if each.action != "clear"}


def test_every_alert_is_planted_and_every_planted_one_found() -> None:
    """Precision and recall are 1 for every rule, with exact days."""
    made, records, _ = in_order()
    found, planted = Counter(map(told, records)), truth(made)
    assert (found - planted, planted - found) == (Counter(), Counter())


def test_the_intake_refuses_nothing_of_it() -> None:
    """The simulator speaks the contract."""
    _, _, judging = in_order()
    assert judging.dead_letters == []


def test_disorder_changes_nothing_of_what_is_open_in_the_end() -> None:
    """Records up to three days late, one in ten sent twice, ordinary records corrected later."""
    made, records, _, judging = in_disorder()
    assert judging.dead_letters == []
    assert open_at_end(records) == expected_at_end(made)


def test_in_disorder_nothing_is_said_longer_than_records_are_late() -> None:
    """At each day's end every alert is as the scenes say, of that day or one up to three before; else not for long."""
    made, records, _, _ = in_disorder()
    found, meant = courses_of(records), courses_meant(made.expected)
    assert wrong_for_days(found, meant, LATE_DAYS) == {}
    assert len(found) > len(meant)


def test_in_disorder_the_rules_of_months_follow_from_what_was_raised() -> None:
    """What was raised because a record was late was raised all the same."""
    made, records, rectified, _ = in_disorder()
    found = {alert: course for alert, course in courses_of(records).items() if alert[0] in OF_MONTHS}
    assert found == courses_of_months(records, rectified.days, made.last)
    assert found


def test_a_day_in_any_order_ends_as_the_scenes_say() -> None:
    """No order is promised between topics: whatever comes and goes within a day, its end is exact for every rule."""
    made = province()
    records, judging = judged(made, ((day, shuffled(sent, Random(SEED))) for day, sent in made.days()))  # noqa: S311  # no secret
    assert judging.dead_letters == []
    assert courses_of(records) == courses_meant(made.expected)


def test_one_seed_makes_the_same_bytes() -> None:
    """Two provinces of one seed are equal, of two seeds not."""

    def some(seed: int) -> list[Sent]:
        made = Province(REGIONS, 1, seed, households=2, per_rule=1)
        return [sent for _, records in made.days() for sent in records]

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_every_fault_has_its_near_miss() -> None:
    """A rule that is planted has scenes of both kinds."""
    kinds = {(scene.rule_id, scene.is_near_miss) for scene in SCENES}
    assert {rule for rule, _ in kinds} == {rule for rule, is_near in kinds if is_near}
    assert {rule for rule, _ in kinds} == {rule for rule, is_near in kinds if not is_near}


def test_the_command_writes_events_and_truth(tmp_path: Path) -> None:
    """`fundwatch simulate` writes what the province is made of."""
    out, path = tmp_path / "events.jsonl", tmp_path / "truth.jsonl"
    options = ["--regions", "6", "--years", "1", "--households", "2", "--per-rule", "1"]
    result = CliRunner().invoke(simulate, [*options, "--out", str(out), "--truth", str(path)])
    assert result.exit_code == 0, result.output
    made = Province(6, 1, 1, households=2, per_rule=1)
    assert out.read_bytes().splitlines() == [sent.value for _, records in made.days() for sent in records]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    kinds = Counter(line["kind"] for line in lines)
    assert kinds == {"planted": len(made.planted), "expected": len(made.expected)}


def test_more_regions_than_there_are_is_told() -> None:
    """A province of a thousand regions is refused in a sentence."""
    with pytest.raises(ValueError, match="1000 regions: expected at most"):
        Province(1_000, 1, 1, households=1)
