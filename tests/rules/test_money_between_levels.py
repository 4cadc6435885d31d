"""Identity 1 of calibres.md section 11, over random money on its way down three levels."""

from __future__ import annotations

import json
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fundwatch.figures_wanted import FiguresWanted
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.rules.tape import read_lines
from tests.rules.test_figures import MONEY, at_length

PLACES = ("650000", "652700", "652722")
# The regions of a province, a prefecture and a county in which money enters; and sets of them that hang together.
SETS = (PLACES, PLACES[1:], PLACES[2:])


class Story:
    """Random money on its way down three levels: issued, received in part or in excess, corrected on both sides."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.lines: list[str] = []
        self._quotas: dict[str, list[str]] = {place: [] for place in PLACES}
        self._issued: list[tuple[str, str]] = []  # allocation and its target
        self._received: list[str] = []

    def told(self, steps: int) -> list[str]:
        """The lines of a tape, each region's in its own place."""
        for place in PLACES:
            self.lines.append(f"region {place} xinjiang opened 2019-01-01")
            self._arrange(place)
        for _ in range(steps):
            self._rng.choice((self._arrange, self._issue, self._issue, self._receive, self._receive, self._correct))(
                self._rng.choice(PLACES)
            )
        return self.lines

    def _say(self, place: str, kind: str, own_id: str, words: str = "") -> None:
        self.lines += [f"in {place}", f"2019-02-01 {kind} {own_id} {words}"]

    def _yuan(self) -> str:
        return f"yuan={self._rng.randrange(1, 900)}.00"

    def _name(self, letter: str) -> str:
        return f"{letter}{len(self.lines)}"

    def _arrange(self, place: str) -> None:
        name = self._name("Q")
        self._quotas[place].append(name)
        self._say(place, "quota.arranged", name, self._yuan())

    def _issue(self, place: str) -> None:
        if place == PLACES[-1]:
            return
        target, name = PLACES[PLACES.index(place) + 1], self._name("L")
        quota = self._rng.choice(self._quotas[place])
        self._issued.append((name, target))
        words = f'quota_id={quota} {self._yuan()} target_kind=lower_region target_region="{target}" project_id=null'
        self._say(place, "quota.allocated", name, words)

    def _receive(self, _: str) -> None:
        if not self._issued:
            return
        notice, target = self._rng.choice(self._issued)
        above, name = PLACES[PLACES.index(target) - 1], self._name("R")
        self._quotas[target].append(name)
        self._received.append(f"{target} {name}")
        words = f'{self._yuan()} superior_region="{above}" linkage_id={notice} superior_quota_id=null'
        self._say(target, "quota.received", name, words)

    def _correct(self, _: str) -> None:
        delta = self._rng.choice((-50_000, -100, 700))
        if self._rng.random() < 0.5 and self._issued:
            notice, target = self._rng.choice(self._issued)
            above = PLACES[PLACES.index(target) - 1]
            words = f"allocation_id={notice} delta_fen={delta}"
            self._say(
                above,
                *self._rng.choice((("allocation.adjusted", self._name("A"), words), ("allocation.voided", notice, ""))),
            )
        elif self._received:
            place, name = self._rng.choice(self._received).split()
            self._say(place, "quota.adjusted", self._name("A"), f"quota_id={name} delta_fen={delta}")


@at_length
@given(st.integers(0, 2**32), st.sampled_from(SETS))
def test_the_scale_is_what_is_available_and_what_is_in_transit(seed: int, regions: tuple[str, ...]) -> None:
    """Identity 1 for any set of regions, flags agreeing: over-reception makes money in transit negative."""
    story = read_lines(Story(Random(seed)).told(40), "figures")  # noqa: S311 - no secret
    for event in story.events:
        event["body"] |= {name: value for name, value in MONEY.items() if name in event["body"]}
        event["body"] |= {"poverty_amount_fen": None} if "poverty_amount_fen" in event["body"] else {}
    lines = [json.dumps(event).encode() for event in story.events]
    wanted = [FiguresWanted(date(2019, 2, 2), regions, 2019)]
    judging = FileJudge(RULES, rule_set_of(RULES), emitted_at="", figures=wanted)
    list(judging.run(lines, date(2019, 1, 1), date(2019, 2, 3)))
    assert judging.dead_letters == []
    (found,) = judging.figured
    assert found["scale_fen"] == found["available_fen"] + found["in_transit_fen"]  # type: ignore[operator]  # a record of many kinds
