"""Rows of what is managed rather than paid: sources, reports, posts and doubts. See `rules.state`."""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Mark


class SourceRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A source that must be heard from, with the log date of its last event."""

    id: str
    heard_on: int
    marks: tuple[Mark, ...] = ()


class ReportRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """The first of the reports or reconciliations of one kind, section and month; the id is these three."""

    id: str
    filed_on: int
    marks: tuple[Mark, ...] = ()


class PostRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A post that a person has taken (post.assigned)."""

    id: str
    organisation_code: str
    operator_id: str
    post: str
    assigned_on: int
    exemption_reason: str | None
    is_released: bool = False
    marks: tuple[Mark, ...] = ()


class DoubtRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A doubt about a record (doubt.raised)."""

    id: str
    record_id: str
    cause_level: str
    notified_section: str
    notified_on: int
    resolved_on: int = NO_DAY
    marks: tuple[Mark, ...] = ()
