"""Reading a plan: within what a person may see, and with the read written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import (
    consultation_rows,
    desk_rows,
    listing_rows,
    plan_rows,
    pupil_rows,
    rights,
    spending_rows,
    surroundings,
)
from services.plans.answers import (
    ActionShown,
    ConsultationLog,
    ConsultationShown,
    FinanceShown,
    HeadOrders,
    HeadOrderShown,
    MonthShown,
    PlanShown,
    VersionShown,
)
from services.plans.comparison import differences
from services.plans.content import Content, warnings
from services.plans.domain import Action, Plan, PlanUnknown, must_be_possible
from services.plans.finance import MeterMonth, ceiling_warnings, finance, meter
from services.plans.listing_rows import Scope
from services.plans.pupils import PupilUnknown
from services.plans.rulebook import STATE_LEVEL, SchoolFacts
from services.plans.store import READ_LOG
from shared.auth import Person, Role
from shared.errors import OutsideScope, Refused
from shared.privacy import log_reads

EVERYTHING = frozenset({Role.STATE_OFFICER, Role.AUDITOR, Role.REGIONAL_COORDINATOR})


def scope_of(person: Person) -> Scope:
    """What a person may read here."""
    return Scope(
        everything=STATE_LEVEL in person.organisations(*EVERYTHING),
        organisations=person.organisations(*rights.READERS),
    )


async def read_plan(
    session: AsyncSession, plan_id: str, *, by: Person, now: datetime, reason: str
) -> PlanShown:
    """A plan with all that belongs to it; the read is logged. Raises PlanUnknown."""
    plan = await listing_rows.plan_seen(session, plan_id, scope_of(by))
    if plan is None:
        raise PlanUnknown(plan_id=plan_id)
    await log_reads(
        session,
        READ_LOG,
        reader=by,
        subject_refs=[plan.pupil_ref],
        fields=["risks", "measures", "evaluation"],
        reason=reason,
        now=now,
    )
    contents = await plan_rows.contents_of(session, [plan.plan_id])
    newest = contents[plan.plan_id, plan.content_version]
    spending = await spending_rows.spending_of(session, [plan.plan_id])
    months = await months_of(session, plan.pupil_ref)
    evaluation = (await plan_rows.evaluations_of(session, [plan.plan_id])).get(plan.plan_id)
    rules = await surroundings.rulebook(session, [plan.school_id])
    shown = finance(contents.get((plan.plan_id, plan.approved_version or 0), newest), spending)
    return PlanShown.model_validate(
        vars(plan)
        | {
            "finance": FinanceShown.model_validate(shown),
            "months": _shown_months(months),
            "reservations": await spending_rows.reservations_of(session, plan.plan_id),
            "versions": _versions(plan, list(contents.values())),
            "approvals": await plan_rows.approvals_of(session, plan.plan_id),
            "evaluation": evaluation and _without_plan(evaluation),
            "history": await plan_rows.log_of(session, plan.plan_id),
            "actions": actions_of(by, plan, rules.schools.get(plan.school_id)),
            "warnings": [*warnings(newest), *ceiling_warnings(months)],
        }
    )


def _without_plan(evaluation: Any) -> dict[str, Any]:
    """An evaluation as JSON knows it."""
    return {
        **vars(evaluation),
        **{
            name: [vars(one) for one in getattr(evaluation, name)]
            for name in ("measures", "risks", "preparation")
        },
    }


def _shown_months(months: Sequence[MeterMonth]) -> list[MonthShown]:
    """The meter as it is shown."""
    return [MonthShown.model_validate(month) for month in months]


def _versions(plan: Plan, contents: Sequence[Content]) -> list[VersionShown]:
    """All versions, each with what it changed against the one before."""
    ordered = sorted(contents, key=lambda content: content.version)
    found = []
    for before, content in zip([None, *ordered], ordered, strict=False):
        changed = differences(before, content) if before else []
        found.append(
            VersionShown.model_validate(
                vars(content)
                | {
                    "in_force": plan.in_force and content.version == plan.approved_version,
                    "differences": [vars(difference) for difference in changed],
                }
            )
        )
    return found


def actions_of(person: Person, plan: Plan, school: SchoolFacts | None) -> list[ActionShown]:
    """Each thing that people can do to a plan, allowed or with the guard that refuses it."""
    return [
        ActionShown(action=action, allowed=refusal is None, refusal=refusal)
        for action, roles in rights.RIGHTS.items()
        if roles
        for refusal in [_refusal(person, action, plan, school)]
    ]


def _refusal(person: Person, action: Action, plan: Plan, school: SchoolFacts | None) -> str | None:
    """The code of what stands against an action, or None."""
    try:
        must_be_possible(plan, action)
        if plan.waiting_for is None or rights.RIGHTS[action] != rights.APPROVERS:
            rights.must(person, action, plan)
        elif school is not None:
            rights.approver(person, plan, plan.waiting_for, school)
    except Refused as refused:
        return refused.code
    return None


async def months_of(session: AsyncSession, pupil_ref: str) -> list[MeterMonth]:
    """The meter of a pupil: all plans that were not deleted, and what payments told."""
    desk = await desk_rows.on_desk(session, [pupil_ref])
    contents, told = desk.contents.get(pupil_ref, {}), desk.told.get(pupil_ref, {})
    return meter(contents.values(), told, desk.caps)


async def read_months(session: AsyncSession, pupil_ref: str, *, by: Person) -> list[MonthShown]:
    """The meter of a pupil whom the person may see; raises PupilUnknown."""
    await must_see_pupil(session, pupil_ref, by=by)
    return _shown_months(await months_of(session, pupil_ref))


async def must_see_pupil(session: AsyncSession, pupil_ref: str, *, by: Person) -> None:
    """Refuse a pupil who is not known, or of other organisations."""
    places = await pupil_rows.places_of(session, pupil_ref)
    if places is None:
        raise PupilUnknown(field="pupil_ref")
    scope = scope_of(by)
    if not scope.everything and not places & scope.organisations:
        raise OutsideScope()


async def read_consultations(session: AsyncSession, plan_id: str, *, by: Person) -> ConsultationLog:
    """The consultations of a plan; a specialist sees the own ones. Raises PlanUnknown."""
    own: frozenset[str] | None = None
    plan = await listing_rows.plan_seen(session, plan_id, scope_of(by))
    if plan is None:
        own = frozenset(g.staff_ref for g in by.grants if g.staff_ref is not None)
    held = await consultation_rows.consultations_of(
        session, plan.plan_id if plan else plan_id, provider_refs=own
    )
    if plan is None and not held:
        raise PlanUnknown(plan_id=plan_id)
    return ConsultationLog(
        consultations=[
            ConsultationShown.model_validate(
                vars(one) | {"starts_at": one.starts_at.isoformat("minutes")}
            )
            for one in held
        ]
    )


async def read_head_orders(session: AsyncSession, school_id: str, *, by: Person) -> HeadOrders:
    """The orders of a school's heads, for people who may see the school's plans."""
    rules = await surroundings.rulebook(session, [school_id])
    school = rules.school(school_id)
    scope = scope_of(by)
    if not scope.everything and not set(school.places) & scope.organisations:
        raise OutsideScope()
    orders = await consultation_rows.head_orders_of(session, [school_id])
    return HeadOrders(head_orders=[HeadOrderShown.model_validate(vars(o)) for o in orders])
