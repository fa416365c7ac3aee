"""Money paid wrongly that came back: opposite lines, never an edit of the order."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.claims.evidence import CENTS_MAX
from services.payments.domain import BookedInFuture, OrderState, WrongMove
from services.payments.ledger import store as ledger_rows
from services.payments.orders import store as order_rows
from services.payments.orders.actions import OrderUnknown
from services.payments.orders.store import OrderRow, told
from services.payments.recoveries import demand_rows
from services.payments.recoveries import store as recovery_rows
from services.payments.recoveries.demand_rows import DemandRow
from services.payments.recoveries.store import KnownRecovery, RecoveryRow
from services.payments.rulebook import ESF_SHARE, Rulebook
from services.payments.shares.saving import save
from shared.auth import Person, Role
from shared.bulk import LineAnswer, accepted, refused
from shared.bus.outbox import publish
from shared.calendar import TIMEZONE, CalendarDay
from shared.contracts.base import Code, Fact
from shared.contracts.payments import PaymentRecovered
from shared.errors import Refused
from shared.money import euro, split_esf

BOOKED = "booked"


class RecoveredTwice(Refused):
    """A recovery with this id is booked already."""

    code = "recovery-repeated"


class RecoveryOfAnother(Refused):
    """Under this id money is due of somebody else; take the order it is due of, or a new id."""

    code = "recovery-of-another"


class RecoveredTooMuch(Refused):
    """More came back than was paid by this order and not recovered yet."""

    code = "recovered-too-much"


class RecoveredBeforePaid(Refused):
    """Money cannot come back on a day before it was paid; look at the day it was booked on."""

    code = "recovered-before-paid"


class DemandNotNamed(Refused):
    """This money was asked back; name the demand it came for."""

    code = "demand-to-be-named"


class DemandOfAnotherOrder(Refused):
    """There is no such demand for this order."""

    code = "demand-unknown"


class RecoveryLine(BaseModel):
    """Money of a settled order that came back on a day, towards a demand where there is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recovery_id: Code
    order_id: Code
    cents: int = Field(strict=True, ge=1, le=CENTS_MAX)
    booked_on: CalendarDay
    reason_code: Code
    demand_id: Code | None = None


async def book_recoveries(
    session: AsyncSession,
    partner: str,
    lines: Sequence[tuple[int, RecoveryLine]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Book what came back to an office; the month of a pupil is free again by as much."""
    by.must({Role.PAYMENT_OFFICER}, partner)
    await order_rows.lock_subjects(session, (line.order_id for _, line in lines))
    orders = await order_rows.orders_locked(session, (line.order_id for _, line in lines))
    rules = await ledger_rows.load_rulebook(session)
    known = await recovery_rows.known(session, (line.recovery_id for _, line in lines))
    demands = await demand_rows.of_orders_locked(session, orders)
    answers, facts, rows = [], list[Fact](), list[RecoveryRow]()
    towards: dict[str, int] = {}
    for number, line in lines:
        try:
            order = _recoverable(orders.get(line.order_id), line, partner)
            _check_id(known.get(line.recovery_id), order)
            _check_day(order, line, now)
            _meet(demands, order, line)
        except Refused as why:
            answers.append(refused(number, why))
            continue
        after = order._replace(
            version=order.version + 1, recovered_cents=order.recovered_cents + line.cents
        )
        orders[order.order_id] = after
        known[line.recovery_id] = KnownRecovery(order.about_key, BOOKED)
        if line.demand_id is not None:
            towards[line.demand_id] = towards.get(line.demand_id, 0) + line.cents
        rows.append(_row(order, line, now))
        facts.append(_fact(order, after, line, rules))
        answers.append(accepted(number, line.recovery_id))
    await demand_rows.add_recovered(session, towards)
    await _save(session, rows, orders, now=now)
    await publish(session, facts, at=now)
    return answers


def _recoverable(order: OrderRow | None, line: RecoveryLine, partner: str) -> OrderRow:
    """The order, if so much of it can still come back."""
    if order is None or order.partner != partner:
        raise OrderUnknown(field="order_id")
    if order.state != OrderState.SETTLED:
        raise WrongMove(field="order_id", state=order.state)
    left = order.cents - order.recovered_cents
    if line.cents > left:
        raise RecoveredTooMuch(field="cents", left_eur=euro(left))
    return order


def _check_id(known: KnownRecovery | None, order: OrderRow) -> None:
    """An id is booked once, and what is due of somebody is not met by money of another."""
    if known is not None and known.state == BOOKED:
        raise RecoveredTwice(field="recovery_id")
    if known is not None and known.about_key != order.about_key:
        raise RecoveryOfAnother(field="recovery_id")


def _check_day(order: OrderRow, line: RecoveryLine, now: datetime) -> None:
    """Money comes back after it was paid, and is entered when it came."""
    if order.booked_on is not None and line.booked_on < order.booked_on:
        raise RecoveredBeforePaid(field="booked_on", paid_on=order.booked_on.isoformat())
    if line.booked_on > now.astimezone(TIMEZONE).date():
        raise BookedInFuture(field="booked_on")


def _meet(demands: dict[str, DemandRow], order: OrderRow, line: RecoveryLine) -> None:
    """Count the sum towards its demand; what was asked back by letter is not met in silence."""
    if line.demand_id is None:
        asked = sum(d.open_cents for d in demands.values() if d.order_id == order.order_id)
        if line.cents > order.cents - order.recovered_cents - asked:
            raise DemandNotNamed(field="demand_id", asked_eur=euro(asked))
        return
    demand = demands.get(line.demand_id)
    if demand is None or demand.order_id != order.order_id:
        raise DemandOfAnotherOrder(field="demand_id")
    if line.cents > demand.open_cents:
        raise RecoveredTooMuch(field="cents", left_eur=euro(demand.open_cents))
    came = demand.recovered_cents + line.cents
    demands[line.demand_id] = demand._replace(recovered_cents=came)


def _row(order: OrderRow, line: RecoveryLine, now: datetime) -> RecoveryRow:
    """The opposite line."""
    return RecoveryRow(
        recovery_id=line.recovery_id,
        partner=order.partner,
        about_key=order.about_key,
        reason_code=line.reason_code,
        state=BOOKED,
        order_id=order.order_id,
        cents=line.cents,
        booked_on=line.booked_on,
        entered_at=now,
    )


async def _save(
    session: AsyncSession,
    rows: Sequence[RecoveryRow],
    orders: Mapping[str, OrderRow],
    *,
    now: datetime,
) -> None:
    """Write the opposite lines, and free the pupils' months and the allocations."""
    await recovery_rows.book(session, rows)
    back = [(orders[row.order_id], row.cents) for row in rows if row.order_id is not None]
    sums: dict[str, int] = {}
    for order, cents in back:
        sums[order.order_id] = sums.get(order.order_id, 0) + cents
    await order_rows.add_recovered(session, sums)
    ledger = await ledger_rows.load_ledger(
        session, ((order.pupil_ref or "", order.month) for order, _ in back)
    )
    for order, cents in back:
        if order.plan_id is not None:
            ledger.draws_on[order.plan_id] = order.partner, order.semester or ""
            line = ledger.lines[order.plan_id, order.measure_id or "", order.month]
            ledger.give_back(line, cents)
    await save(session, ledger, at=now)


def _fact(
    before: OrderRow, after: OrderRow, line: RecoveryLine, rules: Rulebook
) -> PaymentRecovered:
    """What came back, split so that all parts of an order add up to its own split."""
    share = rules.value(ESF_SHARE, before.service_date)
    esf_before, _ = split_esf(before.recovered_cents, share_permille=share)
    esf_after, _ = split_esf(after.recovered_cents, share_permille=share)
    esf = esf_after - esf_before
    return told(
        PaymentRecovered,
        after,
        cents=line.cents,
        esf_cents=esf,
        state_cents=line.cents - esf,
        booked_on=line.booked_on,
        reason_code=line.reason_code,
    )
