"""Registers of persons and enterprises: their rows, and that all of them were sent."""

from __future__ import annotations

from datetime import date

from connectors.simulator.book import Body
from connectors.simulator.office import Office


def list_person(  # a register's row
    office: Office, who: tuple[str, str, str], registry: str, from_day: date, on: date, *, until: date | None = None
) -> str:
    """A person is on a register; returns the listing's number."""
    listing_id = office.new_id("N")
    body: Body = {
        "listing_id": listing_id,
        "person_key": who[0],
        "registry": registry,
        "name_key": who[1],
        "effective_from": from_day,
        "effective_to": until,
        "is_entitled": True,
        "providing_department": "扶贫办" if registry == "registered_poor" else "有关部门",
    }
    source = "poverty_registry" if registry == "registered_poor" else "department_exchange"
    office.write("person.listed", listing_id, body, from_day, recorded_on=on, source=source)
    return listing_id


def record_enterprise(office: Office, name: str, code: str, on: date, **changes: object) -> None:
    """An enterprise of the register, founded long ago and active, unless told otherwise."""
    body: Body = {
        "credit_code": code,
        "enterprise_name": name,
        "established_on": date(2012, 5, 8),
        "enterprise_state": "active",
        "state_from": date(2012, 5, 8),
        **changes,
    }
    office.write("enterprise.recorded", code, body, body["state_from"], recorded_on=on)


def complete_snapshot(office: Office, registry: str, on: date) -> None:
    """All rows of a register up to the day have been sent."""
    snapshot_id = office.new_id("JD")
    body: Body = {"snapshot_id": snapshot_id, "registry": registry, "as_of_on": on, "row_count": 100}
    type_name = "registry.snapshot_completed"
    source = "poverty_registry" if registry == "registered_poor" else "department_exchange"
    office.write(type_name, snapshot_id, body, on, source=source)
