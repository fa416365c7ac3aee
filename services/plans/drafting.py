"""New plans: drafted for a named pupil, or carried on from a semester before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import ids
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load, load_pupils
from services.plans.content import Content, Measure, Risk, warnings
from services.plans.desk_rows import OnDesk, on_desk
from services.plans.domain import Plan
from services.plans.drafting_rules import (
    SecondActivePlan,
    carried_over,
    check_continues,
    check_preparer,
    check_semester_running,
)
from services.plans.finance import ceiling_warnings, meter
from services.plans.forms import ContinuationForm, DraftForm
from services.plans.pupils import Pupil, may_get_plan, may_have_plan, signed
from services.plans.rights import PREPARERS
from services.plans.rulebook import SchoolFacts
from services.plans.writing import measures_from, risks_from, written
from shared.auth import Person
from shared.calendar import next_semester


@dataclass
class Desk:
    """What drafting has before it: the work, and what the pupils have already."""

    work: Work
    has: OnDesk

    def meter_warnings(self, pupil_ref: str) -> list[dict[str, JsonValue]]:
        """Months of the pupil in which all plans together cost more than the ceiling."""
        contents = self.has.contents.get(pupil_ref, {}).values()
        return ceiling_warnings(meter(contents, self.has.told.get(pupil_ref, {}), self.has.caps))


async def draft_plans(
    session: AsyncSession, lines: Lines[DraftForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Draft plans for named pupils with a signed application."""
    work = await load_pupils(session, (line.pupil_ref for _, line in lines), by=by, now=now)
    desk = Desk(work, await on_desk(session, work.pupils))
    outcomes = decide(lines, lambda line: _draft(desk, line))
    await finish(session, work)
    return outcomes


async def continue_plans(
    session: AsyncSession, lines: Lines[ContinuationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Carry closed plans on into a later semester, at the school where the pupil is now."""
    work = await load(session, (line.plan_id for _, line in lines), by=by, now=now)
    desk = Desk(work, await on_desk(session, work.pupils))
    outcomes = decide(lines, lambda line: _continue(desk, line))
    await finish(session, work)
    return outcomes


@dataclass(frozen=True)
class Ground:
    """What a new plan stands on."""

    pupil: Pupil
    school: SchoolFacts
    semester: str
    named: Collection[str]
    preparer_ref: str
    preparer_kind: str
    before: Plan | None = None


def _draft(desk: Desk, form: DraftForm) -> Answer:
    """One draft; the first guard that is broken refuses it."""
    work = desk.work
    pupil = work.pupil(form.pupil_ref)
    school, (ref, kind) = _school_and_preparer(work, pupil)
    naming = may_get_plan(pupil, form.semester, on=work.today)
    return _new_plan(
        desk,
        Ground(pupil, school, form.semester, naming.risk_groups, ref, kind),
        dates=(form.valid_from, form.valid_to),
        risks=risks_from(form.risks),
        measures=measures_from(form.measures),
    )


def _continue(desk: Desk, form: ContinuationForm) -> Answer:
    """One plan carried on; its risk groups go on where the pupil was not named anew."""
    work = desk.work
    before = work.plan(form.plan_id)
    pupil = work.pupil(before.pupil_ref)
    school, (ref, kind) = _school_and_preparer(work, pupil)
    semester = form.semester or next_semester(before.semester)
    rule = work.rules.value("plan_continuation", work.today, *school.places)
    allowed = bool(rule["continue_in_next_semesters"])
    check_continues(before, work.evaluations.get(before.plan_id), semester, allowed=allowed)
    may_have_plan(pupil, semester, on=work.today)
    old = work.in_force(before)
    assert old is not None, before.plan_id
    naming = pupil.naming(semester)
    named = naming.risk_groups if naming else tuple(risk.group for risk in old.risks)
    new = _dates(work, form, semester, school)
    return _new_plan(
        desk,
        Ground(pupil, school, semester, named, ref, kind, before),
        dates=new,
        risks=old.risks if form.risks is None else risks_from(form.risks),
        measures=carried_over(old.measures, old=(old.valid_from, old.valid_to), new=new)
        if form.measures is None
        else measures_from(form.measures),
    )


def _school_and_preparer(work: Work, pupil: Pupil) -> tuple[SchoolFacts, tuple[str, str]]:
    """The pupil's present school, and who the person is that prepares plans there."""
    school = work.rules.school(pupil.school_id)
    grant = work.by.must(PREPARERS, school.school_id)
    allowed = work.rules.value("plan_preparer_kinds", work.today, *school.places)
    return school, check_preparer(grant, allowed)


def _dates(
    work: Work, form: ContinuationForm, semester: str, school: SchoolFacts
) -> tuple[date, date]:
    """The days a continued plan is for."""
    opens, closes = work.rules.dates(semester, school.school_id)
    return form.valid_from or opens, form.valid_to or closes


def _new_plan(
    desk: Desk,
    ground: Ground,
    *,
    dates: tuple[date | None, date | None],
    risks: Sequence[Risk],
    measures: Sequence[Measure],
) -> Answer:
    """Number, check and keep a new plan with its first content."""
    work, pupil, semester = desk.work, ground.pupil, ground.semester
    _, closes = work.rules.dates(semester, ground.school.school_id)
    check_semester_running(semester, closes, today=work.today)
    key = (pupil.pupil_ref, ground.school.school_id, semester)
    count, active = desk.has.plans_before.get(key, (0, False))
    if active:
        raise SecondActivePlan(field="pupil_ref", semester=semester)
    plan_id = ids.plan_id(*key, count + 1)
    content = written(
        work,
        plan_id=plan_id,
        version=1,
        semester=semester,
        school=ground.school,
        dates=dates,
        risks=risks,
        measures=measures,
        named=ground.named,
    )
    plan = _first_state(work, ground, content)
    work.put_content(content)
    work.put(None, plan, "draft")
    desk.has.plans_before[key] = (count + 1, True)
    desk.has.contents.setdefault(pupil.pupil_ref, {})[plan_id] = content
    return plan_id, _details(desk, plan, content)


def _details(desk: Desk, plan: Plan, content: Content) -> dict[str, JsonValue]:
    """What the preparer is told of a new plan, the money meter's warnings among it."""
    return {
        "plan_code": plan.plan_code,
        "plan_version": content.version,
        "measures": [measure.measure_id for measure in content.measures],
        "planned_cents": content.cents,
        "preparation_cents_max": content.preparation_cents_max,
        "warnings": [*warnings(content), *desk.meter_warnings(plan.pupil_ref)],
    }


def _first_state(work: Work, ground: Ground, content: Content) -> Plan:
    """The plan as it is drafted."""
    pupil, school, before = ground.pupil, ground.school, ground.before
    assert pupil.programme is not None and pupil.grade is not None
    moved = before is not None and before.school_id != school.school_id
    return Plan(
        plan_id=content.plan_id,
        plan_code=ids.plan_code(content.plan_id, ground.semester),
        pupil_ref=pupil.pupil_ref,
        semester=ground.semester,
        school_id=school.school_id,
        municipality_id=school.municipality_id,
        partner=school.partner,
        programme=pupil.programme,
        grade=pupil.grade,
        sex=pupil.sex,
        application_id=signed(pupil, on=work.today).application_id,
        preparer_subject=work.by.subject,
        preparer_ref=ground.preparer_ref,
        preparer_kind=ground.preparer_kind,
        preparer_school_id=school.school_id,
        written_by=work.by.subject,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
        created_at=work.now,
        changed_at=work.now,
        changed_by=work.by.subject,
        follows_plan_id=before.plan_id if before else None,
        follows_school_id=before.school_id if before and moved else None,
    )
