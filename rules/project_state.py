"""State rows of projects and what units file about them; `rules.state` says what holds for all rows."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.state import NO_DAY, Mark


class ProjectRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A project; registered once project.registered has come, which its end may precede."""

    id: str
    is_registered: bool = False
    is_withdrawn: bool = False
    name: str = ""
    in_county_plan: bool = False
    is_household: bool | None = None
    measure_kind: str = ""
    permitted_use_codes: tuple[str, ...] | None = None
    using_unit_code: str = ""
    managing_department_code: str = ""
    township_code: str | None = None
    village_code: str | None = None
    registered_on: int = NO_DAY
    completed_on: int = NO_DAY  # the latest project.completed
    marks: tuple[Mark, ...] = ()

    def is_live(self) -> bool:
        """Registered and not withdrawn."""
        return self.is_registered and not self.is_withdrawn


class RevisionRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One revision of a target with the outcome of its reviews."""

    project_id: str
    budget_year: int
    review_round: int = -1
    is_approved: bool = False  # by the review with the highest round
    is_entered: bool = False
    amount_fen: int = 0
    target_text: str = ""
    is_quantified: bool = False  # an indicator has a target_value
    author_unit_code: str = ""
    issue_codes: tuple[str, ...] = ()  # of the review with the highest round
    entered_on: int = NO_DAY  # of several the first
    approved_on: int = NO_DAY  # day of the approving review


class TargetRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A performance target with its revisions (target.submitted, reviewed, entered)."""

    id: str
    revisions: dict[int, RevisionRow] = {}
    is_void: bool = False
    marks: tuple[Mark, ...] = ()

    def is_of(self, project_id: str, budget_year: int) -> bool:
        """Whether its highest revision is for this project and year."""
        latest = self.revisions[max(self.revisions)]
        return (latest.project_id, latest.budget_year) == (project_id, budget_year)


class FilingKind(StrEnum):
    """What a unit files about a project."""

    USE = "use"
    MONITORING = "monitoring"
    EVALUATION = "evaluation"


class FilingRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A use filing, monitoring or self-evaluation; the fields from ``budget_year`` on are monitoring's."""

    id: str
    kind: FilingKind
    project_id: str
    filed_on: int
    position: int
    entered_on: int = NO_DAY
    is_void: bool = False
    budget_year: int = 0
    node: str = ""
    execution_rate_percent: int = 0
    planned_rate_percent: int | None = None
    problem_found: bool = False
    problem_text: str | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def key(self) -> str:
        """Key of the row: ids are unique per kind of filing only."""
        return f"{self.kind}|{self.id}"


class ProofRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Proof material for a filing (proof.uploaded)."""

    id: str
    filing_id: str
    uploaded_on: int
    is_withdrawn: bool = False
    marks: tuple[Mark, ...] = ()


class AnnouncementRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A public notice (announcement.published)."""

    id: str
    kind: str
    level: str
    document_no: str | None
    project_id: str | None
    published_on: int
    published_until: int  # NO_DAY: no end is known
    is_withdrawn: bool = False
    marks: tuple[Mark, ...] = ()


class ProblemRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A problem found by people (problem.registered)."""

    id: str
    project_id: str | None
    rectified_on: int = NO_DAY  # the latest problem.rectified
    marks: tuple[Mark, ...] = ()


class ScanRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A scan of a document (document.scanned)."""

    id: str
    document_no: str
    scanned_on: int
    is_withdrawn: bool = False
    marks: tuple[Mark, ...] = ()


class CopyRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """The earliest copy of a document to the rural-finance section (document.copied)."""

    copied_on: int
    marks: tuple[Mark, ...] = ()
