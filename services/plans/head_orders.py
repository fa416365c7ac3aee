"""Orders of heads: what permits remote consultations, and support at a place of practice."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import consultation_rows, ids, rights, telling
from services.plans.actions import Answer, Lines, Outcome, Work, decide, finish, load
from services.plans.consultation_rules import REMOTE, HeadOrder
from services.plans.domain import PlanUnknown
from services.plans.forms import HeadOrderForm, RevocationForm
from services.plans.rulebook import DatesReversed
from shared.auth import Person
from shared.contracts.plans import PlanFact, PracticeEnded, PracticeOrdered, PracticePlace
from shared.errors import Invalid, NotFound, Refused

PRACTICE = "practice"


class OrderIncomplete(Invalid):
    """An order for remote support names providers and channels, one for practice the place."""

    code = "order-incomplete"


class OrderKnown(Refused):
    """The school has an order of this number and day."""

    code = "order-known"


class PlanOfAnotherSchool(Refused):
    """The order names a plan of another school."""

    code = "plan-of-another-school"


class OrderUnknown(NotFound):
    """There is no such order of a head."""

    code = "head-order-unknown"


class AlreadyRevoked(Refused):
    """The order was taken back before."""

    code = "already-revoked"


class OutsideOrder(Refused):
    """An order is taken back from a day on which it holds."""

    code = "outside-order"


async def issue_head_orders(
    session: AsyncSession, lines: Lines[HeadOrderForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Enter orders of heads; only the head of the school may. Orders for practice are told."""
    practised = (plan for _, line in lines if line.kind == PRACTICE for plan in line.plan_ids)
    work = await load(session, practised, by=by, now=now)
    schools = await consultation_rows.schools_of_plans(
        session, (plan_id for _, line in lines for plan_id in line.plan_ids)
    )
    known = await consultation_rows.known_head_orders(
        session, (_order_id(line) for _, line in lines)
    )
    rows: list[dict[str, object]] = []

    def one(form: HeadOrderForm) -> Answer:
        order_id = _order_id(form)
        by.must(rights.HEADS, form.school_id)
        _check(form, schools)
        if order_id in known:
            raise OrderKnown(field="number")
        known.add(order_id)
        rows.append(
            form.model_dump()
            | {"order_id": order_id, "issued_by": by.subject, "issued_at": now}
            | {"revoked_on": None}
        )
        _tell_practice(work, form, order_id)
        return order_id, {"kind": form.kind}

    outcomes = decide(lines, one)
    await consultation_rows.keep_head_orders(session, rows)
    await finish(session, work)
    return outcomes


def _tell_practice(work: Work, form: HeadOrderForm, order_id: str) -> None:
    """Tell an order for practice; one for remote support concerns the log alone."""
    if form.kind == PRACTICE:
        _tell(
            work,
            form.plan_ids,
            PracticeOrdered,
            order_id=order_id,
            first_day=form.valid_from,
            last_day=form.valid_to,
            place_kind=form.place_kind or PracticePlace.OTHER,
        )


def _tell(
    work: Work, plan_ids: Iterable[str], kind: type[PlanFact], *, order_id: str, **fields: Any
) -> None:
    """Tell of each plan what an order means for it, and write it down."""
    for plan_id in sorted(set(plan_ids)):
        plan = work.plan(plan_id)
        after, fact = telling.told(plan, kind, order_id=order_id, **fields)
        work.put(plan, after, kind.type.split(".")[2].replace("-", "_"), fact)


async def revoke_head_orders(
    session: AsyncSession, lines: Lines[RevocationForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Take orders of heads back from a day on; only the head of the school may."""
    plans = await consultation_rows.plans_of_orders(session, (line.order_id for _, line in lines))
    work = await load(session, plans, by=by, now=now)
    orders = await consultation_rows.head_orders_locked(
        session, (line.order_id for _, line in lines)
    )

    def one(form: RevocationForm) -> Answer:
        order = orders.get(form.order_id)
        if order is None:
            raise OrderUnknown(field="order_id")
        by.must(rights.HEADS, order.school_id)
        _check_revocation(order, form)
        orders[form.order_id] = replace(order, revoked_on=form.revoked_on)
        if order.kind == PRACTICE:
            _tell(
                work,
                order.plan_ids,
                PracticeEnded,
                order_id=form.order_id,
                ended_on=form.revoked_on,
            )
        return form.order_id, {"revoked_on": form.revoked_on.isoformat()}

    outcomes = decide(lines, one)
    await consultation_rows.keep_revocations(session, orders.values())
    await finish(session, work)
    return outcomes


def _check_revocation(order: HeadOrder, form: RevocationForm) -> None:
    """Refuse to take back twice, or from a day on which the order does not hold."""
    if order.revoked_on is not None:
        raise AlreadyRevoked(field="order_id", revoked_on=order.revoked_on.isoformat())
    if not order.valid_from <= form.revoked_on <= order.valid_to:
        raise OutsideOrder(field="revoked_on", valid_from=order.valid_from.isoformat())


def _order_id(form: HeadOrderForm) -> str:
    """The id of an order by its number and day at the school."""
    return ids.order_id(form.school_id, form.kind, form.number, form.issued_on.isoformat())


def _check(form: HeadOrderForm, schools: dict[str, str]) -> None:
    """Refuse an order that permits nothing, or speaks of what is not the school's."""
    if form.valid_to < form.valid_from:
        raise DatesReversed(field="valid_to")
    if form.kind == REMOTE:
        for name in ("provider_refs", "channels"):
            if not getattr(form, name):
                raise OrderIncomplete(field=name)
    elif not form.place:
        raise OrderIncomplete(field="place")
    for plan_id in form.plan_ids:
        if plan_id not in schools:
            raise PlanUnknown(field="plan_ids", plan_id=plan_id)
        if schools[plan_id] != form.school_id:
            raise PlanOfAnotherSchool(field="plan_ids", plan_id=plan_id)
