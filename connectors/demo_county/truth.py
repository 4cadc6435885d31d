"""The ground truth of the demonstration: what was planted, said by whoever planted it, never by running the judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import msgspec

from connectors.demo_county.book import Sent
from connectors.demo_county.places import PLACES, Profile

# Owners as rules.md section 1 gives them for the rules of the demonstration.
_OWNERS = {
    "quota_allocation_overdue": "budget",
    "payment_exceeds_quota": "treasury",
    "abolished_special_account_used": "treasury",
    "special_account_lump_transfer": "treasury",
    "paid_through_unit_real_account": "treasury",
    "payment_invalid_or_undated": "treasury",
    "cash_withdrawal": "treasury",
    "performance_target_missing": "performance",
    "payment_unlinked": "business",
    "funds_idle": "rural_finance",
}
RULES = tuple(sorted(_OWNERS))
_PROFILES: dict[str, Profile] = {place.region: place.profile for place in PLACES}


class Status(StrEnum):
    """Where an alert stands when the year ends."""

    OPEN = "open"
    CLEARED = "cleared"
    DISMISSED = "dismissed"
    SUSPENDED = "suspended"  # exempted: suppressed, nobody has to act


class ExpectedAlert(msgspec.Struct, frozen=True, order=True):
    """One alert that the rules must raise, as it stands when the year ends."""

    rule_id: str
    subject_key: str
    episode: int
    severity: str
    status: Status
    section: str


class Refused(NamedTuple):
    """One record that the intake must refuse, by the code of wire.md 5.1."""

    sent: Sent
    code: str


class Truth(msgspec.Struct, frozen=True):
    """What a run must come to; also the form of the file that the generator writes beside its data."""

    events_in: int
    redelivered: int
    dead_letters: dict[str, int]
    alerts: list[ExpectedAlert]

    @property
    def accepted(self) -> int:
        """How many events the journal must hold, ticks and the system's own notices aside."""
        return self.events_in - self.redelivered - sum(self.dead_letters.values())

    def by_section(self) -> dict[str, dict[str, int]]:
        """Alerts by section and status."""
        return by_section((alert.section, alert.status) for alert in self.alerts)


def by_section(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts by section, then status, both in order of name."""
    counts = Counter((section, str(status)) for section, status in pairs)
    table: dict[str, dict[str, int]] = {}
    for (section, status), count in sorted(counts.items()):
        table.setdefault(section, {})[status] = count
    return table


class Expectations:
    """Collects what the stories plant."""

    def __init__(self) -> None:
        self.alerts: list[ExpectedAlert] = []

    def alert(  # a row of a table, read in this order
        self,
        rule_id: str,
        subject_key: str,
        severity: str,
        status: Status,
        episode: int = 1,
        *,
        section: str = "",
    ) -> None:
        """One alert; ``section`` where it is not the rule's usual one."""
        region = subject_key.partition("|")[0]
        section = section or _section(rule_id, _PROFILES[region])
        self.alerts.append(ExpectedAlert(rule_id, subject_key, episode, severity, status, section))


def _section(rule_id: str, profile: Profile) -> str:
    """The owner; in Xinjiang what 农财 owns goes to the section that the catalogue names (rules.md section 1)."""
    owner = _OWNERS[rule_id]
    if owner == "rural_finance" and profile == "xinjiang":
        return "business"
    return owner
