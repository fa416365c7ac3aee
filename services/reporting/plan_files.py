"""The file of one plan: what its facts said, and what it makes count. Pure.

Days are ISO text, so that a file is plain JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from services.reporting.domain import Cell, Level, Place
from services.reporting.measures import RESULTS
from shared.contracts.plans import (
    PlanApproved,
    PlanClosed,
    PlanDeleted,
    PlanFact,
    PlanResumed,
    PlanReturned,
    PlanSubmitted,
    PlanSuspended,
)
from shared.money import split_esf

INVOLVED = "pupils_involved|"
SUPPORTED = "pupils_supported|"
BY_TYPE = "pupils_by_support_type|support_type="


class Effect(IntEnum):
    """What a change of a plan can change: nothing, what is remembered, people and sums."""

    NONE = 0
    MEMORY = 1
    PEOPLE = 2


class Item(NamedTuple):
    """One piece of evidence about a person: facets by since when, for the semester and months.

    A facet is a measure and a cut, `pupils_involved|grade=7`; the day says when it was first true.
    """

    place: Place
    semester: str
    facets: Mapping[str, str]
    months: Mapping[tuple[str, str], str]


@dataclass
class PlanFile:
    """What is known of one plan; every field but the first five may still be unknown."""

    plan_id: str
    pupil_ref: str
    semester: str
    place: Place
    version: int = 0
    submitted_on: str | None = None
    approved_on: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    closed_on: str | None = None
    deleted: bool = False
    pauses: list[list[str | None]] = field(default_factory=list)
    programme: str = ""
    grade: int = 0
    sex: str = ""
    risk_groups: list[str] = field(default_factory=list)
    planned: dict[str, dict[str, int]] = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)
    supports: dict[str, list[str]] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """What is kept as JSON beside the key columns."""
        kept = ((name, getattr(self, name)) for name in _BODY)
        return {name: value for name, value in kept if value}

    def counts_for(self, facet: str) -> bool:
        """Whether the plan stands behind a measure and cut; behind every plan for sums."""
        if facet.startswith("pupils_"):
            known = item_of(self)
            return facet in known.facets or any(name == facet for _, name in known.months)
        return counts_as_plan(self)


_BODY = tuple(PlanFile.__dataclass_fields__)[4:]
"""What is kept beside plan, pupil, semester and place."""


def tell(file: PlanFile, fact: PlanFact, *, on: str) -> Effect:
    """Let the file take a fact in; without effect where it knew this or a later one already."""
    if fact.version <= file.version:
        return Effect.NONE
    file.version = fact.version
    act = _TELLS.get(type(fact))
    if act is not None:
        act(file, fact, on)
    return Effect.PEOPLE


def _submitted(file: PlanFile, _fact: Any, on: str) -> None:
    file.submitted_on = file.submitted_on or on


def _returned(file: PlanFile, _fact: Any, _on: str) -> None:
    # A plan that was never approved is a draft again; a revision leaves the old version in force.
    if file.approved_on is None:
        file.submitted_on = None


def _approved(file: PlanFile, fact: PlanApproved, _on: str) -> None:
    day = fact.approved_on.isoformat()
    file.approved_on = file.approved_on or day
    file.submitted_on = file.submitted_on or day
    file.valid_from, file.valid_to = fact.valid_from.isoformat(), fact.valid_to.isoformat()
    file.programme, file.grade, file.sex = fact.programme.value, fact.grade, fact.sex.value
    file.risk_groups = sorted(group.value for group in fact.risk_groups)
    planned: dict[str, dict[str, int]] = {}
    for measure in fact.measures:
        months = planned.setdefault(measure.support_type.value, {})
        for part in measure.planned:
            months[part.month] = months.get(part.month, 0) + part.cents
    file.planned = planned
    _resume(file, day)


def _suspended(file: PlanFile, fact: PlanSuspended, _on: str) -> None:
    file.pauses.append([fact.suspended_on.isoformat(), None])


def _resume(file: PlanFile, day: str) -> None:
    if file.pauses and file.pauses[-1][1] is None:
        file.pauses[-1][1] = day


def _resumed(file: PlanFile, fact: PlanResumed, _on: str) -> None:
    _resume(file, fact.resumed_on.isoformat())


def _closed(file: PlanFile, fact: PlanClosed, _on: str) -> None:
    file.closed_on = fact.closed_on.isoformat()
    file.results = {name: getattr(fact, name) for name in RESULTS}
    file.results["plans_continuing"] = int(fact.continues)


def _deleted(file: PlanFile, _fact: Any, _on: str) -> None:
    file.deleted = True


_TELLS: Mapping[type[PlanFact], Callable[[PlanFile, Any, str], None]] = {
    PlanSubmitted: _submitted,
    PlanReturned: _returned,
    PlanApproved: _approved,
    PlanSuspended: _suspended,
    PlanResumed: _resumed,
    PlanClosed: _closed,
    PlanDeleted: _deleted,
}


def item_of(file: PlanFile, *, as_of: str = "9999") -> Item:
    """What the plan makes count about its pupil, of what was true by a day."""
    facets: dict[str, str] = {}
    months: dict[tuple[str, str], str] = {}
    if not file.deleted:
        cuts = _pupil_cuts(file)
        if file.approved_on is not None and file.approved_on <= as_of:
            for cut in ("", *cuts):
                facets[INVOLVED + cut] = file.approved_on
        _supports(file, cuts, as_of, facets, months)
    return Item(file.place, file.semester, facets, months)


def _pupil_cuts(file: PlanFile) -> list[str]:
    """How the pupil is cut, as far as an approval has told."""
    if file.approved_on is None:
        return []
    groups = [f"risk_group={group}" for group in file.risk_groups]
    return [f"programme={file.programme}", f"grade={file.grade}", f"sex={file.sex}", *groups]


def _supports(
    file: PlanFile,
    cuts: list[str],
    as_of: str,
    facets: dict[str, str],
    months: dict[tuple[str, str], str],
) -> None:
    """Facets of delivered support, each from its earliest day."""
    first = "9999"
    for name, days in file.supports.items():
        day = days[0]
        if day > as_of:
            continue
        support_type, month, kind = name.split("/")
        first = min(first, day)
        _earlier(facets, BY_TYPE + support_type, day)
        if kind:
            _earlier(facets, f"{SUPPORTED}provider_kind={kind}", day)
        _earlier(months, (month, SUPPORTED), day)
        _earlier(months, (month, BY_TYPE + support_type), day)
    if first != "9999":
        for cut in ("", *cuts):
            facets[SUPPORTED + cut] = first


def _earlier(found: dict[Any, str], name: Any, day: str) -> None:
    known = found.get(name)
    if known is None or day < known:
        found[name] = day


def in_force(file: PlanFile, day: str) -> bool:
    """Whether the plan was in force on a day: approved, begun, not suspended, closed or deleted."""
    if file.deleted or file.approved_on is None or file.valid_from is None:
        return False
    begun = file.approved_on <= day and file.valid_from <= day <= (file.valid_to or "9999")
    paused = any((a or "") <= day < (b or "9999") for a, b in file.pauses)
    return begun and not paused and not (file.closed_on is not None and file.closed_on <= day)


def counts_as_plan(file: PlanFile, *, as_of: str = "9999") -> bool:
    """Whether it is a plan that is neither a draft nor deleted."""
    return not file.deleted and file.submitted_on is not None and file.submitted_on <= as_of


def sums_of(file: PlanFile) -> dict[Cell, int]:
    """What the plan adds to measures that add up: plans, results, planned money by month."""
    found: dict[Cell, int] = {}
    if not counts_as_plan(file):
        return found
    place = (Level.SCHOOL.value, file.place.partner, file.place.municipality_id)
    school = file.place.school_id
    found[Cell(*place, school, file.semester, "plans", "")] = 1
    if file.closed_on is not None:
        found[Cell(*place, school, file.semester, "plans_closed", "")] = 1
    for name, number in file.results.items():
        if number:
            found[Cell(*place, school, file.semester, name, "")] = number
    for support_type, months in file.planned.items():
        cut = f"support_type={support_type}"
        for month, cents in months.items():
            found[Cell(*place, school, f"{month}m", "planned_cents", cut)] = cents
            esf, _ = split_esf(cents)
            found[Cell(*place, school, f"{month}m", "planned_esf_cents", cut)] = esf
    return {cell: number for cell, number in found.items() if number}
