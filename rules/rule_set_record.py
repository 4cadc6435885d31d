"""A rule set's way into force: drafted by one person, approved by another, taken up at a tick. Pure.

A version's content never changes; what was in force at a place of a journal can be looked up for ever. The record of a
version is what topic ``rule.sets`` keeps of it: content, hash, state, who and when.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from rules.rule_set_text import Content, content_hash, settled
from rules.thresholds import BUILT_IN


class State(StrEnum):
    """Where a version stands; which of the approved ones is in force is a matter of the moment (`version_at`)."""

    DRAFT = "draft"
    APPROVED = "approved"


class Refusal(StrEnum):
    """Why a rule set is not taken a step further."""

    VERSION_TAKEN = "this version is there already with another content"
    NAMELESS = "whoever drafts or approves a rule set has a name"
    OWN_AUTHOR = "who wrote a rule set, or brought it in, does not approve it"
    APPROVED_ALREADY = "this version is approved already"
    CHANGED = "the content is not what was drafted"


class RuleSetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version. Moments are ISO text with offset +08:00."""

    version: str
    state: State
    content: dict[str, Any]
    content_hash: str
    author: str
    published_by: str
    published_at: str
    restored_from: str | None = None
    approved_by: str | None = None
    approved_at: str | None = None
    takes_effect_at: str | None = None


def drafted(
    content: Content, *, by: str, at: str, known: Mapping[str, RuleSetRecord], restored_from: str | None = None
) -> RuleSetRecord | Refusal:
    """A content that was checked becomes a draft; the same one again is as it was."""
    if not is_name(by):
        return Refusal.NAMELESS
    version = str(content["version"])
    held = known.get(version)
    if held is not None:
        return held if held.content_hash == content_hash(content) else Refusal.VERSION_TAKEN
    return RuleSetRecord(
        version=version,
        state=State.DRAFT,
        content=dict(content),
        content_hash=content_hash(content),
        author=str(content["author"]),
        published_by=by,
        published_at=at,
        restored_from=restored_from,
    )


def is_name(by: str) -> bool:
    """Whether anything of it can be read."""
    return bool(_folded(by))


def is_own(record: RuleSetRecord, by: str) -> bool:
    """Whether this person wrote or published the draft, whatever width, case and spacing it is typed in."""
    return _folded(by) in {_folded(record.author), _folded(record.published_by)}


def _folded(person: str) -> str:
    """A name as a reader tells it from others: without blanks and signs that are not seen (categories Z and C)."""
    written = unicodedata.normalize("NFKC", person).casefold()
    return "".join(sign for sign in written if unicodedata.category(sign)[0] not in "ZC")


def approved(record: RuleSetRecord, *, by: str, at: str, takes_effect_at: str | None = None) -> RuleSetRecord | Refusal:
    """A second person approves; the first tick from ``takes_effect_at`` on (None: the next one) brings it."""
    if record.state is not State.DRAFT:
        return Refusal.APPROVED_ALREADY
    if not is_name(by):
        return Refusal.NAMELESS
    if is_own(record, by):
        return Refusal.OWN_AUTHOR
    if content_hash(record.content) != record.content_hash:
        return Refusal.CHANGED
    return msgspec.structs.replace(
        record,
        state=State.APPROVED,
        approved_by=by,
        approved_at=at,
        takes_effect_at=max(at, takes_effect_at or at),
    )


def restored(old: Content, version: str, *, author: str, basis: str) -> Content:
    """The content of an earlier version as a new one, to be drafted and approved like any other."""
    return {**old, "version": version, "author": author, "basis": basis}


def version_at(records: Iterable[RuleSetRecord], moment: str) -> str:
    """The version that a tick of this moment names: of those approved and due by then the one due last."""
    due = [
        (record.takes_effect_at, record.approved_at or "", record.version)
        for record in records
        if record.state is State.APPROVED and record.takes_effect_at is not None and record.takes_effect_at <= moment
    ]
    return max(due)[2] if due else BUILT_IN


class Difference(msgspec.Struct, frozen=True):
    """One value in which two contents differ; None: not said."""

    path: str
    before: Any
    after: Any


def differences(before: Content, after: Content) -> list[Difference]:
    """What the second content says otherwise than the first, by path."""
    old, new = dict(settled(before)), dict(settled(after))
    paths = sorted(old.keys() | new.keys())
    return [Difference(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def decode(value: bytes) -> RuleSetRecord:
    """A record of topic ``rule.sets``. Raises msgspec.DecodeError."""
    return msgspec.json.decode(value, type=RuleSetRecord)


def encode(record: RuleSetRecord) -> bytes:
    """The one form in bytes of a record."""
    return msgspec.json.encode(record, order="sorted")
