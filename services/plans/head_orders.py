"""Orders of heads: what permits remote consultations, and support at a place of practice."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.plans import consultation_rows, ids, rights
from services.plans.actions import Answer, Lines, Outcome, decide
from services.plans.consultation_rules import REMOTE
from services.plans.domain import PlanUnknown
from services.plans.forms import HeadOrderForm
from services.plans.rulebook import DatesReversed
from shared.auth import Person
from shared.errors import Invalid, Refused


class OrderIncomplete(Invalid):
    """An order for remote support names providers and channels, one for practice the place."""

    code = "order-incomplete"


class OrderKnown(Refused):
    """The school has an order of this number and day."""

    code = "order-known"


class PlanOfAnotherSchool(Refused):
    """The order names a plan of another school."""

    code = "plan-of-another-school"


async def issue_head_orders(
    session: AsyncSession, lines: Lines[HeadOrderForm], *, by: Person, now: datetime
) -> list[Outcome]:
    """Enter orders of heads; only the head of the school may."""
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
        return order_id, {"kind": form.kind}

    outcomes = decide(lines, one)
    await consultation_rows.keep_head_orders(session, rows)
    return outcomes


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
