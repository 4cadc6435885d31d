"""The alert record (egress contract, alerts.md): a finding of the judge with its place in the alert's history.

Pure: same findings in the same order give the same bytes but for ``emitted_at``.
"""

from __future__ import annotations

from datetime import date

import msgspec

from alerts.deadlines import NOT_DUE, Deadlines, Due, due_after, sooner
from alerts.lifecycle import Command, Refusal, Status, status_after
from alerts.routing import Route, Section, route
from domain import calendar, regions
from domain.findings import Evidence, Finding, Parameter, Reason, Severity, Transition

# 重大 (rules.md section 2, open point OP35, proposed): a breach of at least 100,000 yuan …
MAJOR_FROM_FEN = 10_000_000
# … or any breach of this class.
MAJOR_CATEGORY = "个人风险"
_AS_PROPOSED = Deadlines()
_OF_RULES = frozenset(transition.value for transition in Transition)


class Subject(msgspec.Struct, frozen=True):
    """What an alert is about; ``key`` is the subject key that the alert's id is made of."""

    kind: str
    key: str
    title: str


class Position(msgspec.Struct, frozen=True):
    """A place in the journal: its partition, and the journal record's ``position`` there."""

    partition: int
    offset: int


class Proof(msgspec.Struct, frozen=True):
    """One journal record that the alert rests on."""

    event_id: str
    position: Position
    role: str


class AlertRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One transition of one alert, and the alert's whole state after it. Fields are in the order of alerts.md."""

    alert_id: str
    sequence: int
    transition: Command
    reason: Reason
    status: Status
    rule_id: str
    rule_version: str
    rule_set_version: str
    category: str
    severity: Severity
    severity_highest: Severity
    is_major: bool
    region: str
    region_name: str
    level: str
    section: Section
    business_section: str | None
    copied_to: tuple[Section, ...]
    subject: Subject
    raised_on: str | None
    log_on: str
    due: Due
    observed: int | str | None
    limit: int | str | None
    unit: str
    thresholds: dict[str, Parameter]
    evidence: tuple[Proof, ...]
    amount_fen: int | None
    basis: tuple[str, ...]
    message_zh: str
    message_en: str
    actor: str | None
    post: str | None
    note: str | None
    position: Position
    emitted_at: str

    @property
    def is_a_rules(self) -> bool:
        """Whether a rule made it, and not a person who did something with the alert."""
        return self.transition.value in _OF_RULES


class TransitionRefused(ValueError):
    """The alert is not where this transition starts from; carries the reason."""

    def __init__(self, alert_id: str, command: Command, status: Status | None, refusal: Refusal) -> None:
        super().__init__(f"alert {alert_id}: {command} from {status or 'nothing'} is refused: {refusal}")
        self.alert_id, self.command, self.status, self.refusal = alert_id, command, status, refusal


# "deterministic" sorts the names of thresholds; the fields of structs stay in the order of the contract.
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(AlertRecord)


def encode(record: AlertRecord) -> bytes:
    """The record as it goes over the topic, into Redis and out of the feed."""
    return _encoder.encode(record)


def decode(value: bytes) -> AlertRecord:
    """The record from its JSON. Raises msgspec.ValidationError or UnicodeDecodeError (both ValueErrors)."""
    return _decoder.decode(value)


def record_of(
    finding: Finding,
    previous: AlertRecord | None,
    *,
    emitted_at: str,
    deadlines: Deadlines = _AS_PROPOSED,
) -> AlertRecord:
    """The record that follows ``previous`` (None: the alert's first) by what the judge found.

    Raises TransitionRefused when the lifecycle knows no such step.
    """
    command = Command(finding.transition)
    status = status_after(previous.status if previous else None, command)
    if isinstance(status, Refusal):
        raise TransitionRefused(finding.alert_id, command, previous.status if previous else None, status)
    to = _route(finding, previous)
    return AlertRecord(
        alert_id=finding.alert_id,
        sequence=previous.sequence + 1 if previous else 1,
        transition=command,
        reason=finding.reason,
        status=status,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        rule_set_version=finding.rule_set_version,
        category=finding.category,
        severity=finding.severity,
        severity_highest=_highest(finding, previous),
        is_major=is_major(finding.severity, finding.category, finding.amount_fen),
        region=finding.region,
        region_name=regions.name(finding.region),
        level=regions.tier(finding.region),
        section=to.section,
        business_section=to.business_section,
        copied_to=to.copied_to,
        subject=Subject(finding.subject_kind, finding.subject_key, finding.subject_title),
        raised_on=finding.raised_on,
        log_on=finding.log_on,
        due=_due(finding, previous, deadlines),
        observed=finding.observed,
        limit=finding.limit,
        unit=finding.unit,
        thresholds=finding.thresholds,
        evidence=tuple(_proof(finding, evidence) for evidence in finding.evidence),
        amount_fen=finding.amount_fen,
        basis=finding.basis,
        message_zh=finding.message_zh,
        message_en=finding.message_en,
        actor=None,
        post=None,
        note=None,
        position=Position(finding.partition, finding.position),
        emitted_at=emitted_at,
    )


def _proof(finding: Finding, evidence: Evidence) -> Proof:
    partition = finding.partition if evidence.partition is None else evidence.partition
    return Proof(evidence.event_id, Position(partition, evidence.position), evidence.role)


def is_major(severity: Severity, category: str, amount_fen: int | None) -> bool:
    """重大: red, and either of a large amount or about a person."""
    large = amount_fen is not None and amount_fen >= MAJOR_FROM_FEN
    return severity is Severity.RED and (large or category == MAJOR_CATEGORY)


def _route(finding: Finding, previous: AlertRecord | None) -> Route:
    """Routed once, when raised: a desk keeps its alert although the money's section is corrected meanwhile."""
    if previous is not None and previous.raised_on is not None:
        return Route(previous.section, previous.business_section, previous.copied_to)
    return route(
        owner=finding.owner,
        profile=finding.profile,
        fund_category=finding.fund_category,
        responsible_section=finding.responsible_section,
    )


def _highest(finding: Finding, previous: AlertRecord | None) -> Severity:
    reached = {finding.severity, finding.severity_highest}
    if previous is not None and previous.raised_on is not None:
        reached.add(previous.severity_highest)
    return Severity.RED if Severity.RED in reached else Severity.YELLOW


def _due(finding: Finding, previous: AlertRecord | None, deadlines: Deadlines) -> Due:
    """Limits run from the day the alert was raised; an escalation tightens them from its own day on."""
    if finding.raised_on is None:
        return NOT_DUE
    if previous is None or previous.raised_on is None:
        start = date.fromisoformat(finding.raised_on)
        return due_after(start, finding.severity, deadlines, calendar.working_days_after)
    if finding.severity is Severity.RED and previous.severity_highest is not Severity.RED:
        start = date.fromisoformat(finding.log_on)
        return sooner(previous.due, due_after(start, Severity.RED, deadlines, calendar.working_days_after))
    return previous.due
