"""Questions over many plans: what a person may see, what waits, who still needs a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.domain import OVER, Plan, State, Step
from services.plans.plan_rows import plan_of
from services.plans.plan_tables import PLANS
from services.plans.pupil_rows import APPLICATIONS, NAMINGS, PUPILS
from services.plans.store import among
from shared.registers import TABLES

REMIND_DAYS = 14
DELIVERING = (
    State.APPROVED.value,
    State.IN_IMPLEMENTATION.value,
    State.UNDER_REVISION.value,
    State.SUSPENDED.value,
)


@dataclass(frozen=True)
class Scope:
    """What a person may read: everything, or what belongs to some organisations."""

    everything: bool
    organisations: frozenset[str]


@dataclass(frozen=True)
class Wanted:
    """What a list of plans is asked for; None where it does not matter."""

    state: str | None = None
    school_id: str | None = None
    semester: str | None = None
    pupil_ref: str | None = None
    after: str | None = None
    limit: int = 200


def visible(scope: Scope) -> ColumnElement[bool]:
    """Plans of the organisations, of their present schools, and of pupils who are there now."""
    if scope.everything:
        return true()
    places = sorted(scope.organisations)
    if not places:
        return false()
    schools = TABLES.schools
    own_schools = select(schools.c.school_id).where(
        or_(among(schools.c.municipality_id, places), among(schools.c.partner, places))
    )
    pupils_here = select(PUPILS.c.pupil_ref).where(among(PUPILS.c.school_id, places))
    return or_(
        among(PLANS.c.school_id, places),
        among(PLANS.c.municipality_id, places),
        among(PLANS.c.partner, places),
        PLANS.c.school_id.in_(own_schools),
        PLANS.c.pupil_ref.in_(pupils_here),
    )


async def plan_seen(session: AsyncSession, plan_id: str, scope: Scope) -> Plan | None:
    """A plan the person may see, by id or by code."""
    rows = await session.execute(
        select(PLANS).where(
            or_(PLANS.c.plan_id == plan_id, PLANS.c.plan_code == plan_id), visible(scope)
        )
    )
    row = rows.mappings().first()
    return None if row is None else plan_of(row)


async def plans_seen(session: AsyncSession, wanted: Wanted, scope: Scope) -> list[Plan]:
    """Plans the person may see, in the order of their ids, one page."""
    asked = select(PLANS).where(visible(scope))
    for name in ("state", "school_id", "semester", "pupil_ref"):
        value = getattr(wanted, name)
        if value is not None:
            asked = asked.where(PLANS.c[name] == value)
    if wanted.after is not None:
        asked = asked.where(PLANS.c.plan_id > wanted.after)
    rows = await session.execute(asked.order_by(PLANS.c.plan_id).limit(wanted.limit))
    return [plan_of(row) for row in rows.mappings()]


async def count_seen(session: AsyncSession, wanted: Wanted, scope: Scope) -> int:
    """How many plans such a list holds over all its pages."""
    asked = select(func.count()).select_from(PLANS).where(visible(scope))
    for name in ("state", "school_id", "semester", "pupil_ref"):
        value = getattr(wanted, name)
        if value is not None:
            asked = asked.where(PLANS.c[name] == value)
    return int((await session.execute(asked)).scalar_one())


async def waiting_for(
    session: AsyncSession,
    levels: Mapping[Step, frozenset[str]],
    *,
    subject: str,
    limit: int,
) -> list[Plan]:
    """Plans that wait for a level a person decides at, but not those the person prepared."""
    columns = {Step.HEAD: PLANS.c.school_id, Step.MUNICIPALITY: PLANS.c.municipality_id}
    turns: list[ColumnElement[bool]] = []
    for step, places in levels.items():
        if not places:
            continue
        here: ColumnElement[bool] = true()
        if step in columns:
            here = among(columns[step], places)
        if step is Step.MUNICIPALITY:
            schools = TABLES.schools
            own = select(schools.c.school_id).where(among(schools.c.municipality_id, places))
            here = or_(here, PLANS.c.school_id.in_(own))
        turns.append(and_(PLANS.c.waiting_for == step, here))
    if not turns:
        return []
    asked = select(PLANS).where(
        or_(*turns),
        PLANS.c.preparer_subject != subject,
        PLANS.c.written_by != subject,
        PLANS.c.submitted_by != subject,
    )
    return await _oldest(session, asked, limit)


async def own_to_do(
    session: AsyncSession, *, subject: str, schools: frozenset[str], today: date, limit: int
) -> list[Plan]:
    """A preparer's plans to write, to evaluate or to close."""
    due = and_(
        among(PLANS.c.state, DELIVERING), PLANS.c.valid_to <= today + timedelta(days=REMIND_DAYS)
    )
    writing = PLANS.c.state.in_([State.DRAFT.value, State.UNDER_REVISION.value])
    mine = or_(PLANS.c.preparer_subject == subject, PLANS.c.written_by == subject)
    asked = select(PLANS).where(mine, among(PLANS.c.school_id, schools), or_(writing, due))
    return await _oldest(session, asked, limit)


async def overdue(
    session: AsyncSession, *, schools: frozenset[str], today: date, limit: int
) -> list[Plan]:
    """Plans of schools that ended and are not closed; for their heads."""
    asked = select(PLANS).where(
        among(PLANS.c.school_id, schools),
        among(PLANS.c.state, DELIVERING),
        PLANS.c.valid_to < today,
    )
    return await _oldest(session, asked, limit)


async def _oldest(session: AsyncSession, asked: Select[Any], limit: int) -> list[Plan]:
    """Those that wait longest first."""
    rows = await session.execute(asked.order_by(PLANS.c.changed_at, PLANS.c.plan_id).limit(limit))
    return [plan_of(row) for row in rows.mappings()]


async def candidates(
    session: AsyncSession,
    semester: str,
    scope: Scope,
    *,
    school_id: str | None,
    after: str | None,
    limit: int,
) -> Sequence[Mapping[str, Any]]:
    """Named pupils of a semester without a plan, with their application if one stands."""
    standing = _standing()
    asked = (
        select(
            PUPILS.c.pupil_ref,
            PUPILS.c.school_id,
            PUPILS.c.programme,
            PUPILS.c.grade,
            NAMINGS.c.risk_groups,
            NAMINGS.c.named_on,
            standing.c.signed_on,
        )
        .join(NAMINGS, NAMINGS.c.pupil_ref == PUPILS.c.pupil_ref)
        .outerjoin(standing, standing.c.pupil_ref == PUPILS.c.pupil_ref)
        .where(NAMINGS.c.semester == semester, NAMINGS.c.cleared.is_(False))
        .where(PUPILS.c.left_on.is_(None), ~_planned(), _here(scope))
        .order_by(PUPILS.c.pupil_ref)
        .limit(limit)
    )
    if school_id is not None:
        asked = asked.where(PUPILS.c.school_id == school_id)
    if after is not None:
        asked = asked.where(PUPILS.c.pupil_ref > after)
    return [dict(row) for row in (await session.execute(asked)).mappings()]


def _standing() -> Subquery:
    """The newest standing application of each pupil."""
    return (
        select(APPLICATIONS.c.pupil_ref, func.max(APPLICATIONS.c.signed_on).label("signed_on"))
        .where(APPLICATIONS.c.withdrawn_on.is_(None))
        .group_by(APPLICATIONS.c.pupil_ref)
        .subquery()
    )


def _planned() -> ColumnElement[bool]:
    """Whether the pupil has a plan there for that semester."""
    return exists().where(
        PLANS.c.pupil_ref == NAMINGS.c.pupil_ref,
        PLANS.c.semester == NAMINGS.c.semester,
        PLANS.c.school_id == PUPILS.c.school_id,
        PLANS.c.state != State.INACTIVE.value,
    )


def _here(scope: Scope) -> ColumnElement[bool]:
    """Pupils of the organisations."""
    if scope.everything:
        return true()
    places = sorted(scope.organisations)
    return or_(
        among(PUPILS.c.school_id, places),
        among(PUPILS.c.municipality_id, places),
        among(PUPILS.c.partner, places),
    )


async def moved_pupils(session: AsyncSession, *, schools: frozenset[str], limit: int) -> list[Plan]:
    """Running plans of schools whose pupil has moved to another school or left."""
    asked = (
        select(PLANS)
        .join(PUPILS, PUPILS.c.pupil_ref == PLANS.c.pupil_ref)
        .where(among(PLANS.c.school_id, schools))
        .where(PLANS.c.state.not_in([state.value for state in OVER]))
        .where(or_(PUPILS.c.school_id != PLANS.c.school_id, PUPILS.c.left_on.is_not(None)))
    )
    return await _oldest(session, asked, limit)
