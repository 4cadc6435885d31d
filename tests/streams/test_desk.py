"""Laws of the desk stage: each finding becomes one record, in order, whatever is repeated, crashes or moves."""

from __future__ import annotations

import msgspec
import pytest

from alerts.alert import decode
from alerts.lifecycle import Command, Status
from domain.findings import Finding, Reason, Severity, Transition
from domain.topics import ALERTS, ALERTS_CURRENT, FINDINGS
from streams.desk import Desk, DeskStage, Outcome
from streams.driver import Crash, Driver
from streams.stage import Failure, Record, StepFailed
from streams.state import MemoryRows
from tests.alerts.findings import finding

NOW_MS = 1_554_076_800_123
YELLOW = {"severity": Severity.YELLOW, "severity_highest": Severity.YELLOW}
# One alert's life, and another alert that is raised and cleared at one position (rules.md "done late, seen late").
OTHER = {"alert_id": "b" * 32, "subject_key": "652722|L2"}
LIFE = [
    finding(position=1, **YELLOW),
    finding(position=4, transition=Transition.ESCALATED, reason=Reason.DEADLINE_PASSED),
    finding(position=5, **OTHER),
    finding(position=5, transition=Transition.CLEARED, reason=Reason.SATISFIED_LATE, **OTHER),
    finding(position=9, transition=Transition.CLEARED, reason=Reason.GROUND_REMOVED),
]


def stored(found: Finding, offset: int = 0) -> Record:
    """A finding as the broker holds it."""
    return Record(FINDINGS, 1, offset, found.region.encode(), msgspec.json.encode(found), NOW_MS)


def desk() -> Desk:
    """The desk of an empty partition."""
    return DeskStage().open(1, MemoryRows())


def played(findings: list[Finding]) -> list[Record]:
    """Topic alerts after these findings went through a worker that has no trouble."""
    driver = Driver([DeskStage()], now_ms=NOW_MS)
    fed(driver, findings)
    driver.run()
    return driver.records(ALERTS)


def fed(driver: Driver, findings: list[Finding]) -> None:
    """Append findings to their topic."""
    for found in findings:
        driver.feed(FINDINGS, found.region.encode(), msgspec.json.encode(found))


def values(records: list[Record]) -> list[bytes | None]:
    """What the records carry."""
    return [record.value for record in records]


def test_each_finding_becomes_the_next_record_of_its_alert() -> None:
    """Sequences count per alert; status follows the lifecycle."""
    alerts = [decode(record.value or b"") for record in played(LIFE)]
    assert [(alert.alert_id[0], alert.sequence, alert.transition, alert.status) for alert in alerts] == [
        ("a", 1, Command.RAISED, Status.OPEN),
        ("a", 2, Command.ESCALATED, Status.OPEN),
        ("b", 1, Command.RAISED, Status.OPEN),
        ("b", 2, Command.CLEARED, Status.CLEARED),
        ("a", 3, Command.CLEARED, Status.CLEARED),
    ]


def test_history_is_keyed_by_region_and_current_state_by_alert() -> None:
    """The same bytes go to both."""
    history, current = desk().step([stored(LIFE[0])], NOW_MS)
    assert (history.topic, history.key) == (ALERTS, b"652722")
    assert (current.topic, current.key) == (ALERTS_CURRENT, b"a" * 32)
    assert history.value == current.value


def test_current_state_is_the_last_record_of_each_alert() -> None:
    """What compaction leaves of alerts.current is what the rows hold."""
    driver = Driver([DeskStage()], now_ms=NOW_MS)
    fed(driver, LIFE)
    driver.run()
    last = {record.key: record.value for record in driver.records(ALERTS_CURRENT)}
    assert last == {b"a" * 32: values(played(LIFE))[4], b"b" * 32: values(played(LIFE))[3]}


@pytest.mark.parametrize("seen", range(len(LIFE) + 1))
def test_findings_seen_twice_make_no_second_record(seen: int) -> None:
    """Redelivered from any point on, also inside one position."""
    assert values(played(LIFE[:seen] + LIFE[max(0, seen - 3) :])) == values(played(LIFE))


def test_everything_handed_over_again_makes_nothing_new() -> None:
    """A lost committed offset."""
    driver = Driver([DeskStage()], now_ms=NOW_MS)
    fed(driver, LIFE)
    driver.run()
    driver.replay("desk")
    driver.redeliver(FINDINGS)
    driver.run()
    assert values(driver.records(ALERTS)) == values(played(LIFE))


@pytest.mark.parametrize("moment", list(Crash))
def test_crash_at_any_moment_changes_nothing(moment: Crash) -> None:
    """The next worker goes on where the last commit was."""
    driver = Driver([DeskStage()], now_ms=NOW_MS, batch_records_max=2)
    fed(driver, LIFE)
    driver.crash("desk", moment)
    driver.run()
    assert values(driver.records(ALERTS)) == values(played(LIFE))


def test_batches_of_any_size_give_the_same_records() -> None:
    """Rows are read through the batch."""
    at_once = desk().step([stored(found, number) for number, found in enumerate(LIFE)], NOW_MS)
    one_by_one, single = desk(), list[bytes | None]()
    for found in LIFE:
        single += [output.value for output in one_by_one.step([stored(found)], NOW_MS)]
    assert [output.value for output in at_once] == single


def test_outcomes_are_counted_by_name() -> None:
    """A repetition is no new record."""
    one = desk()
    one.step([stored(found) for found in (*LIFE, LIFE[-1])], NOW_MS)
    assert one.outcomes == {Outcome.RECORDED: 5, Outcome.SEEN_BEFORE: 1}


def test_step_that_the_lifecycle_does_not_know_stops_the_worker() -> None:
    """Judge and desk disagree: whatever was written from here on would be wrong."""
    one = desk()
    one.step([stored(found) for found in LIFE], NOW_MS)
    cleared_again = finding(position=12, transition=Transition.CLEARED)
    with pytest.raises(StepFailed, match=cleared_again.alert_id) as refused:
        one.step([stored(cleared_again, offset=9)], NOW_MS)
    assert (refused.value.reason, refused.value.offset) == (Failure.REFUSED, 9)


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\xff"])
def test_record_that_is_no_finding_stops_the_worker_by_name(value: bytes | None) -> None:
    """Skipping it would lose an alert without a trace."""
    with pytest.raises(StepFailed) as refused:
        desk().step([stored(LIFE[0])._replace(value=value, offset=17)], NOW_MS)
    assert (refused.value.reason, refused.value.partition, refused.value.offset) == (Failure.UNREADABLE, 1, 17)
