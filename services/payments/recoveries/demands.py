"""Money asked back: demanded of a settled order, by letter, until it has come back in parts."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims.evidence import CENTS_MAX
from services.payments.domain import OrderState, WrongMove
from services.payments.files.actions import PayerAccountMissing
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.orders.actions import OrderUnknown, order
from services.payments.orders.store import OrderRow, new_ids
from services.payments.payees import store as payee_rows
from services.payments.payees.actions import PayeeUnknown
from services.payments.payees.store import Details
from services.payments.recoveries import demand_rows
from services.payments.recoveries.demand_rows import DemandRow
from services.payments.recoveries.letter import Letter
from services.payments.rulebook import PAYER_ACCOUNT
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.calendar import TIMEZONE, CalendarDay
from shared.contracts.base import Code
from shared.errors import NotFound, Refused
from shared.money import euro
from shared.registers import municipalities

OFFICE = (Role.PAYMENT_OFFICER,)


class DemandUnknown(NotFound):
    """This office demands nothing under this number."""

    code = "demand-unknown"


class DemandRepeated(Refused):
    """A demand with this id is here already; use a new one."""

    code = "demand-repeated"


class DemandedTooMuch(Refused):
    """More is asked back than was paid and is neither recovered nor asked back already."""

    code = "demanded-too-much"


class DeadlinePast(Refused):
    """The day until which to pay lies in the past; take a later one."""

    code = "deadline-past"


class DemandLine(BaseModel):
    """Money of a settled order to ask back; `reason` is a sentence for the letter, in Latvian."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    demand_id: Code | None = None
    order_id: Code
    cents: int = Field(strict=True, ge=1, le=CENTS_MAX)
    reason_code: Code
    reason: str = Field(min_length=3, max_length=500)
    pay_until: CalendarDay


async def demand_back(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, DemandLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Ask money back of settled orders, never more than was paid and is still there."""
    by.must(OFFICE, partner)
    ids = {line.order_id for _, line in lines}
    await order_rows.lock_subjects(session, ids)
    orders = await order_rows.orders_locked(session, ids)
    taken = await demand_rows.taken(session, (x.demand_id for _, x in lines if x.demand_id))
    left = {key: found.cents - found.recovered_cents for key, found in orders.items()}
    for asked in (await demand_rows.of_orders_locked(session, ids)).values():
        left[asked.order_id] -= asked.open_cents
    rows: list[DemandRow] = []
    answers = []
    for (number, line), new_id in zip(lines, new_ids(len(lines), now), strict=True):
        demand_id = line.demand_id or new_id
        try:
            found = _demandable(orders.get(line.order_id), line, partner, left, now)
            if demand_id in taken:
                raise DemandRepeated(field="demand_id")
        except Refused as why:
            answers.append(refused(number, why))
            continue
        taken.add(demand_id)
        left[line.order_id] -= line.cents
        rows.append(_row(demand_id, found, line, by=by, now=now))
        answers.append(accepted(number, demand_id, cents=line.cents))
    await demand_rows.insert(session, rows)
    return answers


def _demandable(
    found: OrderRow | None, line: DemandLine, partner: str, left: dict[str, int], now: datetime
) -> OrderRow:
    """The order, if so much of it can still be asked back."""
    if found is None or found.partner != partner:
        raise OrderUnknown(field="order_id")
    if found.state != OrderState.SETTLED:
        raise WrongMove(field="order_id", state=found.state)
    if line.cents > left[line.order_id]:
        raise DemandedTooMuch(field="cents", left_eur=euro(left[line.order_id]))
    if line.pay_until < now.astimezone(TIMEZONE).date():
        raise DeadlinePast(field="pay_until")
    return found


def _row(
    demand_id: str, found: OrderRow, line: DemandLine, *, by: Person, now: datetime
) -> DemandRow:
    """A new demand."""
    return DemandRow(
        demand_id=demand_id,
        partner=found.partner,
        order_id=found.order_id,
        about_key=found.about_key,
        state="due",
        reason_code=line.reason_code,
        reason=line.reason,
        entered_by=by.subject,
        cents=line.cents,
        recovered_cents=0,
        pay_until=line.pay_until,
        entered_at=now,
    )


async def demands_of(
    session: AsyncSession, partner: str, *, after: str, limit: int
) -> list[DemandRow]:
    """A page of an office's demands; without any name."""
    return await demand_rows.demands_of(session, partner, after=after, limit=limit)


async def write_letter(
    session: AsyncSession, partner: str, demand_id: str, *, by: Person, now: datetime
) -> Letter:
    """The letter of a demand, for its office only; the read of the payee is logged.

    Raises DemandUnknown, PayerAccountMissing, WrongMove.
    """
    by.must(OFFICE, partner)
    asked = await demand_rows.demand(session, partner, demand_id)
    if asked is None:
        raise DemandUnknown()
    found = await order(session, asked.order_id)
    if found.state != OrderState.SETTLED or found.booked_on is None:
        raise WrongMove(field="order_id", state=found.state)
    payee = await _payee(session, found, found.booked_on, demand_id, by=by, now=now)
    await demand_rows.letter_written(session, demand_id, by=by.subject, at=now)
    today = now.astimezone(TIMEZONE).date()
    name, account, bic = await _office(session, partner, today)
    return Letter(
        demand_id=demand_id,
        written_on=today,
        office_name=name,
        office_number=partner,
        payee_name=payee.name,
        payee_code=payee.code,
        order_id=found.order_id,
        support_type=found.support_type,
        month=found.month,
        paid_on=found.booked_on,
        paid_cents=found.cents,
        asked_cents=asked.cents,
        came_back_cents=asked.recovered_cents,
        owed_cents=asked.open_cents,
        reason=asked.reason,
        pay_until=asked.pay_until,
        account=account,
        bic=bic,
    )


async def _payee(
    session: AsyncSession,
    found: OrderRow,
    paid_on: date,
    demand_id: str,
    *,
    by: Person,
    now: datetime,
) -> Details:
    """Who was paid; the read is logged."""
    key = found.partner, found.payee_id
    why = f"letter of demand {demand_id}"
    payees = await payee_rows.read_payees(
        session, [key], day=paid_on, reader=by, reason=why, now=now
    )
    if key not in payees:
        raise PayeeUnknown()
    return payees[key].details


async def _office(session: AsyncSession, partner: str, day: date) -> tuple[str, str, str | None]:
    """Name, account and bank of an office."""
    rules = await ledger_rows.load_rulebook(session)
    account = rules.find(PAYER_ACCOUNT, day, partner) or {}
    if not account.get("iban"):
        raise PayerAccountMissing(parameter=PAYER_ACCOUNT, place=partner)
    town = (await municipalities(session, (partner,))).get(partner)
    name = account.get("name") or (town.name_lv if town else partner)
    return name, account["iban"], account.get("bic")
