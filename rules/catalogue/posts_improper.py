"""岗位未设置或混岗: a post is not filled, or one person holds posts that exclude each other.

Flags:
    Red: an organisation has some but not all of receipt and dispatch, handling, and review. Yellow: one person holds
    in one organisation system administrator and application user, or two of those three. Looked at once a day.

Why it matters:
    004_6d54267a7b8d1056.txt art. 10 L41: posts are not to be mixed; 000_4e8d71f0a3c23610.txt ㈡ L43: every department
    sets up the three posts.

Example:
    u-3120 handles and reviews in 652722-czj: yellow for 652722|652722-czj|u-3120. Nobody there receives: red for
    652722|652722-czj.

Not a fault when:
    The post is given or released; a post with an exemption reason is not counted among those of its holder.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.management_state import PostRow
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.thresholds import Source
from rules.view import View

_THREE_POSTS: Final = frozenset(("receipt_dispatch", "handling", "review"))
_TECHNICAL_POSTS: Final = frozenset(("system_administrator", "application_user"))
# One person holds at most one post of each of these.
_APART_MIN: Final = 2


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an organisation must have all three posts."""

    three_posts_required: Annotated[bool, Source(Basis.STATED, "flag")] = True


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """``subject`` is an organisation, or ``organisation|operator``."""
    organisation_code, _, operator_id = subject.partition("|")
    posts = view.posts(organisation_code)
    if operator_id:
        return YELLOW_AT_ONCE if _mixed(posts, operator_id) else NO_FAULT
    if not thresholds.three_posts_required or not _missing(posts):
        return NO_FAULT
    return (Step(view.opening_on, RED),)


def _missing(posts: list[PostRow]) -> list[str]:
    """What an organisation lacks of the three posts; nothing when it has none of them."""
    held = _THREE_POSTS & {post.post for post in posts}
    return sorted(_THREE_POSTS - held) if held else []


def _mixed(posts: list[PostRow], operator_id: str) -> list[PostRow]:
    """Posts of one person that exclude each other."""
    own = [post for post in posts if post.operator_id == operator_id and not post.exemption_reason]
    return [
        post
        for group in (_THREE_POSTS, _TECHNICAL_POSTS)
        if len(group & {post.post for post in own}) >= _APART_MIN
        for post in own
        if post.post in group
    ]


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Who holds which posts, or which are not held."""
    del thresholds
    organisation_code, _, operator_id = subject.partition("|")
    posts = view.posts(organisation_code)
    if operator_id:
        own = [post for post in posts if post.operator_id == operator_id]
        names = ", ".join(sorted({post.post for post in _mixed(posts, operator_id)}))
        zh, en = f"{organisation_code}的{operator_id}兼任{names}", f"{operator_id} holds {names} in {organisation_code}"
        if not names:
            zh = f"{organisation_code}的{operator_id}不再兼任不相容岗位"
            en = f"{operator_id} holds no posts in {organisation_code} any more that exclude each other"
    else:
        own = [post for post in posts if post.post in _THREE_POSTS]
        names = ", ".join(_missing(posts))
        zh, en = f"{organisation_code}未设置{names}岗位", f"{organisation_code} has nobody for {names}"
        if not names:
            zh, en = f"{organisation_code}不再缺少三岗", f"{organisation_code} lacks none of the three posts any more"
    latest = max(own, key=lambda post: (post.assigned_on, post.id), default=None)
    return Explanation(
        title=operator_id or organisation_code,
        observed=names,
        limit=None,
        unit="posts",
        amount_fen=None,
        facts={
            "organisation_code": organisation_code,
            "operator_id": operator_id or None,
            "post": ", ".join(sorted({post.post for post in own})),
            "assigned_on": None if latest is None else date_or_none(latest.assigned_on),
            "exemption_reason": next((post.exemption_reason for post in own if post.exemption_reason), None),
        },
        marks=tuple(mark for post in own for mark in post.marks),
        message_zh=zh,
        message_en=en,
    )


RULE = Rule(
    id="posts_improper",
    version="1",
    name_zh="岗位未设置或混岗",
    name_en="Posts missing or mixed",
    category="管理时限",
    owner="信息",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    profile_thresholds={"henan": {"three_posts_required": False}},
    judgements={SubjectKind.POSTS: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art.10 L41", "000_4e8d71f0a3c23610.txt ㈡ L43"),
)
