"""What a region's journal says about money: scope, paid on a line, when a document was done, which targets are met.

The derived names of rules.md section 3 and calibres.md sections 2 and 3 that the ten rules use, each worked out from
all records whenever it is asked. The reading half of `plain_judge`.
"""

from __future__ import annotations

from datetime import date

from domain.regions import superior
from tests.rules.plain_records import Record, Records, day, remembered


class Figures(Records):
    """The records with the derived names over them."""

    # -- scope (calibres.md section 2.1, rules.md section 2)

    def is_listed(self, category: str) -> bool:
        """Whether the category is in the region's list: central, regional, its own, those of the regions above it."""
        level, _, rest = category.partition("-")
        if level in ("central", "regional"):
            return 1 <= int(rest) <= (41 if level == "central" else 20) and category != "regional-8"
        at: str | None = self.region
        while at is not None:
            if level == "local" and rest.startswith(at + "-"):
                return True
            at = superior(at)
        return False

    def is_quota_in_scope(self, quota: Record | None) -> bool:
        """`quota_in_scope`."""
        if quota is None or quota["status"] != "live":
            return False
        if self.profile == "xinjiang":
            return bool(quota["is_poverty_fund"]) and self.is_listed(quota["fund_category"])
        special = ("government_fund", "government_bond", "land_gains", "donation")
        return (
            bool(quota["is_poverty_fund"] and quota["is_integrable"])
            or ((quota["subject_code"] or "").startswith("21305") and quota["expenditure_kind"] == "project")
            or bool(quota["is_poverty_fund"] and quota["fund_nature"] in special)
        )

    @remembered
    def is_line_in_scope(self, line: Record) -> bool:
        """`line_in_scope`, also of a void line."""
        return line["line_kind"] == "poverty" and self.is_quota_in_scope(self.quota_of(line))

    @remembered
    def is_payment_in_scope(self, payment: Record) -> bool:
        """By its line when that is known, else by its own category or subject."""
        line = self.line(payment["line_id"])
        if line is not None:
            return self.is_line_in_scope(line)
        if self.profile == "xinjiang":
            return self.is_listed(payment["fund_category"])
        return (payment["subject_code"] or "").startswith("21305")

    # -- money on lines (rules.md section 3, calibres.md section 3)

    def is_counted(self, payment: Record) -> bool:
        """`payment_counted` by the new calibre."""
        return (
            payment["status"] == "live"
            and payment["record_state"] == "valid"
            and payment["paid_on"] is not None
            and payment["channel"] != "own_account"
            and payment["payee_account_kind"] != "special_fiscal"
            and self.is_payment_in_scope(payment)
        )

    def is_on_special_account(self, entry: Record) -> bool:
        """Whether the entry's account is registered as a special fiscal account."""
        account = self.of["account"].get(entry["account_id"])
        return account is not None and account["account_kind"] == "special_fiscal"

    def is_entry_counted(self, entry: Record) -> bool:
        """`entry_counted` by the new calibre."""
        line = self.line(entry["line_id"])
        return (
            entry["status"] == "live"
            and entry["direction"] == "out"
            and self.is_on_special_account(entry)
            and line is not None
            and self.is_line_in_scope(line)
            and entry["payee_account_kind"] not in ("special_fiscal", "treasury")
        )

    @remembered
    def spending_on(self, line: Record) -> list[tuple[date, int]]:
        """Date and net amount of each counted payment and counted out entry of the line."""
        payments = [
            (day(each["paid_on"]), self.net_of_payment(each))
            for each in self.of["payment"].values()
            if each["line_id"] == line["id"] and self.is_counted(each)
        ]
        return payments + self.entries_on(line)

    @remembered
    def entries_on(self, line: Record) -> list[tuple[date, int]]:
        """Date and net amount of each counted out entry of the line."""
        return [
            (day(each["booked_on"]), self.net_of(each))
            for each in self.of["entry"].values()
            if each["line_id"] == line["id"] and self.is_entry_counted(each)
        ]

    def paid_on_line(self, line: Record) -> int:
        """`line_paid_fen`."""
        before: int = line["paid_fen"]
        return before + sum(amount for _, amount in self.spending_on(line))

    @remembered
    def available_on(self, line: Record) -> date:
        """`line_available_on`; only asked of a line whose quota is known."""
        quota = self.quota_of(line)
        assert quota is not None
        since = day(quota["available_on"])
        return since if line["dated"] is None else max(since, day(line["dated"]))

    @remembered
    def unpaid_on_line(self, line: Record) -> int:
        """`line_unpaid_fen`: what carry-overs of the quota brought forward is taken from its lines in order."""
        quota = self.quota_of(line)
        carried = sum(
            self.net_of(each)
            for each in self.of["quota"].values()
            if each["type"] == "quota.carried_over" and self.latest_of("quota", each["carried_from_quota_id"]) is quota
        )
        of_quota = [each for each in self.lines() if self.quota_of(each) is quota]
        for each in sorted(of_quota, key=lambda each: (self.available_on(each), each["id"])):
            unpaid = max(0, self.net_of_line(each) - self.paid_on_line(each))
            taken = min(carried, unpaid)
            carried -= taken
            if each is line:
                return unpaid - taken
        raise AssertionError(line)

    # -- documents

    def steps_of(self, document: Record) -> list[tuple[date, int, int]]:
        """Date, journal place and amount of each step that counts towards a document, in the order of the dates."""
        quota = self.latest_of("quota", document["quota_id"])
        steps = []
        for each in self.of["line"].values():
            named = each["block"] is None and each["document_no"] == document["document_no"]
            if not named or self.quota_of(each) is not quota:
                continue
            counted = [each]
            if each["is_pending"] and self.profile == "henan":  # pending_counts_as_allocated
                counted = self.refined_from(each["id"])
            steps += [(day(one["dated"]), self._complete_at(one), self.net_of(one)) for one in counted]
        return sorted(steps)

    def _complete_at(self, line: Record) -> int:
        """The journal place with which a step had its amount: its own, or that of its last increase."""
        places: list[int] = [line["at"], *(at for at, delta in line["changes"] if delta > 0)]
        return max(places)

    @remembered
    def done_by(self, document: Record) -> tuple[date, int] | None:
        """`document_done_on` and the journal place of that step; None while the document's amount is not reached."""
        reached = 0
        for dated, at, amount in self.steps_of(document):
            reached += amount
            if reached >= document["amount_fen"]:
                return dated, at
        return None

    # -- targets

    @remembered
    def has_target(self, project: str, year: int) -> bool:
        """`project_target`: a live target with a revision that was approved (in its last round) and entered."""
        for (name, revision), body in self.submissions.items():
            latest = max(other for target, other in self.submissions if target == name)
            current = self.submissions[name, latest]
            if (current["project_id"], current["budget_year"]) != (project, year):
                continue
            rounds = [each for each in self.reviews if (each["target_id"], each["revision"]) == (name, revision)]
            # max gives the first of equals: of two of one round the later in the journal counts.
            last = max(reversed(rounds), key=lambda each: each["review_round"], default=None)
            is_entered = any((each["target_id"], each["revision"]) == (name, revision) for each in self.entered)
            is_approved = last is not None and last["review_result"] == "approved"
            if body and is_approved and is_entered and self.of["target"][name]["status"] == "live":
                return True
        return False
