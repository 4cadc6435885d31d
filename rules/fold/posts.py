"""Folding of posts (topic management.filings): who holds which post in which organisation."""

from __future__ import annotations

from domain.events.management_filings import PostAssigned, PostReleased
from rules.fold.folding import Folding, SubjectKind
from rules.management_state import PostRow


def assigned(folding: Folding, body: PostAssigned) -> None:
    """post.assigned: a person takes a post."""
    if folding.ledger.posts.get(body.assignment_id) is not None:
        return
    row = PostRow(
        id=body.assignment_id,
        organisation_code=body.organisation_code,
        operator_id=body.operator_id,
        post=body.post,
        assigned_on=body.assigned_on.toordinal(),
        exemption_reason=body.exemption_reason,
        marks=(folding.mark("post"),),
    )
    folding.ledger.posts.set(row.id, row)
    folding.ledger.organisation_posts.add(row.organisation_code, row.id)
    _touch(folding, row)


def released(folding: Folding, body: PostReleased) -> None:
    """post.released: the person leaves the post, from whatever day."""
    row = folding.ledger.posts.get(body.assignment_id)
    if row is None:
        folding.park(f"post:{body.assignment_id}")
        return
    row.is_released = True
    row.marks = (*row.marks, folding.mark("release"))
    folding.ledger.posts.keep(row.id)
    _touch(folding, row)


def _touch(folding: Folding, row: PostRow) -> None:
    folding.touch_tomorrow(SubjectKind.POSTS, row.organisation_code)
    folding.touch_tomorrow(SubjectKind.POSTS, f"{row.organisation_code}|{row.operator_id}")
