"""The demonstration: a system of its own, a year played into it, and what came of it beside the ground truth."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from alerts.alert import AlertRecord
from alerts.queues import connected
from connectors import broker
from connectors.demo_county.truth import RULES, Truth, by_section
from connectors.demo_county.year import DemoYear
from domain.identifiers import alert_id
from domain.settings import Settings
from fundwatch.environment import configured, declared
from fundwatch.journal_file import DayBegins, FileEvent
from fundwatch.redis_needed import need_answering_redis
from fundwatch.replaying import Answer
from fundwatch.services import parts, system
from fundwatch.services.part import ServiceError

NAMESPACE = "demo"
# In the folder of a system that a demonstration may erase and begin anew.
MARK = "demonstration"
_OTHER_DATA = "the system here holds other data"

Tell = Callable[[str], None]


# --- the system --------------------------------------------------------------------------------------------------


def start(tell: Tell) -> Settings:
    """A running system without data, as configured: the one here if it is new or a demonstration's, else one beside it.

    Raises ServiceError, broker.BrokerRefusedError, click.ClickException.
    """
    settings = free_system(tell)
    system.stop(settings, tell)
    if settings.redis:
        need_answering_redis(settings)
    if settings.kafka or settings.redis:
        _forget(configured(**_options(settings.namespace)))
    if Path(settings.folder).is_dir():
        system.erase(settings)
    mark(settings)
    servers = [name for name, given in ((parts.KAFKA, settings.kafka), (parts.REDIS, settings.redis)) if not given]
    if servers:
        system.start(settings, servers, tell)
    running = configured(**_options(settings.namespace))
    made = broker.create_topics(running)
    tell(f"{'topics':<10} {len(made.created)} created")
    system.start(settings, [*parts.worker_names(1), parts.FEED], tell)
    return running


def _options(namespace: str) -> dict[str, str]:
    return {"namespace": namespace, "clock": "manual", "rules": ",".join(RULES)}


def mark(settings: Settings) -> None:
    """Say in the system's folder that a demonstration may erase it."""
    Path(settings.folder).mkdir(parents=True, exist_ok=True)
    (Path(settings.folder) / MARK).write_text("fundwatch demo erases this system when it runs again\n", "utf-8")


def free_system(tell: Tell) -> Settings:
    """Settings, as declared, of a system that may be erased. Raises ServiceError when there is none."""
    here = declared()
    is_ours_alone = not here.kafka and not here.redis
    if is_ours_alone and _may_be_erased(here):
        return declared(**_options(here.namespace))
    namespace = "-".join(filter(None, (here.namespace, NAMESPACE)))
    beside = declared(**_options(namespace))
    if not _may_be_erased(beside):
        raise ServiceError(f"{_OTHER_DATA}, and so does namespace {namespace}: run with another FUNDWATCH_HOME")
    if is_ours_alone:
        tell(f"{_OTHER_DATA}: playing beside it, in namespace {namespace}")
    return beside


def _may_be_erased(settings: Settings) -> bool:
    folder = Path(settings.folder)
    return (folder / MARK).exists() or not (folder / "runtime.json").exists()


def _forget(settings: Settings) -> None:
    """Empty what this namespace has on servers that are not ours to erase."""
    broker.delete_topics(settings)
    asyncio.run(_forget_queues(settings))


async def _forget_queues(settings: Settings) -> None:
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        for partition in range(settings.partitions):
            await queues.wipe(partition)


# --- the play ----------------------------------------------------------------------------------------------------


def steps(year: DemoYear) -> Iterator[FileEvent | DayBegins]:
    """Each day's tick, then what arrives on that day."""
    number = 0
    for day, records in year.days.items():
        yield DayBegins(day)
        for sent in records:
            number += 1
            yield FileEvent(number, sent.topic, sent.key, sent.value)


# --- the comparison ----------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What came of the play."""

    journaled: int
    dead_letters: dict[str, int]
    sections: dict[str, dict[str, int]]
    differences: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether it is what the ground truth says, alert by alert."""
        return not self.differences


def outcome(answer: Answer, truth: Truth) -> Outcome:
    """The answer of the system beside the ground truth."""
    current = {record.alert_id: record for record in answer.records}
    dead_letters = dict(sorted(Counter(letter.code for _, letter in answer.refusals).items()))
    differences = [*_differences_of_counts(answer.journaled, dead_letters, truth), *_differences(current, truth)]
    sections = by_section((record.section, record.status) for record in current.values())
    return Outcome(answer.journaled, dead_letters, sections, differences)


def _differences_of_counts(journaled: int, dead_letters: dict[str, int], truth: Truth) -> Iterable[str]:
    if journaled != truth.accepted:
        yield f"events in the journal: {journaled}, expected {truth.accepted}"
    for code in sorted(dead_letters.keys() | truth.dead_letters.keys()):
        found, expected = dead_letters.get(code, 0), truth.dead_letters.get(code, 0)
        if found != expected:
            yield f"dead letters {code}: {found}, expected {expected}"


def _differences(current: dict[str, AlertRecord], truth: Truth) -> Iterable[str]:
    expected = {alert_id(each.rule_id, each.subject_key, each.episode): each for each in truth.alerts}
    for name, alert in expected.items():
        record = current.get(name)
        wanted = f"{alert.severity} {alert.status} {alert.section}"
        if record is None:
            yield f"{alert.rule_id} {alert.subject_key} #{alert.episode}: none, expected {wanted}"
        elif (found := f"{record.severity} {record.status} {record.section}") != wanted:
            yield f"{alert.rule_id} {alert.subject_key} #{alert.episode}: {found}, expected {wanted}"
    for name, record in current.items():
        if name not in expected:
            yield f"{record.rule_id} {record.subject.key}: {record.severity} {record.status}, expected none"


def keep_data(year: DemoYear, settings: Settings, write: Callable[[DemoYear, Path], None]) -> Path:
    """The events and the truth as files, for `fundwatch judge` and for reading; returns their folder."""
    folder = Path(settings.folder) / "demo-data"
    shutil.rmtree(folder, ignore_errors=True)
    write(year, folder)
    return folder
