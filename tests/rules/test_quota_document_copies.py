"""Laws of quota_document_incomplete where copies to the rural-finance section are watched."""

from __future__ import annotations

from tests.rules.tape import play, read_lines

STORY = (
    "region 652722 xinjiang opened 2019-01-01",
    "2019-03-04 document.printed W1 document_no=D1 document_kind=allocation quota_id=Q1 yuan=1.00",
    "2019-03-04 quota.received Q1 yuan=1,000.00 document_no=D1",
    "2019-03-04 document.scanned S1 document_no=D1",
)


def told(*words: str) -> None:
    """Play the story with these further lines, which say what must follow."""
    tape = read_lines((*STORY, *words), "quota_document_incomplete")
    assert play(tape, copy_required=True) == tape.expected


def test_a_missing_copy_is_a_fault_although_the_scan_is_there() -> None:
    """Three working days after Monday 4 March end with Thursday; the tenth is Monday 18."""
    told(
        "2019-03-08 tick => raised yellow D1 threshold_crossed",
        "2019-03-19 tick => escalated red D1 threshold_crossed",
        "2019-03-20 document.copied D1 => cleared red D1 satisfied_late",
    )


def test_a_copy_made_in_time_clears_as_met_in_time_also_when_it_is_recorded_late() -> None:
    """The date of the copy decides."""
    told(
        "2019-03-08 tick => raised yellow D1 threshold_crossed",
        "2019-03-07 document.copied D1 recorded=2019-03-10 => cleared yellow D1 satisfied_in_time",
    )


def test_the_earliest_copy_counts() -> None:
    """A second copy changes nothing."""
    told("2019-03-05 document.copied D1", "2019-03-25 document.copied D1", "2019-04-25 tick")


def test_a_document_of_any_kind_says_when_it_was_printed() -> None:
    """The copy is due three working days after the printing that document.printed tells, not the quota's own date."""
    told(
        "2019-03-04 quota.received Q2 yuan=1,000.00 document_no=D2 document_printed_on=2019-03-01",
        "2019-03-04 document.scanned S2 document_no=D2",
        "2019-03-05 document.copied D1",
        "2019-03-06 document.printed W2 document_no=D2 document_kind=issue",
        "2019-03-11 tick",
        "2019-03-12 tick => raised yellow D2 threshold_crossed",
    )
