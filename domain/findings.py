"""A finding: what the judge says about one subject of one rule, enough to recompute it and to build its alert.

Findings travel from the judge to the desk on the topic ``findings``, as JSON of `Finding`, in journal order.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """The two bands of an alert (rules.md section 1): yellow = approaching or a candidate, red = breach."""

    YELLOW = "yellow"
    RED = "red"


class Transition(StrEnum):
    """What a rule can do to an alert (alerts.md)."""

    RAISED = "raised"
    ESCALATED = "escalated"
    EASED = "eased"
    CLEARED = "cleared"
    SUPPRESSED = "suppressed"
    DISMISSED = "dismissed"


class Reason(StrEnum):
    """Why a transition happened."""

    THRESHOLD_CROSSED = "threshold_crossed"
    DEADLINE_PASSED = "deadline_passed"
    SATISFIED_IN_TIME = "satisfied_in_time"
    SATISFIED_LATE = "satisfied_late"
    GROUND_REMOVED = "ground_removed"
    EXEMPTED = "exempted"
    FALSE_POSITIVE = "false_positive"


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One journal record that a finding rests on."""

    event_id: str
    position: int
    role: str
    partition: int | None = None  # of the journal; None = the finding's own


class Parameter(msgspec.Struct, frozen=True):
    """A threshold used, with where it comes from: stated, proposed, extended or override."""

    value: int | str | bool | tuple[str, ...]
    basis: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One transition of one alert, as the rule engine decides it.

    ``alert_id`` follows from rule, subject and episode (`domain.identifiers.alert_id`). Amounts are fen, days are
    ISO dates.
    """

    alert_id: str
    rule_id: str
    rule_version: str
    rule_set_version: str
    category: str  # one of the twelve classes, Chinese, as in the catalogue
    owner: str  # section as the catalogue names it (预算, 国库, 农财, 归口业务处室, 绩效, …)
    region: str
    profile: str  # henan, xinjiang
    subject_kind: str
    subject_key: str
    subject_title: str
    episode: int
    transition: Transition
    reason: Reason
    severity: Severity
    severity_highest: Severity
    log_on: str
    raised_on: str | None  # None on a suppressed one
    observed: int | str | None
    limit: int | str | None
    unit: str
    amount_fen: int | None
    fund_category: str | None
    responsible_section: str | None  # of the quota, when it is known: who answers where the owner is 归口业务处室
    facts: dict[str, int | str | bool | None]  # the evidence fields of the catalogue, by name
    thresholds: dict[str, Parameter]
    evidence: tuple[Evidence, ...]
    basis: tuple[str, ...]
    message_zh: str
    message_en: str
    partition: int
    position: int
    is_shadow: bool = False  # of a rule on trial: nobody is told
