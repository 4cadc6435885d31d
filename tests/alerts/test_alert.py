"""Laws of the alert record: contract order, determinism, what carries over from one transition to the next."""

from __future__ import annotations

import msgspec
import pytest

from alerts.alert import AlertRecord, TransitionRefused, decode, encode, is_major, record_of
from alerts.deadlines import NOT_DUE, Deadlines, Due, Limits
from alerts.lifecycle import Refusal, Status
from alerts.routing import Section
from domain.findings import Parameter, Reason, Severity, Transition
from tests.alerts.findings import EMITTED_AT, LUANCHUAN, finding, record

CONTRACT_ORDER = [
    *("alert_id", "sequence", "transition", "reason", "status", "rule_id", "rule_version", "rule_set_version"),
    *("category", "severity", "severity_highest", "is_major", "region", "region_name", "level"),
    *("section", "business_section", "copied_to", "subject", "raised_on", "log_on", "due"),
    *("observed", "limit", "unit", "thresholds", "evidence", "amount_fen", "basis", "message_zh", "message_en"),
    *("actor", "post", "note", "position", "emitted_at"),
]


def after(previous: AlertRecord, **changes: object) -> AlertRecord:
    """The record that a later finding on the same alert makes."""
    return record_of(finding(**{"position": 8, **changes}), previous, emitted_at=EMITTED_AT)


def test_fields_are_in_the_order_of_the_contract() -> None:
    """The JSON of a record has the fields of alerts.md, all of them, in its order."""
    assert list(msgspec.json.decode(encode(record()))) == CONTRACT_ORDER


def test_same_finding_gives_the_same_bytes_but_for_the_moment_of_emission() -> None:
    """Two runs over one journal differ in ``emitted_at`` and in nothing else."""
    later = record_of(finding(), None, emitted_at="2030-01-01T00:00:00.000+08:00")
    assert encode(later) != encode(record())
    assert encode(msgspec.structs.replace(later, emitted_at=EMITTED_AT)) == encode(record())


def test_order_in_which_a_rule_names_its_thresholds_does_not_show() -> None:
    """Thresholds are written by name."""
    one, other = {"b": Parameter(1, "stated"), "a": Parameter(2, "stated")}, {}
    other = {name: one[name] for name in sorted(one)}
    assert encode(record(thresholds=one)) == encode(record(thresholds=other))


def test_record_survives_its_own_encoding() -> None:
    """What is written is what is read."""
    assert decode(encode(record())) == record()


def test_amount_beyond_the_precision_of_a_double_is_kept() -> None:
    """Fen are integers all the way, also above 2^53."""
    assert decode(encode(record(amount_fen=2**53 + 1))).amount_fen == 2**53 + 1


def test_sequence_counts_every_record_of_an_alert() -> None:
    """1, 2, 3 … per alert."""
    second = after(record(), transition=Transition.CLEARED, reason=Reason.GROUND_REMOVED)
    assert (record().sequence, second.sequence) == (1, 2)


def test_names_of_region_and_level_come_from_the_region_tree() -> None:
    """A county is named and levelled by its code."""
    alert = record(region=LUANCHUAN)
    assert (alert.region_name, alert.level) == ("栾川县", "county")


def test_evidence_and_position_point_into_the_journal_partition() -> None:
    """Positions of evidence are of the same partition as the record's own."""
    alert = record()
    assert (alert.position.partition, alert.position.offset) == (1, 7)
    assert [(proof.position.partition, proof.position.offset) for proof in alert.evidence] == [(1, 3)]


def test_rule_transitions_name_no_person() -> None:
    """Actor, post and note are people's."""
    assert (record().actor, record().post, record().note) == (None, None, None)


@pytest.mark.parametrize(
    ("severity", "category", "amount_fen", "expected"),
    [
        (Severity.RED, "资金风险", 10_000_000, True),
        (Severity.RED, "资金风险", 9_999_999, False),
        (Severity.RED, "资金风险", None, False),
        (Severity.RED, "个人风险", None, True),
        (Severity.YELLOW, "个人风险", 10_000_000, False),
    ],
)
def test_major_is_red_and_large_or_red_and_about_a_person(
    severity: Severity, category: str, amount_fen: int | None, *, expected: bool
) -> None:
    """重大 by rules.md section 2 (OP35), to the fen."""
    assert is_major(severity, category, amount_fen) is expected


def test_severity_may_fall_but_the_highest_is_kept() -> None:
    """An eased alert still says that it was red."""
    eased = after(record(), transition=Transition.EASED, severity=Severity.YELLOW, severity_highest=Severity.YELLOW)
    assert (eased.severity, eased.severity_highest, eased.is_major) == (Severity.YELLOW, Severity.RED, False)


def test_limits_run_in_working_days_from_the_day_it_was_raised() -> None:
    """Raised on Monday 1 April 2019; Friday the 5th is the Qingming holiday."""
    assert record().due == Due("2019-04-02", "2019-04-09", "2019-04-29")


def test_escalation_tightens_what_runs_and_gives_no_time_back() -> None:
    """Yellow on 1 April had until 16 April to be verified; red from the 3rd it has until the 11th."""
    yellow = record(severity=Severity.YELLOW, severity_highest=Severity.YELLOW)
    red = after(yellow, transition=Transition.ESCALATED, log_on="2019-04-03")
    assert (yellow.due, red.due) == (
        Due("2019-04-04", "2019-04-16", "2019-05-08"),
        Due("2019-04-04", "2019-04-11", "2019-05-05"),
    )


def test_easing_and_a_second_escalation_change_no_limit() -> None:
    """The limits of the highest severity go on running."""
    eased = after(record(), transition=Transition.EASED, severity=Severity.YELLOW, log_on="2019-04-10")
    again = after(eased, transition=Transition.ESCALATED, log_on="2019-04-20", position=9)
    assert (eased.due, again.due) == (record().due, record().due)


def test_limits_are_configuration() -> None:
    """A deployment's own numbers are used."""
    deadlines = Deadlines(red=Limits(2, 3, 4))
    alert = record_of(finding(), None, emitted_at=EMITTED_AT, deadlines=deadlines)
    assert alert.due == Due("2019-04-03", "2019-04-04", "2019-04-08")


def test_suppressed_alert_is_suspended_and_nothing_is_due() -> None:
    """An exemption leaves one record, with its sequence, that asks nothing of anybody."""
    alert = record(transition=Transition.SUPPRESSED, reason=Reason.EXEMPTED, raised_on=None)
    assert (alert.status, alert.sequence, alert.raised_on, alert.due) == (Status.SUSPENDED, 1, None, NOT_DUE)


def test_alert_raised_after_an_exemption_starts_afresh_under_the_same_id() -> None:
    """Its route, limits and highest severity are those of the day it is raised."""
    suppressed = record(transition=Transition.SUPPRESSED, reason=Reason.EXEMPTED, raised_on=None)
    yellow = {"severity": Severity.YELLOW, "severity_highest": Severity.YELLOW}
    alert = after(suppressed, owner="预算", **yellow)
    assert (alert.status, alert.sequence, alert.section, alert.severity_highest, alert.due) == (
        Status.OPEN,
        2,
        Section.BUDGET,
        Severity.YELLOW,
        Due("2019-04-04", "2019-04-16", "2019-05-08"),
    )


def test_alert_stays_with_the_desk_that_was_told_of_it() -> None:
    """A corrected section of the money does not move an alert: its end must reach who saw its beginning."""
    raised = record(owner="归口业务处室", responsible_section="农业股")
    cleared = after(raised, owner="归口业务处室", responsible_section="社保股", transition=Transition.CLEARED)
    assert (cleared.section, cleared.business_section) == (Section.BUSINESS, "农业股")


def test_step_that_the_lifecycle_does_not_know_is_refused_with_its_reason() -> None:
    """A cleared alert cannot be raised: that is a new episode with a new id."""
    cleared = after(record(), transition=Transition.CLEARED)
    with pytest.raises(TransitionRefused) as refused:
        after(cleared, position=9)
    assert refused.value.refusal is Refusal.ENDED
