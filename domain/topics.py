"""Every topic once: its key, its cleanup and how long it is kept (wire.md sections 1, 7, 8; alerts.md).

Partition count is one number for all of them (``Settings.partitions``): the record of a region lies in the same
partition number of every topic, which is what lets one worker hold a region's whole state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cleanup(StrEnum):
    """What the broker does with old records."""

    FOREVER = "forever"  # the record of what happened: never deleted
    COMPACT = "compact"  # the last record of each key stays
    DAYS_30 = "days_30"  # transport only: what it carries is also in the journal; a month allows to re-read it


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the contract, under the name it has without namespace."""

    name: str
    cleanup: Cleanup


CLOCK_TICKS = "clock.ticks"
INGRESS = (
    "quota.changes",
    "linkage.notices",
    "fund.plans",
    "treasury.payments",
    "account.entries",
    "project.changes",
    "performance.filings",
    "distribution.lists",
    "document.filings",
    "management.filings",
    "desk.actions",
    "registry.persons",
    "registry.enterprises",
    "relocation.financing",
    CLOCK_TICKS,
)
# Notices that the judge itself writes into other regions' journals. Apart from `linkage.notices`, where sources write,
# too: of a record there the intake could not tell who sent it.
LINKAGE_DERIVED = "linkage.derived"
# To these nobody but this system can write, by the broker's access rules.
OWN = (CLOCK_TICKS, LINKAGE_DERIVED)
JOURNAL = "journal"
FINDINGS = "findings"
PERSON_FACTS = "person.facts"
ENTERPRISE_FACTS = "enterprise.facts"
RULE_SETS = "rule.sets"
RULE_FAILURES = "rule.failures"
ALERTS = "alerts"
ALERTS_CURRENT = "alerts.current"
ALERTS_SHADOW = "alerts.shadow"
DEAD_LETTERS = "dead.letters"
DEAD_LETTERS_RESOLVED = "dead.letters.resolved"

# Stages that keep state; each has a changelog topic named by `changelog`.
INTAKE, JUDGE, PERSON, ENTERPRISE, DESK = "intake", "judge", "person", "enterprise", "desk"
STAGES = (INTAKE, JUDGE, PERSON, ENTERPRISE, DESK)


def changelog(stage: str) -> str:
    """The compacted topic that a stage's state rows are restored from."""
    return f"changelog.{stage}"


TOPICS = (
    # The clock goes on from the last tick it finds there, however long the system was down.
    *(Topic(name, Cleanup.FOREVER if name == CLOCK_TICKS else Cleanup.DAYS_30) for name in INGRESS),
    Topic(LINKAGE_DERIVED, Cleanup.DAYS_30),
    Topic(JOURNAL, Cleanup.FOREVER),
    Topic(FINDINGS, Cleanup.DAYS_30),
    # What the second stages judge, as the journal is what the first one does: the same facts give the same alerts.
    Topic(PERSON_FACTS, Cleanup.FOREVER),
    Topic(ENTERPRISE_FACTS, Cleanup.FOREVER),
    # Every version for ever: a journal may name it.
    Topic(RULE_SETS, Cleanup.COMPACT),
    # Where custom rules have no value: the last word on each rule in each region.
    Topic(RULE_FAILURES, Cleanup.COMPACT),
    Topic(ALERTS, Cleanup.FOREVER),
    Topic(ALERTS_CURRENT, Cleanup.COMPACT),
    # What rules on trial would have said: nobody is told.
    Topic(ALERTS_SHADOW, Cleanup.FOREVER),
    Topic(DEAD_LETTERS, Cleanup.FOREVER),
    Topic(DEAD_LETTERS_RESOLVED, Cleanup.FOREVER),
    *(Topic(changelog(stage), Cleanup.COMPACT) for stage in STAGES),
)
