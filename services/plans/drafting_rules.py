"""Guards of a new plan: its preparer, the one active plan, the semester; and what is carried on.

Source: domain text 1.3, 2.1, P-1. Pure: plain values in and out; sums are cents.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from services.plans.content import Measure
from services.plans.domain import Plan, State
from services.plans.evaluation_rules import Evaluation
from services.plans.rulebook import SemesterOver
from shared.auth import Grant
from shared.calendar import months_between
from shared.errors import Refused


class SecondActivePlan(Refused):
    """The pupil has an active plan at this school for this semester."""

    code = "second-active-plan"


class PreparerKindNotAllowed(Refused):
    """This kind of staff may not prepare plans here; the list of kinds is a parameter."""

    code = "preparer-kind-not-allowed"


class GrantIncomplete(Refused):
    """The grant to prepare plans lacks a link: who the person is in the staff register."""

    code = "grant-incomplete"


class UnknownMeasure(Refused):
    """The plan never had a measure of this id; leave the id out for a new one."""

    code = "unknown-measure"


class NotToBeContinued(Refused):
    """The evaluation says that the plan does not go on."""

    code = "not-to-be-continued"


class NotClosed(Refused):
    """Close the plan before it is carried on into another semester."""

    code = "not-closed"


class NotLater(Refused):
    """A plan is carried on into a later semester than its own."""

    code = "not-a-later-semester"


class ContinuationSwitchedOff(Refused):
    """The programme does not let plans be carried on."""

    code = "continuation-off"


def check_preparer(grant: Grant, allowed: Collection[str]) -> tuple[str, str]:
    """Reference and kind of the preparer; raises GrantIncomplete or PreparerKindNotAllowed."""
    if grant.staff_ref is None or grant.staff_kind is None:
        missing = "staff_ref" if grant.staff_ref is None else "staff_kind"
        raise GrantIncomplete(missing=missing)
    if grant.staff_kind not in allowed:
        raise PreparerKindNotAllowed(kind=grant.staff_kind, allowed=sorted(allowed))
    return grant.staff_ref, grant.staff_kind


def check_semester_running(semester: str, last_day: date, *, today: date) -> None:
    """Refuse what begins in a semester that is over."""
    if today > last_day:
        raise SemesterOver(field="semester", semester=semester, last_day=last_day.isoformat())


def check_known(measures: Sequence[Measure], known: Collection[str]) -> None:
    """Refuse ids that no version of the plan has used."""
    for index, measure in enumerate(measures):
        if measure.measure_id and measure.measure_id not in known:
            raise UnknownMeasure(field=f"measures.{index}.measure_id", known=sorted(known))


def check_continues(
    before: Plan, evaluation: Evaluation | None, semester: str, *, allowed: bool
) -> None:
    """Refuse to carry on what is not closed, was not to go on, or lies later."""
    if not allowed:
        raise ContinuationSwitchedOff()
    if before.state is not State.CLOSED or evaluation is None:
        raise NotClosed(field="plan_id", state=before.state.value)
    if not evaluation.continues:
        raise NotToBeContinued(field="plan_id")
    if semester <= before.semester:
        raise NotLater(field="semester", semester=semester, before=before.semester)


def carried_over(
    measures: Sequence[Measure], *, old: tuple[date, date], new: tuple[date, date]
) -> tuple[Measure, ...]:
    """The measures of one semester in the months of another, ids left out.

    What was planned in every month is planned in every month again, at its last price; other
    sums keep their place in the row of months, as far as the new one has that place.
    """
    before, after = months_between(*old), months_between(*new)
    found = []
    for measure in measures:
        by_month = dict(measure.planned)
        if by_month and all(month in by_month for month in before):
            planned = tuple((month, by_month[before[-1]]) for month in after)
        else:
            planned = tuple(
                (to, by_month[month])
                for month, to in zip(before, after, strict=False)
                if month in by_month
            )
        found.append(replace(measure, measure_id="", planned=planned))
    return tuple(found)
