"""The quiet life of a region: money passed down, allocated at once, paid for by progress. Nothing in it is a fault.

That it is clean is planned, not hoped. Every line is paid at the latest 30 days after it became available and then at
least every 25 days (funds_idle speaks after 90); the last money of a year comes in September and is paid out by
mid-December; every document is scanned on its day; every project is in the library a week before its money and has its
target and its notice a week or two after; reports are filed on the 2nd of the month; every list agrees with its rows
and goes to the bank days before the treasury pays, and who is on it is on the register.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from random import Random

from connectors.office_days import later
from connectors.simulator.book import Body, Book
from connectors.simulator.bureau import assign_post, file_report, reconcile, say_something
from connectors.simulator.money import Line, Quota, allocate, arrange, issue, print_document, quota_body, scan
from connectors.simulator.office import KEYS, Office, enterprises, fen
from connectors.simulator.paying import (
    adjust_payment,
    import_list,
    pay,
    record_row,
    settle_batch,
    through_the_bank,
)
from connectors.simulator.places import THEMES, Place
from connectors.simulator.projects import (
    REGISTERED_BEFORE_DAYS,
    complete,
    enter_target,
    evaluate,
    publish_notice,
    register_project,
)
from connectors.simulator.registers import complete_snapshot, list_person, record_enterprise
from domain.calendar import is_working_day, roll_forward, working_days_after

MONEY_MONTHS = range(1, 10)
LINES_PER_TRANCHE = (2, 4)
LINE_WAN_YUAN = (100, 400)
FIRST_PAYMENT_AFTER = (8, 30)
PAYMENT_GAP = (10, 25)
PAYMENTS_PER_LINE = (3, 4)
# More than the days by which records are late: money whose batch comes after it is at fault until then.
CLEARED_AFTER_DAYS = 4
STIPEND_YUAN = 200
STIPEND_DAY = 18
# What a short entry lacks.
CORRECTED_YUAN = 1_000
REPORT_DAY = 2


class QuietLife:
    """What goes on in all places whatever else is planted."""

    def __init__(  # noqa: PLR0917  # what a province is made of
        self,
        book: Book,
        places: tuple[Place, ...],
        years: range,
        random: Random,
        households: int,
        corrected_percent: int,
    ) -> None:
        """``households``: how many people of a county get a stipend each month; it makes the volume."""
        self._book = book
        self._places = places
        self._years = years
        self._random = random
        self._households = households
        self._corrected_percent = corrected_percent
        # What is left to stories, as region and what `Office.reserved` names.
        self.left_out: set[tuple[str, str]] = set()
        self._people: dict[str, list[tuple[str, str, str]]] = {}

    def begin(self) -> None:
        """Put the first page of everything into the book."""
        first = date(self._years[0], 1, 1)
        for place in self._places:
            self._book.at(first, partial(self._open, place))
            self._book.at(first, partial(self._day, place, first))
            self._book.at(
                date(first.year, 2, REPORT_DAY), partial(self._report, place, date(first.year, 2, REPORT_DAY))
            )
        for year in self._years:
            self._book.at(date(year, 1, 3), partial(self._year, year))

    def _office(self, place: Place, serial: str) -> Office:
        return Office(place, serial, self._random, self._book.write)

    # --- opening -----------------------------------------------------------------------------------------------

    def _open(self, place: Place) -> None:
        office, on = self._office(place, "00"), date(self._years[0], 1, 1)
        opened: Body = {"opening_on": on, "profile": place.profile, "superior_connected": not place.is_city}
        office.write("region.opened", place.region, opened, on)
        for name in ("quota_linkage", "centralised_payment", "special_account_accounting", "one_card"):
            body: Body = {"function_name": name, "is_enabled": True, "switched_on": on}
            office.write("function.switched", f"{place.region}-{name}", body, on)
        for number, post in enumerate(("receipt_dispatch", "handling", "review"), 1):
            assign_post(office, post, f"u-{number}", on)
        for name, code in enterprises(place):
            record_enterprise(office, name, code, on)
        complete_snapshot(office, "enterprise", on)
        if not place.is_city and not place.is_host:
            people = [office.person() for _ in range(self._households)]
            for who in people:
                list_person(office, who, "registered_poor", date(2014, 12, 31), on)
            self._people[place.region] = people
        for registry in ("registered_poor", "public_payroll", "village_cadre"):
            complete_snapshot(office, registry, on)

    # --- every working day -------------------------------------------------------------------------------------

    def _day(self, place: Place, day: date) -> None:
        """A sign of life from each expected source, on working days."""
        if is_working_day(day):
            office = self._office(place, f"{day:%y%m%d}")
            for source in place.heard_from:
                if (place.region, f"{source} {day}") in self.left_out:
                    continue
                say_something(office, source, day)
        following = day + timedelta(days=1)
        self._book.at(following, partial(self._day, place, following))

    # --- every month -------------------------------------------------------------------------------------------

    def _report(self, place: Place, on: date) -> None:
        """The reports on the month before, and every quarter the registers as they stand."""
        office = self._office(place, f"{on:%y%m}r")
        month = f"{on - timedelta(days=on.day):%Y-%m}"
        if (place.region, f"report {month}") not in self.left_out:
            self._file_reports(place, office, month, on)
        if on.month % 3 == 1:
            for registry in ("registered_poor", "public_payroll", "village_cadre", "enterprise"):
                complete_snapshot(office, registry, on)
        following = (on.replace(day=1) + timedelta(days=32)).replace(day=REPORT_DAY)
        self._book.at(following, partial(self._report, place, following))

    @staticmethod
    def _file_reports(place: Place, office: Office, month: str, on: date) -> None:
        """What the profile and the tier ask for."""
        if place.profile == "henan":
            reconcile(office, month, on)
        elif place.is_city:
            file_report(office, "prefecture_performance", month, on)
            for section in ("农业科", *sorted({theme.section for theme in THEMES})):
                file_report(office, "section_monthly", month, on, section=section)
        else:
            file_report(office, "county_monthly", month, on)

    # --- every year --------------------------------------------------------------------------------------------

    def _year(self, year: int) -> None:
        cities = {place.city: place for place in self._places if place.is_city}
        for place in self._places:
            if place.is_city or place.is_host:
                continue
            if self._households:
                on = roll_forward(date(year, 1, 12))
                self._book.at(later(on, -REGISTERED_BEFORE_DAYS), partial(self._stipends, place, on))
            for month in MONEY_MONTHS:
                on = roll_forward(date(year, month, self._random.randint(10, 20)))
                day = later(on, -REGISTERED_BEFORE_DAYS)
                self._book.at(day, partial(self._tranche, cities[place.city], place, on))

    def _tranche(self, city: Place, county: Place, on: date) -> None:
        """The city receives money from the province and issues it the same day; the county takes it up on the next."""
        theme = self._random.choice(THEMES)
        amounts = [
            self._random.randint(*LINE_WAN_YUAN) * 10_000 for _ in range(self._random.randint(*LINES_PER_TRANCHE))
        ]
        upper = self._office(city, f"{on:%y%m}c{county.region[4:]}")
        linkage_id, document_no, superior_quota_id = issue(upper, county.region, theme, sum(amounts), on)
        office = self._office(county, f"{on:%y%m}")
        day = working_days_after(on, 1)
        quota = Quota(office.new_id("Q"), theme.category, theme, on.year, fen(sum(amounts)))
        body = quota_body(
            quota,
            on,
            document_no,
            registered_on=day,
            received_on=day,
            superior_region=city.region,
            linkage_id=linkage_id,
            superior_quota_id=superior_quota_id,
            reviewed_by="u-3120",
            entry_mode="linked",
            arranging_level="central",
        )
        office.write("quota.received", quota.quota_id, body, day)
        scan(office, document_no, day)
        own_document = print_document(office, quota, quota.fen, day)
        for yuan in amounts:
            self._build(office, quota, yuan, day, own_document)

    def _build(self, office: Office, quota: Quota, yuan: int, on: date, document_no: str) -> None:
        """A project of a township with its line, paid in some parts."""
        project_id = register_project(
            office, on, yuan, theme=quota.theme, township_code=office.township_code(self._random.randrange(5))
        )
        line = allocate(office, quota, yuan, on, project_id, document_no=document_no)
        if office.is_xinjiang:
            enter_target(office, project_id, line.fen, on)
            publish_notice(office, project_id, "project_arrangement", later(on, 4))
        day = roll_forward(later(on, self._random.randint(*FIRST_PAYMENT_AFTER)))
        parts = self._random.randint(*PAYMENTS_PER_LINE)
        self._book.at(day, partial(self._pay, office, line, yuan // parts, parts, day))

    def _pay(self, office: Office, line: Line, share_yuan: int, parts_left: int, on: date) -> None:
        paid_yuan = line.fen // 100 % share_yuan if parts_left == 1 else 0
        self._pay_and_correct(office, line, share_yuan + paid_yuan, on)
        if parts_left > 1:
            day = roll_forward(later(on, self._random.randint(*PAYMENT_GAP)))
            self._book.at(day, partial(self._pay, office, line, share_yuan, parts_left - 1, day))
        elif line.project_id is not None:
            complete(office, line.project_id, on)
            if office.is_xinjiang:
                publish_notice(office, line.project_id, "fund_use", later(on, 5))
                evaluate(office, line.project_id, roll_forward(later(on, 30)))

    def _pay_and_correct(self, office: Office, line: Line, yuan: int, on: date) -> None:
        """Now and then the entered amount is short, and set right some days later."""
        short_yuan = CORRECTED_YUAN if self._is_corrected() else 0
        payment_id = pay(office, line, yuan - short_yuan, on)
        if short_yuan:
            adjust_payment(office, payment_id, later(on, self._random.randint(1, 8)), delta_fen=fen(short_yuan))

    def _is_corrected(self) -> bool:
        return self._random.randrange(100) < self._corrected_percent

    # --- stipends ----------------------------------------------------------------------------------------------

    def _stipends(self, place: Place, on: date) -> None:
        """The county's own money for monthly stipends of its registered poor, twelve lists a year."""
        office = self._office(place, f"{on:%y}d")
        yuan = STIPEND_YUAN * self._households * 12
        project_id = register_project(office, on, yuan, is_household=True)
        quota = arrange(office, yuan, on, category=f"local-{place.region}-999", is_household=True)
        line = allocate(office, quota, yuan, on, project_id, is_household=True)
        if office.is_xinjiang:
            enter_target(office, project_id, line.fen, on)
        for month in range(1, 13):
            day = roll_forward(date(on.year, month, STIPEND_DAY))
            self._book.at(day, partial(self._pay_stipends, place, line, month, day))

    def _pay_stipends(self, place: Place, line: Line, month: int, on: date) -> None:
        """The bank pays a month's list; the treasury makes it good some days later."""
        office = self._office(place, f"{on.year % 100:02}{month:02}d")
        yuan = STIPEND_YUAN * self._households
        first = date(on.year, month, 1)
        following = (first + timedelta(days=32)).replace(day=1)
        list_id = import_list(
            office,
            str(line.project_id),
            line.quota.category,
            yuan,
            self._households,
            on,
            subsidy_code="public_welfare_post",
            subsidy_name="公益性岗位补贴",
            period_from=first,
            period_to=following - timedelta(days=1),
            requires_registered_poor=True,
        )
        batch_id = office.new_id("YK")
        for who in self._people[place.region]:
            row_id = record_row(office, list_id, STIPEND_YUAN, on, who=who, batch_id=batch_id)
            if self._is_corrected():
                mended_on = later(on, self._random.randint(1, 8))
                key = KEYS.pseudonym(f"household of {row_id}")
                mended: Body = {"row_id": row_id, "adjusted_on": mended_on, "household_key": key}
                office.correct("distribution.row_adjusted", row_id, mended_on, "补户编号", **mended)
        settle_batch(office, list_id, batch_id, yuan, self._households, on)
        way = through_the_bank(batch_id, one_card=place.profile == "henan")
        pay(office, line, yuan, roll_forward(later(on, CLEARED_AFTER_DAYS)), **way)
