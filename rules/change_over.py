"""From one rule set to another in a region: what is judged otherwise now is judged at once, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from domain.findings import Finding
from rules.planning import Plans, changed
from rules.subject_lists import subjects_of
from rules.subjects import SubjectJudge
from rules.view import View

Subjects = Callable[[str], Sequence[str]]


def change_over(
    judge: SubjectJudge, view: View, before: Plans, position: int, subjects: Subjects | None = None
) -> list[Finding]:
    """What follows from the change to the plans that ``judge`` uses now; ``before`` is how rules were judged.

    ``subjects`` gives all subjects of a kind, by default those that the region's state knows. It is asked once for each
    kind, whatever the number of rules: listing them may walk whole tables, and judging adds none.

    A rule that is off now, or on trial now, says no more what it said; rules that are judged by other terms are judged
    on every subject that they could be about.
    """
    after, findings = judge.plans_of(view), list[Finding]()
    listed = cache(subjects or partial(subjects_of, view))
    differing = changed(before, after)
    spoken = _spoken(view) if differing else {}
    for terms in differing:
        rule_id, kinds = terms.rule.id, [kind.value for kind in terms.rule.judgements]
        old, new = before.of(kinds[0], rule_id), after.of(kinds[0], rule_id)
        if old is not None and (new is None or new.voice != old.voice):
            for subject_id in spoken.get((old.home, old.voice), ()):
                findings += judge.silence(view, before, old, subject_id, position)
        for kind in kinds:
            plan = after.of(kind, rule_id)
            if plan is not None:
                ids = dict.fromkeys((*listed(kind), *spoken.get((kind, plan.voice), ())))
                for subject_id in ids:
                    findings += judge.rejudge(view, plan, kind, subject_id, position)
    return findings


def _spoken(view: View) -> dict[tuple[str, str], list[str]]:
    """By kind of subject and voice, of which subjects something is kept; all of them in one walk."""
    found: dict[tuple[str, str], list[str]] = {}
    for key in view.ledger.watches.ids():
        kind, _, subject_id = key.partition("|")
        watch = view.ledger.watches.get(key)
        for voice in () if watch is None else watch.findings:
            found.setdefault((kind, voice), []).append(subject_id)
    return found
