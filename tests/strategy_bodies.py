"""What the events of `tests.strategies` say: a function per type or family draws the fields that the ten rules read.

All other fields keep the values of the contract's example of the type. A drawn value is usually the plain one, so that
most records reach the rules, and sometimes one that a rule, a scope or a correction turns on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final, Protocol, TypeVar

Body = dict[str, Any]
T = TypeVar("T")

POOLS: Final = {
    "quota": ("Q1", "Q1", "Q2", "Q3"),
    "line": ("A1", "A1", "A1", "A2", "A3", "R1", "R2"),
    "payment": ("Z1", "Z2", "Z3", "X1"),
    "account": ("H1", "X1"),  # X1: ids are unique per kind of object only, so several subjects may have one key
    "entry": ("E1", "E2", "X1"),
    "list": ("L1", "X1"),
    "project": ("P1", "P2"),
    "document": ("W1", "W2", "W3"),
    "document_no": ("财扶〔2019〕1号", "财扶〔2019〕1号", "财扶|2号"),
    "target": ("M1", "M1", "M2", "M3"),
    "exemption": ("H1", "H2", "H3", "H4"),
}
AMOUNTS: Final = (100, 200, 90, 89, 11, 100_000, 100_001)  # 90 % of a line of 100; the limit of cash
# Optional fields of the contract's examples that a correction must not carry unless it is drawn.
OPTIONAL: Final = {
    "quota.reflagged": ("is_poverty_fund",),
    "allocation.relinked": ("project_id",),
    "payment.adjusted": ("paid_on",),
    "account.entry_adjusted": ("accounting_completed_on",),
    "payment.recorded": ("plan_id", "reviewed_by"),
}


class Teller(Protocol):
    """The story that draws; `tests.strategies.Story`."""

    today: date
    first_day: date

    def pick(self, *options: T) -> T:
        """One of them."""

    def mostly(self, usual: T, *others: T) -> T:
        """The usual one, more often than all others together."""

    def some_day(self) -> date:
        """A day that has a meaning in the story."""

    def some_subject(self, region: str) -> tuple[str, str]:
        """Rule and subject key of a fault the region has had, or might have."""

    def some_alert(self, region: str) -> str:
        """Id of an alert, most likely an open one."""

    def unended(self, region: str) -> str:
        """An exemption that has not been ended yet."""


def _of(teller: Teller, kind: str) -> str:
    return teller.pick(*POOLS[kind])


def _quota(teller: Teller, region: str) -> Body:
    """Mostly in scope by both profiles; some by one clause alone."""
    scope: Body = teller.mostly(
        {"is_poverty_fund": True, "is_integrable": True, "fund_category": "central-36"},
        {"is_poverty_fund": None, "is_integrable": None},
        {"is_poverty_fund": True, "is_integrable": False, "fund_category": "unknown", "subject_code": "2080101"},
        {"is_poverty_fund": True, "is_integrable": False, "subject_code": "2080101", "fund_nature": "donation"},
        {"is_poverty_fund": False, "is_integrable": False, "subject_code": "2130505", "expenditure_kind": "basic"},
        {"is_poverty_fund": True, "is_integrable": True, "fund_category": f"local-{region}-1"},
        {"is_poverty_fund": True, "is_integrable": True, "fund_category": f"local-{region[:2]}0000-12"},
        {"is_poverty_fund": False, "is_integrable": True, "fund_category": "local-652723-1"},
        {"is_poverty_fund": True, "is_integrable": None, "fund_category": "central-99"},
    )
    return {
        "quota_id": _of(teller, "quota"),
        "budget_year": teller.mostly(2019, 2018, 2020),
        "amount_fen": teller.pick(*AMOUNTS),
        "fund_nature": teller.mostly("general_budget", "donation", "government_bond", "land_gains", "other"),
        "subject_code": teller.mostly("2130505", "2080101", None),
        "expenditure_kind": teller.mostly("project", "basic"),
        **scope,
    }


def _carried_over(teller: Teller, region: str) -> Body:
    return {**_quota(teller, region), "carried_from_quota_id": _of(teller, "quota")}


def _opening_quota(teller: Teller, region: str) -> Body:
    """With up to two lines, one of them perhaps a block."""
    lines = [
        {
            "line_id": name,
            "project_id": teller.mostly("P1", "P2", None),
            "amount_fen": teller.pick(*AMOUNTS),
            "paid_fen": teller.pick(0, 0, 90, 100, 101),
            "line_kind": "poverty",
            "is_pending": teller.mostly(False, True),
            "is_household": None,
        }
        for name in teller.pick(("A1",), ("A2", "R1"), ())
    ]
    return {**_quota(teller, region), "available_on": str(teller.some_day()), "lines": lines}


def _allocated(teller: Teller, region: str) -> Body:
    """A line, a block, or money to a lower region."""
    where = teller.mostly("project", "township", "lower_region")
    made = {
        "allocation_id": teller.pick("A1", "A2", "A3"),
        "quota_id": _of(teller, "quota"),
        "target_kind": where,
        "project_id": teller.mostly("P1", "P2", None),
        "amount_fen": teller.pick(*AMOUNTS),
        "line_kind": teller.mostly("poverty", "non_poverty"),
        "is_pending": teller.mostly(False, True),
        "document_no": _of(teller, "document_no"),
    }
    return made | ({"target_region": f"{region[:4]}99"} if where == "lower_region" else {})


def _refined(teller: Teller, _region: str) -> Body:
    """Lines out of a block; A3 may be an allocation too, then one of the two reuses the id."""
    lines = [
        {
            "line_id": name,
            "project_id": _of(teller, "project"),
            "amount_fen": teller.pick(*AMOUNTS),
            "line_kind": teller.mostly("poverty", "non_poverty"),
            "is_household": None,
        }
        for name in teller.pick(("R1",), ("R2",), ("R1", "R2"), ("R2", "A3"))
    ]
    block = teller.pick("A1", "A2")
    return {"refinement_id": teller.pick("F1", "F2", "F3"), "allocation_id": block, "lines": lines}


def _reflagged(teller: Teller, region: str) -> Body:
    change: Body = teller.pick(
        *({"is_poverty_fund": True}, {"is_poverty_fund": None}, {"is_poverty_fund": False}, {}),
        *({"is_integrable": True}, {"is_integrable": None}, {"expenditure_kind": "basic"}),
        *({"subject_code": "2130599"}, {"subject_code": "2080101", "is_poverty_fund": False}, {"is_integrable": False}),
        *({"fund_category": "unknown"}, {"fund_category": f"local-{region}-2"}, {"subject_code": None}),
    )
    return {"quota_id": _of(teller, "quota"), **change}


def _allocation_relinked(teller: Teller, _region: str) -> Body:
    change: Body = teller.pick(
        *({"project_id": "P2"}, {"project_id": "P1"}, {"line_kind": "non_poverty"}, {"line_kind": "poverty"}),
        *({"project_id": None, "line_kind": None}, {"unit_code": "652722-nyj"}),
    )
    return {"allocation_id": _of(teller, "line"), **change}


def _payment(teller: Teller, _region: str) -> Body:
    """With two sides that may be unusual."""
    unusual: tuple[Body, ...] = (
        *({}, {}, {"paid_on": None}, {"record_state": "invalid"}, {"settlement_method": "cash"}),
        {"payee_account_kind": "special_fiscal", "spending_stage": "intermediate"},
        {"payee_account_kind": "unit_real_fund", "spending_stage": "intermediate"},
        {"payee_account_kind": "township_real_fund", "spending_stage": "intermediate"},
        {"channel": "own_account", "upstream_payment_id": _of(teller, "payment"), "spending_stage": "intermediate"},
        {"upstream_payment_id": "Z1", "spending_stage": "intermediate"},
        *({"fund_category": "unknown"}, {"subject_code": "2080101"}, {"project_id": None}, {"line_id": None}),
        {"subject_code": None, "project_id": None},
        {"line_id": None, "quota_id": _of(teller, "quota"), "payee_account_kind": "unit_real_fund"},
    )
    return {
        "payment_id": _of(teller, "payment"),
        "line_id": _of(teller, "line"),
        "amount_fen": teller.pick(*AMOUNTS),
        "project_id": "P1",
        **teller.pick(*unusual),
        **teller.pick(*unusual),
    }


def _payment_adjusted(teller: Teller, _region: str) -> Body:
    change: Body = teller.pick(
        *({"paid_on": str(teller.some_day())}, {"record_state": "invalid"}, {"record_state": "valid"}),
        *({"delta_fen": 1}, {"delta_fen": -11}, {"delta_fen": -100}, {"delta_fen": 99_900}),
        *({"payee_account_kind": "enterprise"}, {"payee_account_kind": "township_real_fund"}),
        *({"payee_account_kind": "special_fiscal"}, {"spending_stage": "final"}, {"subject_code": "2080101"}),
        {"record_state": "valid", "paid_on": str(teller.some_day())},
    )
    return {"payment_id": _of(teller, "payment"), **change}


def _payment_relinked(teller: Teller, _region: str) -> Body:
    line, project = teller.mostly(_of(teller, "line"), None), teller.mostly("P2", None)
    return {"payment_id": _of(teller, "payment"), "line_id": line, "project_id": project}


def _refund(kind: str) -> Callable[[Teller, str], Body]:
    def body(teller: Teller, _region: str) -> Body:
        amount = teller.pick(*AMOUNTS)
        return {f"{kind}_id": _of(teller, kind), "refund_id": teller.pick("T1", "T2", "T3"), "amount_fen": amount}

    return body


def _entry(teller: Teller, _region: str) -> Body:
    """Now and then booked on the last day of the term for spending it, or a day late."""
    direction = teller.mostly("out", "in")
    edge = teller.first_day + timedelta(days=teller.pick(30, 31))
    dated = teller.mostly({}, {"booked_on": str(edge)} if edge <= teller.today else {})
    return {
        **dated,
        "entry_id": _of(teller, "entry"),
        "account_id": _of(teller, "account"),
        "direction": direction,
        "amount_fen": teller.pick(*AMOUNTS),
        "line_id": teller.mostly(_of(teller, "line"), None),
        "payee_account_kind": teller.mostly("enterprise", "special_fiscal", "treasury"),
    }


def _entry_adjusted(teller: Teller, _region: str) -> Body:
    change: Body = teller.pick(
        *({"delta_fen": 89}, {"delta_fen": -89}, {"line_id": _of(teller, "line")}),
        *({"booked_on": str(teller.some_day())}, {"accounting_completed_on": str(teller.some_day())}),
    )
    return {"entry_id": _of(teller, "entry"), **change}


def _account(teller: Teller, _region: str) -> Body:
    kind = teller.mostly("special_fiscal", "unit_real_fund")
    return {
        "account_id": _of(teller, "account"),
        "account_kind": kind,
        "holds_poverty_money": teller.mostly(True, False),
    }


def _balance(teller: Teller, _region: str) -> Body:
    return {"account_id": _of(teller, "account"), "balance_fen": teller.pick(0, 1, 500)}


def _target(teller: Teller, _region: str) -> Body:
    """Revisions of one target are for one project and year: the contract does not say which of several would count."""
    name = _of(teller, "target")
    project, year = {"M1": ("P1", 2019), "M2": ("P2", 2019), "M3": ("P1", 2018)}[name]
    return {"target_id": name, "revision": teller.pick(1, 2), "project_id": project, "budget_year": year}


def _reviewed(teller: Teller, _region: str) -> Body:
    result = teller.pick("approved", "approved", "returned")
    named = {"target_id": _of(teller, "target"), "revision": teller.pick(1, 2)}
    return {**named, "review_round": teller.pick(1, 2), "review_result": result, "issue_codes": []}


def _document(teller: Teller, _region: str) -> Body:
    """Printed on the first day as often as not: what is allocated by now may be late."""
    dated = teller.pick({}, {"printed_on": str(teller.first_day)})
    return {
        **dated,
        "document_id": _of(teller, "document"),
        "document_no": _of(teller, "document_no"),
        "document_kind": teller.mostly("allocation", "issue"),
        "quota_id": teller.mostly("Q1", "Q2", "Q3"),
        "amount_fen": teller.pick(*AMOUNTS),
    }


def _list(teller: Teller, _region: str) -> Body:
    channel = teller.mostly("cash", "one_card")
    return {"list_id": _of(teller, "list"), "payout_channel": channel, "declared_amount_fen": teller.pick(*AMOUNTS)}


def _exemption(teller: Teller, region: str) -> Body:
    """For a subject or for all of a rule, around today."""
    rule, subject = teller.some_subject(region)
    start = teller.pick(teller.today, teller.today, teller.some_day(), teller.today + timedelta(days=1))
    end = start + timedelta(days=teller.pick(0, 1, 3, 30, 200))
    return {
        "exemption_id": _of(teller, "exemption"),
        "rule_id": rule,
        "subject_key": teller.pick(subject, None),
        "valid_from": str(start),
        "valid_until": str(end),
    }


def _ended(teller: Teller, region: str) -> Body:
    ended_on = teller.pick(teller.today, teller.some_day(), teller.today + timedelta(days=teller.pick(1, 2)))
    return {"exemption_id": teller.unended(region), "ended_on": str(ended_on)}


def _verified(teller: Teller, region: str) -> Body:
    outcome = teller.pick("false_positive", "confirmed", "data_error")
    return {"alert_id": teller.some_alert(region), "outcome": outcome}


def _naming(field: str, kind: str) -> Callable[[Teller, str], Body]:
    """A correction or follow-up that only names its target."""
    return lambda teller, _region: {field: _of(teller, kind)}


def _replaced(field: str, kind: str) -> Callable[[Teller, str], Body]:
    """The replacement is later in the pool, so replacements form no circle, which the contract does not speak of."""

    def body(teller: Teller, _region: str) -> Body:
        ids = sorted(set(POOLS[kind]))
        original = teller.pick(*range(len(ids) - 1))
        return {field: ids[original], f"replacement_{field}": teller.pick(*ids[original + 1 :])}

    return body


def _moved(field: str, kind: str) -> Callable[[Teller, str], Body]:
    return lambda teller, _region: {field: _of(teller, kind), "delta_fen": teller.pick(100, -11, -100, 1, -1)}


BODIES: Final[dict[str, Callable[[Teller, str], Body]]] = {
    "quota.arranged": _quota,
    "quota.received": _quota,
    "quota.carried_over": _carried_over,
    "quota.opening_recorded": _opening_quota,
    "quota.allocated": _allocated,
    "quota.refined": _refined,
    "quota.reflagged": _reflagged,
    "quota.adjusted": _moved("quota_id", "quota"),
    "quota.voided": _naming("quota_id", "quota"),
    "quota.relinked": _naming("quota_id", "quota"),
    "quota.replaced": _replaced("quota_id", "quota"),
    "allocation.adjusted": _moved("allocation_id", "line"),
    "allocation.relinked": _allocation_relinked,
    "allocation.voided": _naming("allocation_id", "line"),
    "payment.recorded": _payment,
    "payment.voided": _naming("payment_id", "payment"),
    "payment.refunded": _refund("payment"),
    "payment.adjusted": _payment_adjusted,
    "payment.relinked": _payment_relinked,
    "payment.replaced": _replaced("payment_id", "payment"),
    "account.registered": _account,
    "account.closed": _naming("account_id", "account"),
    "account.entry_recorded": _entry,
    "account.entry_voided": _naming("entry_id", "entry"),
    "account.entry_refunded": _refund("entry"),
    "account.entry_adjusted": _entry_adjusted,
    "account.balance_reported": _balance,
    "target.submitted": _target,
    "target.reviewed": _reviewed,
    "target.entered": lambda teller, _region: {"target_id": _of(teller, "target"), "revision": teller.pick(1, 2)},
    "filing.voided": _naming("filing_id", "target"),
    "distribution.list_imported": _list,
    "distribution.list_voided": _naming("list_id", "list"),
    "document.printed": _document,
    "document.withdrawn": _naming("record_id", "document"),
    "exemption.granted": _exemption,
    "exemption.ended": _ended,
    "alert.verified": _verified,
    "alert.rectified": lambda teller, region: {"alert_id": teller.some_alert(region)},
    "project.registered": _naming("project_id", "project"),
    "linkage.quota_issued": lambda _teller, _region: {},
    "plan.submitted": _naming("line_id", "line"),
}
