"""How fresh what a region is judged on is, and which rules cannot be judged by it (rules.md section 2, Not evaluable).

A rule whose register has not come raises nothing. One whose source is silent goes on judging by what is known; what it
says, or does not say, is to be read with that in mind. Days are ordinals.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, get_args

from domain.events.types import Source
from domain.own_events import MONITOR
from rules.fold.registers import ENTERPRISE
from rules.fold.sources import EXPECTED_SOURCES
from rules.inputs import Register, registers_of, sources_of
from rules.silence import SOURCE_SILENT, silent_sources
from rules.state import NO_DAY
from rules.thresholds import InForce, Mode
from rules.view import View

# What this system itself sends says nothing about anybody.
_SOURCES = tuple(source for source in get_args(Source) if source != MONITOR)


class Lack(StrEnum):
    """Why a rule cannot be judged."""

    SOURCE_SILENT = "source_silent"
    REGISTER_MISSING = "register_missing"
    REGISTER_OLD = "register_old"


class Hearing(StrEnum):
    """How it is with a source of a region."""

    HEARD = "heard"
    SILENT = "silent"
    NOT_EXPECTED = "not_expected"  # the region's profile does not say that it must be heard from


class Heard(NamedTuple):
    """A source of a region, and the log date of its last event; before the first one that of the opening."""

    source: str
    heard_on: int
    hearing: Hearing


class NotEvaluable(NamedTuple):
    """Rules of a region that cannot be judged, for one lack: of the source or register ``name``, since a day.

    ``since``: when the source was heard last, or how far the register came; NO_DAY when it never came.
    """

    lack: Lack
    name: str
    since: int
    rules: tuple[str, ...]


class Freshness(NamedTuple):
    """One region on the log date ``today``."""

    region: str
    today: int
    sources: tuple[Heard, ...]
    not_evaluable: tuple[NotEvaluable, ...]


def freshness_of(view: View, terms: Mapping[str, InForce], *, is_any_enterprise_register: bool) -> Freshness:
    """A region as it is on the view's day; ``terms``: the rules of all stages that are judged there, by id.

    ``is_any_enterprise_register``: whether that of any region has come.
    """
    on = {rule_id: each for rule_id, each in terms.items() if each.mode is Mode.ON}
    silent = {row.id: row for row in silent_sources(view, terms)}
    rows = map(view.ledger.sources.get, _SOURCES)
    sources = tuple(Heard(row.id, row.heard_on, _hearing(view, row.id, silent)) for row in rows if row is not None)
    lacking = [
        NotEvaluable(Lack.SOURCE_SILENT, name, row.heard_on, tuple(rule_id for rule_id in on if _reads(rule_id, name)))
        for name, row in silent.items()
    ]
    of_registers: dict[tuple[Lack, str, int], list[str]] = {}
    for rule_id, in_force in on.items():
        for key in _lacking_registers(view, registers_of(rule_id, in_force.values), is_any_enterprise_register):
            of_registers.setdefault(key, []).append(rule_id)
    lacking += [NotEvaluable(*key, tuple(rules)) for key, rules in of_registers.items()]
    return Freshness(view.code, view.today, sources, tuple(lacking))


def _hearing(view: View, source: str, silent: Container[str]) -> Hearing:
    if source not in EXPECTED_SOURCES[view.profile]:
        return Hearing.NOT_EXPECTED
    return Hearing.SILENT if source in silent else Hearing.HEARD


def _reads(rule_id: str, source: str) -> bool:
    return rule_id != SOURCE_SILENT and source in sources_of(rule_id)


def _lacking_registers(
    view: View, registers: tuple[Register, ...], is_any_enterprise_register: bool
) -> Iterator[tuple[Lack, str, int]]:
    for register in registers:
        row = view.ledger.registers.get(register.name)
        if row is None:
            if not (register.is_of_any_region and register.name == ENTERPRISE and is_any_enterprise_register):
                yield Lack.REGISTER_MISSING, register.name, NO_DAY
        elif register.days_old_max is not None and row.as_of_on < view.today - register.days_old_max:
            yield Lack.REGISTER_OLD, register.name, row.as_of_on
