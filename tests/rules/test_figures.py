"""Figures: the contract's running example, and its identities over random journals (calibres.md)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.money import basis_points
from fundwatch.figures_wanted import FiguresRecord, FiguresRefused, FiguresWanted, wanted_of
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.cuts import CUTS, paid_cut, scale_cut
from rules.engine import Engine
from rules.figures import figures_of, money_of, spent_fen
from rules.quota_money import ALL_DAYS, balances_of, current_quotas, quotas_of_year, sums_of, unallocated_fen
from rules.rates import RATES, rates_of
from rules.thresholds import rule_set_of
from rules.view import View
from tests.rules.tape import read_lines
from tests.strategies import PROFILES, Event, seeded_journals

EXAMPLES = int(os.environ.get("FUNDWATCH_EXAMPLES", "60"))
at_length = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
# Nothing in a journal is dated later, so as of this day all is counted, line by line.
LAST_DAY = ALL_DAYS - 1
YEARS = (2018, 2019, 2020)

RUNNING_EXAMPLE = """
region 652700 xinjiang opened 2019-01-01
2019-01-10 quota.received  QA yuan=1,000,000.00 superior_region="650000" linkage_id=null superior_quota_id=null
2019-01-10 quota.arranged  QB yuan=200,000.00
2019-01-11 quota.allocated L1 quota_id=QA yuan=900,000.00 target_kind=lower_region target_region="652722"
2019-01-11 quota.allocated PP quota_id=QA yuan=100,000.00 target_kind=project project_id=PP is_pending=false
2019-07-08 payment.recorded Z9 line_id=PP yuan=60,000.00 payee_account_kind=enterprise
region 652722 xinjiang opened 2019-01-01
2019-02-10 quota.received  QC yuan=800,000.00 superior_region="652700" linkage_id=L1 superior_quota_id=QA
2019-02-10 quota.arranged  QD yuan=300,000.00
2019-02-11 quota.allocated P1 quota_id=QC yuan=600,000.00 target_kind=project project_id=P1 is_pending=false
2019-02-11 quota.allocated BL quota_id=QC yuan=200,000.00 target_kind=township project_id=null is_pending=true
2019-05-10 payment.recorded Z1 line_id=P1 yuan=250,000.00 payee_account_kind=enterprise
2019-06-12 payment.recorded Z2 line_id=P1 yuan=100,000.00 payee_account_kind=township_real_fund
2019-06-28 payment.recorded Z3 line_id=P1 yuan=40,000.00 channel=own_account upstream_payment_id=Z2
2019-07-05 payment.refunded T1 payment_id=Z1 yuan=20,000.00
2019-07-06 payment.recorded Z4 line_id=P1 yuan=30,000.00 paid_on=null payee_account_kind=enterprise
2019-07-07 quota.carried_over QE yuan=30,000.00 carried_from_quota_id=Q0 carried_from_year=2018
2019-07-07 quota.allocated C1 quota_id=QE yuan=30,000.00 target_kind=project project_id=P1 is_pending=false
2019-07-08 payment.recorded Z5 line_id=C1 yuan=10,000.00 payee_account_kind=enterprise
2019-07-09 relocation.raised F1 yuan=200,000.00
2019-07-09 relocation.spent S1 yuan=50,000.00 financing_id=F1
2019-07-10 relocation.spent S2 yuan=70,000.00 financing_id=F1 spent_on=null
2019-07-10 relocation.spent S3 yuan=80,000.00 financing_id=F1
2019-07-11 relocation.refunded T2 spending_id=S1 yuan=20,000.00
2019-07-12 relocation.voided S3
"""
MONEY = {"budget_year": 2019, "fund_category": "central-36", "line_kind": "poverty", "is_poverty_fund": True}


def running_example() -> list[bytes]:
    """Its events; each field of MONEY where the type has it."""
    events = read_lines(RUNNING_EXAMPLE.splitlines(), "figures").events
    for event in events:
        event["body"] |= {name: value for name, value in MONEY.items() if name in event["body"]}
        if event["body"].get("payee_account_kind") == "township_real_fund":
            event["body"]["spending_stage"] = "intermediate"
    return [json.dumps(event).encode() for event in events]


def figured(*regions: str, cuts: tuple[str, ...] = ()) -> FiguresRecord:
    """The figures of the running example as of 2019-07-31."""
    judging = FileJudge(
        RULES,
        rule_set_of(RULES),
        emitted_at="2020-01-01T00:00:00.000+08:00",
        figures=[FiguresWanted(date(2019, 7, 31), regions, 2019, cuts=cuts)],
    )
    list(judging.run(running_example(), date(2019, 1, 1), date(2019, 8, 1)))
    return judging.figured[0]


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        (
            ("652700", "652722"),
            {
                "scale_fen": 150_000_000,
                "available_fen": 140_000_000,
                "in_transit_fen": 10_000_000,
                "paid_fen": 39_000_000,
                "progress_basis_points": 2_786,
                "unallocated_fen": 50_000_000,
                "unpaid_fen": 51_000_000,
                "carried_over_fen": 3_000_000,
                "carried_over_paid_fen": 1_000_000,
                "carried_over_progress_basis_points": 3_333,
                "relocation_scale_fen": 20_000_000,
                "relocation_paid_fen": 3_000_000,
                "total_scale_fen": 170_000_000,
                "total_paid_fen": 42_000_000,
            },
        ),
        (
            ("652722",),
            {
                "scale_fen": 110_000_000,
                "available_fen": 110_000_000,
                "paid_fen": 33_000_000,
                "progress_basis_points": 3_000,
                "unallocated_fen": 30_000_000,
                "pending_fen": 20_000_000,
                "unpaid_fen": 47_000_000,
                "final_paid_fen": 27_000_000,
                "final_progress_basis_points": 2_455,
                "parked_fen": 6_000_000,
                "not_counted_fen": 3_000_000,
                "not_counted_undated_fen": 3_000_000,
                "not_counted_invalid_fen": 0,
                "centralised_share_basis_points": 10_000,
                "linkage_reception_basis_points": 8_889,
            },
        ),
        (
            ("652700",),
            {
                "scale_fen": 120_000_000,
                "available_fen": 30_000_000,
                "paid_fen": 6_000_000,
                "progress_basis_points": 2_000,
            },
        ),
    ],
)
def test_the_running_example_has_its_figures(regions: tuple[str, ...], expected: dict[str, int]) -> None:
    """Money counts once where it enters the set, spending where it is paid; carry-over stands apart."""
    found = figured(*regions)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("cut", "parts"),
    [
        ("month", {"2019-05": 25_000_000, "2019-06": 10_000_000, "2019-07": -2_000_000}),
        ("project", {"P1": 33_000_000}),
        ("origin", {"received": 33_000_000}),
    ],
)
def test_the_running_example_has_its_cuts(cut: str, parts: dict[str, int]) -> None:
    """What the county paid (calibres.md section 9); refunds are in the month of their own."""
    assert figured("652722", cuts=(cut,))["cuts"][cut]["paid_fen"] == parts  # type: ignore[index, call-overload]  # a record of many kinds


def test_the_scale_of_the_running_example_is_cut_by_origin() -> None:
    """Money counts where it enters the set."""
    found = figured("652700", "652722", cuts=("origin", "month"))["cuts"]
    assert found["origin"]["scale_fen"] == {"arranged": 50_000_000, "received": 100_000_000}  # type: ignore[index, call-overload]  # a record of many kinds
    assert "scale_fen" not in found["month"]  # type: ignore[index, call-overload]  # a record of many kinds


def test_what_is_paid_by_a_month_end_has_each_refund_on_its_own_day() -> None:
    """The county by the end of May, June and July: 250,000, then 100,000 more, then 20,000 back."""
    engine = Engine(RULES, rule_set_of(RULES))
    for position, raw in enumerate(running_example()):
        engine.take(position, raw)
    view = engine.view_of("652722")
    assert view is not None
    ends = [date(2019, month, day).toordinal() for month, day in ((4, 30), (5, 31), (6, 30), (7, 31))]
    paid = [money_of(view, 2019, upto=end).paid_fen for end in ends]
    assert paid == [0, 25_000_000, 35_000_000, 33_000_000]


CHANGE_OF_CALIBRE = """
region 410324 henan opened 2017-01-01
2017-01-10 account.registered ACC account_kind=special_fiscal
2017-01-10 quota.arranged Q1 yuan=1,000,000.00 is_integrable=true
2017-01-11 quota.allocated L1 quota_id=Q1 yuan=1,000,000.00 target_kind=project project_id=P1 is_pending=false
2017-11-10 payment.recorded Z1 line_id=L1 yuan=500,000.00 payee_account_kind=special_fiscal
2017-11-10 account.entry_recorded E1 account_id=ACC direction=in yuan=500,000.00 line_id=L1
2017-12-05 account.entry_recorded E2 account_id=ACC direction=out yuan=100,000.00 line_id=L1
2018-02-01 payment.recorded Z2 line_id=L1 yuan=200,000.00 payee_account_kind=special_fiscal
2018-02-01 account.entry_recorded E3 account_id=ACC direction=in yuan=200,000.00 line_id=L1
2018-03-01 account.entry_recorded E4 account_id=ACC direction=out yuan=300,000.00 line_id=L1
2018-04-01 account.entry_recorded E5 account_id=ACC direction=out yuan=150,000.00 line_id=L1
"""


@pytest.mark.parametrize(
    ("request_text", "paid_fen"),
    [
        ("now", 55_000_000),
        ("old", 70_000_000),
        ("old@2017-12-31", 55_000_000),
        ("old@2017-11-30", 55_000_000),
        ("old@2018-03-31", 70_000_000),
        ("old@2017-01-01", 55_000_000),
    ],
)
def test_a_change_of_calibre_counts_nothing_twice(request_text: str, paid_fen: int) -> None:
    """The contract's example: what was counted as a transfer does not count again when it leaves the account."""
    events = read_lines(CHANGE_OF_CALIBRE.splitlines(), "figures").events
    for event in events:
        event["body"] |= {name: value for name, value in MONEY.items() if name in event["body"]}
    wanted = [wanted_of(f"2018-12-31:410324:2019:{request_text}")]
    judging = FileJudge(RULES, rule_set_of(RULES), emitted_at="", figures=wanted)
    list(judging.run([json.dumps(event).encode() for event in events], date(2017, 1, 1), date(2018, 12, 31)))
    assert judging.dead_letters == []
    (found,) = judging.figured
    assert (found["calibre"], found["paid_fen"]) == (request_text, paid_fen)


@pytest.mark.parametrize("text", ["now@2017-12-31", "old@", "old@2017-13-01", "new", "old@2017-12-31:x"])
def test_a_calibre_that_cannot_be_read_is_refused(text: str) -> None:
    """Only the old one has a last day."""
    with pytest.raises(FiguresRefused):
        wanted_of(f"2018-12-31:410324:2019:{text}")


@pytest.mark.parametrize(
    ("numerator", "denominator", "points"),
    [(39, 140, 2_786), (1, 20_000, 1), (1, 20_001, 0), (0, 5, 0), (3, 0, None), (-1, 3, -3_333), (1, -3, -3_333)],
)
def test_ratios_are_in_basis_points_half_up(numerator: int, denominator: int, points: int | None) -> None:
    """Without a denominator there is no value, not 0."""
    assert basis_points(numerator, denominator) == points


def judged(events: list[Event]) -> list[View]:
    """The open regions at the end of a journal."""
    engine = Engine(RULES, rule_set_of(RULES))
    for position, event in enumerate(events):
        engine.take(position, json.dumps(event).encode())
    return [view for view in map(engine.view_of, PROFILES) if view is not None]


def left_fen(view: View, year: int) -> int:
    """Unallocated and unpaid money of a year's quotas before anything was carried over."""
    return sum(
        unallocated_fen(quota, sums_of(view, quota, ALL_DAYS), ALL_DAYS) + sums_of(view, quota, ALL_DAYS).unpaid_fen
        for quota in current_quotas(view, year)
    )


def carried_on_fen(view: View, year: int) -> int:
    """What balances are lower for money carried over."""
    return left_fen(view, year) - sum(sum(balances_of(view, quota, ALL_DAYS)) for quota in current_quotas(view, year))


@at_length
@given(seeded_journals(), st.sampled_from(YEARS))
def test_available_less_paid_is_what_is_left(events: list[Event], year: int) -> None:
    """Identity 2 for any set: what is not paid is unallocated, unpaid, or was carried to the next year."""
    views = judged(events)
    found = {name: value or 0 for name, value in figures_of(views, year).items()}
    spent = sum(money_of(view, year).spent_fen for view in views)
    left = found["unallocated_fen"] + found["unpaid_fen"] - found["overpaid_fen"] - found["unlinked_paid_fen"]
    assert found["available_fen"] - spent == left + sum(carried_on_fen(view, year) for view in views)


@at_length
@given(seeded_journals(), st.sampled_from(YEARS))
def test_sums_kept_while_folding_are_those_over_all_lines(events: list[Event], year: int) -> None:
    """Whatever came in whatever order, each quota's sums are what its lines and their payments say."""
    views = judged(events)
    quotas = [(view, quota) for view in views for quota in quotas_of_year(view, year)]
    assert [sums_of(view, quota, ALL_DAYS) for view, quota in quotas] == [
        sums_of(view, quota, LAST_DAY) for view, quota in quotas
    ]
    assert [money_of(view, year) for view in views] == [money_of(view, year, upto=LAST_DAY) for view in views]
    assert [money_of(view, year).spent_fen for view in views] == [
        spent_fen(view, year, None, LAST_DAY) for view in views
    ]


@at_length
@given(seeded_journals(), st.sampled_from(YEARS))
def test_the_parts_of_a_cut_by_category_sum_to_the_whole(events: list[Event], year: int) -> None:
    """Identity 3: each yuan is in one category."""
    views = judged(events)
    for_all = [money_of(view, year) for view in views]
    by_category = [[money_of(view, year, category) for category in categories(view, year)] for view in views]
    assert [each.available_fen for each in for_all] == [
        sum(part.available_fen for part in parts) for parts in by_category
    ]
    assert [each.spent_fen for each in for_all] == [sum(part.spent_fen for part in parts) for parts in by_category]


@at_length
@given(seeded_journals(), st.sampled_from(YEARS))
def test_the_parts_of_every_cut_sum_to_the_whole(events: list[Event], year: int) -> None:
    """Identity 3, of what was paid and of the scale; months sum to the year."""
    views = judged(events)
    whole = figures_of(views, year)
    assert {cut: sum(paid_cut(views, year, cut).values()) for cut in CUTS} == dict.fromkeys(CUTS, whole["paid_fen"])
    scales = {cut: parts for cut in CUTS if (parts := scale_cut(views, year, cut)) is not None}
    assert scales
    assert {cut: sum(parts.values()) for cut, parts in scales.items()} == dict.fromkeys(scales, whole["scale_fen"])


@at_length
@given(seeded_journals(), st.sampled_from(YEARS))
def test_rates_are_parts_of_wholes(events: list[Event], year: int) -> None:
    """Between nothing and all; money that came in excess can only raise what was received."""
    rates = rates_of(judged(events), year)
    assert set(rates) == {f"{name}_basis_points" for name in RATES}
    bounded = {name: rate for name, rate in rates.items() if not name.startswith("linkage_reception")}
    assert all(rate is None or 0 <= rate <= 10_000 for rate in bounded.values())


def categories(view: View, year: int) -> Iterable[str]:
    """Those of the year's quotas and loose payments."""
    ledger = view.ledger
    quotas = map(ledger.quotas.get, ledger.year_quotas.children(str(year)))
    payments = map(ledger.payments.get, ledger.loose_payments.children(str(year)))
    return {row.fund_category for row in (*quotas, *payments) if row is not None}
