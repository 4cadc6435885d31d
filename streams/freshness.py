"""How fresh what this worker's regions are judged on is: looked at now and then, for metrics and `fundwatch status`.

The judge is asked between two batches and reads a few rows of each region; no record pays for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from rules.days import text_of_day
from rules.freshness import Freshness, Hearing, Lack
from rules.state import NO_DAY
from streams.facts import FactJudge
from streams.judge import Judge
from streams.metrics import Metrics
from streams.stage import Processor

# Days pass in it; a dashboard looks every 15 s.
_EVERY_S = 15.0
_DAY_S = 86_400


class SourceFreshness(msgspec.Struct, frozen=True):
    """A source of a region; days are log dates."""

    source: str
    heard_on: str
    hearing: Hearing


class Lacking(msgspec.Struct, frozen=True):
    """Rules of a region that cannot be judged, and what they lack (`rules.freshness.NotEvaluable`)."""

    lack: Lack
    name: str
    since: str | None
    rules: tuple[str, ...]


class RegionFreshness(msgspec.Struct, frozen=True):
    """One region as `fundwatch status` shows it."""

    region: str
    log_on: str
    sources: tuple[SourceFreshness, ...]
    not_evaluable: tuple[Lacking, ...]


class FreshnessWatch:
    """Looks at the judges of a worker; ``regions`` is what it saw last."""

    def __init__(self, processors: Callable[[], Iterable[Processor]], metrics: Metrics) -> None:
        """``processors`` gives those of the worker's shards that are ready."""
        self._processors, self._metrics = processors, metrics
        self._measured: set[tuple[str, str]] = set()  # region and source
        self._lacking: set[tuple[str, str]] = set()  # rule and what lacks
        self.regions: tuple[RegionFreshness, ...] = ()

    async def run(self) -> None:
        """Look for as long as the worker runs."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY_S)

    def look(self) -> None:
        """Ask the judges, and measure."""
        found = freshness(tuple(self._processors()))
        self.regions = tuple(_as_shown(each) for each in sorted(found))
        self._measure(found)

    def _measure(self, found: Sequence[Freshness]) -> None:
        lacking: Counter[tuple[str, str]] = Counter()
        measured: set[tuple[str, str]] = set()
        for region in found:
            for heard in region.sources:
                measured.add((region.region, heard.source))
                age_s = (region.today - heard.heard_on) * _DAY_S
                self._metrics.set("source_age_seconds", region.region, heard.source, to=age_s)
                is_silent = heard.hearing is Hearing.SILENT
                self._metrics.set("source_silent", region.region, heard.source, to=is_silent)
            pairs = {(rule_id, each.lack.value) for each in region.not_evaluable for rule_id in each.rules}
            lacking.update(pairs)
        # What was seen before and is not now: the region is another worker's, or its rule can be judged again.
        for series in self._measured - measured:
            self._metrics.forget("source_age_seconds", *series)
            self._metrics.forget("source_silent", *series)
        self._measured = measured
        for pair in self._lacking | lacking.keys():
            self._metrics.set("rules_not_evaluable", *pair, to=lacking[pair])
        self._lacking = set(lacking)


def freshness(processors: Iterable[Processor]) -> list[Freshness]:
    """All regions that these processors judge."""
    held = tuple(processors)
    is_any = any(each.is_any_enterprise_register for each in held if isinstance(each, FactJudge))
    judges = [each for each in held if isinstance(each, Judge)]
    return [found for judge in judges for found in judge.freshness(is_any_enterprise_register=is_any)]


def _as_shown(found: Freshness) -> RegionFreshness:
    return RegionFreshness(
        found.region,
        text_of_day(found.today),
        tuple(SourceFreshness(each.source, text_of_day(each.heard_on), each.hearing) for each in found.sources),
        tuple(
            Lacking(each.lack, each.name, None if each.since == NO_DAY else text_of_day(each.since), each.rules)
            for each in found.not_evaluable
        ),
    )
