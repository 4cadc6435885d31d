"""`fundwatch rules`: rule sets from a file into force, and what there is and was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from aiokafka.errors import KafkaError

from domain.settings import Settings
from domain.ticks import CHINA, moment_text
from fundwatch.commands.journal_options import FILE
from fundwatch.environment import configured
from fundwatch.kafka_needed import need_answering_kafka
from fundwatch.rule_set_files import checked_content
from fundwatch.status import not_evaluable, status
from rules.catalogue import RULES
from rules.rule_set_record import Refusal, RuleSetRecord, approved, differences, drafted, restored
from rules.rule_set_text import Content, rule_set_from
from rules.thresholds import BUILT_IN, RuleSetRefused, rule_set_of
from streams.connection import TopicUnfitError
from streams.rule_failures import read_failures
from streams.rule_set_book import RuleSetBook
from streams.rule_sets import read_book, write

T = TypeVar("T")

_BY = click.option("--by", required=True, help="Who does this.")

# What the built-in rule set says beyond the catalogue.
_NOTHING_SAID: Content = {}


@click.group()
def rules() -> None:
    """Rule sets: a draft by one person, approved by another, in force from the next tick on."""


@rules.command("validate")
@click.argument("file", type=FILE)
def validate(file: Path) -> None:
    """Check FILE (TOML); every field at fault is told."""
    content = checked_content(file)
    click.echo(f"{content['version']}: sound")


@rules.command("list")
def list_() -> None:
    """Print every version: state, who and when; the one that the next tick names is marked.

    Then what cannot be judged now, where workers of this machine say so: the rules, and what they lack.
    """
    settings = _settings()
    book = _book(settings)
    present = book.version_at(_now())
    click.echo(f"{'*' if present == BUILT_IN else ' '} {BUILT_IN}  the catalogue's own values")
    for record in sorted(book.records.values(), key=lambda record: (record.published_at, record.version)):
        approval = f", approved by {record.approved_by}, from {record.takes_effect_at}" if record.approved_by else ""
        origin = f", restores {record.restored_from}" if record.restored_from else ""
        mark = "*" if record.version == present else " "
        click.echo(f"{mark} {record.version}  {record.state}  {record.author} {record.published_at}{approval}{origin}")
    for version, why in sorted(book.refused.items()):
        click.echo(f"! {version}  cannot be used: {why}", err=True)
    for line in not_evaluable(status(settings)):
        click.echo(line)


@rules.command("show")
@click.argument("version")
def show(version: str) -> None:
    """Print VERSION as JSON: content, hash, state, who and when; and where custom rules of its own had no value.

    Of builtin-1, which nobody wrote, the catalogue's own values in each profile.
    """
    if version == BUILT_IN:
        _print({"version": BUILT_IN, "state": "built_in", "content": _NOTHING_SAID, "values": _built_in_values()})
        return
    settings = _settings()
    record = _record(_book(settings), version)
    customs = {rule.id: rule.version for rule in rule_set_from(record.content, RULES).customs}
    failures = _asked(read_failures(settings)) if customs else []
    own = [each for each in failures if customs.get(each.rule_id) == each.rule_version]
    _print(msgspec.to_builtins(record) | ({"could_not_be_evaluated": own} if own else {}))
    for each in own:
        click.echo(each.sentence, err=True)


@rules.command("diff")
@click.argument("before")
@click.argument("after")
def diff(before: str, after: str) -> None:
    """Print what AFTER says otherwise than BEFORE; each a file or a version, builtin-1 included."""
    for difference in differences(_content(before), _content(after)):
        click.echo(f"{difference.path}: {_value(difference.before)} -> {_value(difference.after)}")


@rules.command("publish")
@click.argument("file", type=FILE)
@_BY
def publish(file: Path, by: str) -> None:
    """Publish FILE as a draft. The same content again changes nothing; a version's content never changes."""
    settings = _settings()
    content = checked_content(file)
    _send(settings, drafted(content, by=by, at=_now(), known=_book(settings).records))


@rules.command("approve")
@click.argument("version")
@_BY
@click.option("--from", "moment", type=click.DateTime(), help="Not before this moment (China); else the next tick.")
def approve(version: str, by: str, moment: datetime | None) -> None:
    """Approve a draft: every partition takes it up at its next tick. Not by who wrote it or published it."""
    if version == BUILT_IN:
        back = f"fundwatch rules restore {BUILT_IN} --as NEW --by ... --basis ..."
        raise click.ClickException(f"{BUILT_IN} is no draft: it holds until another is approved; back to it: `{back}`")
    settings = _settings()
    takes_effect_at = None if moment is None else moment.replace(tzinfo=CHINA).isoformat(timespec="seconds")
    record = _record(_book(settings), version)
    _send(settings, approved(record, by=by, at=_now(), takes_effect_at=takes_effect_at))


@rules.command("restore")
@click.argument("version")
@click.option("--as", "new", required=True, help="The new version's name.")
@_BY
@click.option("--basis", required=True, help="On whose word.")
def restore(version: str, new: str, by: str, basis: str) -> None:
    """Draft the content of VERSION once more, as a new version; it has to be approved like any other.

    Of builtin-1 that is a rule set that leaves every rule as the catalogue has it.
    """
    settings = _settings()
    book = _book(settings)
    content = restored(_content_of(book, version), new, author=by, basis=basis)
    _refuse_unsound(new, content)
    _send(settings, drafted(content, by=by, at=_now(), known=book.records, restored_from=version))


def _settings() -> Settings:
    settings = configured()
    need_answering_kafka(settings)
    return settings


def _book(settings: Settings | None = None) -> RuleSetBook:
    return _asked(read_book(settings or _settings(), RULES))


def _asked(question: Coroutine[Any, Any, T]) -> T:
    """What the broker answers. Raises ClickException."""
    try:
        return asyncio.run(question)
    except (TopicUnfitError, KafkaError) as error:
        raise click.ClickException(str(error)) from error


def _record(book: RuleSetBook, version: str) -> RuleSetRecord:
    found = book.records.get(version)
    if found is None and version in book.refused:
        raise click.ClickException(f"rule set {version} cannot be used: {book.refused[version]}")
    if found is None:
        raise click.ClickException(f"no rule set {version}; there are {', '.join(sorted(book.records)) or 'none'}")
    return found


def _content(named: str) -> Content:
    """Of a file, or of a version."""
    if Path(named).is_file():
        return checked_content(Path(named))
    return _NOTHING_SAID if named == BUILT_IN else _content_of(_book(), named)


def _content_of(book: RuleSetBook, version: str) -> Content:
    return _NOTHING_SAID if version == BUILT_IN else _record(book, version).content


def _built_in_values() -> dict[str, dict[str, dict[str, Any]]]:
    """By profile and rule: its mode, and its parameters."""
    built_in = rule_set_of(RULES)
    return {
        profile: {
            rule.id: {"mode": built_in.in_force(rule, profile).mode, **msgspec.structs.asdict(values[rule.id])}
            for rule in RULES
            if profile in rule.profiles
        }
        for profile, values in built_in.values.items()
    }


def _print(shown: Mapping[str, Any]) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(shown, order="sorted"), indent=2).decode())


def _refuse_unsound(name: str, content: Content) -> None:
    try:
        rule_set_from(content, RULES)
    except RuleSetRefused as error:
        raise click.ClickException(f"{name}:\n{error}") from error


def _send(settings: Settings, decided: RuleSetRecord | Refusal) -> None:
    if isinstance(decided, Refusal):
        raise click.ClickException(decided)
    _asked(write(settings, decided))
    click.echo(f"{decided.version}: {decided.state}, {decided.content_hash[:12]}")


def _now() -> str:
    return moment_text(time.time_ns() // 1_000_000)


def _value(found: object) -> str:
    return "-" if found is None else msgspec.json.encode(found).decode()
