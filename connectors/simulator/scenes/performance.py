"""Scenes of projects and their performance: library, targets, nodes, evaluation, proof, notices."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import last_working_day_by, later
from connectors.simulator.book import Body
from connectors.simulator.money import Line, funded_line
from connectors.simulator.office import Office
from connectors.simulator.paying import next_working_day, pay_rest
from connectors.simulator.projects import (
    NODES,
    complete,
    enter_target,
    evaluate,
    file_monitoring,
    nodes_due,
    publish_notice,
    record_target,
    review_target,
    submit_target,
    upload_proof,
)
from connectors.simulator.scene import XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import roll_forward, working_days_after

YUAN = 120_000
# Ten characters are the least that a target may have.
_TEN, _NINE = "建成道路三公里并验收", "建成道路三公里验收"


def _paid_project(office: Office, on: date, yuan: int = YUAN, **changes: Any) -> tuple[str, Line]:
    """A funded project, paid out after two weeks."""
    line = funded_line(office, yuan, on, **changes)
    pay_rest(office, line, next_working_day(on, 14))
    return str(line.project_id), line


# --- library -----------------------------------------------------------------------------------------------------


def _planned_after(office: Office, on: date, working_days: int) -> tuple[str, date]:
    project_id, _ = _paid_project(office, on, project_changes={"in_county_plan": False})
    day = working_days_after(on, working_days)
    fields = {"project_id": project_id, "corrected_on": day, "in_county_plan": True}
    office.correct("project.corrected", project_id, day, "补列规划", **fields)
    return project_id, day


def not_in_the_plan(office: Office, on: date) -> None:
    """In the county's plan after seven working days: red after five."""
    project_id, day = _planned_after(office, on, 7)
    red_on = later(working_days_after(on, 5), 1)
    office.alert("project_outside_library", project_id, (on, YELLOW), (red_on, RED), (day, ""))


def planned_within_the_week(office: Office, on: date) -> None:
    """In the plan on the fifth working day, so never red."""
    project_id, day = _planned_after(office, on, 5)
    office.alert("project_outside_library", project_id, (on, YELLOW), (day, ""))


def planned_before_its_money(office: Office, on: date) -> None:
    """In the library and the plan on the day of its money."""
    _paid_project(office, on)


def small_project(office: Office, on: date) -> None:
    """49,999 yuan: said on the first of the next month."""
    project_id, _ = _paid_project(office, on, 49_999)
    said_on = later(on.replace(day=1), 32).replace(day=1)
    office.alert("project_fragmented", f"{project_id}|{on.year}", (said_on, YELLOW))


def not_so_small_project(office: Office, on: date) -> None:
    """50,000 yuan."""
    _paid_project(office, on, 50_000)


# --- targets -----------------------------------------------------------------------------------------------------


def _target_entered_on(office: Office, on: date, entered_on: date) -> str:
    project_id, line = _paid_project(office, on, target=False)
    enter_target(office, project_id, line.fen, on, entered_on=entered_on)
    return f"{project_id}|{on.year}"


def target_late_in_spring(office: Office, on: date) -> None:
    """Entered after forty days, before 30 June: yellow."""
    day = next_working_day(on, 40)
    office.alert("performance_target_missing", _target_entered_on(office, on, day), (later(on, 31), YELLOW), (day, ""))


def target_late_in_autumn(office: Office, on: date) -> None:
    """After 30 June it is red at once."""
    day = next_working_day(on, 40)
    office.alert("performance_target_missing", _target_entered_on(office, on, day), (later(on, 31), RED), (day, ""))


def target_in_time(office: Office, on: date) -> None:
    """Entered by the thirtieth day."""
    _target_entered_on(office, on, last_working_day_by(later(on, 30)))


def _target_in_two_revisions(office: Office, on: date, first: Body) -> tuple[str, date, date]:
    project_id, line = _paid_project(office, on, target=False)
    target_id = office.new_id("M")
    day, again_on = working_days_after(on, 3), working_days_after(on, 8)
    submit_target(office, target_id, 1, project_id, **{"amount": line.fen, "on": day, **first})
    submit_target(office, target_id, 2, project_id, line.fen, again_on)
    review_target(office, target_id, 2, again_on)
    record_target(office, target_id, 2, working_days_after(on, 10))
    _monitor_after(office, project_id, working_days_after(on, 10))
    return target_id, day, again_on


def _monitor_after(office: Office, project_id: str, entered_on: date) -> None:
    for node in nodes_due(entered_on, entered_on.year):
        file_monitoring(office, project_id, node, date(entered_on.year, *NODES[node][1]))


def target_text_too_short(office: Office, on: date) -> None:
    """Nine characters; the next revision has more."""
    target_id, day, again_on = _target_in_two_revisions(office, on, {"target_text": _NINE})
    office.alert("performance_target_faulty", target_id, (day, RED), (again_on, ""))


def target_amount_too_low(office: Office, on: date) -> None:
    """Two fen below the lines: yellow."""
    target_id, day, again_on = _target_in_two_revisions(office, on, {"amount": YUAN * 100 - 2})
    office.alert("performance_target_faulty", target_id, (day, YELLOW), (again_on, ""))


def target_text_just_long_enough(office: Office, on: date) -> None:
    """Ten characters, and one fen below."""
    _target_in_two_revisions(office, on, {"target_text": _TEN, "amount": YUAN * 100 - 1})


# --- nodes and evaluation ----------------------------------------------------------------------------------------


def _without_may(office: Office, on: date) -> str:
    project_id, line = _paid_project(office, on, target=False)
    enter_target(office, project_id, line.fen, on, without="may")
    return project_id


def node_missed(office: Office, on: date) -> None:
    """The node of May is filed five days after the limit."""
    project_id = _without_may(office, on)
    due = roll_forward(date(on.year, 6, 20))
    day = later(due, 5)
    file_monitoring(office, project_id, "may", day)
    key = f"{project_id}|{on.year}|may"
    office.alert("monitoring_node_missed", key, (due, YELLOW), (later(due, 1), RED), (day, ""))


def node_filed_on_the_last_day(office: Office, on: date) -> None:
    """Filed on the day before the limit, when nothing has been said."""
    file_monitoring(office, _without_may(office, on), "may", date(on.year, 6, 19))


def _may_with_gap(office: Office, on: date, points: int) -> tuple[str, date]:
    project_id = _without_may(office, on)
    day = date(on.year, 6, 8)
    file_monitoring(office, project_id, "may", day, planned_rate_percent=60, execution_rate_percent=60 - points)
    return f"{project_id}|{on.year}", day


def behind_plan(office: Office, on: date) -> None:
    """21 points behind in May; in June it has caught up."""
    key, day = _may_with_gap(office, on, 21)
    office.alert("execution_behind_plan", key, (day, YELLOW), (date(on.year, 7, 9), ""))


def far_behind_plan(office: Office, on: date) -> None:
    """41 points behind."""
    key, day = _may_with_gap(office, on, 41)
    office.alert("execution_behind_plan", key, (day, RED), (date(on.year, 7, 9), ""))


def almost_behind_plan(office: Office, on: date) -> None:
    """Twenty points."""
    _may_with_gap(office, on, 20)


def _evaluated_after(office: Office, on: date, days: int) -> tuple[str, date, date]:
    project_id, _ = _paid_project(office, on)
    completed_on = next_working_day(on, 16)
    complete(office, project_id, completed_on)
    day = later(completed_on, days)
    evaluate(office, project_id, day)
    return project_id, completed_on, day


def evaluated_late(office: Office, on: date) -> None:
    """Evaluated on day 95: yellow after 60, red after 90."""
    project_id, completed_on, day = _evaluated_after(office, on, 95)
    steps = ((later(completed_on, 61), YELLOW), (later(completed_on, 91), RED), (day, ""))
    office.alert("self_evaluation_missing", project_id, *steps)


def evaluated_in_time(office: Office, on: date) -> None:
    """Evaluated on day 60."""
    _evaluated_after(office, on, 60)


def _use_filed(office: Office, on: date, proven_after: int) -> tuple[str, date]:
    project_id, _ = _paid_project(office, on)
    filing_id = office.new_id("TB")
    body: Body = {
        "filing_id": filing_id,
        "project_id": project_id,
        "filing_month": f"{on:%Y-%m}",
        "used_amount_fen": 0,
        "execution_text": "新建棚圈三十六座",
        "filed_on": on,
    }
    office.write("use.filed", filing_id, body, on)
    day = working_days_after(on, proven_after)
    upload_proof(office, filing_id, day)
    return filing_id, day


def proof_late(office: Office, on: date) -> None:
    """Proof after 22 working days: yellow after ten, red after twenty."""
    filing_id, day = _use_filed(office, on, 22)
    yellow_on, red_on = (later(working_days_after(on, days), 1) for days in (10, 20))
    office.alert("proof_material_missing", filing_id, (yellow_on, YELLOW), (red_on, RED), (day, ""))


def proof_in_time(office: Office, on: date) -> None:
    """Proof on the tenth working day."""
    _use_filed(office, on, 10)


# --- notices -----------------------------------------------------------------------------------------------------


def _noticed(office: Office, on: date, day: date, until: date | None = None) -> str:
    project_id, _ = _paid_project(office, on, project_changes={"township_code": office.township_code()})
    publish_notice(office, project_id, "project_arrangement", day, until=until)
    return f"{project_id}|project_arrangement"


def notice_late(office: Office, on: date) -> None:
    """The village reads of it on day 23: yellow after ten, red after twenty."""
    day = later(on, 23)
    key = _noticed(office, on, day)
    office.alert("local_notice_missing", key, (later(on, 11), YELLOW), (later(on, 21), RED), (day, ""))


def notice_too_short(office: Office, on: date) -> None:
    """Nine days on the board; ten are asked for."""
    day = later(on, 5)
    office.alert("local_notice_missing", _noticed(office, on, day, later(day, 9)), (day, YELLOW))


def notice_just_long_enough(office: Office, on: date) -> None:
    """On the tenth day, for ten days."""
    _noticed(office, on, later(on, 10), later(on, 20))


SCENES: tuple[Scene, ...] = (
    fault("project_outside_library", not_in_the_plan),
    fault("project_outside_library", planned_within_the_week),
    near("project_outside_library", planned_before_its_money),
    fault("project_fragmented", small_project, XINJIANG, months=(1, 11)),
    near("project_fragmented", not_so_small_project, XINJIANG, months=(1, 11)),
    fault("performance_target_missing", target_late_in_spring, XINJIANG, months=(1, 4)),
    fault("performance_target_missing", target_late_in_autumn, XINJIANG, months=(7, 9)),
    near("performance_target_missing", target_in_time, XINJIANG, months=(1, 10)),
    fault("performance_target_faulty", target_text_too_short, XINJIANG),
    fault("performance_target_faulty", target_amount_too_low, XINJIANG),
    near("performance_target_faulty", target_text_just_long_enough, XINJIANG),
    fault("monitoring_node_missed", node_missed, XINJIANG, months=(1, 4)),
    near("monitoring_node_missed", node_filed_on_the_last_day, XINJIANG, months=(1, 4)),
    fault("execution_behind_plan", behind_plan, XINJIANG, months=(1, 4)),
    fault("execution_behind_plan", far_behind_plan, XINJIANG, months=(1, 4)),
    near("execution_behind_plan", almost_behind_plan, XINJIANG, months=(1, 4)),
    fault("self_evaluation_missing", evaluated_late, XINJIANG),
    near("self_evaluation_missing", evaluated_in_time, XINJIANG),
    fault("proof_material_missing", proof_late, XINJIANG),
    near("proof_material_missing", proof_in_time, XINJIANG),
    fault("local_notice_missing", notice_late, XINJIANG),
    fault("local_notice_missing", notice_too_short, XINJIANG),
    near("local_notice_missing", notice_just_long_enough, XINJIANG),
)
