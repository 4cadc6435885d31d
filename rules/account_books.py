"""What an account's books say, by the derived names of rules.md section 3."""

from __future__ import annotations

from rules.account_state import BooksRow, Switch
from rules.state import NO_DAY


def account_booked_fen(books: BooksRow, opening_on: int, day: int) -> int:
    """`account_booked_fen`: the opening balance and all that was booked after it, up to the day."""
    start, fen = NO_DAY, 0
    for base in (opening_on, opening_on - 1):
        if base in books.balances:
            start, fen = base, books.balances[base].fen
            break
    return fen + sum(moved for booked_on, moved in books.moved.items() if start < booked_on <= day)


def held_since(books: BooksRow) -> int:
    """The day of the first balance from which on every reported one is above 0; NO_DAY when the last is not."""
    since = NO_DAY
    for day in sorted(books.balances):
        if books.balances[day].fen <= 0:
            since = NO_DAY
        elif since == NO_DAY:
            since = day
    return since


def off_since(switches: tuple[Switch, ...], opening_on: int, today: int) -> int:
    """The day on which a function that is off went off; the opening when it never was on.

    ``switches`` are in order of their days; of one day the last counts.
    """
    by_day = {switch.day: switch.is_enabled for switch in switches if switch.day <= today}
    since, was_on = opening_on, False
    for day, is_enabled in by_day.items():
        if was_on and not is_enabled:
            since = day
        was_on = is_enabled
    return since
